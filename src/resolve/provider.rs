//! Which provider the switches choose.

use crate::resolve::{Provider, data};
use crate::variables::{OTHER_PROVIDERS, USE_BEDROCK, is_truthy};
use crate::version::Version;
use crate::world::Env;

/// The first switch that is on, in the client's order; Bedrock's own comes first.
pub fn resolve(effective: &Env, version: Version) -> Provider {
    if is_on(effective, USE_BEDROCK, version) {
        return Provider::Bedrock;
    }
    OTHER_PROVIDERS
        .iter()
        .find(|(switch, _)| is_on(effective, switch, version))
        .map_or(Provider::FirstParty, |(_, name)| Provider::Other(name))
}

/// Whether a switch is on for this version: older clients took every non-empty value, `0` too.
pub fn is_on(effective: &Env, switch: &str, version: Version) -> bool {
    match effective.non_empty(switch) {
        Some(value) if version < data::gate(data::Gate::SwitchWords) => !value.is_empty(),
        Some(value) => is_truthy(value),
        None => false,
    }
}
