//! What `claude` would use, started here: each variable with its winner and its losers, and what follows from them.
//!
//! Pure: facts in, a [`Route`] out. The rules are the client's own (2.1.330, measured), not those of an AWS SDK.

pub mod confirmation;
pub mod credentials;
pub mod data;
mod differs;
pub mod endpoints;
pub mod features;
mod kinds;
pub mod models;
pub mod profile;
mod provider;
mod region;
mod route;
mod trust;
mod variables;

#[cfg(test)]
mod tests;

pub use data::present_client;
pub use differs::differs;
pub use kinds::{CredentialKind, Credentials, ProfileRoute, RoleBase};
pub use models::with_profiles;
pub use region::{CLIENT_DEFAULT_REGION, region_of_tools};
pub use route::*;
pub use variables::wrappers;

use crate::observe::Machine;
use crate::version::Version;

/// Reproduces the client's precedence for one machine, seen from one directory.
pub fn resolve(machine: &Machine) -> Route {
    let version = client_version(machine);
    let variables::Resolved { variables, companions, effective } = variables::resolve(machine);
    let profile = effective.non_empty(crate::variables::PROFILE).unwrap_or("default").to_owned();
    let region = region::resolve(&effective, &variables, &machine.aws, &profile, version);
    let mut route = Route {
        provider: provider::resolve(&effective, version),
        credentials: credentials::resolve(machine, &effective, &variables, &companions),
        endpoints: endpoints::resolve(&effective, &variables, &region.name, version),
        trust: trust::resolve(machine, &effective, &companions, &variables, &profile, version),
        models: Vec::new(),
        small: None,
        variables,
        companions,
        effective,
        region,
        profile,
    };
    route.models = models::resolve(&route, machine);
    route.small = models::small_elsewhere(&route, version);
    route
}

/// The version whose rules are applied: that of the client that runs, else the one that was measured.
pub fn client_version(machine: &Machine) -> Version {
    machine.client.version().unwrap_or_else(present_client)
}
