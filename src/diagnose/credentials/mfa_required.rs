//! `mfa-required`: the role asks for a code, and nobody can give it.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};
use crate::resolve::{CredentialKind, ProfileRoute, RoleBase};

/// The role asks for a code, and nobody can give it.
pub const KIND: Kind = Kind {
    name: "mfa-required",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The role asks for a code, and nobody can give it",
    page: PAGE,
    owns: &["assume-role-denied", "aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`Could not load credentials from any providers`; the AWS CLI asks `Enter MFA code for arn:aws:iam::…:mfa/…`.

## Why

The profile, or one that it chains to, has `mfa_serial`. The AWS CLI can ask for the code; Claude Code cannot.

## Fix

eval \"$(aws configure export-credentials --profile NAME --format env)\"

or a second profile with `credential_process = aws configure export-credentials --profile NAME`, used after the AWS CLI has asked once.

## Check

`aws sts get-caller-identity` prints the role, without a question.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let CredentialKind::Profile { name, leads_to } = &case.route.credentials.kind else { return Vec::new() };
    // Without credentials nothing can ask for a code; a live result in the cache of the AWS CLI is used by the AWS CLI alone.
    if look::obtained(case) {
        return Vec::new();
    }
    let Some(serial) = serial(leads_to) else { return Vec::new() };
    let option = words::profile_option(case, name);
    let export = if case.machine.login_shell.as_ref().is_some_and(|shell| shell.kind == crate::shell::ShellKind::Fish) {
        format!(
            "aws configure export-credentials{option} --format env-no-export | sed 's/^/set -gx /; s/=/ /' | source"
        )
    } else {
        format!("eval \"$(aws configure export-credentials{option} --format env)\"")
    };
    vec![
        Found::new(format!("The profile `{name}` asks for an MFA code, and Claude Code cannot ask you."))
            .evidence(look::profile_from(case), format!("mfa_serial = {serial}"))
            .fix(Fix::command("Let the AWS CLI ask, and hand the session keys to this shell.", export)),
    ]
}

/// The MFA device that the profile, or one that it chains to, asks for.
fn serial(route: &ProfileRoute) -> Option<&str> {
    let ProfileRoute::Role { mfa_serial, base, .. } = route else { return None };
    mfa_serial.as_deref().or_else(|| match base.as_ref() {
        RoleBase::Profile { leads_to, .. } => serial(leads_to),
        RoleBase::Source(_) | RoleBase::TokenFile(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::testing::*;

    #[test]
    fn a_device_in_the_chain() {
        let mut scene = Scene::healthy();
        let device = "arn:aws:iam::111111111111:mfa/ada";
        scene.choose_profile(
            "bedrock",
            &[
                ("role_arn", "arn:aws:iam::111111111111:role/Dev"),
                ("source_profile", "default"),
                ("mfa_serial", device),
            ],
        );
        scene.without_credentials(Some(CredentialFailure::Other("a code is needed".to_owned())));
        let finding = scene.expect_first("mfa-required");
        assert!(
            finding.fixes[0].command.as_deref().unwrap_or_default().contains("export-credentials --profile bedrock")
        );
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("mfa-required");
    }
}
