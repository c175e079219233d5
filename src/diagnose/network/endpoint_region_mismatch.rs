//! `endpoint-region-mismatch`: the base URL leads to another region than the requests are signed for.

use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{look, words};
use crate::variables::{BASE_URL, REGION};

/// The base URL leads to another region than the requests are signed for.
pub const KIND: Kind = Kind {
    name: "endpoint-region-mismatch",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "The base URL leads to another region than the requests are signed for",
    page: PAGE,
    owns: &[
        "secret-wrong",
        "keys-unknown",
        "model-prefix-mismatch",
        "model-id-invalid",
        "model-not-in-region",
        "model-needs-profile",
        "model-end-of-life",
        "bearer-token-rejected",
        "dns-failed",
        "no-answer",
        "aws-refused",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

`The provided model identifier is invalid.` (400), `Credential should be scoped to a valid region` or `SignatureDoesNotMatch` (403).

## Why

`ANTHROPIC_BEDROCK_BASE_URL` names a host of Bedrock in one region, and the resolved region is another: signatures and model ids are those of the wrong one.

## Fix

Make them equal, or let the region choose the host:

    unset ANTHROPIC_BEDROCK_BASE_URL

## Check

`bedrockup why ANTHROPIC_BEDROCK_BASE_URL`, then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(url) = &case.route.endpoints.base_url else {
        return Vec::new();
    };
    let region = &case.route.region;
    let Some(of_host) = region_of(&url.value).filter(|of_host| *of_host != region.name) else {
        return Vec::new();
    };
    let severity = if look::all_answer(case) { Severity::Warning } else { Severity::Error };
    let found = Found::new(format!("The base URL leads to {of_host}, and requests are signed for {}.", region.name))
        .severity(severity)
        .evidence(format!("{BASE_URL}, {}", words::source(case, &url.source)), url.value.clone())
        .evidence(words::source(case, &region.source), region.name.clone());
    vec![
        look::with_refusals(found, &look::refusals(case))
            .fix(hand::remove(case, BASE_URL))
            .fix(words::change(case, REGION, of_host)),
    ]
}

/// The region in a host of Bedrock's runtime, public, FIPS or of a VPC endpoint.
fn region_of(url: &str) -> Option<&str> {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', ':']).next()?;
    if ![".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|suffix| host.ends_with(suffix)) {
        return None;
    }
    let mut labels = host.split('.');
    labels.find(|label| matches!(*label, "bedrock-runtime" | "bedrock-runtime-fips"))?;
    labels.next()
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    fn at(url: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_BEDROCK_BASE_URL", url);
        scene.refuse_models(&refusal(400, "ValidationException", "The provided model identifier is invalid."));
        scene
    }

    #[test]
    fn the_host_names_another_region() {
        for url in [
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
            "https://vpce-0a1b.bedrock-runtime.eu-west-1.vpce.amazonaws.com/",
            "https://bedrock-runtime-fips.us-west-2.api.aws",
        ] {
            let finding = at(url).expect_first("endpoint-region-mismatch");
            assert_eq!(finding.fixes[0].command.as_deref(), Some("unset ANTHROPIC_BEDROCK_BASE_URL"));
        }
    }

    #[test]
    fn the_same_region_or_a_gateway_is_fine() {
        for url in ["https://bedrock-runtime.us-east-1.amazonaws.com", "https://gateway.corp.example/bedrock"] {
            at(url).expect_absent("endpoint-region-mismatch");
        }
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("endpoint-region-mismatch");
    }
}
