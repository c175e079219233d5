//! `auth-refresh-loops`: `awsAuthRefresh` runs again and again, since what it is to cure stays.

use super::refresh::{self, Refresh};
use crate::aws::told::Told;
use crate::diagnose::client::claude_too_old;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, look, words};
use crate::resolve::data::{Gate, gate};
use crate::resolve::{self, CredentialKind, Provider};
use crate::variables::{ACCESS_KEY_ID, DEFAULT_REGION, REGION, SECRET_ACCESS_KEY, SESSION_TOKEN};

/// `awsAuthRefresh` runs again and again.
pub const KIND: Kind = Kind {
    name: "auth-refresh-loops",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "`awsAuthRefresh` runs again and again",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`awsAuthRefresh` runs at every start, or a browser tab opens again and again, though the sign-in succeeds each time and the credentials are valid.

## Why

Before it runs the command, Claude Code asks STS whether the credentials work. Where that check fails for another reason, the command runs and cannot
help: before 2.1.172 the check needs `AWS_REGION`; before 2.1.239 it does not go through a proxy; keys in the environment win over the profile that is
signed in; or STS cannot be reached by the proxy.

## Fix

Clear what keeps the check from passing (it is named), or remove `awsAuthRefresh` and sign in by hand.

## Check

A second start of `claude` runs no sign-in.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(refresh) = refresh::of(case).filter(|_| case.route.provider == Provider::Bedrock) else {
        return Vec::new();
    };
    if case.route.credentials.kind == CredentialKind::BearerToken {
        return Vec::new();
    }
    let found =
        without_region(case).or_else(|| past_the_proxy(case)).or_else(|| keys_win(case)).or_else(|| no_sts(case));
    let Some(found) = found else { return Vec::new() };
    let place = format!("{}:{}", words::short(case, refresh.path), refresh.line);
    let Refresh { scope, path, line, command } = refresh;
    let text = format!("Or remove `awsAuthRefresh` in {place}, and sign in by hand.");
    vec![
        found
            .evidence(format!("{}, {place}", scope.name()), format!("`awsAuthRefresh` runs `{command}`"))
            .fix(hand::edit_settings(case, text, scope, path, line)),
    ]
}

/// An old client asks STS in no region at all.
fn without_region(case: &Case<'_>) -> Option<Found> {
    let (version, needed) = (resolve::client_version(case.machine), gate(Gate::AuthCheckFindsRegion));
    if version >= needed || case.route.value(REGION).is_some() || case.route.value(DEFAULT_REGION).is_some() {
        return None;
    }
    let of_profile = case.machine.aws.profiles.get(&case.route.profile).and_then(|profile| profile.get("region"));
    let region = of_profile.unwrap_or(&case.route.region.name);
    Some(
        Found::new(format!(
            "`awsAuthRefresh` runs at every start: claude {version} checks the credentials without a region."
        ))
        .evidence("environment", format!("{REGION} is not set; before {needed} the check needs it"))
        .fix(Fix::command(
            format!("Set {REGION} (`bedrockup setup` writes it down)."),
            words::export(case, REGION, region),
        ))
        .fix(Fix::command("Or update Claude Code.", "claude update"))
        .explains("region-missing")
        // What the table knows of this version and `awsAuthRefresh` is this.
        .explains("claude-known-bad-version"),
    )
}

/// An old client asks STS directly where only the proxy leads out. (With an SSO profile `claude-too-old` says the same.)
fn past_the_proxy(case: &Case<'_>) -> Option<Found> {
    let (version, needed) = (resolve::client_version(case.machine), gate(Gate::AuthCheckThroughProxy));
    let (name, proxy) = look::proxy(case)?;
    if version >= needed || claude_too_old::holds(case) {
        return None;
    }
    Some(
        Found::new(format!(
            "`awsAuthRefresh` runs again and again: claude {version} does not check the credentials through the proxy."
        ))
        .evidence(name, format!("{proxy}; the check goes through it from {needed} on"))
        .fix(Fix::command("Update Claude Code.", "claude update")),
    )
}

