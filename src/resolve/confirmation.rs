//! Does the client itself agree? Its own word, `claude auth status`, against the resolution.

use crate::observe::Machine;
use crate::observe::client::AuthStatus;
use crate::resolve::{Route, Source};
use crate::variables::USE_BEDROCK;

/// What the client's own word is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// It names the same provider.
    Agrees,
    /// It names another provider, and nothing that is known explains it.
    Disagrees {
        /// Its answer (`firstParty`, `vertex`, …).
        client: String,
    },
    /// It was asked in this process's environment, and the route is that of a new terminal.
    OlderEnvironment {
        /// Its answer.
        client: String,
    },
    /// It was not asked, or did not answer; the reason.
    NotAsked(String),
}

/// Compares the two.
pub fn confirm(route: &Route, machine: &Machine) -> Confirmation {
    let client = match &machine.client.auth_status {
        None => return Confirmation::NotAsked("`claude auth status` was not asked".to_owned()),
        Some(AuthStatus::Unknown(reason)) => return Confirmation::NotAsked(reason.clone()),
        Some(AuthStatus::Provider(client)) => client.clone(),
    };
    if client == route.provider.name() {
        return Confirmation::Agrees;
    }
    let winner = route.variable(USE_BEDROCK).and_then(|variable| variable.winner.as_ref());
    if matches!(winner.map(|winner| &winner.source), Some(Source::NewShell { .. })) {
        Confirmation::OlderEnvironment { client }
    } else {
        Confirmation::Disagrees { client }
    }
}
