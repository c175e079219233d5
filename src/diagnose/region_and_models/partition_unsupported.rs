//! `partition-unsupported`: there is no Claude on Bedrock in this partition of AWS.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::data;

/// There is no Claude on Bedrock in this partition of AWS.
pub const KIND: Kind = Kind {
    name: "partition-unsupported",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "There is no Claude on Bedrock in this partition of AWS",
    page: PAGE,
    owns: &[
        "region-without-claude",
        "partition-mismatch",
        "dns-failed",
        "no-answer",
        "connection-refused",
        "keys-unknown",
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

`getaddrinfo ENOTFOUND bedrock-runtime.cn-…`, or `The security token included in the request is invalid`.

## Why

The regions in China and the isolated partitions are AWS worlds of their own, without Claude on Bedrock.

## Fix

Use an account and a region of the commercial or the GovCloud partition.

## Check

`bedrockup doctor` there.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let name = &case.route.region.name;
    let Some(row) = data::region(name) else {
        return Vec::new();
    };
    // Whatever a gateway answers there: it is not Bedrock of this partition.
    if !(row.partition == "aws-cn" || row.partition.starts_with("aws-iso")) {
        return Vec::new();
    }
    let found = Found::new(format!("{name} lies in the partition {}, which has no Claude on Bedrock.", row.partition))
        .evidence(words::source(case, &case.route.region.source), name.clone());
    // A gateway may well lead out of it; to whom, it does not say.
    let found = if look::all_answer(case) { found.severity(Severity::Warning) } else { found };
    vec![look::with_models(found, &look::refused(case)).fix(Fix::words(
        Who::You,
        "Use an account and a region of the commercial or the GovCloud partition (`bedrockup setup --profile NAME --region us-east-1`).",
    ))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    #[test]
    fn china_has_none() {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", "cn-northwest-1");
        scene.refuse_identity(&refusal(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        ));
        scene.expect_first("partition-unsupported");
    }

    #[test]
    fn an_isolated_partition_has_none_either_whoever_answers() {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", "us-iso-east-1");
        scene.expect_first("partition-unsupported");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("partition-unsupported");
    }
}