/// Keys that no sign-in renews are what is checked.
fn keys_win(case: &Case<'_>) -> Option<Found> {
    if !matches!(case.route.credentials.kind, CredentialKind::EnvironmentKeys { .. }) {
        return None;
    }
    let bad = [Told::TokenExpired, Told::TokenInvalid, Told::SignatureWrong];
    let refusals: Vec<_> = bad.iter().flat_map(|told| look::told_by(case, told)).collect();
    if refusals.is_empty() {
        return None;
    }
    let found = Found::new(
        "`awsAuthRefresh` runs again and again: the keys in the environment are used, and no sign-in renews them.",
    );
    let place = words::set_by(case, ACCESS_KEY_ID).unwrap_or_else(|| "environment".to_owned());
    let found = look::with_refusals(found.evidence(place, format!("{ACCESS_KEY_ID} is set")), &refusals);
    let unset = words::unset(case, &[ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN]);
    Some(found.fix(Fix::command("Unset the keys, so that the profile that is signed in is used.", unset)))
}

/// Bedrock answers, and STS cannot be reached by the proxy: the check fails each time.
fn no_sts(case: &Case<'_>) -> Option<Found> {
    let failure = case.answers.identity.unreachable()?;
    let (name, proxy) = look::proxy(case).filter(|_| look::any_answers(case))?;
    Some(
        Found::new("`awsAuthRefresh` runs at every start: the check before it cannot reach STS through the proxy.")
            .evidence(name, proxy)
            .evidence("STS GetCallerIdentity", words::failure(failure))
            .fix(Fix::words(crate::diagnose::Who::OrgAdmin, format!("Let the proxy pass {}.", failure.host))),
    )
}

#[cfg(test)]
mod tests {
    use super::super::sso_session_expired::scene::{sign_in, sso};
    use crate::aws::answer::{Answer, Hop, NetworkFailure};
    use crate::diagnose::testing::*;
    use crate::observe::settings::{Scope, Settings};
    use crate::version::Version;

    fn refreshing(mut scene: Scene) -> Scene {
        let settings = Settings { aws_auth_refresh: Some("aws sso login".to_owned()), ..Settings::default() };
        scene.settings(Scope::User, settings);
        scene
    }

    fn signed_in() -> Scene {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T20:00:00Z", true);
        refreshing(scene)
    }

    #[test]
    fn an_old_client_without_a_region() {
        let mut scene = signed_in();
        scene.client(Version(2, 1, 160));
        scene.forget_block();
        scene.unset("AWS_REGION");
        let finding = scene.expect("auth-refresh-loops");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=us-east-1"));
        scene.set("AWS_REGION", "us-east-1");
        scene.expect_absent("auth-refresh-loops");
        scene.unset("AWS_REGION");
        scene.client(Version(2, 1, 172));
        scene.expect_absent("auth-refresh-loops");
    }

    #[test]
    fn keys_that_no_sign_in_renews() {
        let mut scene = refreshing(Scene::healthy());
        scene.set("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE");
        scene.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        scene.set("AWS_SESSION_TOKEN", "token-of-the-example");
        scene.expect_absent("auth-refresh-loops");
        scene.refuse_identity(&refusal(403, "ExpiredToken", "The security token included in the request is expired"));
        // That the keys are over is the cause.
        scene.expect_first("keys-expired");
        assert_eq!(scene.expect("auth-refresh-loops").because_of, Some("keys-expired"));
    }

    #[test]
    fn a_proxy_that_does_not_let_sts_pass() {
        let mut scene = signed_in();
        let host = "sts.us-east-1.amazonaws.com".to_owned();
        let failure = NetworkFailure { host, hop: Hop::ProxyRefusal, detail: "403 Forbidden".to_owned() };
        scene.answers.identity = Answer::Unreachable(failure);
        scene.expect_absent("auth-refresh-loops");
        scene.set("HTTPS_PROXY", "http://proxy:3128");
        scene.expect("auth-refresh-loops");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        signed_in().expect_absent("auth-refresh-loops");
        Scene::healthy().expect_absent("auth-refresh-loops");
    }
}
