//! What earlier values of the block, which a terminal still has, break in it.

use crate::aws::answer::Answers;
use crate::diagnose::region_and_models::fit;
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Kind, Severity, catalogue, local};
use crate::resolve::{self, CredentialKind, ProfileRoute, data};
use crate::variables;

/// A variable with its value here and in the block.
pub type Different<'a> = (&'a String, &'a str, &'a String);

/// Errors that are found here and would not be, had this process the values of the block.
pub fn broken(case: &Case<'_>, different: &[Different<'_>]) -> Vec<&'static str> {
    let old: Vec<_> = different.iter().filter(|(name, here, _)| was_ours(name, here)).collect();
    if old.is_empty() {
        return Vec::new();
    }
    let mut machine = case.machine.clone();
    for (name, _, value) in &old {
        machine.environment.set(*name, value.as_str());
    }
    let route = resolve::resolve(&machine);
    let answers = Answers::not_asked("nobody asked with the values of the block");
    let then = Case { machine: &machine, route: &route, models: &route.models, answers: &answers, proof: case.proof };
    let mut names: Vec<&'static str> = Vec::new();
    for (name, ..) in old {
        let stays = match name.as_str() {
            variables::PROFILE => same_credentials(case, &then),
            variables::REGION => !pins_fit(&then),
            _ => false,
        };
        let kinds = catalogue::ALL.iter().filter(|kind| !stays && may_follow(name, kind));
        names.extend(kinds.filter(|kind| is_error(kind, case) && !is_error(kind, &then)).map(|kind| kind.name));
    }
    names
}

/// `setup` may have written the value once: a switch is always 1 in a block, and a region is one that there is.
fn was_ours(name: &str, value: &str) -> bool {
    match name {
        variables::REGION => data::region(value).is_some(),
        variables::PROFILE => !value.trim().is_empty(),
        variables::OPUS_MODEL | variables::SONNET_MODEL | variables::HAIKU_MODEL => {
            matches!(id::read(value), Id::Claude { .. } | Id::Arn { .. })
        }
        _ => false,
    }
}

/// What local facts decide: of all else nobody knows what AWS would answer with the block's values.
const LOCAL: [&str; 2] = ["profile-not-found", "model-prefix-mismatch"];

fn may_follow(name: &str, kind: &Kind) -> bool {
    LOCAL.contains(&kind.name) && local::consequences(name).contains(&kind.name)
}

fn is_error(kind: &Kind, case: &Case<'_>) -> bool {
    (kind.detect)(case).iter().any(|found| found.severity.unwrap_or(kind.severity) == Severity::Error)
}

/// Both profiles lead to the same keys or the same sign-in: what is wrong with them stays.
fn same_credentials(here: &Case<'_>, then: &Case<'_>) -> bool {
    let (CredentialKind::Profile { leads_to: one, .. }, CredentialKind::Profile { leads_to: other, .. }) =
        (&here.route.credentials.kind, &then.route.credentials.kind)
    else {
        return here.route.credentials.kind == then.route.credentials.kind;
    };
    match (one, other) {
        (ProfileRoute::Sso { cache_key: one, .. }, ProfileRoute::Sso { cache_key: other, .. }) => one == other,
        _ => one == other,
    }
}

/// No pin has a prefix that the region does not know.
fn pins_fit(case: &Case<'_>) -> bool {
    let Some(region) = data::region(&case.route.region.name) else { return false };
    fit::pinned(case).iter().all(|model| match id::read(&model.id) {
        Id::Claude { prefix: Some(prefix), .. } => region.profile_prefixes.iter().any(|known| known == prefix),
        _ => true,
    })
}
