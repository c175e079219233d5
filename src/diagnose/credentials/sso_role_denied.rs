//! `sso-role-denied`: you have not this role in this account.

use crate::aws::tables;
use crate::aws::told::{Told, told};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::ProfileRoute;

/// You have not this role in this account.
pub const KIND: Kind = Kind {
    name: "sso-role-denied",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "You have not this role in this account",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`ForbiddenException: No access`, or a 404 for the account or the role (`ResourceNotFoundException`), at `GetRoleCredentials`, right after a sign-in that worked.

## Why

You may sign in, and the permission set of the profile is not assigned to you in the account of the profile; or no such account or role is known to the
portal, as after a slip in `sso_account_id` or `sso_role_name`. bedrockup asks the portal which roles you have in that account, and shows them.

## Fix

Choose a role that you have (`aws configure sso` lists them), or ask who administers IAM Identity Center for the assignment.

## Check

`aws sts get-caller-identity --profile NAME` prints the account.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some((name, ProfileRoute::Sso { account, role, .. })) = look::leaf(case) else { return Vec::new() };
    let Some(refusal) = look::service(case, "sso")
        .filter(|refusal| matches!(refusal.status, 403 | 404) && told(refusal) != Told::NotAws)
    else {
        return Vec::new();
    };
    let mut found = Found::new(format!("You may sign in, and have not the role {role} in the account {account}."))
        .evidence(
            look::profile_from(case),
            format!("profile {name}: sso_role_name = {role}, sso_account_id = {account}"),
        )
        .evidence("SSO GetRoleCredentials", words::refusal(refusal));
    let mut choose = "Choose a role that you have.".to_owned();
    if let Some(roles) = case.answers.account_roles.got() {
        let list = if roles.is_empty() { "none".to_owned() } else { roles.join(", ") };
        found = found.evidence("SSO ListAccountRoles", format!("your roles in this account: {list}"));
        if let Some(first) =
            tables::nearest(role, roles.iter().map(String::as_str)).or_else(|| roles.first().map(String::as_str))
        {
            choose = format!("Choose a role that you have, such as `sso_role_name = {first}`.");
        }
    }
    vec![found.fix(Fix::command(choose, format!("aws configure sso{}", words::profile_option(case, name)))).fix(
        Fix::words(
            Who::OrgAdmin,
            format!("Assign the permission set {role} for the account {account} to this person."),
        ),
    )]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, CredentialFailure};
    use crate::diagnose::testing::*;

    #[test]
    fn no_access_after_a_sign_in() {
        let mut scene = super::super::sso_session_expired::scene::sso();
        super::super::sso_session_expired::scene::sign_in(&mut scene, "2026-11-24T17:00:00Z", true);
        let refusal = refusal(403, "ForbiddenException", "No access");
        scene.without_credentials(Some(CredentialFailure::Service { service: "sso", refusal }));
        let finding = scene.expect_first("sso-role-denied");
        assert!(finding.summary.contains("Dev"));
    }

    #[test]
    fn an_account_that_the_portal_does_not_know() {
        let mut scene = super::super::sso_session_expired::scene::sso();
        super::super::sso_session_expired::scene::sign_in(&mut scene, "2026-11-24T17:00:00Z", true);
        let not_found = refusal(404, "ResourceNotFoundException", "Account not found");
        scene.without_credentials(Some(CredentialFailure::Service { service: "sso", refusal: not_found }));
        scene.answers.account_roles = Answer::Got(vec!["Admin".to_owned(), "Develop".to_owned()]);
        let finding = scene.expect_first("sso-role-denied");
        assert!(finding.fixes[0].text.contains("sso_role_name = "), "{finding:?}");
        // A page of a proxy is no word of the portal's.
        let mut page = refusal(404, "", "<html>Not Found</html>");
        (page.request_id, page.content_type) = (None, Some("text/html".to_owned()));
        scene.answers.credential_failure = Some(CredentialFailure::Service { service: "sso", refusal: page });
        scene.expect_absent("sso-role-denied");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("sso-role-denied");
    }
}
