//! `partition-mismatch`: credentials and region belong to different partitions of AWS.

use crate::diagnose::credentials::browser;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{look, words};
use crate::resolve::data;
use crate::variables::REGION;

/// Credentials and region belong to different partitions of AWS.
pub const KIND: Kind = Kind {
    name: "partition-mismatch",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "Credentials and region belong to different partitions of AWS",
    page: PAGE,
    owns: &[
        "keys-unknown",
        "wrong-account",
        "assume-role-denied",
        "aws-refused",
        "model-prefix-mismatch",
        "model-needs-profile",
        "model-id-invalid",
        "model-legacy",
        "model-end-of-life",
        "model-not-in-region",
        "small-model-unavailable",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

`The security token included in the request is invalid` (`InvalidClientTokenId`), as if the keys were wrong.

## Why

GovCloud, China and the commercial regions are separate: keys and roles of one are not known in another. The ARN of the role tells its partition (`arn:aws-us-gov:…`).

## Fix

    export AWS_REGION=us-gov-west-1

for GovCloud credentials, or choose credentials of the region's partition. An access portal belongs to a partition too (`https://start.us-gov-home.awsapps.com/…`
to GovCloud): the region first, then `aws sso login`.

## Check

`aws sts get-caller-identity` answers.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let region = &case.route.region;
    let Some(row) = data::region(&region.name) else {
        return Vec::new();
    };
    let Some((of_credentials, what)) = look::credentials_partition(case) else {
        return Vec::new();
    };
    if of_credentials == row.partition || look::any_answers(case) {
        return Vec::new();
    }
    let found = Found::new(format!(
        "The credentials belong to the partition {of_credentials}, and {} to {}.",
        region.name, row.partition
    ))
    .evidence("credentials", what)
    .evidence(words::source(case, &region.source), region.name.clone());
    let found = look::with_refusals(found, &look::refusals(case));
    let there = match of_credentials {
        "aws-us-gov" => "us-gov-west-1",
        "aws-cn" => "cn-north-1",
        _ => "us-east-1",
    };
    let found = found.fix(words::change(case, REGION, there));
    // Signed in or not, the region comes first: the sign-in alone leads to keys that the region does not know.
    let signs_in = look::sso_partition(case).is_some() && !look::obtained(case);
    let Some((name, _)) = look::leaf(case).filter(|_| signs_in) else { return vec![found] };
    let needed = ["sso-never-logged-in", "sso-session-expired"].into_iter().fold(found, Found::explains);
    vec![browser::sign_in(case, name, "Then sign in, where the sign-in is over.").into_iter().fold(needed, Found::fix)]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, CredentialFailure, Identity};
    use crate::diagnose::testing::*;

    #[test]
    fn a_role_of_govcloud_in_a_commercial_region() {
        let mut scene = Scene::healthy();
        scene.choose_profile(
            "gov",
            &[("role_arn", "arn:aws-us-gov:iam::111111111111:role/Dev"), ("source_profile", "default")],
        );
        scene.refuse_identity(&refusal(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        ));
        let finding = scene.expect_first("partition-mismatch");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=us-gov-west-1"));
    }

    fn signs_in(start_url: &str, sso_region: &str, region: &str) -> Scene {
        let mut scene = Scene::healthy();
        let account = [("sso_account_id", ACCOUNT), ("sso_role_name", "Dev")];
        scene
            .choose_profile("dev", &[("sso_start_url", start_url), ("sso_region", sso_region), account[0], account[1]]);
        scene.configure("AWS_REGION", region);
        scene.without_credentials(Some(CredentialFailure::NotThere("no token".to_owned())));
        scene
    }

    #[test]
    fn a_portal_of_another_partition_says_the_region_before_the_sign_in() {
        let (gov, usual) = ("https://start.us-gov-home.awsapps.com/directory/d-9067", "https://corp.awsapps.com/start");
        for (url, sso_region, region, right) in
            [(gov, "us-gov-west-1", "us-east-1", "us-gov-west-1"), (usual, "us-east-1", "us-gov-west-1", "us-east-1")]
        {
            let scene = signs_in(url, sso_region, region);
            let finding = scene.expect_first("partition-mismatch");
            let commands: Vec<_> = finding.fixes.iter().filter_map(|fix| fix.command.clone()).collect();
            assert_eq!(commands[0], format!("export AWS_REGION={right}"));
            assert!(commands[1].starts_with("aws sso login --profile dev"), "{commands:?}");
            assert_eq!(scene.expect("sso-never-logged-in").because_of, Some("partition-mismatch"));
        }
        signs_in(usual, "eu-west-1", "us-east-1").expect_first("sso-never-logged-in");
        signs_in(gov, "us-gov-west-1", "us-gov-east-1").expect_first("sso-never-logged-in");
    }

    #[test]
    fn keys_that_sts_of_the_other_partition_knows() {
        let mut scene = Scene::healthy();
        scene.refuse_identity(&refusal(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        ));
        scene.answers.identity_global = scene.answers.identity.clone();
        scene.expect_first("keys-unknown");
        scene.expect_absent("partition-mismatch");
        scene.answers.identity_elsewhere = Answer::Got(Identity {
            account: ACCOUNT.to_owned(),
            arn: format!("arn:aws-us-gov:iam::{ACCOUNT}:user/ada"),
            user_id: "AIDACKCEVSQ6C2EXAMPLE".to_owned(),
        });
        let finding = scene.expect_first("partition-mismatch");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=us-gov-west-1"));
        assert!(finding.evidence[0].what.contains("arn:aws-us-gov:"), "{finding:?}");
        scene.expect_absent("keys-unknown");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("partition-mismatch");
    }
}
