//! `not-configured`: nothing switches Bedrock on.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, local, words};
use crate::observe::client::AuthStatus;
use crate::observe::settings::WhyUnread;
use crate::resolve::{Provider, Setting, Source, resolve};
use crate::variables;

/// Nothing switches Bedrock on.
pub const KIND: Kind = Kind {
    name: "not-configured",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "Nothing switches Bedrock on",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`claude` asks you to log in to Anthropic, or says `Not logged in · Please run /login`, or `Unable to connect to Anthropic services`, or answers
and bills an Anthropic account.

## Why

Claude Code goes to Amazon Bedrock only where `CLAUDE_CODE_USE_BEDROCK` is set for the process that starts it, by a shell or by one of
its settings files. Here no place sets it. An installer may have written the settings file anew: a backup beside it, which still holds the
switch, is then named.

## Fix

    bedrockup setup

## Check

Open a new terminal and run `claude auth status`: it says `\"apiProvider\": \"bedrock\"`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    // A value that is set and does not switch it on is known better by `value-not-truthy` and `settings-override-shell`.
    let in_effect = case.route.value(variables::USE_BEDROCK).is_some()
        || local::settings_winner(case, variables::USE_BEDROCK).is_some();
    let in_new_terminal = local::in_new_terminal(case, variables::USE_BEDROCK).is_some_and(|value| !value.is_empty());
    // A session that runs and was started before is known better by `session-has-old-settings`.
    let now = case.machine.as_of_now.as_deref().is_some_and(|now| resolve(now).value(variables::USE_BEDROCK).is_some());
    if now
        || case.route.provider != Provider::FirstParty
        || in_effect
        || in_new_terminal
        || local::for_claude_only(case)
    {
        return Vec::new();
    }
    let idle: Vec<&Setting> = case
        .route
        .variable(variables::USE_BEDROCK)
        .into_iter()
        .flat_map(|variable| variable.winner.iter().chain(&variable.losers))
        .filter(|setting| matches!(setting.source, Source::RcFile(_)))
        .collect();
    let mut found = if idle.is_empty() {
        Found::new(format!("Nothing sets {}, so `claude` does not use Bedrock.", variables::USE_BEDROCK))
            .evidence("environment, settings files and rc files", format!("{} is set nowhere", variables::USE_BEDROCK))
    } else {
        let found =
            Found::new(format!("{} does not reach `claude`, so it does not use Bedrock.", variables::USE_BEDROCK))
                .evidence("environment and settings files", format!("{} is not set", variables::USE_BEDROCK));
        idle.iter().fold(found, |found, setting| {
            found.evidence(words::source(case, &setting.source), "sets it, and it is not in effect here")
        })
    };
    if let Some(AuthStatus::Provider(provider)) = &case.machine.client.auth_status {
        found = found.evidence("claude auth status", format!("apiProvider is {provider}"));
    }
    found = found.fix(Fix::command("Set Claude Code up for Bedrock.", "bedrockup setup"));
    for backup in &case.machine.unread_settings {
        let Some(entry) = backup.settings.env.get(variables::USE_BEDROCK) else { continue };
        if backup.why != WhyUnread::Backup || !variables::is_truthy(&entry.value) {
            continue;
        }
        let place = format!("{}:{}", words::short(case, &backup.path), entry.line);
        let text = format!("Or put the `env` keys of the backup {place} back into the settings file beside it.");
        found = found
            .evidence(place, format!("a backup that still sets {}", variables::USE_BEDROCK))
            .fix(hand::edit_line(case, text, &backup.path, entry.line));
    }
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::spoil::env;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::{Settings, UnreadSettings, WhyUnread};
    use crate::shell::Mode;
    use crate::variables;

    fn unconfigured() -> Scene {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene
    }

    #[test]
    fn a_machine_without_the_switch_is_not_configured() {
        unconfigured().expect_first("not-configured");
    }

    #[test]
    fn a_backup_that_still_has_the_key_is_named() {
        let mut scene = unconfigured();
        let settings = Settings { env: env(&[(variables::USE_BEDROCK, "1")]), ..Settings::default() };
        let path = scene.machine.home.join(".claude/settings.json.bak");
        scene.machine.unread_settings.push(UnreadSettings { path, why: WhyUnread::Backup, settings });
        let finding = scene.expect_first("not-configured");
        assert!(
            finding.evidence.iter().any(|evidence| evidence.place == "~/.claude/settings.json.bak:3"),
            "{finding:?}"
        );
        assert!(finding.fixes[1].text.contains("settings.json.bak"));
    }

    #[test]
    fn a_switch_that_waits_for_a_new_terminal_is_configured() {
        let mut scene = Scene::healthy();
        scene.old_terminal();
        scene.expect_absent("not-configured");
    }

    #[test]
    fn a_line_that_reaches_nothing_is_named() {
        let mut scene = Scene::healthy();
        scene.old_terminal();
        scene.shells_lack(&Mode::ALL);
        scene.machine.shells.clear();
        let finding = scene.expect_first("not-configured");
        assert!(finding.evidence.iter().any(|evidence| evidence.place.starts_with("~/.bashrc:")), "{finding:?}");
    }

    #[test]
    fn a_configured_machine_is() {
        Scene::healthy().expect_absent("not-configured");
    }
}
