//! `profile-hides-env-keys`: aWS_PROFILE wins over the keys in the environment.

use crate::aws::answer::Answer;
use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};
use crate::resolve::{CredentialKind, ProfileRoute};
use crate::variables::{ACCESS_KEY_ID, PROFILE, SECRET_ACCESS_KEY, SESSION_TOKEN};

/// AWS_PROFILE wins over the keys in the environment.
pub const KIND: Kind = Kind {
    name: "profile-hides-env-keys",
    layer: Layer::Credentials,
    severity: Severity::Warning,
    title: "AWS_PROFILE wins over the keys in the environment",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`aws sts get-caller-identity` in other tools shows one account and Claude Code uses another; or valid keys are set and Claude Code still
says `Could not load credentials from any providers`.

## Why

`AWS_PROFILE` and a complete set of key variables are both set, and they are two identities. In Claude Code the profile is used and the
keys are not looked at. Other SDKs, and old advice, have it the other way round.

## Fix

Use the keys:

    unset AWS_PROFILE

or unset `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` to stop the doubt.

## Check

`bedrockup why AWS_PROFILE` shows what is used.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let credentials = &case.route.credentials;
    let CredentialKind::Profile { name, .. } = &credentials.kind else {
        return Vec::new();
    };
    // There the profile itself takes the keys of the environment.
    if look::role_source(case) == Some("Environment") {
        return Vec::new();
    }
    let hidden = credentials.hidden.iter().find_map(|kind| match kind {
        CredentialKind::EnvironmentKeys { key_id, .. } => Some(key_id),
        _ => None,
    });
    let Some(key_id) = hidden else {
        return Vec::new();
    };
    let same_key =
        matches!(look::leaf(case), Some((_, ProfileRoute::Keys { key_id: of_profile, .. })) if of_profile == key_id);
    let profile_fails = case.answers.credential_failure.is_some()
        || (case.answers.identity.refused().is_some() && !look::any_answers(case));
    let severity = match (case.answers.identity.got(), &case.answers.identity_hidden) {
        (Some(used), Answer::Got(other)) if used.arn == other.arn => return Vec::new(),
        (_, Answer::Got(_)) if profile_fails => Severity::Error,
        (_, Answer::Got(_)) => Severity::Warning,
        // Keys that AWS does not know tempt nobody.
        (_, Answer::Refused(_)) => Severity::Note,
        _ if same_key => return Vec::new(),
        _ if matches!(look::leaf(case), Some((_, ProfileRoute::Keys { .. }))) => Severity::Warning,
        // Whether they are one identity was not asked.
        _ => Severity::Note,
    };
    let used = case.answers.identity.got().map_or_else(|| "not known".to_owned(), |identity| identity.arn.clone());
    let other =
        case.answers.identity_hidden.got().map_or_else(|| format!("key {key_id}"), |identity| identity.arn.clone());
    let found = Found::new(format!("The profile `{name}` is used; the keys in the environment are not looked at."))
        .severity(severity)
        .evidence(look::profile_from(case), format!("profile {name}: {used}"))
        .evidence(
            words::set_by(case, ACCESS_KEY_ID)
                .map_or_else(|| ACCESS_KEY_ID.to_owned(), |place| format!("{ACCESS_KEY_ID}, {place}")),
            format!("not used: {other}"),
        )
        .fix(hand::remove(case, PROFILE))
        .fix(Fix::command(
            "Or unset the keys, so that every tool uses the profile.",
            words::unset(case, &[ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN]),
        ));
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Identity};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    fn two_identities() -> Scene {
        let mut scene = Scene::healthy();
        scene.choose_profile("bedrock", &[("aws_access_key_id", "AKIAI44QH8DHBEXAMPLE")]);
        let profile = scene.machine.aws.profiles.get_mut("bedrock").expect("just added");
        profile.secret_access_key = Some(crate::secret::Secret::new("je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"));
        scene.set("AWS_ACCESS_KEY_ID", KEY_ID);
        scene.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let arn = "arn:aws:iam::222222222222:user/bob".to_owned();
        let other = Identity { account: "222222222222".to_owned(), arn, user_id: "AIDACKCEVSQ6C2EXAMPLE".to_owned() };
        scene.answers.identity_hidden = Answer::Got(other);
        scene
    }

    #[test]
    fn two_identities_that_work_are_a_warning() {
        let finding = two_identities().expect_first("profile-hides-env-keys");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset AWS_PROFILE"));
    }

    #[test]
    fn one_identity_twice_is_no_finding() {
        let mut scene = two_identities();
        scene.answers.identity_hidden = scene.answers.identity.clone();
        scene.expect_absent("profile-hides-env-keys");
    }

    #[test]
    fn a_failing_profile_over_good_keys_is_an_error() {
        let mut scene = two_identities();
        scene.refuse_identity(&refusal(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ));
        assert_eq!(scene.expect("profile-hides-env-keys").severity, Severity::Error);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("profile-hides-env-keys");
    }
}
