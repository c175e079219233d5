//! `managed-settings-misplaced`: a policy file stands where Claude Code reads none.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, words};
use crate::observe::settings::{Scope, SettingsFile, SettingsState, UnreadSettings, WhyUnread};
use crate::resolve::Provider;
use crate::variables;

/// A policy file stands where Claude Code reads none.
pub const KIND: Kind = Kind {
    name: "managed-settings-misplaced",
    layer: Layer::Settings,
    severity: Severity::Warning,
    title: "A policy file stands where Claude Code reads none",
    page: PAGE,
    owns: &["not-configured", "other-provider-selected", "region-missing"],
    detect,
};

const PAGE: &str = "\
## What you see

What the organization has settled does not hold on this machine: Bedrock is off (`Not logged in · Please run /login`), another model is used, a rule
is not applied. No message tells why.

## Why

Claude Code reads managed settings from one place: `/etc/claude-code/managed-settings.json` with `managed-settings.d/*.json` beside it on Linux and
WSL, `/Library/Application Support/ClaudeCode/managed-settings.json` on macOS. It reads no `policies.json` (the name of an early beta), no
`managed-settings.json` in a user's `~/.claude`, and no longer the folder `C:\\ProgramData\\ClaudeCode`.

## Fix

Whoever manages this machine moves the file to that place.

## Check

`bedrockup why` names the managed settings as the place of what they set.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let managed: Vec<&SettingsFile> =
        case.machine.settings.iter().filter(|file| file.scope == Scope::Managed).collect();
    // Beside a file at the right place the other one is an old copy.
    if managed.iter().any(|file| file.state != SettingsState::Missing) {
        return Vec::new();
    }
    let Some(right) = managed.last().map(|file| &file.path) else { return Vec::new() };
    let misplaced = case.machine.unread_settings.iter().filter_map(|file| match file.why {
        WhyUnread::MisplacedPolicy(why) if !file.settings.keys.is_empty() => Some((file, why)),
        _ => None,
    });
    let found = misplaced.map(|(file, why)| {
        let place = words::short(case, &file.path);
        let holds: Vec<&str> = file.settings.keys.keys().map(String::as_str).collect();
        let summary = format!("{place} looks like managed settings, and Claude Code does not read it there.");
        let found = Found::new(summary)
            .severity(if switches_on(case, file) { Severity::Error } else { Severity::Warning })
            .evidence(place, format!("{why}; it holds {}", holds.join(", ")))
            .evidence(words::short(case, right), "the documented place; there is no file");
        let command = format!("sudo install -D -m 644 {} {}", hand::path(case, &file.path), hand::path(case, right));
        let text = format!("Put it at {}, and take the other one away.", words::short(case, right));
        found.fix(Fix::command(text, command).by(Who::OrgAdmin))
    });
    found.collect()
}

/// It would switch Bedrock on, and nothing else does.
fn switches_on(case: &Case<'_>, file: &UnreadSettings) -> bool {
    let on = file.settings.env.get(variables::USE_BEDROCK).is_some_and(|entry| variables::is_truthy(&entry.value));
    on && case.route.provider != Provider::Bedrock
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use crate::diagnose::spoil::env;
    use crate::diagnose::testing::Scene;
    use crate::diagnose::{Severity, Who};
    use crate::observe::settings::{Scope, Settings, SettingsState, UnreadSettings, WhyUnread};
    use crate::variables;

    fn with(settings: Settings) -> Scene {
        let mut scene = Scene::healthy();
        scene.settings_state(Scope::Managed, SettingsState::Missing);
        scene.machine.unread_settings.push(UnreadSettings {
            path: PathBuf::from("/etc/claude-code/policies.json"),
            why: WhyUnread::MisplacedPolicy("the name of an early beta"),
            settings: Settings { keys: BTreeMap::from([("env".to_owned(), 1)]), ..settings },
        });
        scene
    }

    #[test]
    fn a_policy_of_an_old_name() {
        let finding = with(Settings::default()).expect_first("managed-settings-misplaced");
        assert_eq!((finding.severity, finding.fixes[0].who), (Severity::Warning, Who::OrgAdmin));
        assert!(finding.fixes[0].text.contains("/etc/claude-code/managed-settings.json"), "{finding:?}");
    }

    #[test]
    fn the_only_place_that_would_switch_bedrock_on() {
        let mut scene = with(Settings { env: env(&[(variables::USE_BEDROCK, "1")]), ..Settings::default() });
        assert_eq!(scene.expect("managed-settings-misplaced").severity, Severity::Warning);
        scene.forget_block();
        scene.old_terminal();
        scene.client_says("firstParty");
        scene.expect_first("managed-settings-misplaced");
        assert_eq!(scene.expect("not-configured").because_of, Some("managed-settings-misplaced"));
    }

    #[test]
    fn beside_the_right_file_it_is_an_old_copy() {
        let mut scene = with(Settings::default());
        scene.machine.settings.clear();
        scene.settings(Scope::Managed, Settings::default());
        scene.expect_absent("managed-settings-misplaced");
        Scene::healthy().expect_absent("managed-settings-misplaced");
    }
}
