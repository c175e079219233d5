//! `keys-expired`: the keys are past their end.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use jiff::Timestamp;

use crate::aws::told::Told;
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::{CredentialKind, ProfileRoute};
use crate::variables::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN};

/// The keys are past their end.
pub const KIND: Kind = Kind {
    name: "keys-expired",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The keys are past their end",
    page: PAGE,
    owns: &["aws-refused", "bearer-token-hides-profile", "auth-refresh-loops"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 The security token included in the request is expired`, headed `AWS authentication failed · refresh your AWS credentials`.
Before it, `claude` is silent for about four minutes: it tries ten times.

## Why

Session keys (`ASIA…`) end, after an hour or a day. AWS answers `ExpiredToken` or `ExpiredTokenException`. Nothing renews keys that
were pasted into the environment or a file.

## Fix

Renew them where they came from. For keys in the environment, better unset them and use a profile:

    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
    bedrockup setup --profile NAME

## Check

`aws sts get-caller-identity` prints your ARN.
";

/// Where tools write down when the keys beside it end.
const END_PROPERTIES: [&str; 4] =
    ["x_security_token_expires", "aws_session_expiration", "aws_expiration", "expiration"];

fn detect(case: &Case<'_>) -> Vec<Found> {
    // Sign-ins have findings of their own, with their own cure.
    if matches!(look::leaf(case), Some((_, ProfileRoute::Sso { .. } | ProfileRoute::Login { .. }))) {
        return Vec::new();
    }
    let in_environment = matches!(case.route.credentials.kind, CredentialKind::EnvironmentKeys { .. });
    let refusals = look::told_by(case, &Told::TokenExpired);
    let end = known_end(case).filter(|(_, end)| *end <= case.machine.now);
    let works = case.answers.identity.got().is_some() || look::any_answers(case);
    if refusals.is_empty() && (end.is_none() || works) {
        return Vec::new();
    }
    let mut found = look::with_refusals(Found::new("The AWS keys are past their end."), &refusals);
    if let Some((place, end)) = end {
        found = found.evidence(place, format!("the keys ended at {end}"));
    }
    if in_environment {
        let place = words::set_by(case, ACCESS_KEY_ID).unwrap_or_else(|| "environment".to_owned());
        found = found.evidence(place, format!("{ACCESS_KEY_ID} is set")).fix(Fix::command(
            "Unset the old keys, and use a profile (`bedrockup setup --profile NAME`) or export new ones.",
            words::unset(case, &[ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN]),
        ));
    } else {
        let of =
            look::leaf(case).map_or_else(|| "them".to_owned(), |(name, _)| format!("the keys of the profile `{name}`"));
        found = found
            .fix(Fix::words(Who::You, format!("Renew {of} where they came from; nothing here can do it for you.")));
    }
    vec![found]
}

/// When the keys end, where somebody wrote it down beside them.
pub fn known_end(case: &Case<'_>) -> Option<(String, Timestamp)> {
    if matches!(case.route.credentials.kind, CredentialKind::EnvironmentKeys { .. }) {
        let name = "AWS_CREDENTIAL_EXPIRATION";
        return Some((name.to_owned(), case.route.value(name)?.parse().ok()?));
    }
    let (name, ProfileRoute::Keys { .. }) = look::leaf(case)? else {
        return None;
    };
    let profile = case.machine.aws.profiles.get(name)?;
    let (property, value) = END_PROPERTIES.iter().find_map(|property| Some((property, profile.get(property)?)))?;
    Some((format!("profile {name}, {property}"), value.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    fn temporary_keys() -> Scene {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.set("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE");
        scene.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        scene.set("AWS_SESSION_TOKEN", "token-of-the-example");
        scene
    }

    #[test]
    fn what_sts_says_is_said_with_the_request_id() {
        let mut scene = temporary_keys();
        scene.refuse_identity(&refusal(403, "ExpiredToken", "The security token included in the request is expired"));
        let finding = scene.expect_first("keys-expired");
        assert!(finding.evidence[0].what.contains("11111111-2222-3333-4444-555555555555"));
        let unset = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN";
        assert_eq!(finding.fixes[0].command.as_deref(), Some(unset));
        assert_eq!(
            scene
                .findings()
                .iter()
                .filter(|finding| finding.because_of.is_none() && finding.name == "aws-refused")
                .count(),
            0
        );
    }

    #[test]
    fn a_known_end_in_the_past_is_enough() {
        let mut scene = temporary_keys();
        scene.set("AWS_CREDENTIAL_EXPIRATION", "2026-11-24T08:59:59Z");
        scene.without_credentials(None);
        scene.expect_first("keys-expired");
    }

    #[test]
    fn an_end_in_the_past_of_keys_that_work_is_not_believed() {
        let mut scene = temporary_keys();
        scene.set("AWS_CREDENTIAL_EXPIRATION", "2026-11-24T08:59:59Z");
        scene.expect_absent("keys-expired");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("keys-expired");
    }
}
