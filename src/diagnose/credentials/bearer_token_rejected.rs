//! `bearer-token-rejected`: aWS rejects the Bedrock API key.

use crate::aws::told::Told;
use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::CredentialKind;
use crate::variables::BEARER_TOKEN;

/// AWS rejects the Bedrock API key.
pub const KIND: Kind = Kind {
    name: "bearer-token-rejected",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "AWS rejects the Bedrock API key",
    page: PAGE,
    owns: &["iam-list-denied", "aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 Authentication failed: Please make sure your API Key is valid.`, after minutes of silence.

## Why

The key has the right form, is not past a known end and is not of another region, and AWS still refuses it, from this program too: it was
revoked or deleted, or the user that it belongs to is gone.

## Fix

Create a new Bedrock API key (Bedrock console, API keys) and put it where the old one is set; or use a profile:

    unset AWS_BEARER_TOKEN_BEDROCK

## Check

`bedrockup doctor` calls a model with it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let refused = look::refused_with(case, |told| *told == Told::BearerRefused);
    if case.route.credentials.kind != CredentialKind::BearerToken || refused.is_empty() || look::any_answers(case) {
        return Vec::new();
    }
    let place = words::set_by(case, BEARER_TOKEN).unwrap_or_else(|| "environment".to_owned());
    let found = Found::new("AWS rejects the Bedrock API key: revoked, deleted, or its user is gone.")
        .evidence(place, format!("{BEARER_TOKEN} is set (not shown)"));
    vec![
        look::with_models(found, &refused)
            .fix(Fix::words(
                Who::You,
                "Create a new Bedrock API key (Bedrock console, API keys) and put it where the old one is set.",
            ))
            .fix(hand::remove(case, BEARER_TOKEN)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    #[test]
    fn a_well_formed_key_that_is_refused() {
        let mut scene = Scene::healthy();
        scene.use_bearer("ABSKexample");
        scene.refuse_models(&refusal(403, "", "Authentication failed: Please make sure your API Key is valid."));
        let finding = scene.expect_first("bearer-token-rejected");
        assert!(finding.fixes[0].text.contains("new Bedrock API key"));
    }

    #[test]
    fn a_key_that_works_is_not_rejected() {
        let mut scene = Scene::healthy();
        scene.use_bearer("ABSKexample");
        scene.expect_absent("bearer-token-rejected");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("bearer-token-rejected");
    }
}
