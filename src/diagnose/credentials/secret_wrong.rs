//! `secret-wrong`: the secret does not belong to the access key.

use crate::aws::told::Told;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};
use crate::resolve::CredentialKind;
use crate::variables::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};

/// The secret does not belong to the access key.
pub const KIND: Kind = Kind {
    name: "secret-wrong",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The secret does not belong to the access key",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.`
(`SignatureDoesNotMatch` from STS, `InvalidSignatureException` from Bedrock).

## Why

The key id exists and the secret beside it is another one: cut when it was copied, a lost `+` or `/`, or the secret of an older pair. The
clock was compared with AWS's and is right, so it is not the clock.

## Fix

Paste the secret again, all 40 characters:

    aws configure

A secret is shown only once by AWS: if it is lost, create a new pair.

## Check

`aws sts get-caller-identity` prints your ARN.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    // A skewed clock and a proxy that alters headers bring the same code: the clock is compared, and STS must say it.
    if !matches!(look::sts(case), Some((_, Told::SignatureWrong))) || !look::clock_is_right(case) {
        return Vec::new();
    }
    let found = look::with_refusals(
        Found::new("The secret does not belong to the access key."),
        &look::told_by(case, &Told::SignatureWrong),
    )
    .evidence("clock", "compared with the Date of AWS's answer: right");
    vec![match &case.route.credentials.kind {
        CredentialKind::EnvironmentKeys { key_id, .. } => {
            let place = words::set_by(case, SECRET_ACCESS_KEY).unwrap_or_else(|| "environment".to_owned());
            found.evidence(place, format!("the secret beside {key_id}")).fix(Fix::command(
                "Export the pair anew (40 characters, with every `+` and `/`), or unset it and use a profile.",
                words::unset(case, &[ACCESS_KEY_ID, SECRET_ACCESS_KEY]),
            ))
        }
        _ => {
            let name = look::leaf(case).map_or("default", |(name, _)| name);
            found.fix(Fix::command(
                "Paste the secret again (40 characters, with every `+` and `/`), or a new pair.",
                format!("aws configure{}", words::profile_option(case, name)),
            ))
        }
    }]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    fn wrong() -> Scene {
        let mut scene = Scene::healthy();
        let text = "The request signature we calculated does not match the signature you provided.";
        scene.refuse_identity(&refusal(403, "SignatureDoesNotMatch", text));
        scene
    }

    #[test]
    fn a_signature_that_sts_refuses_under_a_right_clock_is_a_wrong_secret() {
        wrong().expect_first("secret-wrong");
    }

    #[test]
    fn without_a_compared_clock_no_name_is_given() {
        let mut scene = wrong();
        scene.answers.clock_offset = None;
        scene.expect_absent("secret-wrong");
        scene.expect("aws-refused");
    }

    #[test]
    fn under_a_wrong_clock_it_is_a_consequence() {
        let mut scene = wrong();
        scene.answers.clock_offset = Some(jiff::SignedDuration::from_mins(60));
        scene.expect_first("clock-skew");
        scene.expect_absent("secret-wrong");
    }

    #[test]
    fn where_sts_accepts_the_secret_it_is_right() {
        let mut scene = wrong();
        scene.answers.identity = Scene::healthy().answers.identity;
        scene.expect_absent("secret-wrong");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("secret-wrong");
    }
}
