//! `sso-misconfigured`: the SSO profile cannot work as it is written.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};
use crate::resolve::ProfileRoute;

/// The SSO profile cannot work as it is written.
pub const KIND: Kind = Kind {
    name: "sso-misconfigured",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The SSO profile cannot work as it is written",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`The SSO session … does not exist`, `Missing the following required SSO configuration values: …`, `Could not load credentials from any providers`.

## Why

`sso_session` names no `[sso-session …]` section, or one of `sso_account_id`, `sso_role_name`, `sso_region` and the start URL is missing or contradicts the other.

## Fix

    aws configure sso --profile NAME

## Check

`aws sso login --profile NAME`, then `aws sts get-caller-identity --profile NAME`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if let Some(found) = of_another_region(case) {
        return vec![found];
    }
    let Some((name, ProfileRoute::Broken(problem))) = look::leaf(case) else { return Vec::new() };
    let Some(profile) = case.machine.aws.profiles.get(name) else { return Vec::new() };
    if !profile.properties.keys().any(|key| key.starts_with("sso_"))
        || profile.get("role_arn").is_some()
        || look::obtained(case)
    {
        return Vec::new();
    }
    vec![
        Found::new(format!("The SSO profile `{name}` cannot work as it is written: {problem}."))
            .evidence(format!("profile {name}, {}", words::short(case, &case.machine.aws.config.path)), problem.clone())
            .fix(Fix::command("Write it anew.", format!("aws configure sso{}", words::profile_option(case, name)))),
    ]
}

/// The service of the region that is written does not know the token, and the token says that it is of another one.
fn of_another_region(case: &Case<'_>) -> Option<Found> {
    let (name, ProfileRoute::Sso { region, cache_key, .. }) = look::leaf(case)? else { return None };
    let refusal = look::service(case, "sso").filter(|refusal| refusal.status == 401)?;
    let token = case.machine.aws.sso_tokens.get(cache_key)?;
    let other = token.region.as_deref().filter(|other| other != region)?;
    let file = words::short(case, &case.machine.aws.config.path);
    Some(
        Found::new(format!(
            "The profile `{name}` asks IAM Identity Center in {region}, and its sign-in is of {other}."
        ))
        .evidence(format!("profile {name}, {file}"), format!("sso_region = {region}"))
        .evidence(words::short(case, &token.path), format!("the sign-in is of {other}"))
        .evidence("SSO GetRoleCredentials", words::refusal(refusal))
        .fix(Fix::command(
            format!("Write `sso_region = {other}` where {region} stands now."),
            format!("aws configure sso{}", words::profile_option(case, name)),
        ))
        .explains("sso-session-expired"),
    )
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::testing::*;

    #[test]
    fn a_session_that_is_not_there() {
        let mut scene = Scene::healthy();
        scene.choose_profile(
            "bedrock",
            &[("sso_session", "corp"), ("sso_account_id", ACCOUNT), ("sso_role_name", "Dev")],
        );
        scene.without_credentials(None);
        let finding = scene.expect_first("sso-misconfigured");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws configure sso --profile bedrock"));
    }

    #[test]
    fn a_token_of_another_region() {
        let mut scene = super::super::sso_session_expired::scene::sso();
        super::super::sso_session_expired::scene::sign_in(&mut scene, "2026-11-24T20:00:00Z", true);
        let refusal = refusal(401, "UnauthorizedException", "Session token not found or invalid");
        let failure = CredentialFailure::Service { service: "sso", refusal };
        scene.without_credentials(Some(failure.clone()));
        scene.expect_absent("sso-misconfigured");
        scene
            .machine
            .aws
            .sso_sessions
            .get_mut("corp")
            .expect("the scene has it")
            .insert("sso_region".to_owned(), "us-east-1".to_owned());
        let finding = scene.expect_first("sso-misconfigured");
        assert!(finding.fixes[0].text.contains("sso_region = eu-west-1"), "{finding:?}");
        assert_eq!(scene.expect("sso-session-expired").because_of, Some("sso-misconfigured"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("sso-misconfigured");
    }
}
