//! `value-not-truthy`: the switch has a value that does not switch it on.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, local, repairs, words};
use crate::resolve::Source;
use crate::variables;
use crate::version::Version;

/// The first client that reads the switch as words; before it every value was on.
const READS_WORDS: Version = Version(1, 0, 124);

/// The switch has a value that does not switch it on.
pub const KIND: Kind = Kind {
    name: "value-not-truthy",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "The switch has a value that does not switch Bedrock on",
    page: PAGE,
    owns: &["not-configured"],
    detect,
};

const PAGE: &str = "\
## What you see

`CLAUDE_CODE_USE_BEDROCK` is set, and `claude` says `Not logged in · Please run /login` or bills an Anthropic account. No message tells why.

## Why

Claude Code takes `1`, `true`, `yes` and `on` (in any letter case) for on. Everything else is off, in silence: `0`, `false`, and also `2`, `y`,
`enabled`. Before version 1.0.124 every value was on, even `0`.

## Fix

    export CLAUDE_CODE_USE_BEDROCK=1

To switch Bedrock off, unset the variable: `bedrockup uninstall`.

## Check

`claude auth status` says `\"apiProvider\": \"bedrock\"`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(value) = case.route.value(variables::USE_BEDROCK) else { return Vec::new() };
    // `"1"` with its quotes is on once the quotes are gone: `value-has-stray-characters` says so.
    if variables::is_truthy(value) || variables::is_truthy(super::stray::cleaned(value).as_str()) {
        return Vec::new();
    }
    let settings = local::settings_winner(case, variables::USE_BEDROCK);
    let shell_is_on = local::in_shell(case, variables::USE_BEDROCK).is_some_and(variables::is_truthy);
    let lower_is_on = local::in_settings(case, variables::USE_BEDROCK)
        .iter()
        .skip(1)
        .any(|(_, entry)| variables::is_truthy(&entry.value));
    if settings.is_some() && (shell_is_on || lower_is_on) {
        // One place turns off what another turned on: that is the cause.
        return Vec::new();
    }
    let old = case.machine.client.version().is_some_and(|version| version < READS_WORDS);
    let off = matches!(value.trim().to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off");
    let shown = local::shown(variables::USE_BEDROCK, value);
    let mut found = Found::new(match (old, off) {
        (true, true) => {
            format!("{} is {shown}, and a client before {READS_WORDS} takes that for on.", variables::USE_BEDROCK)
        }
        (true, false) => {
            format!("{} is {shown}, which is on for this client and off for every newer one.", variables::USE_BEDROCK)
        }
        (false, _) => format!("{} is {shown}, which Claude Code takes for off.", variables::USE_BEDROCK),
    });
    if old && !off {
        found = found.severity(Severity::Warning);
    }
    let winner = case.route.variable(variables::USE_BEDROCK).and_then(|variable| variable.winner.as_ref());
    let place = winner.map_or_else(|| "environment".to_owned(), |winner| words::source(case, &winner.source));
    found = found.evidence(place.clone(), format!("the value is {shown}; on are 1, true, yes, on"));
    let unset = Fix::command("To switch Bedrock off, unset it there.", words::unset(case, &[variables::USE_BEDROCK]));
    // Somebody who wrote a word for "off" may mean it.
    let repairs = if off { Vec::new() } else { repairs::give(case, variables::USE_BEDROCK, "1") };
    let set = match (settings, winner.map(|winner| &winner.source)) {
        (Some((file, entry)), _) => {
            hand::edit_settings(case, format!("Write `\"1\"` in {place}."), file.scope, &file.path, entry.line)
        }
        (None, Some(Source::Environment { place: Some(at) } | Source::NewShell { place: Some(at), .. })) => {
            Fix::command(
                format!("Set it here, and write the same in {}.", words::place(case, at)),
                words::export(case, variables::USE_BEDROCK, "1"),
            )
        }
        _ => Fix::command("Set it to 1.", words::export(case, variables::USE_BEDROCK, "1")),
    };
    let set = set.repaired_by(repairs);
    found = if old && off { found.fix(unset) } else { found.fix(set).fix(unset) };
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::Scope;
    use crate::variables;
    use crate::version::Version;

    fn with_switch(value: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.set(variables::USE_BEDROCK, value);
        scene
    }

    #[test]
    fn words_that_sound_like_on_are_off() {
        for value in ["2", "y", "enabled", "0", "false"] {
            let finding = with_switch(value).expect_first("value-not-truthy");
            assert_eq!(finding.fixes[0].command.as_deref(), Some("export CLAUDE_CODE_USE_BEDROCK=1"), "{value}");
        }
    }

    #[test]
    fn words_that_are_on() {
        for value in ["1", " 1", "TRUE", "yes", "On"] {
            with_switch(value).expect_absent("value-not-truthy");
        }
    }

    #[test]
    fn an_old_client_takes_zero_for_on() {
        let mut scene = with_switch("0");
        scene.client(Version(1, 0, 100));
        let finding = scene.expect("value-not-truthy");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset CLAUDE_CODE_USE_BEDROCK"));
        let mut scene = with_switch("enabled");
        scene.client(Version(1, 0, 100));
        assert_eq!(scene.expect("value-not-truthy").severity, Severity::Warning);
    }

    #[test]
    fn settings_against_the_shell_are_another_finding() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "0")]);
        scene.expect_absent("value-not-truthy");
        let mut scene = with_switch("");
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "enabled")]);
        let finding = scene.expect_first("value-not-truthy");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +3 ~/.claude/settings.json"));
    }

    #[test]
    fn the_healthy_switch_is_on() {
        Scene::healthy().expect_absent("value-not-truthy");
    }
}
