//! `secrets-in-settings`: a secret stands in plain text in a settings or rc file.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, words};
use crate::observe::rc_files::{Effect, RcState};
use crate::variables;

/// A secret stands in plain text in a settings or rc file.
pub const KIND: Kind = Kind {
    name: "secrets-in-settings",
    layer: Layer::Settings,
    severity: Severity::Warning,
    title: "A secret stands in plain text in a settings or rc file",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing fails. `~/.claude/settings.json` or a start-up file holds a secret key, a session token or an API key.

## Why

The login wizard of Claude Code writes keys to the `env` block in plain text; people export them in start-up files. Such files are copied,
committed and read by every program.

## Fix

Move the keys into a profile, which the AWS CLI keeps in a private file, and name the profile:

    aws configure --profile bedrock

Until then `chmod 600` on the file. If it was ever committed or shared, revoke the key.

## Check

`bedrockup doctor` does not name it any more.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for file in &case.machine.settings {
        let Some(settings) = file.settings() else { continue };
        let entries = settings.env.iter().filter(|(name, entry)| variables::is_secret(name) && !entry.value.is_empty());
        let secrets: Vec<(String, usize)> = entries.map(|(name, entry)| (name.clone(), entry.line)).collect();
        // What changes the route, or will, comes before how it is kept.
        all.extend(found(case, &file.path, &secrets).map(Found::last));
    }
    let mut seen = Vec::new();
    for file in &case.machine.rc_files {
        let RcState::Read { assignments, .. } = &file.state else { continue };
        if seen.contains(&&file.path) {
            continue;
        }
        seen.push(&file.path);
        // A value that the line asks of another program is not in the file; and what is for Anthropic's own API alone is no
        // matter of this route.
        let of_aws = [variables::SECRET_ACCESS_KEY, variables::SESSION_TOKEN, variables::BEARER_TOKEN];
        let literal = assignments
            .iter()
            .filter(|line| of_aws.contains(&line.name.as_str()) && line.effect != Effect::Unset && line.literal);
        let secrets: Vec<(String, usize)> = literal.map(|line| (line.name.clone(), line.line)).collect();
        // The settings are where a wizard puts a key; into a start-up file people put it themselves.
        all.extend(found(case, &file.path, &secrets).map(|found| found.severity(Severity::Note)));
    }
    all
}

fn found(case: &Case<'_>, path: &std::path::Path, secrets: &[(String, usize)]) -> Option<Found> {
    let (_, line) = secrets.first()?;
    let file = words::short(case, path);
    let names = secrets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let found = Found::new(format!("{file} holds {names} in plain text."));
    let found = match case.machine.exposed.iter().any(|exposed| exposed == path) {
        true => found.evidence(file.clone(), "other users of this machine can read it"),
        false => found,
    };
    let found = secrets
        .iter()
        .fold(found, |found, (name, line)| found.evidence(format!("{file}:{line}"), format!("{name} is written here")));
    if !path.is_absolute() {
        // A document on a command line is no file.
        let text =
            format!("Put the keys into a profile (`aws configure --profile bedrock`), and take them out of {file}.");
        return Some(found.fix(Fix::words(Who::You, text)));
    }
    Some(
        found
            .fix(Fix::command(
                "Let nobody else read the file meanwhile.",
                format!("chmod 600 {}", hand::path(case, path)),
            ))
            .fix(hand::edit_line(
                case,
                format!(
                    "Put the keys into a profile (`aws configure --profile bedrock`), and remove them from {file}."
                ),
                path,
                *line,
            ))
            .fix(Fix::words(Who::You, "If the file was ever committed or shared, revoke the key.")),
    )
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::Effect;
    use crate::observe::settings::Scope;
    use crate::variables;

    #[test]
    fn a_token_in_the_settings() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[(variables::BEARER_TOKEN, "bedrock-api-key-SECRET")]);
        let finding = scene.expect("secrets-in-settings");
        assert_eq!(finding.severity, Severity::Warning);
        assert!(!format!("{finding:?}").contains("SECRET"), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("chmod 600 ~/.claude/settings.json"));
    }

    #[test]
    fn a_key_in_an_rc_file() {
        let mut scene = Scene::healthy();
        scene.rc_line(".bashrc", variables::SECRET_ACCESS_KEY, Some("…"), Effect::Export);
        let finding = scene.expect("secrets-in-settings");
        assert_eq!((finding.severity, finding.evidence[0].place.as_str()), (Severity::Note, "~/.bashrc:20"));
        scene.machine.exposed.push(scene.machine.home.join(".bashrc"));
        assert!(scene.expect("secrets-in-settings").evidence[0].what.contains("other users"));
    }

    #[test]
    fn a_key_that_is_asked_of_a_keychain_is_well() {
        let mut scene = Scene::healthy();
        scene.rc_line(".bashrc", variables::SECRET_ACCESS_KEY, None, Effect::Export);
        scene.settings_env(Scope::User, &[(variables::PROFILE, "default"), (variables::BEARER_TOKEN, "")]);
        scene.expect_absent("secrets-in-settings");
        Scene::healthy().expect_absent("secrets-in-settings");
    }
}
