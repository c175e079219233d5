//! `other-provider-selected`: the switch of another provider is on.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, words};
use crate::observe::client::AuthStatus;
use crate::resolve::Provider;
use crate::variables;

/// The switch of another provider is on.
pub const KIND: Kind = Kind {
    name: "other-provider-selected",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "The switch of another provider is on",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`claude auth status` says `\"apiProvider\": \"vertex\"`, `foundry`, `anthropicAws`, `anthropicGoogleCloud`, `mantle` or `gateway`; errors speak of
another cloud.

## Why

Each provider has its switch: `CLAUDE_CODE_USE_VERTEX`, `CLAUDE_CODE_USE_FOUNDRY`, `CLAUDE_CODE_USE_ANTHROPIC_AWS`,
`CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD`. Where Bedrock's is on too, Bedrock wins, and the other takes over the moment Bedrock's goes. A sign-in to
a gateway outranks them all. `CLAUDE_CODE_USE_MANTLE` is Bedrock's second door: its calls leave other evidence.

## Fix

Unset the other switch in the place shown; for a gateway, `/logout` in Claude Code. Then, if Bedrock is not switched on yet:

    bedrockup setup

## Check

`claude auth status` says `\"apiProvider\": \"bedrock\"`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.machine.client.auth_status == Some(AuthStatus::Provider("gateway".to_owned())) {
        let found = Found::new("Claude Code is signed in to a gateway, which outranks Bedrock's switch.")
            .evidence("claude auth status", "apiProvider is gateway")
            .fix(Fix::words(Who::You, "Type `/logout` in Claude Code."))
            .fix(Fix::command("Then ask which provider is left.", "claude auth status"));
        return vec![found];
    }
    let on: Vec<(&str, &str)> = variables::OTHER_PROVIDERS
        .into_iter()
        .filter(|(switch, _)| case.route.value(switch).is_some_and(variables::is_truthy))
        .collect();
    let Some((first, name)) = on.first() else { return Vec::new() };
    let only_mantle = on.iter().all(|(_, name)| *name == "mantle");
    let mut found = match &case.route.provider {
        Provider::Bedrock if only_mantle => {
            Found::new("Mantle is on beside Bedrock: ids without a prefix go there, and leave other evidence.")
                .severity(Severity::Note)
        }
        Provider::Bedrock => {
            Found::new(format!("{first} is on too: Bedrock wins, and {name} takes over when Bedrock's switch goes."))
                .severity(Severity::Note)
        }
        Provider::Other("mantle") => {
            Found::new("Claude Code uses Bedrock through Mantle: its calls leave other evidence.")
                .severity(Severity::Note)
        }
        Provider::Other(other) => {
            Found::new(format!("{first} is on and {} is not: `claude` goes to {other}.", variables::USE_BEDROCK))
        }
        Provider::FirstParty => return Vec::new(),
    };
    for (switch, _) in &on {
        let place =
            local::source(case, switch).map_or_else(|| "environment".to_owned(), |source| words::source(case, &source));
        found = found.evidence(place, format!("{switch} is on"));
    }
    if only_mantle {
        return vec![found.fix(Fix::words(Who::You, "Nothing, if Mantle is meant."))];
    }
    for (switch, _) in &on {
        found = found.fix(hand::remove(case, switch));
    }
    if case.route.provider != Provider::Bedrock {
        found = found.fix(Fix::command("Then switch Bedrock on.", "bedrockup setup"));
    }
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::client::AuthStatus;
    use crate::observe::settings::Scope;

    const VERTEX: &str = "CLAUDE_CODE_USE_VERTEX";

    #[test]
    fn another_provider_alone() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.set(VERTEX, "1");
        scene.machine.client.auth_status = Some(AuthStatus::Provider("vertex".to_owned()));
        let finding = scene.expect_first("other-provider-selected");
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset CLAUDE_CODE_USE_VERTEX"));
        scene.expect_absent("not-configured");
    }

    #[test]
    fn both_on_is_a_note() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[(VERTEX, "1")]);
        let finding = scene.expect_first("other-provider-selected");
        assert_eq!(finding.severity, Severity::Note);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +3 ~/.claude/settings.json"));
    }

    #[test]
    fn mantle_is_a_second_door() {
        let mut scene = Scene::healthy();
        scene.set("CLAUDE_CODE_USE_MANTLE", "1");
        assert_eq!(scene.expect("other-provider-selected").severity, Severity::Note);
    }

    #[test]
    fn a_gateway_outranks_bedrock() {
        let mut scene = Scene::healthy();
        scene.machine.client.auth_status = Some(AuthStatus::Provider("gateway".to_owned()));
        assert!(scene.expect_first("other-provider-selected").fixes[0].text.contains("/logout"));
        scene.expect_absent("client-reports-other-provider");
    }

    #[test]
    fn a_switch_that_is_off_is_silent() {
        let mut scene = Scene::healthy();
        scene.set(VERTEX, "0");
        scene.expect_absent("other-provider-selected");
        Scene::healthy().expect_absent("other-provider-selected");
    }
}
