//! `assume-role-denied`: aWS does not let you assume the role.

use crate::aws::told::{Told, told};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::{CredentialKind, ProfileRoute};

/// AWS does not let you assume the role.
pub const KIND: Kind = Kind {
    name: "assume-role-denied",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "AWS does not let you assume the role",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`AccessDenied: User: … is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::…:role/…`, `Not authorized to perform sts:AssumeRoleWithWebIdentity`.

## Why

The identity that assumes the role works, and the role does not trust it (trust policy, external id, audience), or that identity may not call `sts:AssumeRole`.

## Fix

An administrator corrects the trust policy of the role, or allows `sts:AssumeRole` for the source identity; both must say yes across accounts.

## Check

`aws sts get-caller-identity --profile NAME` prints the role.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(refusal) = look::service(case, "sts") else { return Vec::new() };
    let said = told(refusal);
    let of_token = ["InvalidIdentityToken", "IDPRejectedClaim"].iter().any(|code| refusal.code.starts_with(code));
    if !refusal.is_access_denied() && !of_token && !matches!(said, Told::Denied(_)) {
        return Vec::new();
    }
    let role = match &case.route.credentials.kind {
        CredentialKind::Profile { leads_to: ProfileRoute::Role { role_arn, .. }, .. } => Some(role_arn.as_str()),
        CredentialKind::WebIdentity { role_arn, .. } => role_arn.as_deref(),
        _ => None,
    };
    let Some(role) = role else { return Vec::new() };
    let who = match said {
        Told::Denied(denial) => denial.principal,
        _ => "the source identity".to_owned(),
    };
    vec![
        Found::new(format!("AWS does not let {who} assume {role}."))
            .evidence("STS AssumeRole", words::refusal(refusal))
            .evidence("choice of the profile", look::profile_from(case))
            .fix(Fix::words(
                Who::AwsAdmin,
                if of_token {
                    format!("Let the OIDC provider in IAM and the trust policy of {role} fit the token: its issuer, audience and subject.")
                } else {
                    format!("Let the trust policy of {role} name {who} (with its external id or audience), and allow sts:AssumeRole on it for {who}.")
                },
            )),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::testing::*;

    #[test]
    fn the_role_does_not_trust_the_source() {
        let mut scene = Scene::healthy();
        let role = "arn:aws:iam::111111111111:role/Dev";
        scene.choose_profile("bedrock", &[("role_arn", role), ("source_profile", "default")]);
        let message = format!(
            "User: arn:aws:iam::111111111111:user/ada is not authorized to perform: sts:AssumeRole on resource: {role}"
        );
        let refusal = refusal(403, "AccessDenied", &message);
        scene.without_credentials(Some(CredentialFailure::Service { service: "sts", refusal }));
        let finding = scene.expect_first("assume-role-denied");
        assert!(finding.summary.contains("user/ada"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("assume-role-denied");
    }
}
