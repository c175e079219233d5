//! The prices that commands reckon with.

use jiff::tz::TimeZone;

use crate::observe;
use crate::price::Current;
use crate::world::World;

/// The prices as they are on this machine.
pub fn prices(world: &World) -> Current {
    let place = world.short(&observe::prices::path(world));
    let today = TimeZone::UTC.to_datetime(world.now()).date();
    Current::new(observe::prices::read(world), &place, today)
}
