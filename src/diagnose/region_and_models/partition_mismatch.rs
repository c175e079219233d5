//! `partition-mismatch`: credentials and region belong to different partitions of AWS.

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

for GovCloud credentials, or choose credentials of the region's partition.

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
    vec![found.fix(words::change(case, REGION, there))]
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("partition-mismatch");
    }
}
