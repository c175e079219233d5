//! `settings-wrong-file`: the keys stand where the client does not read them: in another file, or beside `env`.

use crate::change::fix::{Repair, SettingsChange};
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, local, look, repairs, words};
use crate::observe::settings::{EnvEntry, Scope, Settings, SettingsFile, UnreadSettings, WhyUnread};
use crate::resolve::Provider;
use crate::variables;

/// Keys that route stand where Claude Code does not read them.
pub const KIND: Kind = Kind {
    name: "settings-wrong-file",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "Keys that route stand where Claude Code does not read them",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = r#"## What you see

`awsAuthRefresh` never runs, variables of a settings file have no effect, `Not logged in · Please run /login`. No message tells why.

## Why

Claude Code reads `~/.claude/settings.json`, and in a project `.claude/settings.json` and `.claude/settings.local.json`. It does not read
`settings-local.json`, nor `~/.claude/settings.local.json`; and where `CLAUDE_CONFIG_DIR` is set, the user settings are there instead of in `~/.claude`. In the right file variables count in the `env` block alone:
`{"CLAUDE_CODE_USE_BEDROCK": "1"}` at the top level is a key that it does not know, and ignores in silence.

## Fix

Move the keys to the file that is named, variables into its `env` block:

    {"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}}

## Check

`bedrockup why` shows the values of that file.
"#;

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
        all.push(FOLLOWS.into_iter().fold(found, Found::explains));
    }
    all.extend(case.machine.settings.iter().filter_map(|file| beside_env(case, file)));
    all
}

/// Variables in the right file, at its top level instead of in its `env` block.
fn beside_env(case: &Case<'_>, file: &SettingsFile) -> Option<Found> {
    let settings = file.settings()?;
    let lost: Vec<_> = settings.stray_env.iter().filter(|(name, entry)| is_lost(case, name, entry)).collect();
    let (_, first) = lost.iter().min_by_key(|(_, entry)| entry.line)?;
    let place = words::short(case, &file.path);
    let names: Vec<_> = lost.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(", ");
    let summary =
        format!("{names} stand at the top level of {place}: Claude Code reads variables in its `env` block alone.");
    let mut found = Found::new(summary);
    for (name, entry) in &lost {
        let what =
            format!("{name} is {} here, beside `env`, and nowhere that counts", local::shown(name, &entry.value));
        found = found.evidence(format!("{place}:{}", entry.line), what);
    }
    let text = format!("Move {names} into the `env` block of {place}: {}", env_block(&lost));
    let secret = lost.iter().any(|(name, entry)| variables::holds_secret(name, &entry.value));
    // What works without them may not work with them.
    let answers = case.route.provider == Provider::Bedrock && look::any_answers(case);
    let decides = |name: &str| matches!(name, variables::USE_BEDROCK | variables::REGION);
    let helps = !answers && lost.iter().any(|(name, _)| decides(name));
    let taken = lost.iter().map(|(name, _)| SettingsChange::RemoveKey { name: (*name).clone() });
    let given =
        lost.iter().map(|(name, entry)| SettingsChange::SetEnv { name: (*name).clone(), value: entry.value.clone() });
    let repair = repairs::settings(file.scope, &file.path, taken.chain(given).collect()).filter(|_| helps && !secret);
    let fix = hand::edit_settings(case, text, file.scope, &file.path, first.line).repaired_by(repair);
    let found = if answers { found.severity(Severity::Note) } else { found };
    Some(FOLLOWS.into_iter().fold(found.fix(fix), Found::explains))
}

/// The block as it is to be written; secrets are left out.
fn env_block(entries: &[(&String, &EnvEntry)]) -> String {
    let shown = |(name, entry): &(&String, &EnvEntry)| {
        let value = if variables::holds_secret(name, &entry.value) { "…" } else { entry.value.as_str() };
        ((*name).clone(), serde_json::Value::from(value))
    };
    let env: serde_json::Map<String, serde_json::Value> = entries.iter().map(shown).collect();
    format!("`\"env\": {}`", serde_json::Value::Object(env))
}

/// What the missing values cause.
const FOLLOWS: [&str; 4] = ["not-configured", "no-credentials", "region-missing", "auth-refresh-missing"];

/// A variable that routes, has a value here, and none in effect.
fn is_lost(case: &Case<'_>, name: &str, entry: &EnvEntry) -> bool {
    variables::ROUTING.contains(&name) && !entry.value.is_empty() && local::in_effect(case, name).is_none()
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
            let value = unread.settings.env.get(&name)?.value.clone();
            if variables::holds_secret(&name, &value) {
                return None;
            }
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
        .filter(|(name, entry)| is_lost(case, name, entry))
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
    fn variables_beside_env_in_the_right_file() {
        let mut scene = Scene::healthy();
        let stray = env(&[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        scene.settings(Scope::User, Settings { stray_env: stray, ..Settings::default() });
        // The shell gives them: the ones in the file do no harm.
        scene.expect_absent("settings-wrong-file");
        scene.forget_block();
        for name in variables::ROUTING {
            scene.machine.environment.remove(name);
        }
        scene.client_says("firstParty");
        let finding = scene.expect_first("settings-wrong-file");
        assert!(finding.fixes[0].text.contains(r#""env": {"AWS_REGION":"us-east-1","CLAUDE_CODE_USE_BEDROCK":"1"}"#));
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
