//! `sso-never-logged-in`: nobody signed in to IAM Identity Center for this profile.

use super::{browser, sso_login_needs_local_browser};
use crate::diagnose::{Case, Found, Kind, Layer, Severity, look};
use crate::resolve::ProfileRoute;

/// Nobody signed in to IAM Identity Center for this profile.
pub const KIND: Kind = Kind {
    name: "sso-never-logged-in",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "Nobody signed in to IAM Identity Center for this profile",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`The SSO session token associated with profile=NAME was not found or is invalid. To refresh this SSO session run 'aws sso login' with the
corresponding profile.`, or `Error loading SSO Token: Token for … does not exist`.

## Why

The cache holds no sign-in for the session (or start URL) of this profile. A sign-in for another profile counts only when both share one
`sso_session`.

## Fix

    aws sso login --profile NAME

## Check

`aws sts get-caller-identity --profile NAME` prints the account.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some((name, ProfileRoute::Sso { session, start_url, cache_key, .. })) = look::leaf(case) else {
        return Vec::new();
    };
    if look::obtained(case) || case.machine.aws.sso_tokens.contains_key(cache_key) {
        return Vec::new();
    }
    let others: Vec<&str> =
        case.machine.aws.sso_tokens.values().filter_map(|token| token.start_url.as_deref()).collect();
    let cached = if others.is_empty() {
        "no sign-in is cached".to_owned()
    } else {
        format!("sign-ins are cached for {}", others.join(", "))
    };
    let wanted =
        session.as_ref().map_or_else(|| start_url.clone(), |session| format!("session {session} ({start_url})"));
    let mut found = Found::new(format!("Nobody signed in for the profile `{name}` on this machine."))
        .evidence(look::profile_from(case), format!("profile {name} signs in through {wanted}"))
        .evidence(format!("~/.aws/sso/cache/{cache_key}.json"), format!("it is not there; {cached}"));
    if sso_login_needs_local_browser::follows_from_the_end(case) {
        found = found.explains("sso-login-needs-local-browser");
    }
    vec![browser::sign_in(case, name, "Sign in.").into_iter().fold(found, Found::fix)]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::testing::*;

    use super::super::sso_session_expired::scene::{sign_in, sso};

    #[test]
    fn no_cache_file_of_its_own_is_never_signed_in() {
        let mut scene = sso();
        scene.without_credentials(Some(CredentialFailure::NotThere("no token".to_owned())));
        let finding = scene.expect_first("sso-never-logged-in");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws sso login --profile bedrock"));
    }

    #[test]
    fn the_sign_in_of_another_start_url_does_not_count() {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T12:00:00Z", true);
        let (_, mut other) = scene.machine.aws.sso_tokens.pop_first().expect("one token");
        other.start_url = Some("https://other.awsapps.com/start".to_owned());
        scene.machine.aws.sso_tokens.insert("0123".to_owned(), other);
        scene.without_credentials(None);
        let finding = scene.expect_first("sso-never-logged-in");
        assert!(finding.evidence[1].what.contains("other.awsapps.com"));
    }

    #[test]
    fn an_ended_sign_in_is_another_finding() {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T08:00:00Z", false);
        scene.without_credentials(None);
        scene.expect_absent("sso-never-logged-in");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("sso-never-logged-in");
    }
}
