//! `credential-process-missing`: the credential helper of the profile is not there.

use crate::aws::answer::HelperOutcome;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};

/// The credential helper of the profile is not there.
pub const KIND: Kind = Kind {
    name: "credential-process-missing",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The credential helper of the profile is not there",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`Could not load credentials from any providers`; from the AWS CLI `Error when retrieving credentials from custom-process`, with
`No such file or directory` or `command not found`.

## Why

The first word of `credential_process` is not a program on the `PATH` of the process that starts `claude`, or it is not executable. Programs
started from a desktop have a shorter `PATH` than a terminal.

## Fix

Install the helper, or write its absolute path into `credential_process` in `~/.aws/config`.

## Check

The command of `credential_process`, run by hand, prints JSON that begins with `{\"Version\": 1`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(run) = look::helper(case).filter(|run| run.outcome == HelperOutcome::NotFound) else {
        return Vec::new();
    };
    let name = look::leaf(case).map_or("default", |(name, _)| name);
    let program = run.command.split_whitespace().next().unwrap_or_default();
    vec![
        Found::new(format!("The credential helper `{program}` of the profile `{name}` is not there or cannot be run."))
            .evidence(format!("profile {name}, credential_process"), run.command.clone())
            .fix(Fix::command(
                "See where it is; install it, or write its absolute path into `credential_process`.",
                format!("command -v {}", words::quote(case, program)),
            )),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{CredentialFailure, HelperOutcome, HelperRun};
    use crate::diagnose::testing::*;

    fn with(outcome: HelperOutcome, stderr: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.choose_profile("corp", &[("credential_process", "corp-creds --fast")]);
        let run =
            HelperRun { command: "corp-creds --fast".to_owned(), outcome, milliseconds: 40, stderr: stderr.to_owned() };
        scene.without_credentials(Some(CredentialFailure::Helper(run)));
        scene
    }

    #[test]
    fn a_helper_that_is_not_there() {
        let finding = with(HelperOutcome::NotFound, "").expect_first("credential-process-missing");
        assert!(finding.summary.contains("corp-creds"));
    }

    #[test]
    fn a_helper_that_fails_is_another_finding() {
        with(HelperOutcome::Exited(Some(1)), "").expect_absent("credential-process-missing");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("credential-process-missing");
    }
}
