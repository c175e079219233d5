//! `bearer-token-hides-profile`: a Bedrock API key wins over the AWS profile.

use crate::aws::told::Told;
use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{look, words};
use crate::resolve::CredentialKind;
use crate::variables::{BEARER_TOKEN, PROFILE};

/// A Bedrock API key wins over the AWS profile.
pub const KIND: Kind = Kind {
    name: "bearer-token-hides-profile",
    layer: Layer::Credentials,
    severity: Severity::Warning,
    title: "A Bedrock API key wins over the AWS profile",
    page: PAGE,
    owns: &[
        "bearer-token-rejected",
        "bearer-token-expired",
        "bearer-token-malformed",
        "bearer-token-other-region",
        "aws-refused",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

`Authentication failed: Please make sure your API Key is valid.` or `Bearer Token has expired`, while `aws sts get-caller-identity` answers; or the
wrong account is billed.

## Why

`AWS_BEARER_TOKEN_BEDROCK` is set and not empty. Claude Code then sends it with every request and does not look at `AWS_PROFILE` or keys
at all, whether they work or not.

## Fix

    unset AWS_BEARER_TOKEN_BEDROCK

and remove it from the file that sets it; or drop the profile if the key is what you mean.

## Check

`bedrockup why AWS_BEARER_TOKEN_BEDROCK` shows no place that sets it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.credentials.kind != CredentialKind::BearerToken {
        return Vec::new();
    }
    let chosen = case.route.value(PROFILE);
    let keys = case.route.credentials.hidden.iter().any(|kind| matches!(kind, CredentialKind::EnvironmentKeys { .. }));
    let works = case.answers.identity_hidden.got();
    // Keys of `[default]` that nobody chose are no sign of another intention.
    if chosen.is_none() && !keys {
        return Vec::new();
    }
    let refused = look::refused_with(case, |told| {
        matches!(told, Told::BearerRefused | Told::BearerExpired | Told::BearerMalformed)
    });
    let hidden =
        chosen.map_or_else(|| "the keys in the environment".to_owned(), |name| format!("the profile `{name}`"));
    let error = !refused.is_empty() && works.is_some();
    let place = words::set_by(case, BEARER_TOKEN).unwrap_or_else(|| "environment".to_owned());
    let mut found =
        Found::new(format!("The Bedrock API key in {BEARER_TOKEN} is used for everything; {hidden} is not looked at."))
            .severity(if error { Severity::Error } else { Severity::Warning })
            .evidence(place, format!("{BEARER_TOKEN} is set (not shown)"));
    if chosen.is_some() {
        found = found.evidence(look::profile_from(case), format!("not used: {hidden}"));
    }
    if let Some(identity) = works {
        found = found.evidence("STS with the credentials that are not used", format!("answers: {}", identity.arn));
    }
    found = look::with_models(found, &refused).fix(hand::remove(case, BEARER_TOKEN));
    if chosen.is_some() && !error {
        found = found.fix(hand::remove(case, PROFILE));
    }
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn a_good_token_over_a_chosen_profile_is_a_warning() {
        let mut scene = Scene::healthy();
        scene.use_bearer("ABSKexample");
        scene.set("AWS_PROFILE", "default");
        let finding = scene.expect_first("bearer-token-hides-profile");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset AWS_BEARER_TOKEN_BEDROCK"));
        assert!(!format!("{finding:?}").contains("ABSKexample"));
    }

    #[test]
    fn a_refused_token_over_a_working_profile_is_the_cause() {
        let mut scene = Scene::healthy();
        scene.answers.identity_hidden = scene.answers.identity.clone();
        scene.use_bearer("ABSKexample");
        scene.set("AWS_PROFILE", "default");
        scene.refuse_models(&refusal(403, "", "Authentication failed: Please make sure your API Key is valid."));
        scene.expect_first("bearer-token-hides-profile");
        assert_eq!(scene.expect("bearer-token-rejected").because_of, Some("bearer-token-hides-profile"));
    }

    #[test]
    fn default_keys_that_nobody_chose_are_silence() {
        let mut scene = Scene::healthy();
        scene.use_bearer("ABSKexample");
        scene.expect_absent("bearer-token-hides-profile");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("bearer-token-hides-profile");
    }
}
