//! `aws-files-unreadable`: an AWS file that is needed cannot be read, or is not where a variable says.

use std::path::Path;

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, look, words};
use crate::observe::aws_files::{AwsFile, FileState, Locked};
use crate::resolve::{CredentialKind, ProfileRoute};

/// An AWS file that is needed cannot be read, or is not where a variable says.
pub const KIND: Kind = Kind {
    name: "aws-files-unreadable",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "An AWS file that is needed cannot be read",
    page: PAGE,
    owns: &[
        "profile-not-found",
        "profile-empty",
        "no-credentials",
        "sso-never-logged-in",
        "sso-session-expired",
        "sso-misconfigured",
        "aws-login-expired",
        "assume-role-misconfigured",
        "profile-hides-env-keys",
        "region-missing",
        "aws-refused",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

`Could not load credentials from any providers`, `Permission denied: '~/.aws/config'`, `EACCES: permission denied`, while it works as root; or
`The SSO session token associated with profile=NAME was not found or is invalid` right after a sign-in.

## Why

A file of `~/.aws`, or of the sign-in caches below it, belongs to another user (a sign-in with `sudo`, a copied home) or has a mode that keeps you out;
or `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE` names a file that is not there.

## Fix

    sudo chown -R \"$(id -un)\" ~/.aws
    chmod -R u+rwX ~/.aws

or correct the variable.

## Check

`aws sts get-caller-identity` prints the account, without sudo.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let aws = &case.machine.aws;
    let files = needs_files(case);
    let cache = needed_cache(case);
    let is_needed = |locked: &&Locked| {
        // A closed directory closes everything below it.
        let closes = |path: &Path| path.starts_with(&locked.path);
        files && [&aws.config, &aws.credentials].iter().any(|file| closes(&file.path))
            || cache.as_deref().is_some_and(closes)
    };
    let mut found: Vec<Found> = aws.locked.iter().filter(is_needed).map(|locked| closed(case, locked)).collect();
    if files && found.is_empty() && !look::obtained(case) {
        found.extend([&aws.config, &aws.credentials].into_iter().filter_map(|file| not_there(case, file)));
    }
    Found::together(found)
}

/// A file that is there, and closed.
fn closed(case: &Case<'_>, locked: &Locked) -> Found {
    let short = words::short(case, &locked.path);
    let own = locked.owner == locked.user;
    let whose = if own {
        "it is yours".to_owned()
    } else {
        format!("it belongs to user id {}, you are {}", locked.owner, locked.user)
    };
    let root = if locked.user == 0 { "; only root gets past that" } else { "" };
    let target = [".aws", ".aws/sso", ".aws/login"].map(|name| case.machine.home.join(name));
    let top = target.iter().find(|directory| locked.path.starts_with(directory)).unwrap_or(&locked.path);
    let top = hand::path(case, top);
    let mode = format!("chmod -R u+rwX {top}");
    let command = if own { mode } else { format!("sudo chown -R {} {top}\n{mode}", locked.user) };
    Found::new(format!("{short} cannot be read by this user."))
        .evidence(short, format!("mode {:04o}, {whose}{root}", locked.mode))
        .fix(Fix::command("Make the AWS files yours and readable again.", command))
}

/// A file that a variable names, and that is not there or is none.
fn not_there(case: &Case<'_>, file: &AwsFile) -> Option<Found> {
    let short = words::short(case, &file.path);
    let why = match &file.state {
        FileState::Missing => "there is no such file",
        FileState::Unreadable(reason) => reason,
        FileState::Broken(_) | FileState::Read => return None,
    };
    let Some(variable) = file.named_by else {
        // Nothing at the usual place is another finding; something that is no file is this one.
        let FileState::Unreadable(reason) = &file.state else { return None };
        let fix = Fix::words(Who::You, format!("Put a regular file there, or take it away: {reason}."));
        return Some(Found::new(format!("{short} cannot be read.")).evidence(short, reason.clone()).fix(fix));
    };
    let place = words::set_by(case, variable).unwrap_or_else(|| "environment".to_owned());
    Some(
        Found::new(format!("{variable} names {short}, which cannot be read: {why}."))
            .evidence(place, format!("{variable} names {short}"))
            .evidence(short, why)
            .fix(hand::take_away(case, variable)),
    )
}

/// The route looks into the config and credentials files.
fn needs_files(case: &Case<'_>) -> bool {
    matches!(
        case.route.credentials.kind,
        CredentialKind::Profile { .. } | CredentialKind::Nothing | CredentialKind::InstanceMetadata
    )
}

/// The file of a cache that the profile of the route looks into.
fn needed_cache(case: &Case<'_>) -> Option<std::path::PathBuf> {
    let (directory, key) = match look::leaf(case)?.1 {
        ProfileRoute::Sso { cache_key, .. } => (".aws/sso/cache", cache_key),
        ProfileRoute::Login { cache_key, .. } => (".aws/login/cache", cache_key),
        _ => return None,
    };
    let of_login = case.machine.aws.login_tokens.get(key).map(|token| token.path.clone());
    Some(of_login.unwrap_or_else(|| case.machine.home.join(directory).join(format!("{key}.json"))))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::sso_session_expired::scene::{sign_in, sso};
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::observe::aws_files::{FileState, Locked};

    fn locked(path: &str, owner: u32) -> Locked {
        Locked { path: PathBuf::from(path), owner, mode: 0o600, user: 1000 }
    }

    #[test]
    fn a_sign_in_that_root_made() {
        let mut scene = sso();
        sign_in(&mut scene, "2026-11-24T20:00:00Z", true);
        let path = scene.machine.aws.sso_tokens.values().next().expect("one token").path.clone();
        scene.machine.aws.locked = vec![locked(&path.to_string_lossy(), 0)];
        for token in scene.machine.aws.sso_tokens.values_mut() {
            token.unusable = Some("permission denied".to_owned());
        }
        scene.without_credentials(Some(CredentialFailure::NotThere("the cached token cannot be used".to_owned())));
        let finding = scene.expect_first("aws-files-unreadable");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("sudo chown -R 1000 ~/.aws\nchmod -R u+rwX ~/.aws"));
        assert!(finding.evidence[0].what.contains("user id 0"), "{finding:?}");
        let errors = scene.findings().into_iter().filter(|finding| finding.severity == Severity::Error);
        assert_eq!(errors.filter(|finding| finding.because_of.is_none()).count(), 1);
    }

    #[test]
    fn a_closed_directory_hides_the_profile() {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.set("AWS_PROFILE", "work");
        scene.machine.aws.locked = vec![locked("/home/ada/.aws", 0)];
        scene.without_credentials(None);
        scene.expect_first("aws-files-unreadable");
        assert_eq!(scene.expect("profile-not-found").because_of, Some("aws-files-unreadable"));
    }

    #[test]
    fn a_file_of_ones_own_with_a_mode_that_keeps_one_out() {
        let mut scene = Scene::healthy();
        scene.machine.aws.locked = vec![Locked { mode: 0, ..locked("/home/ada/.aws/credentials", 1000) }];
        scene.without_credentials(None);
        let finding = scene.expect_first("aws-files-unreadable");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("chmod -R u+rwX ~/.aws"));
    }

    #[test]
    fn a_variable_that_names_nothing() {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.set("AWS_CONFIG_FILE", "/srv/aws/config");
        scene.set("AWS_PROFILE", "work");
        scene.machine.aws.config.path = PathBuf::from("/srv/aws/config");
        scene.machine.aws.config.named_by = Some("AWS_CONFIG_FILE");
        scene.without_credentials(None);
        let finding = scene.expect_first("aws-files-unreadable");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset AWS_CONFIG_FILE"));
    }

    #[test]
    fn what_the_route_does_not_need_is_silence() {
        let mut scene = Scene::healthy();
        scene.machine.aws.locked = vec![locked("/home/ada/.aws/sso/cache/0123.json", 0)];
        scene.machine.aws.config.named_by = Some("AWS_CONFIG_FILE");
        scene.expect_absent("aws-files-unreadable");
        scene.machine.aws.locked = vec![locked("/home/ada/.aws", 0)];
        scene.use_bearer("ABSKexample");
        scene.expect_absent("aws-files-unreadable");
        let mut scene = Scene::healthy();
        scene.set("AWS_PROFILE", "missing");
        scene.without_credentials(None);
        scene.machine.aws.config.state = FileState::Missing;
        scene.expect_absent("aws-files-unreadable");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("aws-files-unreadable");
    }
}
