//! `client-reports-other-provider`: the client itself names another provider than doctor.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity};
use crate::observe::client::AuthStatus;
use crate::observe::settings::Scope;
use crate::resolve::{Provider, Source};
use crate::variables;

/// The client itself names another provider than doctor.
pub const KIND: Kind = Kind {
    name: "client-reports-other-provider",
    layer: Layer::Client,
    severity: Severity::Error,
    title: "Claude Code itself names another provider than doctor",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`claude auth status` says another `apiProvider` than `bedrockup why`.

## Why

bedrockup reads the same places as Claude Code, in the order that was measured on a recent client. Here the two disagree: the client knows a
place that bedrockup does not, or its rules have changed. Then neither answer is to be taken for granted. Asking the model which provider it
uses is no test.

## Fix

    claude update

If it stays, report it with the output of `bedrockup why --json`.

## Check

Both name the same provider.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(AuthStatus::Provider(reported)) = &case.machine.client.auth_status else { return Vec::new() };
    let resolved = case.route.provider.name();
    // The client was asked here; what only a new terminal will have, it cannot know. A gateway sign-in is another finding.
    let switches = case.route.variables.iter().filter(|variable| variable.name.starts_with("CLAUDE_CODE_USE_"));
    let only_later = switches
        .filter_map(|variable| variable.winner.as_ref())
        .any(|winner| matches!(winner.source, Source::NewShell { .. }));
    let hosted = case.route.value("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST").is_some_and(variables::is_truthy);
    // What an alias gives it with `--settings` it was not given with the question.
    let flag = case.route.variable(variables::USE_BEDROCK).and_then(|switch| switch.winner.as_ref());
    let by_flag = flag.is_some_and(|winner| matches!(winner.source, Source::Settings { scope: Scope::Flag, .. }));
    if reported == resolved || only_later || by_flag || hosted || reported == "gateway" {
        return Vec::new();
    }
    // Where a value that can be pointed at switches Bedrock off, that is the cause, and the client's word is a doubt about it.
    let explicit = case.route.provider != Provider::Bedrock
        && case.route.variable(variables::USE_BEDROCK).is_some_and(|switch| switch.winner.is_some());
    let severity = if explicit { Severity::Warning } else { Severity::Error };
    let found = Found::new(format!("`claude auth status` says {reported}, and doctor resolved {resolved}."))
        .severity(severity)
        .evidence("claude auth status", format!("apiProvider is {reported}"))
        .evidence("bedrockup why", format!("provider is {resolved}"))
        .fix(Fix::command("Update Claude Code and ask again.", "claude update"))
        .fix(Fix::command("If it stays, report it with this.", "bedrockup why --json"));
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::client::AuthStatus;

    fn reporting(provider: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.machine.client.auth_status = Some(AuthStatus::Provider(provider.to_owned()));
        scene
    }

    #[test]
    fn the_client_disagrees() {
        let finding = reporting("vertex").expect_first("client-reports-other-provider");
        assert_eq!(finding.evidence.len(), 2);
    }

    #[test]
    fn an_old_terminal_is_another_finding() {
        let mut scene = reporting("firstParty");
        scene.old_terminal();
        scene.expect_absent("client-reports-other-provider");
        scene.expect_first("block-not-loaded-yet");
    }

    #[test]
    fn a_value_that_switches_it_off_comes_before_a_doubt() {
        let mut scene = reporting("bedrock");
        scene.configure("CLAUDE_CODE_USE_BEDROCK", "enabled");
        scene.expect_first("value-not-truthy");
        assert_eq!(scene.expect("client-reports-other-provider").severity, Severity::Warning);
    }

    #[test]
    fn agreement_and_silence_are_well() {
        Scene::healthy().expect_absent("client-reports-other-provider");
        let mut scene = Scene::healthy();
        scene.machine.client.auth_status = Some(AuthStatus::Unknown("it took too long".to_owned()));
        scene.expect_absent("client-reports-other-provider");
    }
}
