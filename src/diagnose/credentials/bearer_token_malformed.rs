//! `bearer-token-malformed`: the Bedrock API key is none.

use crate::aws::bearer::{self, Bearer};
use crate::aws::told::Told;
use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{look, words};
use crate::resolve::CredentialKind;
use crate::variables::BEARER_TOKEN;

/// The Bedrock API key is none.
pub const KIND: Kind = Kind {
    name: "bearer-token-malformed",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The Bedrock API key is none",
    page: PAGE,
    owns: &["bearer-token-rejected", "iam-list-denied", "aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`Invalid API Key format: Must start with pre-defined prefix`.

## Why

A Bedrock API key begins with `ABSK` (long-term) or `bedrock-api-key-` (short-term). Here something else stands in
`AWS_BEARER_TOKEN_BEDROCK`: a key of Anthropic's own API (`sk-ant-…`), a key that was cut, or one with blanks.

## Fix

Put a Bedrock API key there (Bedrock console, API keys), or use a profile:

    unset AWS_BEARER_TOKEN_BEDROCK

## Check

`bedrockup doctor` calls a model with it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.credentials.kind != CredentialKind::BearerToken || look::any_answers(case) {
        return Vec::new();
    }
    let refused = look::refused_with(case, |told| *told == Told::BearerMalformed);
    let problem = match case.route.value(BEARER_TOKEN).map(bearer::read) {
        Some(Bearer::Malformed(problem)) => problem,
        _ if !refused.is_empty() => "AWS does not accept its format",
        _ => return Vec::new(),
    };
    let place = words::set_by(case, BEARER_TOKEN).unwrap_or_else(|| "environment".to_owned());
    let found = Found::new(format!("What stands in {BEARER_TOKEN} is no Bedrock API key: {problem}."));
    let found =
        look::with_models(found.evidence(place, format!("{BEARER_TOKEN} is set (not shown); {problem}")), &refused);
    vec![found.fix(hand::remove(case, BEARER_TOKEN))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    #[test]
    fn a_key_of_anthropics_api_is_none_of_bedrock() {
        let mut scene = Scene::healthy();
        scene.use_bearer("sk-ant-api03-example");
        scene.refuse_models(&refusal(403, "", "Invalid API Key format: Must start with pre-defined prefix"));
        let finding = scene.expect_first("bearer-token-malformed");
        assert!(!format!("{finding:?}").contains("api03"));
    }

    #[test]
    fn a_well_formed_key_is_not_malformed() {
        let mut scene = Scene::healthy();
        scene.use_bearer("ABSKexample");
        scene.refuse_models(&refusal(403, "", "Authentication failed: Please make sure your API Key is valid."));
        scene.expect_absent("bearer-token-malformed");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("bearer-token-malformed");
    }
}
