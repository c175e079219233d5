//! `provider-not-allowed`: the managed list of providers lacks Bedrock.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, words};
use crate::observe::settings::Scope;
use crate::resolve::Provider;

/// The organization does not allow Bedrock.
pub const KIND: Kind = Kind {
    name: "provider-not-allowed",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "The organization does not allow Bedrock",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`claude` ends within a second: `Your organization's managed settings allow Claude Code to use: … This session is set up for Amazon Bedrock because CLAUDE_CODE_USE_BEDROCK is set in your shell environment.`

## Why

The settings that your organization manages have a list `allowedProviders`, and `bedrock` is not in it. You cannot override it.

## Fix

Whoever manages this machine adds `\"bedrock\"` to the list.

## Check

`claude -p hi` answers.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    let managed = case.machine.settings.iter().filter(|file| file.scope == Scope::Managed);
    // The first file that has the list decides.
    let list = managed.filter_map(|file| Some((file, file.settings()?.allowed_providers.as_ref()?))).next();
    let Some((file, allowed)) = list.filter(|(_, allowed)| !allowed.iter().any(|name| name == "bedrock")) else {
        return Vec::new();
    };
    let line = file.settings().and_then(|settings| settings.keys.get("allowedProviders").copied()).unwrap_or(1);
    let place = format!("{}:{line}", words::short(case, &file.path));
    let found = Found::new("Your organization does not allow Bedrock for Claude Code on this machine.")
        .evidence(
            place.clone(),
            format!("allowedProviders is {}", if allowed.is_empty() { "empty".to_owned() } else { allowed.join(", ") }),
        )
        .fix(Fix::words(Who::OrgAdmin, format!("Add \"bedrock\" to `allowedProviders` in {place}.")));
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::{Scope, Settings};

    fn allowing(scope: Scope, names: &[&str]) -> Scene {
        let mut scene = Scene::healthy();
        let allowed = Some(names.iter().map(|name| (*name).to_owned()).collect());
        scene.settings(scope, Settings { allowed_providers: allowed, ..Settings::default() });
        scene
    }

    #[test]
    fn a_managed_list_without_bedrock() {
        allowing(Scope::Managed, &["anthropic", "vertex"]).expect_first("provider-not-allowed");
    }

    #[test]
    fn a_list_with_bedrock_or_of_the_user_is_silent() {
        allowing(Scope::Managed, &["anthropic", "bedrock"]).expect_absent("provider-not-allowed");
        allowing(Scope::User, &["anthropic"]).expect_absent("provider-not-allowed");
        Scene::healthy().expect_absent("provider-not-allowed");
    }
}
