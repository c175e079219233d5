//! `bearer-token-other-region`: the Bedrock API key was made for another region.

use crate::aws::bearer::{self, Bearer};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::CredentialKind;
use crate::variables::{BEARER_TOKEN, REGION};

/// The Bedrock API key was made for another region.
pub const KIND: Kind = Kind {
    name: "bearer-token-other-region",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The Bedrock API key was made for another region",
    page: PAGE,
    owns: &["bearer-token-rejected", "iam-list-denied", "aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`Authentication failed: Please make sure your API Key is valid.`: AWS does not say that the region is the reason.

## Why

A short-term Bedrock API key works only in the region that it was made for; the region stands in its signature.

## Fix

Go to the region of the key, or make a key for this one:

    export AWS_REGION=REGION

## Check

`bedrockup doctor` calls a model.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.credentials.kind != CredentialKind::BearerToken || look::any_answers(case) {
        return Vec::new();
    }
    let Some(Bearer::ShortTerm { region, .. }) = case.route.value(BEARER_TOKEN).map(bearer::read) else {
        return Vec::new();
    };
    let here = &case.route.region;
    if region == here.name {
        return Vec::new();
    }
    let found = Found::new(format!("The Bedrock API key was made for {region}, and requests go to {}.", here.name))
        .evidence(BEARER_TOKEN, format!("its signature names {region}"))
        .evidence(words::source(case, &here.source), format!("region {}", here.name));
    vec![
        look::with_models(found, &look::refused(case)).fix(words::change(case, REGION, &region)).fix(Fix::words(
            Who::You,
            format!("Or make a new key for {} in the Bedrock console, API keys.", here.name),
        )),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::bearer::short_term;
    use crate::diagnose::testing::*;

    #[test]
    fn the_region_of_the_signature_tells() {
        let mut scene = Scene::healthy();
        scene.use_bearer(&short_term("eu-west-1", "20261124T080000Z", 43_200));
        scene.refuse_models(&refusal(403, "", "Authentication failed: Please make sure your API Key is valid."));
        let finding = scene.expect_first("bearer-token-other-region");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=eu-west-1"));
    }

    #[test]
    fn a_long_term_key_has_no_region() {
        let mut scene = Scene::healthy();
        scene.use_bearer("ABSKexample");
        scene.refuse_models(&refusal(403, "", "Authentication failed: Please make sure your API Key is valid."));
        scene.expect_absent("bearer-token-other-region");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("bearer-token-other-region");
    }
}
