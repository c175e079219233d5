//! `settings-invalid-json`: a settings file is not JSON, and the client drops the whole of it.

use crate::change::fix::SettingsChange;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, repairs, words};
use crate::observe::settings::SettingsState;

/// A settings file is not JSON, and the client drops the whole of it.
pub const KIND: Kind = Kind {
    name: "settings-invalid-json",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "A settings file is not JSON, and the client drops the whole of it",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing in a settings file has any effect. On standard error, easily missed: `These settings did not load, so nothing in them is in effect`, and
`Invalid or malformed JSON`.

## Why

One comma too many, a comment, an open quote or a byte order mark, and Claude Code drops the whole file and goes on with the others.

## Fix

Repair the line and column shown, then let a parser judge:

    jq . ~/.claude/settings.json

## Check

`bedrockup why` shows the values of that file.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for file in &case.machine.settings {
        let SettingsState::Invalid { line, column, message, mentions_routing, only_commas } = &file.state else {
            continue;
        };
        let place = format!("{}:{line}:{column}", words::short(case, &file.path));
        let mut found =
            Found::new(format!("{} is not JSON: Claude Code ignores the whole file.", words::short(case, &file.path)))
                .severity(if *mentions_routing { Severity::Error } else { Severity::Warning })
                .evidence(place.clone(), message.clone());
        if *mentions_routing {
            found = found.evidence(words::short(case, &file.path), "it holds names that decide the route");
        }
        let repair = repairs::settings(file.scope, &file.path, vec![SettingsChange::TrailingCommas]);
        let by_hand = hand::edit_settings(case, format!("Repair {place}: {message}."), file.scope, &file.path, *line);
        found = found
            .fix(by_hand.repaired_by(repair.filter(|_| *only_commas)))
            .fix(Fix::command("Then let a parser judge.", format!("jq . {}", hand::path(case, &file.path))));
        if *mentions_routing {
            found = ["not-configured", "no-credentials", "region-missing"].into_iter().fold(found, Found::explains);
        }
        all.push(found);
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::{Scope, Settings, SettingsState};

    fn invalid(mentions_routing: bool) -> SettingsState {
        let message = "trailing comma".to_owned();
        SettingsState::Invalid { line: 4, column: 3, message, mentions_routing, only_commas: true }
    }

    #[test]
    fn a_trailing_comma_takes_the_switch_away() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.settings_state(Scope::User, invalid(true));
        scene.client_says("firstParty");
        let finding = scene.expect_first("settings-invalid-json");
        assert_eq!(finding.evidence[0].place, "~/.claude/settings.json:4:3");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +4 ~/.claude/settings.json"));
        assert_eq!(scene.expect("not-configured").because_of, Some("settings-invalid-json"));
    }

    #[test]
    fn a_file_without_our_keys_is_a_warning() {
        let mut scene = Scene::healthy();
        scene.settings_state(Scope::Project, invalid(false));
        assert_eq!(scene.expect("settings-invalid-json").severity, Severity::Warning);
    }

    #[test]
    fn files_that_are_json_or_missing_are_well() {
        let mut scene = Scene::healthy();
        scene.settings(Scope::User, Settings::default());
        scene.settings_state(Scope::Local, SettingsState::Missing);
        scene.expect_absent("settings-invalid-json");
        Scene::healthy().expect_absent("settings-invalid-json");
    }
}
