//! `sts-token-not-valid-in-region`: the session is of the kind that opt-in regions do not take.

use crate::aws::told::Told;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, look, words};

/// The session is of the kind that opt-in regions do not take.
pub const KIND: Kind = Kind {
    name: "sts-token-not-valid-in-region",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The session is of the kind that opt-in regions do not take",
    page: PAGE,
    owns: &["keys-unknown", "keys-inconsistent", "aws-refused", "model-prefix-mismatch"],
    detect,
};

const PAGE: &str = "\
## What you see

`The security token included in the request is invalid` (`UnrecognizedClientException`, `InvalidClientTokenId`) in a region that the account has enabled,
with session keys that work in `us-east-1`.

## Why

Session keys of the global STS endpoint (`sts.amazonaws.com`) carry tokens of version 1, which are not valid in regions that accounts must enable. Those of
a regional endpoint are valid everywhere.

## Fix

    export AWS_STS_REGIONAL_ENDPOINTS=regional

and renew the session; or for the whole account:

    aws iam set-security-token-service-preferences --global-endpoint-token-version v2Token

## Check

`aws sts get-caller-identity --region REGION` answers.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some((refusal, Told::TokenInvalid)) = look::sts(case) else {
        return Vec::new();
    };
    let Some(global) = case.answers.identity_global.got() else {
        return Vec::new();
    };
    // That the region is enabled is what tells it from `region-not-enabled`.
    if case.answers.region_enabled.got() != Some(&true) || !super::region_not_enabled::is_session(case) {
        return Vec::new();
    }
    let region = &case.route.region.name;
    let found = Found::new(format!("These session keys are not valid in {region}, which the account has enabled."))
        .evidence(format!("STS GetCallerIdentity in {region}"), words::refusal(refusal))
        .evidence("STS GetCallerIdentity in us-east-1", format!("the same keys answer: {}", global.arn))
        .evidence("status of the region", format!("{region} is enabled for the account {}", global.account));
    let renew = "Have the session made by a regional endpoint, and renew it where it came from.";
    let account = "Or let the global endpoint give tokens that are valid in every region.";
    vec![
        look::with_models(found, &look::refused_with(case, |told| *told == Told::TokenInvalid))
            .fix(Fix::command(renew, words::export(case, "AWS_STS_REGIONAL_ENDPOINTS", "regional")))
            .fix(
                Fix::command(
                    account,
                    "aws iam set-security-token-service-preferences --global-endpoint-token-version v2Token",
                )
                .by(Who::AwsAdmin),
            ),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    fn session(enabled: Answer<bool>) -> Scene {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", "eu-central-2");
        scene.set("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE");
        scene.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        scene.set("AWS_SESSION_TOKEN", "FwoGZXIvYXdzEXAMPLE");
        scene.answers.identity_global = scene.answers.identity.clone();
        scene.answers.region_enabled = enabled;
        scene.refuse_identity(&refusal(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        ));
        scene
    }

    #[test]
    fn the_region_is_enabled() {
        let finding = session(Answer::Got(true)).expect_first("sts-token-not-valid-in-region");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_STS_REGIONAL_ENDPOINTS=regional"));
    }

    #[test]
    fn the_region_is_not_enabled() {
        let scene = session(Answer::Got(false));
        scene.expect_first("region-not-enabled");
        scene.expect_absent("sts-token-not-valid-in-region");
    }

    #[test]
    fn where_nobody_may_say_neither_is_guessed() {
        let scene = session(Answer::Refused(refusal(403, "AccessDeniedException", "no")));
        scene.expect_absent("sts-token-not-valid-in-region");
        scene.expect_absent("region-not-enabled");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("sts-token-not-valid-in-region");
    }
}
