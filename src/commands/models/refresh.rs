//! `models --refresh`: AWS's price list, checked, and kept beside the built-in table.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::ask::account::{Wanted, account, why};
use crate::aws::answer::InferenceProfile;
use crate::change::cache;
use crate::commands::prices::prices;
use crate::observe::{self, Machine};
use crate::price::{self, Table, model_name};
use crate::resolve;
use crate::world::World;

/// A region's list is about ten pages.
const LIMIT: Duration = Duration::from_secs(60);

/// What is new, as sentences; or why everything stays as it was.
pub async fn refresh(world: &World, machine: &Machine, profiles: &[InferenceProfile]) -> Result<Vec<String>, String> {
    let route = resolve::resolve(machine);
    let wanted = Wanted { prices: true, ..Wanted::default() };
    let answers = Box::pin(account(world, machine, &route, &wanted, LIMIT, &|_| {})).await;
    let products = answers.prices.got().ok_or_else(|| {
        let why = why(&answers.prices).unwrap_or_default();
        format!(
            "AWS's price list cannot be asked ({}); `bedrockup iam --for usage` prints what it needs.",
            crate::report::tame(&why)
        )
    })?;
    let today = TimeZone::UTC.to_datetime(world.now()).date();
    let present = prices(world).table;
    let known = |name: &str| {
        let spelled = name.to_lowercase().replace([' ', '.'], "-");
        let id = profiles.iter().find(|profile| model_name(&profile.id) == spelled)?;
        id.id.split_once(".anthropic.").map(|(_, model)| format!("anthropic.{model}"))
    };
    let refreshed = price::refresh::refresh(&present, products, &route.region.name, today, known);
    let mut said: Vec<String> =
        refreshed.refused.iter().map(|why| format!("not taken: {}", crate::report::tame(why))).collect();
    if refreshed.rows.is_empty() {
        said.push(format!(
            "{} products are in the list of {}, and none is a price of Claude to take",
            products.len(),
            route.region.name
        ));
        return Err(said.join("; "));
    }
    // What was kept before stays as history; a copy that cannot be read is replaced.
    let kept = observe::prices::read(world).ok().flatten().and_then(|text| Table::parse(&text).ok());
    let rows = refreshed.rows.len();
    let fresh = Table::of(today, refreshed.rows);
    let table = kept.unwrap_or_else(|| Table::of(today, Vec::new())).with(&fresh);
    let all: Vec<_> = table.all().cloned().collect();
    let text =
        price::rows_text(today, "Kept by `bedrockup models --refresh`; `bedrockup uninstall` takes it away.", &all);
    // What is written must be readable, or the next command would say that it is not.
    Table::parse(&text).map_err(|error| format!("the new table does not hold together: {error}"))?;
    let path = cache::keep_prices(world, &text).map_err(|refusal| refusal.to_string())?;
    said.extend(refreshed.news);
    said.push(format!(
        "{rows} prices of {} are as AWS's list has them today, kept in {}",
        route.region.name,
        world.short(&path)
    ));
    Ok(said)
}
