//! `sso-legacy-profile`: the SSO profile is of the old form, which cannot be renewed.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use jiff::SignedDuration;

use crate::diagnose::{Fix, look, words};
use crate::resolve::ProfileRoute;

/// The SSO profile is of the old form, which cannot be renewed.
pub const KIND: Kind = Kind {
    name: "sso-legacy-profile",
    layer: Layer::Credentials,
    severity: Severity::Note,
    title: "The SSO profile is of the old form, which cannot be renewed",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing yet; the sign-in ends every few hours and must be made again by hand.

## Why

The profile has `sso_start_url` in itself and no `sso_session`: a token of this form has no renewal.

## Fix

    aws configure sso-session

then put `sso_session = NAME` into the profile, in the place of `sso_start_url` and `sso_region`, with the registration scope `sso:account:access`.

## Check

After a sign-in the cache file holds a `refreshToken`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some((name, ProfileRoute::Sso { session: None, start_url, cache_key, .. })) = look::leaf(case) else {
        return Vec::new();
    };
    let end = case.machine.aws.sso_tokens.get(cache_key).and_then(|token| token.expires_at);
    let left = end.map(|end| end.duration_since(case.machine.now));
    let soon = left.is_some_and(|left| left.is_positive() && left < SignedDuration::from_hours(1));
    let mut found = Found::new(format!("The profile `{name}` is of the old SSO form: its sign-in cannot be renewed."))
        .severity(if soon { Severity::Warning } else { Severity::Note })
        .evidence(look::profile_from(case), format!("profile {name}: sso_start_url = {start_url}, no sso_session"));
    if let (true, Some(end)) = (soon, end) {
        found = found.evidence("cached sign-in", format!("ends at {end}"));
    }
    let text =
        format!("Make a session, then write `sso_session = NAME` into the profile {}.", words::quote(case, name));
    vec![found.fix(Fix::command(text, "aws configure sso-session"))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn a_start_url_in_the_profile_is_a_note() {
        let mut scene = Scene::healthy();
        let properties = [
            ("sso_start_url", "https://x.awsapps.com/start"),
            ("sso_region", "us-east-1"),
            ("sso_account_id", ACCOUNT),
            ("sso_role_name", "Dev"),
        ];
        scene.choose_profile("old", &properties);
        super::super::sso_session_expired::scene::sign_in(&mut scene, "2026-11-24T17:00:00Z", false);
        assert_eq!(scene.expect("sso-legacy-profile").severity, Severity::Note);
        super::super::sso_session_expired::scene::sign_in(&mut scene, "2026-11-24T09:30:00Z", false);
        assert_eq!(scene.expect("sso-legacy-profile").severity, Severity::Warning);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("sso-legacy-profile");
    }
}
