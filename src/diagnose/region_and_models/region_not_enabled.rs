//! `region-not-enabled`: the account has not enabled this region.

use crate::aws::answer::Answer;
use crate::aws::told::Told;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::{CredentialKind, ProfileRoute, data};
use crate::variables::REGION;

/// The account has not enabled this region.
pub const KIND: Kind = Kind {
    name: "region-not-enabled",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The account has not enabled this region",
    page: PAGE,
    owns: &["keys-unknown", "aws-refused", "model-prefix-mismatch"],
    detect,
};

const PAGE: &str = "\
## What you see

`The security token included in the request is invalid` (`UnrecognizedClientException`, `InvalidClientTokenId`), as if the keys were wrong; in `us-east-1` the same keys work.

## Why

Regions that were opened after 2019 must be enabled by each account before its keys are known there.

## Fix

    aws account enable-region --region-name REGION

or use a region that is enabled.

## Check

`aws sts get-caller-identity --region REGION` answers.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let name = &case.route.region.name;
    // STS may still answer where Bedrock already does not.
    let of_models = look::refused_with(case, |told| *told == Told::TokenInvalid);
    let (place, refusal, global) = match (look::sts(case), &case.answers.identity, of_models.first()) {
        (Some((refusal, Told::TokenInvalid)), ..) => {
            let Some(global) = case.answers.identity_global.got() else { return Vec::new() };
            ("STS GetCallerIdentity", refusal, global)
        }
        (None, Answer::Got(here), Some(refused)) => ("Bedrock", refused.refusal, here),
        _ => return Vec::new(),
    };
    let enabled = case.answers.region_enabled.got();
    // Session keys have one more cause for this: there the status of the region must have been told.
    let told = match enabled {
        Some(enabled) => !enabled,
        None => !is_session(case),
    };
    if !data::region(name).is_some_and(|row| row.opt_in) || !told {
        return Vec::new();
    }
    let mut found = Found::new(format!("The account {} has not enabled the region {name}.", global.account))
        .evidence(format!("{place} in {name}"), words::refusal(refusal))
        .evidence("STS GetCallerIdentity", format!("the same keys answer: {}", global.arn));
    if enabled == Some(&false) {
        found =
            found.evidence("status of the region", format!("{name} is not enabled for the account {}", global.account));
    }
    vec![
        look::with_models(found, &of_models)
            .fix(
                Fix::command("Enable the region.", format!("aws account enable-region --region-name {name}"))
                    .by(Who::AwsAdmin),
            )
            .fix(words::change(case, REGION, "us-east-1")),
    ]
}

/// The keys belong to a session: its token may be of the global STS, and not valid in such regions.
pub fn is_session(case: &Case<'_>) -> bool {
    match (&case.route.credentials.kind, look::leaf(case)) {
        (CredentialKind::EnvironmentKeys { has_session_token, .. }, _) => *has_session_token,
        (CredentialKind::Profile { leads_to: ProfileRoute::Keys { has_session_token, .. }, .. }, _) => {
            *has_session_token
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    #[test]
    fn keys_that_work_elsewhere() {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", "eu-central-2");
        scene.answers.identity_global = scene.answers.identity.clone();
        scene.refuse_identity(&refusal(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        ));
        let finding = scene.expect_first("region-not-enabled");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws account enable-region --region-name eu-central-2"));
    }

    #[test]
    fn bedrock_alone_does_not_know_the_keys() {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", "eu-central-2");
        let invalid = "The security token included in the request is invalid.";
        scene.refuse_models(&refusal(403, "UnrecognizedClientException", invalid));
        let finding = scene.expect_first("region-not-enabled");
        assert!(finding.evidence[0].place.starts_with("Bedrock in eu-central-2"), "{finding:?}");
        // What the account says of the region decides, and a region that is always on cannot be off.
        scene.answers.region_enabled = Answer::Got(true);
        scene.expect_absent("region-not-enabled");
        scene.answers.region_enabled = Answer::Got(false);
        scene.configure("AWS_REGION", "eu-central-1");
        scene.expect_absent("region-not-enabled");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("region-not-enabled");
    }
}
