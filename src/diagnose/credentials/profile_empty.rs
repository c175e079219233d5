//! `profile-empty`: the chosen AWS profile gives no credentials.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};
use crate::resolve::{CredentialKind, ProfileRoute};

/// The chosen AWS profile gives no credentials.
pub const KIND: Kind = Kind {
    name: "profile-empty",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The chosen AWS profile gives no credentials",
    page: PAGE,
    owns: &["profile-hides-env-keys", "aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`Could not load credentials from any providers`, while `aws configure list-profiles` shows the profile.

## Why

The profile holds only settings such as `region` or `output`: no keys, no `sso_…`, no `role_arn`, no `credential_process`,
no `login_session`.

## Fix

    aws configure sso --profile NAME

or choose another profile.

## Check

`aws sts get-caller-identity --profile NAME` prints the account.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let CredentialKind::Profile { name, leads_to: ProfileRoute::Empty } = &case.route.credentials.kind else {
        return Vec::new();
    };
    if look::obtained(case) {
        return Vec::new();
    }
    let held =
        case.machine.aws.profiles.get(name).map(|profile| profile.properties.keys().cloned().collect::<Vec<_>>());
    let held = held.filter(|held| !held.is_empty()).map_or_else(|| "nothing".to_owned(), |held| held.join(", "));
    let command = format!("aws configure sso --profile {}", words::quote(case, name));
    vec![
        Found::new(format!("The profile `{name}` is there and gives no credentials."))
            .evidence(format!("profile {name}"), format!("it holds {held}"))
            .evidence("choice of the profile", look::profile_from(case))
            .fix(Fix::command("Sign the profile in through IAM Identity Center, or choose another profile.", command)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    #[test]
    fn a_profile_of_settings_alone_is_empty() {
        let mut scene = Scene::healthy();
        scene.choose_profile("work", &[("region", "us-east-1"), ("output", "json")]);
        scene.without_credentials(None);
        let finding = scene.expect_first("profile-empty");
        assert!(finding.evidence[0].what.contains("output"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("profile-empty");
    }
}
