//! `settings-wrong-file`: the keys stand in a file that the client does not read.

use crate::change::fix::{Repair, SettingsChange};
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, repairs, words};
use crate::observe::settings::{Scope, Settings, UnreadSettings, WhyUnread};
use crate::variables;

/// Keys that route stand in a file that Claude Code does not read.
pub const KIND: Kind = Kind {
    name: "settings-wrong-file",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "Keys that route stand in a file that Claude Code does not read",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`awsAuthRefresh` never runs, variables of a settings file have no effect, `Not logged in · Please run /login`. No message tells why.

## Why

Claude Code reads `~/.claude/settings.json`, and in a project `.claude/settings.json` and `.claude/settings.local.json`. It does not read
`settings-local.json`, nor `~/.claude/settings.local.json`; and where `CLAUDE_CONFIG_DIR` is set, the user settings are there instead of in `~/.claude`.

## Fix

Move the keys to the file that is named.

## Check

`bedrockup why` shows the values of that file.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let user =
        case.machine.settings.iter().find(|file| file.scope == Scope::User).map(|file| words::short(case, &file.path));
    let user = user.unwrap_or_else(|| match case.machine.environment.non_empty(variables::CONFIG_DIR) {
        Some(directory) => format!("{directory}/settings.json"),
        None => "~/.claude/settings.json".to_owned(),
    });
    let mut all = Vec::new();
    for unread in &case.machine.unread_settings {
        let lost = lost(case, &unread.settings);
        let why = match unread.why {
            // An old copy is not meant to be read; a policy has a finding of its own.
            WhyUnread::Backup | WhyUnread::MisplacedPolicy(_) => continue,
            WhyUnread::Misnamed => "Claude Code reads no file of this name here",
            WhyUnread::OtherConfigDir => "CLAUDE_CONFIG_DIR points elsewhere, and the user settings are there",
        };
        let Some((_, line)) = lost.first() else { continue };
        let file = words::short(case, &unread.path);
        let names: Vec<_> = lost.iter().map(|(name, _)| name.as_str()).collect();
        let mut found = Found::new(format!("{} stand in {file}, which Claude Code does not read.", names.join(", ")))
            .evidence(file.clone(), why);
        for (name, line) in &lost {
            found = found.evidence(format!("{file}:{line}"), format!("{name} is set here, and nowhere that counts"));
        }
        let by_hand =
            hand::edit_line(case, format!("Move {} from here to {user}.", names.join(", ")), &unread.path, *line);
        // Another configuration directory may be in use elsewhere, as it is.
        let repairs = if unread.why == WhyUnread::Misnamed { moved(case, unread, &lost) } else { None };
        found = found.fix(by_hand.repaired_by(repairs.unwrap_or_default()));
        all.push(
            ["not-configured", "no-credentials", "region-missing", "auth-refresh-missing"]
                .into_iter()
                .fold(found, Found::explains),
        );
    }
    all
}

/// The keys out of the one file and into the other. A secret is moved by hand.
fn moved(case: &Case<'_>, unread: &UnreadSettings, lost: &[(String, usize)]) -> Option<Vec<Repair>> {
    let user = case.machine.settings.iter().find(|file| file.scope == Scope::User)?;
    let (mut taken, mut given) = (Vec::new(), Vec::new());
    for (name, _) in lost {
        let top = match name.as_str() {
            "awsAuthRefresh" => unread.settings.aws_auth_refresh.clone(),
            "awsCredentialExport" => unread.settings.aws_credential_export.clone(),
            _ => None,
        };
        let name = name.clone();
        if let Some(value) = top {
            taken.push(SettingsChange::RemoveKey { name: name.clone() });
            given.push(SettingsChange::SetKey { name, value });
        } else {
            let value = unread.settings.env.get(&name).filter(|_| !variables::is_secret(&name))?.value.clone();
            taken.push(SettingsChange::RemoveEnv { name: name.clone() });
            given.push(SettingsChange::SetEnv { name, value });
        }
    }
    let give = repairs::settings(Scope::User, &user.path, given)?;
    Some(vec![repairs::settings(Scope::User, &unread.path, taken)?, give])
}

/// What a file would give that no place in force gives, each with its line.
fn lost(case: &Case<'_>, settings: &Settings) -> Vec<(String, usize)> {
    let read =
        |test: &dyn Fn(&Settings) -> bool| case.machine.settings.iter().any(|file| file.settings().is_some_and(test));
    let mut lost: Vec<(String, usize)> = settings
        .env
        .iter()
        .filter(|(name, entry)| {
            let routes = variables::ROUTING.contains(&name.as_str()) && !entry.value.is_empty();
            routes && crate::diagnose::local::in_effect(case, name).is_none()
        })
        .map(|(name, entry)| (name.clone(), entry.line))
        .collect();
    let line = |key: &str| settings.keys.get(key).copied().unwrap_or(1);
    if settings.aws_auth_refresh.is_some() && !read(&|other| other.aws_auth_refresh.is_some()) {
        lost.push(("awsAuthRefresh".to_owned(), line("awsAuthRefresh")));
    }
    if settings.aws_credential_export.is_some() && !read(&|other| other.aws_credential_export.is_some()) {
        lost.push(("awsCredentialExport".to_owned(), line("awsCredentialExport")));
    }
    lost
}

#[cfg(test)]
mod tests {
    use crate::diagnose::spoil::env;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::{Scope, Settings, UnreadSettings, WhyUnread};
    use crate::variables;

    fn unread(scene: &mut Scene, name: &str, why: WhyUnread, settings: Settings) {
        let path = scene.machine.home.join(".claude").join(name);
        scene.machine.unread_settings.push(UnreadSettings { path, why, settings });
    }

    fn refreshing() -> Settings {
        Settings { aws_auth_refresh: Some("aws sso login".to_owned()), ..Settings::default() }
    }

    #[test]
    fn a_key_in_a_misnamed_file() {
        let mut scene = Scene::healthy();
        unread(&mut scene, "settings-local.json", WhyUnread::Misnamed, refreshing());
        let finding = scene.expect_first("settings-wrong-file");
        assert!(finding.fixes[0].text.ends_with("to ~/.claude/settings.json."), "{finding:?}");
    }

    #[test]
    fn the_switch_in_the_folder_that_is_not_used() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.client_says("firstParty");
        scene.machine.environment.set(variables::CONFIG_DIR, "/srv/claude");
        let settings = Settings { env: env(&[(variables::USE_BEDROCK, "1")]), ..Settings::default() };
        unread(&mut scene, "settings.json", WhyUnread::OtherConfigDir, settings);
        let finding = scene.expect_first("settings-wrong-file");
        assert!(finding.fixes[0].text.contains("/srv/claude/settings.json"), "{finding:?}");
        assert_eq!(scene.expect("not-configured").because_of, Some("settings-wrong-file"));
    }

    #[test]
    fn what_the_right_file_has_too_is_not_lost() {
        let mut scene = Scene::healthy();
        unread(&mut scene, "settings-local.json", WhyUnread::Misnamed, refreshing());
        scene.settings(Scope::User, refreshing());
        let settings = Settings { env: env(&[(variables::USE_BEDROCK, "1")]), ..Settings::default() };
        unread(&mut scene, "settings.json", WhyUnread::OtherConfigDir, settings);
        scene.expect_absent("settings-wrong-file");
        Scene::healthy().expect_absent("settings-wrong-file");
    }
}
