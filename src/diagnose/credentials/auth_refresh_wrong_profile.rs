//! `auth-refresh-wrong-profile`: `awsAuthRefresh` signs another profile in than the one in use.

use super::refresh;
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, look, words};
use crate::resolve::ProfileRoute;
use crate::variables::PROFILE;

/// `awsAuthRefresh` signs another profile in than the one in use.
pub const KIND: Kind = Kind {
    name: "auth-refresh-wrong-profile",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "`awsAuthRefresh` signs another profile in than the one in use",
    page: PAGE,
    owns: &[
        "sso-session-expired",
        "sso-never-logged-in",
        "aws-login-expired",
        "sso-login-needs-local-browser",
        "auth-refresh-loops",
        "aws-refused",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

A browser tab opens every few seconds or at every start, the sign-in succeeds, and Claude Code still says
`The SSO session token associated with profile=NAME was not found or is invalid`.

## Why

The command of `awsAuthRefresh` names another profile (or none) than `AWS_PROFILE`, and the two do not share an `sso_session`. It renews one sign-in,
and Claude Code uses the other, which stays over.

## Fix

Name the same profile in both places.

## Check

`aws sts get-caller-identity --profile NAME` answers for the profile that `bedrockup why AWS_PROFILE` names.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(refresh) = refresh::of(case) else { return Vec::new() };
    let Some(sign_in) = refresh::sign_in(refresh.command) else { return Vec::new() };
    if refresh::renews(case, &sign_in) != Some(false) {
        return Vec::new();
    }
    let Some((name, route)) = look::leaf(case) else { return Vec::new() };
    let place = format!("{}:{}", words::short(case, refresh.path), refresh.line);
    let other = match (&sign_in.session, &sign_in.profile) {
        (Some(session), _) => format!("the session `{session}`"),
        (None, Some(profile)) => format!("the profile `{profile}`"),
        (None, None) => "the profile of the environment".to_owned(),
    };
    let option = words::profile_option(case, name);
    let right = match route {
        ProfileRoute::Login { .. } => format!("aws login{option}"),
        _ => format!("aws sso login{option}"),
    };
    let works = look::obtained(case);
    let mut found = Found::new(format!("`awsAuthRefresh` signs in {other}, and the profile in use is `{name}`."))
        .severity(if works { Severity::Warning } else { Severity::Error })
        .evidence(format!("{}, {place}", refresh.scope.name()), format!("`awsAuthRefresh` runs `{}`", refresh.command))
        .evidence(look::profile_from(case), format!("the credentials are those of the profile {name}"));
    let text = format!("Write `{right}` into `awsAuthRefresh` in {place}, if `{name}` is the profile that you mean.");
    found = found.fix(hand::edit_settings(case, text, refresh.scope, refresh.path, refresh.line));
    let named = sign_in.profile.as_deref().filter(|named| case.machine.aws.profiles.contains_key(*named));
    vec![match named {
        Some(named) => found.fix(words::change(case, PROFILE, named)),
        None => found,
    }]
}

#[cfg(test)]
mod tests {
    use super::super::sso_session_expired::scene::{sign_in, sso};
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::observe::aws_files::Profile;
    use crate::observe::settings::{Scope, Settings};

    fn refreshing(command: &str) -> Scene {
        let mut scene = sso();
        let settings = Settings { aws_auth_refresh: Some(command.to_owned()), ..Settings::default() };
        scene.settings(Scope::User, settings);
        scene
    }

    #[test]
    fn another_profile_that_shares_nothing() {
        let mut scene = refreshing("aws sso login --profile other");
        sign_in(&mut scene, "2026-11-24T08:00:00Z", false);
        scene.without_credentials(Some(CredentialFailure::Other("expired".to_owned())));
        let finding = scene.expect_first("auth-refresh-wrong-profile");
        assert!(finding.fixes[0].text.contains("aws sso login --profile bedrock"), "{finding:?}");
        assert_eq!(scene.expect("sso-session-expired").because_of, Some("auth-refresh-wrong-profile"));
    }

    #[test]
    fn while_the_sign_in_lives_it_is_a_warning() {
        let mut scene = refreshing("aws sso login --profile other");
        sign_in(&mut scene, "2026-11-24T20:00:00Z", true);
        assert_eq!(scene.expect_first("auth-refresh-wrong-profile").severity, Severity::Warning);
    }

    #[test]
    fn another_profile_of_the_same_session() {
        let mut scene = refreshing("aws sso login --profile other");
        let properties = [("sso_session".to_owned(), "corp".to_owned())].into();
        scene.machine.aws.profiles.insert("other".to_owned(), Profile { properties, ..Profile::default() });
        scene.expect_absent("auth-refresh-wrong-profile");
    }

    #[test]
    fn the_same_profile_in_each_of_its_spellings() {
        for command in [
            "aws sso login --profile bedrock",
            "aws sso login",
            "aws sso login --sso-session corp",
            "/opt/corp/refresh",
            "aws sso login --profile $AWS_PROFILE",
        ] {
            refreshing(command).expect_absent("auth-refresh-wrong-profile");
        }
        refreshing("aws sso login --sso-session other").expect("auth-refresh-wrong-profile");
        refreshing("aws login --profile bedrock").expect("auth-refresh-wrong-profile");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("auth-refresh-wrong-profile");
    }
}
