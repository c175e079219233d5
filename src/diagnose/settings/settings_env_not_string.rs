//! `settings-env-not-string`: a number or boolean stands in an `env` block.

use crate::change::fix::SettingsChange;
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, repairs, words};
use crate::resolve::data::{Gate, gate};
use crate::{resolve, variables};

/// A value in the `env` block is not a string.
pub const KIND: Kind = Kind {
    name: "settings-env-not-string",
    layer: Layer::Settings,
    severity: Severity::Note,
    title: "A value in the `env` block is not a string",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing, with a recent Claude Code. An old one ignores the key, or the whole file.

## Why

Environment variables are text. A recent client writes a number or boolean of the `env` block out as text; older ones did not.

## Fix

Put quotes around it: `\"CLAUDE_CODE_USE_BEDROCK\": \"1\"`.

## Check

`bedrockup doctor` does not name it any more.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let old = resolve::client_version(case.machine) < gate(Gate::EnvTakesNumbers);
    let severity = if old { Severity::Warning } else { Severity::Note };
    let mut all = Vec::new();
    for file in &case.machine.settings {
        let Some(settings) = file.settings() else { continue };
        let bare =
            settings.env.iter().filter(|(name, entry)| !entry.is_string && variables::ROUTING.contains(&name.as_str()));
        for (name, entry) in bare {
            let place = format!("{}:{}", words::short(case, &file.path), entry.line);
            all.push(
                Found::new(format!("{name} in {place} is not a string; older clients do not take that."))
                    .severity(severity)
                    .evidence(place.clone(), format!("{name} is written without quotes"))
                    .fix(
                        hand::edit_settings(
                            case,
                            format!("Quote the value in {place}."),
                            file.scope,
                            &file.path,
                            entry.line,
                        )
                        .repaired_by(repairs::settings(
                            file.scope,
                            &file.path,
                            vec![SettingsChange::QuoteEnv { name: name.clone() }],
                        )),
                    ),
            );
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::spoil::env;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::{Scope, Settings};
    use crate::variables;
    use crate::version::Version;

    fn with(is_string: bool) -> Scene {
        let mut scene = Scene::healthy();
        let mut entries = env(&[(variables::USE_BEDROCK, "1")]);
        entries.values_mut().for_each(|entry| entry.is_string = is_string);
        scene.settings(Scope::User, Settings { env: entries, ..Settings::default() });
        scene
    }

    #[test]
    fn a_number_is_a_note() {
        assert_eq!(with(false).expect_first("settings-env-not-string").severity, Severity::Note);
        let mut scene = with(false);
        scene.client(Version(1, 0, 130));
        assert_eq!(scene.expect("settings-env-not-string").severity, Severity::Warning);
    }

    #[test]
    fn a_string_is_well() {
        with(true).expect_absent("settings-env-not-string");
        Scene::healthy().expect_absent("settings-env-not-string");
    }
}
