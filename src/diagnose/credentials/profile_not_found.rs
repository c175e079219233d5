//! `profile-not-found`: the chosen AWS profile is in neither AWS file.

use crate::aws::tables;
use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, repairs, words};
use crate::resolve::{CredentialKind, ProfileRoute};
use crate::variables;

/// The chosen AWS profile is in neither AWS file.
pub const KIND: Kind = Kind {
    name: "profile-not-found",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The chosen AWS profile is in neither AWS file",
    page: PAGE,
    owns: &["profile-hides-env-keys", "aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: Could not load AWS credentials · Could not load credentials from any providers.` from Claude Code, and
`The config profile (NAME) could not be found` from the AWS CLI.

## Why

`AWS_PROFILE` names a section that is neither in the config nor in the credentials file. Claude Code tries the named profile alone:
valid `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` beside it do not help.

## Fix

Choose a profile that exists (`aws configure list-profiles` prints them), or unset the variable:

    export AWS_PROFILE=NAME

## Check

`aws sts get-caller-identity` prints an account, and `bedrockup doctor` no longer names this finding.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let CredentialKind::Profile { name, leads_to: ProfileRoute::NotFound } = &case.route.credentials.kind else {
        return Vec::new();
    };
    let aws = &case.machine.aws;
    let there: Vec<&str> = aws.profiles.keys().map(String::as_str).collect();
    let files = format!("{} and {}", words::short(case, &aws.config.path), words::short(case, &aws.credentials.path));
    let list =
        if there.is_empty() { "no profile at all".to_owned() } else { format!("profiles: {}", there.join(", ")) };
    let mut found = Found::new(format!("The profile `{name}` is in neither AWS file."))
        .evidence(look::profile_from(case), format!("AWS_PROFILE={name}"))
        .evidence(files, list);
    let near = tables::nearest(name, there.iter().copied());
    if let Some(best) = near.or_else(|| there.first().copied()) {
        // A slip of the finger; any other profile is a choice.
        let repairs = near.map(|near| repairs::give(case, variables::PROFILE, near)).unwrap_or_default();
        found = found.fix(words::change(case, variables::PROFILE, best).repaired_by(repairs));
    } else {
        let command = format!("aws configure sso --profile {}", words::quote(case, name));
        found = found.fix(Fix::command("Create the profile.", command));
    }
    vec![found.fix(hand::remove(case, variables::PROFILE))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;
    use crate::observe::rc_files::{Assignment, Effect};

    #[test]
    fn the_nearest_profile_is_offered() {
        let mut scene = Scene::healthy();
        scene.choose_profile("bedrock", &[("credential_process", "helper")]);
        scene.choose_profile("sandbox", &[("credential_process", "helper")]);
        scene.set("AWS_PROFILE", "bedrok");
        scene.without_credentials(None);
        let finding = scene.expect_first("profile-not-found");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_PROFILE=bedrock"));
        assert!(finding.evidence[1].what.contains("sandbox"));
    }

    #[test]
    fn a_file_of_the_directory_that_sets_it_is_named() {
        let mut scene = Scene::healthy();
        let line = Assignment {
            line: 4,
            text: "AWS_PROFILE = \"client-x\"".to_owned(),
            name: "AWS_PROFILE".to_owned(),
            value: Some("client-x".to_owned()),
            effect: Effect::Export,
            literal: true,
            alone: true,
        };
        scene.machine.directory_files.push((scene.machine.home.join("work/mise.toml"), line));
        scene.machine.environment.set("AWS_PROFILE", "client-x");
        scene.without_credentials(None);
        let finding = scene.expect_first("profile-not-found");
        assert!(finding.evidence[0].place.contains("~/work/mise.toml:4"), "{finding:?}");
        assert!(finding.fixes.iter().all(|fix| fix.text.contains("~/work/mise.toml:4")), "{finding:?}");
        assert!(!finding.fixes[0].automatic, "a file of a project is nobody's to repair");
    }

    #[test]
    fn good_keys_beside_it_do_not_change_the_cause() {
        let mut scene = Scene::healthy();
        scene.set("AWS_PROFILE", "missing");
        scene.set("AWS_ACCESS_KEY_ID", KEY_ID);
        scene.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        scene.without_credentials(None);
        scene.expect_first("profile-not-found");
    }

    #[test]
    fn beneath_a_bearer_token_it_is_not_looked_at() {
        let mut scene = Scene::healthy();
        scene.set("AWS_PROFILE", "missing");
        scene.use_bearer("ABSKexample");
        scene.expect_absent("profile-not-found");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("profile-not-found");
    }
}
