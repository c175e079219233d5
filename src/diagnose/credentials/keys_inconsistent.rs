//! `keys-inconsistent`: the parts of the access key are not one set.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};
use crate::resolve::{CredentialKind, ProfileRoute};
use crate::secret::Secret;
use crate::variables::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN};

/// The parts of the access key are not one set.
pub const KIND: Kind = Kind {
    name: "keys-inconsistent",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The parts of the access key are not one set",
    page: PAGE,
    owns: &["keys-unknown", "secret-wrong", "no-credentials", "keys-expired", "aws-refused", "region-not-enabled"],
    detect,
};

const PAGE: &str = "\
## What you see

`The security token included in the request is invalid` (`InvalidClientTokenId`, `UnrecognizedClientException`), `SignatureDoesNotMatch`, or
`Could not load credentials from any providers`.

## Why

A key id, its secret and its session token belong together. Here one is missing, or left over from another set: an `ASIA…` id without
session token, an `AKIA…` id with one (AWS then calls the *token* invalid), an id without secret, a secret that is not 40 characters.

## Fix

Take all three away and use a profile, or export the whole set anew:

    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN

## Check

`aws sts get-caller-identity` prints your ARN.
";

/// Characters of every secret access key.
const SECRET_LENGTH: usize = 40;

fn detect(case: &Case<'_>) -> Vec<Found> {
    let value = |name| case.route.value(name);
    let (place, problem, of_profile) = match &case.route.credentials.kind {
        CredentialKind::EnvironmentKeys { .. } => (
            "environment".to_owned(),
            problem(value(ACCESS_KEY_ID), value(SECRET_ACCESS_KEY), value(SESSION_TOKEN).is_some()),
            None,
        ),
        CredentialKind::Profile { .. } => {
            let Some((name, ProfileRoute::Keys { .. } | ProfileRoute::Broken(_))) = look::leaf(case) else {
                return Vec::new();
            };
            let Some(profile) = case.machine.aws.profiles.get(name) else {
                return Vec::new();
            };
            let secret = profile.secret_access_key.as_ref().map(Secret::reveal);
            (
                format!("profile {name}"),
                problem(profile.get("aws_access_key_id"), secret, profile.session_token.is_some()),
                Some(name),
            )
        }
        // Half a pair in the environment leads nowhere, and the chain goes on to the end.
        CredentialKind::Nothing | CredentialKind::InstanceMetadata => (
            "environment".to_owned(),
            problem(value(ACCESS_KEY_ID), value(SECRET_ACCESS_KEY), value(SESSION_TOKEN).is_some()),
            None,
        ),
        _ => return Vec::new(),
    };
    let Some(problem) = problem else {
        return Vec::new();
    };
    // What AWS accepts is one set, whatever it looks like.
    if case.answers.identity.got().is_some() {
        return Vec::new();
    }
    let found = Found::new(format!("The parts of the access key are not one set: {problem}."));
    let found = look::with_refusals(found.evidence(place, problem), &look::refusals(case));
    vec![match of_profile {
        Some(name) => {
            let command = format!("aws configure{}", words::profile_option(case, name));
            found.fix(Fix::command(
                "Enter the whole pair anew; remove a left-over `aws_session_token` line from the section.",
                command,
            ))
        }
        None => {
            let command = words::unset(case, &[ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN]);
            found.fix(Fix::command("Unset all three (and use a profile), or export the whole set anew.", command))
        }
    }]
}

/// What does not fit; the secret is measured and never shown.
fn problem(key_id: Option<&str>, secret: Option<&str>, token: bool) -> Option<String> {
    match (key_id, secret) {
        (None, None) => None,
        (Some(id), None) => Some(format!("the key id {id} has no secret")),
        (None, Some(_)) => Some("there is a secret without a key id".to_owned()),
        (Some(id), Some(_)) if id.starts_with("ASIA") && !token => {
            Some(format!("{id} is a temporary key and has no session token"))
        }
        (Some(id), Some(_)) if id.starts_with("AKIA") && token => {
            Some(format!("{id} is a long-lived key and a session token of another key is left over beside it"))
        }
        (Some(_), Some(secret)) if secret.chars().count() != SECRET_LENGTH => {
            Some(format!("the secret has {} characters, not {SECRET_LENGTH}", secret.chars().count()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    const INVALID: &str = "The security token included in the request is invalid.";

    fn keys(id: &str, secret: Option<&str>, token: Option<&str>) -> Scene {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.set("AWS_ACCESS_KEY_ID", id);
        for (name, value) in [("AWS_SECRET_ACCESS_KEY", secret), ("AWS_SESSION_TOKEN", token)] {
            if let Some(value) = value {
                scene.set(name, value);
            }
        }
        scene.refuse_identity(&refusal(403, "InvalidClientTokenId", INVALID));
        scene.answers.identity_global = scene.answers.identity.clone();
        scene
    }

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn temporary_without_token_and_long_lived_with_one() {
        let finding = keys("ASIAIOSFODNN7EXAMPLE", Some(SECRET), None).expect_first("keys-inconsistent");
        assert!(finding.summary.contains("no session token"));
        let finding = keys(KEY_ID, Some(SECRET), Some("left-over")).expect_first("keys-inconsistent");
        assert!(finding.summary.contains("left over"));
    }

    #[test]
    fn a_secret_of_another_length_is_measured_and_not_shown() {
        let finding = keys(KEY_ID, Some("too-short-secret"), None).expect_first("keys-inconsistent");
        assert!(finding.summary.contains("16 characters"));
        assert!(!format!("{finding:?}").contains("too-short-secret"));
    }

    #[test]
    fn a_whole_set_that_nobody_knows_is_another_finding() {
        keys(KEY_ID, Some(SECRET), None).expect_absent("keys-inconsistent");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("keys-inconsistent");
    }
}
