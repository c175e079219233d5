//! `keys-unknown`: aWS does not know the access key.

use crate::aws::answer::Answer;
use crate::aws::told::{Told, told};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::data;
use crate::resolve::{CredentialKind, ProfileRoute};
use crate::variables::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN};

/// AWS does not know the access key.
pub const KIND: Kind = Kind {
    name: "keys-unknown",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "AWS does not know the access key",
    page: PAGE,
    owns: &["aws-refused", "profile-hides-env-keys"],
    detect,
};

const PAGE: &str = "\
## What you see

`The security token included in the request is invalid.` (`InvalidClientTokenId` from STS, `UnrecognizedClientException` from Bedrock), after
minutes of silence in `claude`.

## Why

The key id was deleted, switched off, mistyped, or is one of another world. Both the regional and the global STS say so, so that it is not
a region that the account has not enabled.

## Fix

Make a new pair (your administrator can re-activate an old one) and enter it:

    aws configure

## Check

`aws sts get-caller-identity` prints your ARN.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some((refusal, Told::TokenInvalid)) = look::sts(case) else {
        return Vec::new();
    };
    // One refusal has several causes; the second look is STS in another region.
    let everywhere = match &case.answers.identity_global {
        Answer::Refused(global) => told(global) == Told::TokenInvalid,
        // Only in a region that must be enabled can good keys be unknown.
        Answer::NotAsked(_) => data::region(&case.route.region.name).is_some_and(|row| !row.opt_in),
        _ => false,
    };
    if !everywhere || case.answers.identity_elsewhere.got().is_some() {
        return Vec::new();
    }
    let of = match (&case.route.credentials.kind, look::leaf(case)) {
        (CredentialKind::EnvironmentKeys { key_id, .. }, _) => {
            format!("the key {key_id} in the environment")
        }
        (_, Some((name, ProfileRoute::Keys { key_id, .. }))) => {
            format!("the key {key_id} of the profile `{name}`")
        }
        (_, Some((name, _))) => format!("the key that the profile `{name}` gives"),
        _ => "the access key".to_owned(),
    };
    let mut found = Found::new(format!("AWS does not know {of}: deleted, switched off or mistyped."))
        .evidence("STS", words::refusal(refusal));
    if let Some(global) = case.answers.identity_global.refused() {
        found = found.evidence("STS of the whole partition", words::refusal(global));
    }
    found = look::with_models(found, &look::refused_with(case, |told| *told == Told::TokenInvalid));
    found = match &case.route.credentials.kind {
        CredentialKind::EnvironmentKeys { .. } => found.fix(Fix::command(
            "Unset these keys and use a profile, or export a new pair.",
            words::unset(case, &[ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN]),
        )),
        _ => {
            let name = look::leaf(case).map_or("default", |(name, _)| name);
            found.fix(Fix::command(
                "Enter a new pair of keys.",
                format!("aws configure{}", words::profile_option(case, name)),
            ))
        }
    };
    vec![found.fix(Fix::words(Who::AwsAdmin, "Create a new access key for this user, or re-activate the old one."))]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    fn unknown() -> Scene {
        let mut scene = Scene::healthy();
        scene.refuse_identity(&refusal(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ));
        scene.answers.identity_global = scene.answers.identity.clone();
        scene
    }

    #[test]
    fn refused_everywhere_is_unknown() {
        let finding = unknown().expect_first("keys-unknown");
        assert!(finding.summary.contains(KEY_ID));
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws configure"));
    }

    #[test]
    fn known_elsewhere_is_another_cause() {
        let mut scene = unknown();
        scene.configure("AWS_REGION", "ap-east-2");
        scene.answers.identity_global = Scene::healthy().answers.identity;
        scene.expect_absent("keys-unknown");
    }

    #[test]
    fn without_the_second_look_no_name_is_given() {
        let mut scene = unknown();
        scene.configure("AWS_REGION", "ap-east-2");
        scene.answers.identity_global = Answer::TimedOut;
        scene.expect_absent("keys-unknown");
        scene.expect("aws-refused");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("keys-unknown");
    }
}
