//! `bearer-token-malformed`: the Bedrock API key is none.

use crate::aws::bearer::{self, Bearer};
use crate::aws::told::Told;
use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
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
`AWS_BEARER_TOKEN_BEDROCK`: a key of Anthropic's own API (`sk-ant-…`), a key that was cut, one with blanks, or a whole header (`Bearer ABSK…`):
the client writes the word `Bearer` itself.

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
    let key = case.route.value(BEARER_TOKEN).unwrap_or_default();
    let is_header = without_word(key).is_some_and(|key| !matches!(bearer::read(key), Bearer::Malformed(_)));
    let problem = match case.route.value(BEARER_TOKEN).map(bearer::read) {
        Some(Bearer::Malformed(_)) if is_header => "the word `Bearer` stands before it",
        Some(Bearer::Malformed(problem)) => problem,
        _ if !refused.is_empty() => "AWS does not accept its format",
        _ => return Vec::new(),
    };
    let place = words::set_by(case, BEARER_TOKEN).unwrap_or_else(|| "environment".to_owned());
    let found = Found::new(format!("What stands in {BEARER_TOKEN} is no Bedrock API key: {problem}."));
    let found =
        look::with_models(found.evidence(place, format!("{BEARER_TOKEN} is set (not shown); {problem}")), &refused);
    let found = if is_header {
        let place = words::set_by(case, BEARER_TOKEN).map(|place| format!(" ({place})")).unwrap_or_default();
        found.fix(Fix::words(
            Who::You,
            format!("Paste the key again{place}, without the word Bearer: the client writes that itself."),
        ))
    } else {
        found
    };
    vec![found.fix(hand::remove(case, BEARER_TOKEN))]
}

/// What stands behind the word of an `Authorization` header.
fn without_word(value: &str) -> Option<&str> {
    let (word, key) = value.trim().trim_matches(['"', '\'']).split_once(char::is_whitespace)?;
    let word = word.trim_end_matches(':');
    ["bearer", "authorization"].contains(&word.to_ascii_lowercase().as_str()).then(|| {
        let key = key.trim();
        without_word(key).unwrap_or(key)
    })
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
    fn a_header_is_no_key() {
        for value in ["Bearer ABSKexample", "bearer  ABSKexample ", "\"Authorization: Bearer ABSKexample\""] {
            let mut scene = Scene::healthy();
            scene.use_bearer(value);
            scene.refuse_models(&refusal(403, "", "Invalid API Key format: Must start with pre-defined prefix"));
            let finding = scene.expect_first("bearer-token-malformed");
            assert!(finding.fixes[0].text.contains("without the word Bearer"), "{value}: {finding:?}");
            assert!(!format!("{finding:?}").contains("ABSKexample"));
            scene.expect_absent("value-has-stray-characters");
        }
        // A blank at the end of a key is no header.
        let mut scene = Scene::healthy();
        scene.use_bearer("ABSKexample ");
        scene.refuse_models(&refusal(403, "", "Invalid API Key format: Must start with pre-defined prefix"));
        scene.expect_first("value-has-stray-characters");
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
