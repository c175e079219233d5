//! `bearer-token-expired`: the Bedrock API key is past its end.

use crate::aws::bearer::{self, Bearer};
use crate::aws::told::Told;
use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::CredentialKind;
use crate::variables::BEARER_TOKEN;

/// The Bedrock API key is past its end.
pub const KIND: Kind = Kind {
    name: "bearer-token-expired",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The Bedrock API key is past its end",
    page: PAGE,
    owns: &["bearer-token-rejected", "bearer-token-other-region", "iam-list-denied", "aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`Bearer Token has expired`, or `Authentication failed: Please make sure your API Key is valid.`

## Why

A short-term Bedrock API key lives at most 12 hours, and never longer than the sign-in that made it. Nothing renews it: `awsAuthRefresh` does
not cover it.

## Fix

Make a new one, or use a profile instead, which can be renewed:

    unset AWS_BEARER_TOKEN_BEDROCK
    bedrockup setup --profile NAME

## Check

`bedrockup doctor` calls a model.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.credentials.kind != CredentialKind::BearerToken || look::any_answers(case) {
        return Vec::new();
    }
    let end = match case.route.value(BEARER_TOKEN).map(bearer::read) {
        Some(Bearer::ShortTerm { ends, .. }) => ends.filter(|end| *end <= case.machine.now),
        _ => None,
    };
    let refused = look::refused_with(case, |told| *told == Told::BearerExpired);
    if end.is_none() && refused.is_empty() {
        return Vec::new();
    }
    let place = words::set_by(case, BEARER_TOKEN).unwrap_or_else(|| "environment".to_owned());
    let known = end.map_or_else(|| "AWS says that it has expired".to_owned(), |end| format!("it ended at {end}"));
    let found = Found::new(format!("The Bedrock API key in {BEARER_TOKEN} is past its end, and nothing renews it."));
    let found = look::with_models(found.evidence(place, known), &look::refused(case));
    vec![found.fix(hand::take_away(case, BEARER_TOKEN)).fix(Fix::words(
        Who::You,
        "Use a profile (`bedrockup setup --profile NAME`), or make a new key in the Bedrock console, API keys.",
    ))]
}

#[cfg(test)]
mod tests {
    use crate::aws::bearer::short_term;
    use crate::diagnose::testing::*;

    #[test]
    fn yesterdays_key_is_over_without_asking() {
        let mut scene = Scene::healthy();
        scene.use_bearer(&short_term("us-east-1", "20261123T080000Z", 43_200));
        scene.refuse_models(&refusal(403, "", "Authentication failed: Please make sure your API Key is valid."));
        let finding = scene.expect_first("bearer-token-expired");
        assert!(finding.evidence[0].what.contains("2026-11-23T20:00:00Z"));
        assert_eq!(scene.findings().iter().filter(|finding| finding.because_of.is_none()).count(), 1);
    }

    #[test]
    fn a_living_key_is_not() {
        let mut scene = Scene::healthy();
        scene.use_bearer(&short_term("us-east-1", "20261124T080000Z", 43_200));
        scene.expect_absent("bearer-token-expired");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("bearer-token-expired");
    }
}
