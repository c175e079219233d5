//! `settings-key-misspelled`: a top-level key is close to one that the client knows.

use crate::change::fix::SettingsChange;
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, repairs, words};
use crate::resolve::{CredentialKind, Provider};
use crate::variables;

/// A key in a settings file is close to one that Claude Code knows.
pub const KIND: Kind = Kind {
    name: "settings-key-misspelled",
    layer: Layer::Settings,
    severity: Severity::Warning,
    title: "A key in a settings file is close to one that Claude Code knows",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

A key has no effect: credentials are not exported, the sign-in is not refreshed, variables are not set. No message tells why.

## Why

Claude Code ignores keys that it does not know, in silence: `awsCredentialsExport`, `awsAuthRefersh`, `enviroment`.

## Fix

Rename the key: `awsCredentialExport`, `awsAuthRefresh`, `env`, `modelOverrides`.

## Check

`bedrockup why` shows what the key gives.
";

/// Keys that decide routing, and what people write for them that is too far off to be a slip of the finger.
const KNOWN: [(&str, &[&str]); 4] = [
    ("awsCredentialExport", &["awsCredentialsExporter", "awsExportCredentials", "awsExportCredential"]),
    ("awsAuthRefresh", &["awsRefreshAuth", "awsAuthentificationRefresh", "awsAuthenticationRefresh"]),
    ("modelOverrides", &[]),
    ("env", &["enviroment", "environment", "envs", "envVars", "environmentVariables", "ENV", "Env"]),
];

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for file in &case.machine.settings {
        let Some(settings) = file.settings() else { continue };
        for (key, line) in &settings.keys {
            let Some(right) = meant(key).filter(|right| !settings.keys.contains_key(*right)) else { continue };
            let place = format!("{}:{line}", words::short(case, &file.path));
            let mut found =
                Found::new(format!("`{key}` in {place} is not a key that Claude Code knows; `{right}` is."))
                    .evidence(place.clone(), format!("`{key}`, close to `{right}`"))
                    .fix(
                        hand::edit_settings(
                            case,
                            format!("Rename `{key}` to `{right}` in {place}."),
                            file.scope,
                            &file.path,
                            *line,
                        )
                        .repaired_by(repairs::settings(
                            file.scope,
                            &file.path,
                            vec![SettingsChange::RenameKey { from: key.clone(), to: right.to_owned() }],
                        )),
                    );
            if right == "env" && case.route.provider != Provider::Bedrock && !switch_is_set(case) {
                found = ["not-configured", "region-missing", "no-credentials"]
                    .into_iter()
                    .fold(found.severity(Severity::Error), Found::explains);
            }
            if right == "awsAuthRefresh" {
                found = found.explains("auth-refresh-missing");
            }
            if no_credentials(case) && right.starts_with("aws") {
                found = found.severity(Severity::Error);
                found = ["no-credentials", "sso-session-expired", "sso-never-logged-in"]
                    .into_iter()
                    .fold(found, Found::explains);
            }
            all.push(found);
        }
    }
    all
}

/// Some place says something about Bedrock, be it no.
fn switch_is_set(case: &Case<'_>) -> bool {
    case.route.variable(variables::USE_BEDROCK).is_some_and(|switch| switch.winner.is_some())
}

/// The known key that was most likely meant.
fn meant(key: &str) -> Option<&'static str> {
    if KNOWN.iter().any(|(known, _)| *known == key) {
        return None;
    }
    let near =
        |known: &str| known.len() >= 8 && strsim::damerau_levenshtein(&key.to_lowercase(), &known.to_lowercase()) <= 2;
    KNOWN.iter().find(|(known, others)| others.contains(&key) || near(known)).map(|(known, _)| *known)
}

/// Nothing else gives credentials.
fn no_credentials(case: &Case<'_>) -> bool {
    let empty = matches!(case.route.credentials.kind, CredentialKind::Nothing | CredentialKind::InstanceMetadata);
    empty && case.answers.credentials.got().is_none() || case.answers.credential_failure.is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::aws::answer::{Answer, CredentialFailure};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::{Scope, Settings};

    fn with_key(key: &str) -> Scene {
        let mut scene = Scene::healthy();
        let keys = BTreeMap::from([(key.to_owned(), 5)]);
        scene.settings(Scope::User, Settings { keys, ..Settings::default() });
        scene
    }

    #[test]
    fn slips_of_the_finger() {
        for (key, right) in [
            ("awsCredentialsExport", "awsCredentialExport"),
            ("awsAuthRefersh", "awsAuthRefresh"),
            ("enviroment", "env"),
        ] {
            let finding = with_key(key).expect("settings-key-misspelled");
            assert_eq!(finding.severity, Severity::Warning);
            assert!(finding.fixes[0].text.contains(&format!("to `{right}`")), "{finding:?}");
        }
    }

    #[test]
    fn the_only_source_of_credentials() {
        let mut scene = with_key("awsCredentialsExport");
        scene.machine.aws.profiles.clear();
        scene.answers.credentials = Answer::NotAsked("there are none".to_owned());
        scene.answers.credential_failure = Some(CredentialFailure::NoMetadata);
        assert_eq!(scene.expect_first("settings-key-misspelled").severity, Severity::Error);
    }

    #[test]
    fn real_keys_are_not_slips() {
        for key in
            ["env", "awsAuthRefresh", "model", "models", "permissions", "availableModels", "otelHeadersHelper", "hooks"]
        {
            with_key(key).expect_absent("settings-key-misspelled");
        }
        Scene::healthy().expect_absent("settings-key-misspelled");
    }
}
