//! `no-credentials`: no place gives credentials for AWS.

use crate::aws::answer::CredentialFailure;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};
use crate::resolve::CredentialKind;
use crate::resolve::{self, ProfileRoute};

/// No place gives credentials for AWS.
pub const KIND: Kind = Kind {
    name: "no-credentials",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "No place gives credentials for AWS",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: Could not load AWS credentials · Could not load credentials from any providers. Check or refresh your AWS credentials and try again.`
It comes after two or three seconds, and no call to Bedrock is made.

## Why

Every link of the chain is empty: no Bedrock API key, no key variables, no profile in the AWS files, no web identity, no container
variable, and no instance that answers with a role.

## Fix

Sign in and say which profile to use:

    aws configure sso
    bedrockup setup --profile NAME

`aws login` works too, and so does a Bedrock API key in `AWS_BEARER_TOKEN_BEDROCK`.

## Check

`aws sts get-caller-identity --profile NAME` prints the account; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let empty = match case.route.credentials.kind {
        CredentialKind::Nothing => true,
        // The metadata service is the last link: it counts as empty when it was asked and nobody answered.
        CredentialKind::InstanceMetadata => match &case.answers.credential_failure {
            Some(CredentialFailure::NoMetadata | CredentialFailure::NotThere(_) | CredentialFailure::Other(_)) => true,
            // An instance without a role has a finding of its own.
            Some(CredentialFailure::Service { refusal, .. }) => refusal.status != 404,
            _ => false,
        },
        _ => false,
    };
    if !empty || look::obtained(case) {
        return Vec::new();
    }
    let aws = &case.machine.aws;
    let gives = |name: &&str| !matches!(resolve::profile::leads_to(aws, name), ProfileRoute::Empty);
    let profiles: Vec<&str> = aws.profiles.keys().map(String::as_str).filter(gives).collect();
    let files = format!("{} and {}", words::short(case, &aws.config.path), words::short(case, &aws.credentials.path));
    let mut found =
        Found::new("No place gives credentials for AWS: no API key, no key variables, no profile that is in use.")
            .evidence("environment", "neither AWS_BEARER_TOKEN_BEDROCK, AWS_PROFILE nor AWS_ACCESS_KEY_ID is set");
    let said = match &case.answers.credential_failure {
        Some(CredentialFailure::Other(words)) => Some(words.clone()),
        Some(CredentialFailure::Service { refusal, .. }) => Some(words::refusal(refusal)),
        _ => None,
    };
    if let Some(said) = said {
        found = found.evidence("metadata service of the instance", said);
    }
    found = match profiles.as_slice() {
        [] => found
            .evidence(files, "no profile that gives credentials")
            .fix(Fix::command(
                "Sign in through IAM Identity Center, then `bedrockup setup --profile NAME`.",
                "aws configure sso",
            ))
            .fix(Fix::command(
                "Or sign in with your console account, then `bedrockup setup --profile default`.",
                "aws login",
            )),
        [first, ..] => {
            found.evidence(files, format!("profiles that nothing chooses: {}", profiles.join(", "))).fix(Fix::command(
                "Choose one of your profiles.",
                format!("bedrockup setup --profile {}", words::quote(case, first)),
            ))
        }
    };
    // On an instance it is the other way round.
    vec![if case.machine.host.ec2.is_some() { found } else { found.explains("imds-unreachable") }]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::testing::*;

    #[test]
    fn an_empty_home_without_metadata_has_no_credentials() {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.set("AWS_EC2_METADATA_DISABLED", "true");
        scene.without_credentials(None);
        let finding = scene.expect_first("no-credentials");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws configure sso"));
    }

    #[test]
    fn silent_metadata_is_no_credentials_too() {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.without_credentials(Some(CredentialFailure::NoMetadata));
        scene.expect_first("no-credentials");
    }

    #[test]
    fn a_profile_that_is_not_there_is_another_finding() {
        let mut scene = Scene::healthy();
        scene.set("AWS_PROFILE", "missing");
        scene.without_credentials(Some(CredentialFailure::NotThere("no such profile".to_owned())));
        scene.expect_absent("no-credentials");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("no-credentials");
    }
}
