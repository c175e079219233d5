//! `credentials-expire-soon`: the credentials end within the hour, and nothing renews them.

use jiff::{SignedDuration, Timestamp};

use super::keys_expired::known_end;
use crate::aws::bearer::{self, Bearer};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, look, words};
use crate::resolve::{CredentialKind, ProfileRoute};
use crate::variables::{ACCESS_KEY_ID, BEARER_TOKEN};

/// The credentials end within the hour, and nothing renews them.
pub const KIND: Kind = Kind {
    name: "credentials-expire-soon",
    layer: Layer::Credentials,
    severity: Severity::Note,
    title: "The credentials end within the hour, and nothing renews them",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing yet. When the time is over, `The security token included in the request is expired` or `Bearer Token has expired`, after minutes of silence.

## Why

The keys or the API key in use have an end that is near, and no sign-in, role or helper stands behind them that would give new ones.

## Fix

Renew them now where they came from; better use a profile that renews itself, with `awsAuthRefresh` in the user settings:

    bedrockup setup --profile NAME

## Check

`bedrockup doctor` shows the end of the credentials.
";

const SOON: SignedDuration = SignedDuration::from_mins(60);
const VERY_SOON: SignedDuration = SignedDuration::from_mins(15);

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some((place, what, end)) = end(case) else { return Vec::new() };
    let left = end.duration_since(case.machine.now);
    if !left.is_positive() || left >= SOON {
        return Vec::new();
    }
    let minutes = left.as_mins();
    let mut found = Found::new(format!("{what} ends in {minutes} minutes, and nothing renews it."))
        .severity(if left < VERY_SOON { Severity::Warning } else { Severity::Note })
        .evidence(place, format!("ends at {end}"));
    found = match look::leaf(case) {
        Some((name, ProfileRoute::Sso { .. })) => {
            let command = format!("aws sso login{}", words::profile_option(case, name));
            found.fix(Fix::command("Sign in again now.", command))
        }
        _ => found.fix(Fix::words(
            Who::You,
            "Renew it where it came from, or use a profile that renews itself (`bedrockup setup --profile NAME`).",
        )),
    };
    vec![found]
}

/// Where the end of credentials that nothing renews is known from, what ends, and when.
fn end(case: &Case<'_>) -> Option<(String, String, Timestamp)> {
    match &case.route.credentials.kind {
        CredentialKind::BearerToken => match bearer::read(case.route.value(BEARER_TOKEN)?) {
            Bearer::ShortTerm { ends: Some(end), .. } => {
                let place = words::set_by(case, BEARER_TOKEN).unwrap_or_else(|| "environment".to_owned());
                Some((place, format!("The Bedrock API key in {BEARER_TOKEN}"), end))
            }
            _ => None,
        },
        CredentialKind::EnvironmentKeys { .. } => {
            let (place, end) = known_end(case)?;
            Some((place, format!("The session of the keys in {ACCESS_KEY_ID}"), end))
        }
        CredentialKind::Profile { .. } => match look::leaf(case)? {
            (name, ProfileRoute::Keys { .. }) => {
                let (place, end) = known_end(case)?;
                Some((place, format!("The session of the keys in profile `{name}`"), end))
            }
            // The old form of SSO profiles has a finding of its own; a session with a refresh token renews itself.
            (name, ProfileRoute::Sso { session: Some(_), cache_key, .. }) => {
                let token = case.machine.aws.sso_tokens.get(cache_key)?;
                let now = case.machine.now;
                let renews = token.refreshable && token.registration_expires_at.is_none_or(|end| end > now);
                let end = token.expires_at.filter(|_| !renews && super::refresh::of(case).is_none())?;
                Some((words::short(case, &token.path), format!("The sign-in of the profile `{name}`"), end))
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sso_session_expired::scene::{sign_in, sso};
    use crate::aws::bearer::short_term;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::observe::settings::{Scope, Settings};

    fn keys(end: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.set("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE");
        scene.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        scene.set("AWS_SESSION_TOKEN", "token-of-the-example");
        scene.set("AWS_CREDENTIAL_EXPIRATION", end);
        scene
    }

    #[test]
    fn keys_whose_end_is_written_beside_them() {
        assert_eq!(keys("2026-11-24T09:40:00Z").expect("credentials-expire-soon").severity, Severity::Note);
        assert_eq!(keys("2026-11-24T09:10:00Z").expect("credentials-expire-soon").severity, Severity::Warning);
        keys("2026-11-24T12:00:00Z").expect_absent("credentials-expire-soon");
        keys("2026-11-24T08:00:00Z").expect_absent("credentials-expire-soon");
    }

    #[test]
    fn a_key_of_half_a_day() {
        let mut scene = Scene::healthy();
        scene.use_bearer(&short_term("us-east-1", "20261123T211000Z", 43_200));
        let finding = scene.expect_first("credentials-expire-soon");
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.summary.contains("10 minutes"), "{finding:?}");
    }

    #[test]
    fn a_sign_in_that_renews_itself_and_one_that_does_not() {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T09:30:00Z", true);
        scene.expect_absent("credentials-expire-soon");
        sign_in(&mut scene, "2026-11-24T09:30:00Z", false);
        let finding = scene.expect("credentials-expire-soon");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws sso login --profile bedrock"));
        let settings = Settings { aws_auth_refresh: Some("aws sso login".to_owned()), ..Settings::default() };
        scene.settings(Scope::User, settings);
        scene.expect_absent("credentials-expire-soon");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("credentials-expire-soon");
    }
}
