//! `credential-process-slow`: the credential helper of the profile does not end in time.

use crate::aws::answer::HelperOutcome;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look};
use crate::resolve::ProfileRoute;

/// The credential helper of the profile does not end in time.
pub const KIND: Kind = Kind {
    name: "credential-process-slow",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The credential helper of the profile does not end in time",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`claude` hangs, then `AWS default-chain credential resolve timed out`, or `Request timed out. If the API is slow to answer …`.

## Why

The command of `credential_process` does not end: it waits for a browser, a VPN or an input that nobody can give here. Claude Code gives up
after 60 seconds; before 2.1.207 it hung on Windows for ever.

## Fix

Run the command by hand once, in a terminal. Move the part that asks a person to `awsAuthRefresh` in the user settings of Claude Code.

## Check

`time` the command: it should take well under three seconds.
";

/// From here on every start of `claude` is felt to wait, in milliseconds.
const SLOW: u64 = 3_000;

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some((name, ProfileRoute::Process { command })) = look::leaf(case) else {
        return Vec::new();
    };
    let hangs = look::helper(case).filter(|run| run.outcome == HelperOutcome::TimedOut);
    let slow = case.answers.credentials.got().filter(|obtained| obtained.milliseconds >= SLOW);
    let (severity, summary, after) = match (hangs, slow) {
        (Some(run), _) => (
            Severity::Error,
            format!("The credential helper of the profile `{name}` does not end in time."),
            run.milliseconds,
        ),
        (None, Some(obtained)) => (
            Severity::Warning,
            format!("The credential helper of the profile `{name}` is slow."),
            obtained.milliseconds,
        ),
        (None, None) => return Vec::new(),
    };
    let ending = if severity == Severity::Error { "stopped" } else { "ended" };
    let mut found = Found::new(summary)
        .severity(severity)
        .evidence(format!("profile {name}, credential_process"), format!("{command}: {ending} after {after} ms"));
    if let Some(run) = hangs.filter(|run| !run.stderr.trim().is_empty()) {
        found = found.evidence("standard error of the helper", run.stderr.trim());
    }
    vec![found.fix(Fix::command(
        "Run it by hand once and answer what it asks; move what needs a person to `awsAuthRefresh`.",
        command.clone(),
    ))]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, CredentialFailure, HelperOutcome, HelperRun, Obtained};
    use crate::diagnose::Severity;
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
    fn a_helper_that_hangs() {
        let finding = with(HelperOutcome::TimedOut, "waiting for the browser").expect_first("credential-process-slow");
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.evidence[1].what.contains("browser"));
    }

    #[test]
    fn a_helper_that_is_slow_and_gives_is_a_warning() {
        let mut scene = Scene::healthy();
        scene.choose_profile("corp", &[("credential_process", "corp-creds")]);
        let obtained = Obtained { key_id: "ASIAIOSFODNN7EXAMPLE".to_owned(), expires: None, milliseconds: 4_200 };
        scene.answers.credentials = Answer::Got(obtained);
        assert_eq!(scene.expect_first("credential-process-slow").severity, Severity::Warning);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("credential-process-slow");
    }
}
