//! `web-identity-unreadable`: the web identity token cannot be used.

use crate::aws::answer::CredentialFailure;
use crate::aws::told::{Told, told};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::{CredentialKind, ProfileRoute, RoleBase};

/// The web identity token cannot be used.
pub const KIND: Kind = Kind {
    name: "web-identity-unreadable",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The web identity token cannot be used",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`Could not load credentials from any providers`, `ENOENT` or `EACCES` for the file of `AWS_WEB_IDENTITY_TOKEN_FILE`.

## Why

`AWS_WEB_IDENTITY_TOKEN_FILE` is set, and the file is missing, unreadable, empty or holds an expired token; or `AWS_ROLE_ARN` is not set beside it.

## Fix

Mount the token where the variable points, readable for this user; check the service account; set `AWS_ROLE_ARN` too.

## Check

`aws sts get-caller-identity` prints the role.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let (token_file, has_role, named_by) = match &case.route.credentials.kind {
        CredentialKind::WebIdentity { token_file, role_arn } => {
            (token_file, role_arn.is_some(), "AWS_WEB_IDENTITY_TOKEN_FILE".to_owned())
        }
        CredentialKind::Profile { leads_to: ProfileRoute::Role { base, .. }, name } => match base.as_ref() {
            RoleBase::TokenFile(file) => (file, true, format!("web_identity_token_file of the profile {name}")),
            _ => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    let closed = case.machine.aws.locked.iter().find(|locked| token_file.starts_with(&locked.path));
    let problem = match (&case.answers.credential_failure, closed) {
        (_, Some(locked)) => format!("mode {:04o}, owner {}: closed to this user", locked.mode, locked.owner),
        _ if look::obtained(case) => return Vec::new(),
        _ if !has_role => "AWS_ROLE_ARN is not set beside it".to_owned(),
        (Some(CredentialFailure::NotThere(problem)), _) => problem.clone(),
        // The token itself is past its end: no key is.
        (Some(CredentialFailure::Service { service: "sts", refusal }), _) if told(refusal) == Told::TokenExpired => {
            words::refusal(refusal)
        }
        _ => return Vec::new(),
    };
    let file = words::short(case, token_file);
    vec![
        Found::new(format!("The web identity token {file} cannot be used: {problem}."))
            .evidence(named_by, file)
            .evidence("reading it", problem)
            .explains("keys-expired")
            .fix(Fix::command(
                "See whether this user can read it; mount it readable.",
                format!("ls -l {}", words::quote(case, &token_file.to_string_lossy())),
            ))
            .fix(Fix::words(Who::AwsAdmin, "Check the service account and its role (AWS_ROLE_ARN).")),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::testing::*;
    use crate::observe::aws_files::Locked;

    #[test]
    fn a_file_that_cannot_be_read() {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/token");
        scene.set("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/Pod");
        scene.without_credentials(Some(CredentialFailure::NotThere("Permission denied (os error 13)".to_owned())));
        let finding = scene.expect_first("web-identity-unreadable");
        assert!(finding.summary.contains("Permission denied"));
    }

    #[test]
    fn a_file_that_is_closed_by_its_mode() {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/token");
        scene.set("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/Pod");
        scene.expect_absent("web-identity-unreadable");
        let path = "/var/run/secrets/token".into();
        scene.machine.aws.locked.push(Locked { path, owner: 0, mode: 0, user: 0 });
        assert!(scene.expect_first("web-identity-unreadable").summary.contains("mode 0000"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("web-identity-unreadable");
    }
}
