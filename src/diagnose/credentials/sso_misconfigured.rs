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

#[cfg(test)]
mod tests {
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
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("sso-misconfigured");
    }
}
