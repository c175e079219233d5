//! `credential-process-failed`: the credential helper of the profile fails.

use crate::aws::answer::HelperOutcome;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look};

/// The credential helper of the profile fails.
pub const KIND: Kind = Kind {
    name: "credential-process-failed",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The credential helper of the profile fails",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`Could not load credentials from any providers`; from the AWS CLI `Error when retrieving credentials from custom-process`.

## Why

The command of `credential_process` ran and ended with an error, or printed something that is not
`{\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …}`: log lines on its standard output, another shape of JSON, keys that are past
their own `Expiration`.

## Fix

Run the command by hand and do what its own message says: it knows its cause.

## Check

The command, run by hand, prints such JSON and nothing else; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(run) = look::helper(case) else {
        return Vec::new();
    };
    let what = match &run.outcome {
        HelperOutcome::Exited(Some(status)) => format!("it ended with status {status}"),
        HelperOutcome::Exited(None) => "a signal ended it".to_owned(),
        HelperOutcome::NotCredentials(problem) => {
            format!("what it printed is not credentials: {problem}")
        }
        HelperOutcome::Expired(end) => format!("the credentials that it printed ended at {end}"),
        HelperOutcome::NotFound | HelperOutcome::TimedOut | HelperOutcome::NotWrapped => {
            return Vec::new();
        }
    };
    let name = look::leaf(case).map_or("default", |(name, _)| name);
    let mut found = Found::new(format!("The credential helper of the profile `{name}` fails: {what}."))
        .evidence(format!("profile {name}, credential_process"), run.command.clone());
    if !run.stderr.trim().is_empty() {
        found = found.evidence("standard error of the helper", run.stderr.trim());
    }
    vec![found.fix(Fix::command("Run it by hand and do what its message says.", run.command.clone()))]
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
    fn its_own_words_are_the_evidence() {
        let finding =
            with(HelperOutcome::Exited(Some(1)), "please run: corp-login\n").expect_first("credential-process-failed");
        assert_eq!(finding.evidence[1].what, "please run: corp-login");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("corp-creds --fast"));
    }

    #[test]
    fn output_of_another_shape() {
        let scene = with(HelperOutcome::NotCredentials("the key `Version` is missing".to_owned()), "");
        assert!(scene.expect_first("credential-process-failed").summary.contains("`Version`"));
    }

    #[test]
    fn a_hanging_helper_is_another_finding() {
        with(HelperOutcome::TimedOut, "").expect_absent("credential-process-failed");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("credential-process-failed");
    }
}
