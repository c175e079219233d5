//! `sso-session-expired`: the sign-in to IAM Identity Center is over.

use super::{browser, sso_login_needs_local_browser};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};
use crate::resolve::ProfileRoute;

/// The sign-in to IAM Identity Center is over.
pub const KIND: Kind = Kind {
    name: "sso-session-expired",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The sign-in to IAM Identity Center is over",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run 'aws sso login' with the
corresponding profile.`, `Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.`,
`Token has expired and refresh failed`, `Value not present for 'clientId' in SSO Token. Cannot refresh.`, or
`Session token not found or invalid`.

## Why

The cached sign-in of this profile's session is past its end and cannot be renewed, or it was ended on the server.

## Fix

    aws sso login --profile NAME

If the session was ended on the server, `aws sso logout` first.

## Check

`aws sts get-caller-identity --profile NAME` prints the account.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some((name, ProfileRoute::Sso { cache_key, .. })) = look::leaf(case) else {
        return Vec::new();
    };
    if look::obtained(case) {
        return Vec::new();
    }
    let Some(token) = case.machine.aws.sso_tokens.get(cache_key) else {
        return Vec::new();
    };
    let follows = |found: Found| match sso_login_needs_local_browser::follows_from_the_end(case) {
        true => found.explains("sso-login-needs-local-browser"),
        false => found,
    };
    let sign_in =
        |found: Found, text: &str| browser::sign_in(case, name, text).into_iter().fold(follows(found), Found::fix);
    if let Some(reason) = &token.unusable {
        // Cut off by a full disk or a killed sign-in: the client asks for a new sign-in, as it does after the end.
        let found = Found::new(format!("The cached sign-in of the profile `{name}` cannot be used."))
            .evidence(words::short(case, &token.path), reason);
        return vec![sign_in(found, "Sign in again.")];
    }
    let now = case.machine.now;
    let past = token.expires_at.is_some_and(|end| end <= now);
    // A token without an end of its registration is tried; only a known end in the past rules a renewal out.
    let renewable = token.refreshable && token.registration_expires_at.is_none_or(|end| end > now);
    let renewal = look::service(case, "sso-oidc");
    let on_server = look::service(case, "sso").filter(|refusal| refusal.status == 401);
    let ended_on_server = on_server.is_some() && !past;
    if !(past && (!renewable || renewal.is_some())) && on_server.is_none() {
        return Vec::new();
    }
    let mut found = Found::new(if ended_on_server {
        format!("The sign-in of the profile `{name}` was ended on the server.")
    } else {
        format!("The sign-in of the profile `{name}` is over.")
    });
    let end = token.expires_at.map_or_else(|| "no end is written in it".to_owned(), |end| format!("ended at {end}"));
    found = found.evidence(
        words::short(case, &token.path),
        format!("{end}; {}", if renewable { "it can be renewed in principle" } else { "nothing in it can renew it" }),
    );
    for (place, refusal) in [("renewal at SSO OIDC", renewal), ("SSO GetRoleCredentials", on_server)] {
        if let Some(refusal) = refusal {
            found = found.evidence(place, words::refusal(refusal));
        }
    }
    vec![if ended_on_server {
        let login = format!("aws sso login{}", words::profile_option(case, name));
        let words: [&[&str]; 2] = [&["aws", "sso", "logout"], &["aws", "sso", "login", "--profile", name]];
        let fix = Fix::command("Sign out and in again.", format!("aws sso logout; {login}"));
        follows(found).fix(fix.signs_in(&words))
    } else {
        sign_in(found, "Sign in again.")
    }]
}

#[cfg(test)]
pub(super) mod scene {
    use std::path::PathBuf;

    use crate::diagnose::testing::{ACCOUNT, Scene};
    use crate::observe::aws_files::SsoToken;
    use crate::resolve::ProfileRoute;

    /// The profile `bedrock` signs in through the session `corp`; nobody is signed in.
    pub fn sso() -> Scene {
        let mut scene = Scene::healthy();
        scene.choose_profile(
            "bedrock",
            &[("sso_session", "corp"), ("sso_account_id", ACCOUNT), ("sso_role_name", "Dev"), ("region", "us-east-1")],
        );
        let session = [("sso_start_url", "https://corp.awsapps.com/start"), ("sso_region", "eu-west-1")];
        let session = session.map(|(name, value)| (name.to_owned(), value.to_owned()));
        scene.machine.aws.sso_sessions.insert("corp".to_owned(), session.into_iter().collect());
        scene
    }

    /// A cached sign-in of that session, with this end.
    pub fn sign_in(scene: &mut Scene, end: &str, refreshable: bool) {
        let route = crate::resolve::resolve(&scene.machine);
        let crate::resolve::CredentialKind::Profile { leads_to: ProfileRoute::Sso { cache_key, .. }, .. } =
            route.credentials.kind
        else {
            panic!("an SSO profile was expected: {:?}", route.credentials)
        };
        let token = SsoToken {
            path: PathBuf::from(format!("/home/ada/.aws/sso/cache/{cache_key}.json")),
            unusable: None,
            start_url: Some("https://corp.awsapps.com/start".to_owned()),
            region: Some("eu-west-1".to_owned()),
            expires_at: end.parse().ok(),
            refreshable,
            registration_expires_at: None,
        };
        scene.machine.aws.sso_tokens.insert(cache_key, token);
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::testing::*;

    use super::scene::{sign_in, sso};

    #[test]
    fn a_past_end_without_renewal_is_over() {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T08:00:00Z", false);
        scene.without_credentials(Some(CredentialFailure::Other("expired".to_owned())));
        let finding = scene.expect_first("sso-session-expired");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws sso login --profile bedrock"));
    }

    #[test]
    fn a_past_end_that_can_be_renewed_is_not() {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T08:00:00Z", true);
        scene.expect_absent("sso-session-expired");
        let refusal = refusal(400, "InvalidGrantException", "Invalid refresh token provided");
        scene.without_credentials(Some(CredentialFailure::Service { service: "sso-oidc", refusal }));
        scene.expect_first("sso-session-expired");
    }

    #[test]
    fn a_fresh_token_that_the_server_ended() {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T12:00:00Z", true);
        let refusal = refusal(401, "UnauthorizedException", "Session token not found or invalid");
        scene.without_credentials(Some(CredentialFailure::Service { service: "sso", refusal }));
        let finding = scene.expect_first("sso-session-expired");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws sso logout; aws sso login --profile bedrock"));
    }

    #[test]
    fn an_old_session_beside_working_keys_is_silence() {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T08:00:00Z", false);
        scene.unset("AWS_PROFILE");
        scene.expect_absent("sso-session-expired");
    }

    #[test]
    fn a_cache_that_was_cut_off_asks_for_a_new_sign_in() {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T20:00:00Z", true);
        scene.without_credentials(Some(CredentialFailure::NotThere("the cached token cannot be used".to_owned())));
        for token in scene.machine.aws.sso_tokens.values_mut() {
            token.unusable = Some("it is not the JSON of a token".to_owned());
        }
        let finding = scene.expect_first("sso-session-expired");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws sso login --profile bedrock"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("sso-session-expired");
    }
}
