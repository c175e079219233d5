//! `aws-login-expired`: the sign-in of `aws login` is over.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};
use crate::resolve::ProfileRoute;

/// The sign-in of `aws login` is over.
pub const KIND: Kind = Kind {
    name: "aws-login-expired",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The sign-in of `aws login` is over",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`Failed to load token from ~/.aws/login/cache/….json: Error: ENOENT`, `Your session has expired. Please reauthenticate`.

## Why

The profile has `login_session`, and its cached session is not there or past its end.

## Fix

    aws login --profile NAME

## Check

`aws sts get-caller-identity --profile NAME` prints the account.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some((name, ProfileRoute::Login { session, cache_key })) = look::leaf(case) else { return Vec::new() };
    if look::obtained(case) {
        return Vec::new();
    }
    let cached = case.machine.aws.login_tokens.get(cache_key);
    let state = match cached.map(|token| token.expires_at) {
        None => format!("~/.aws/login/cache/{cache_key}.json is not there"),
        Some(Some(end)) if end <= case.machine.now => format!("ended at {end}"),
        // A session that still lives is renewed by itself; only a service that refuses it says that it is over.
        Some(_) => match look::service(case, "signin") {
            Some(refusal) => words::refusal(refusal),
            None => return Vec::new(),
        },
    };
    vec![
        Found::new(format!("The sign-in of the profile `{name}` by `aws login` is over, or was never made here."))
            .evidence(look::profile_from(case), format!("profile {name}: login_session = {session}"))
            .evidence("cached session", state)
            .fix(Fix::command("Sign in.", format!("aws login{}", words::profile_option(case, name))).signs_in(&[&[
                "aws",
                "login",
                "--profile",
                name,
            ]])),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    #[test]
    fn no_cached_session() {
        let mut scene = Scene::healthy();
        scene.choose_profile("bedrock", &[("login_session", "arn:aws:iam::111111111111:user/ada")]);
        scene.without_credentials(None);
        let finding = scene.expect_first("aws-login-expired");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws login --profile bedrock"));
    }

    #[test]
    fn a_session_that_gives_credentials_is_fine() {
        let mut scene = Scene::healthy();
        scene.choose_profile("bedrock", &[("login_session", "arn:aws:iam::111111111111:user/ada")]);
        scene.expect_absent("aws-login-expired");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("aws-login-expired");
    }
}
