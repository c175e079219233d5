//! `credential-export-broken`: `awsCredentialExport` gives no credentials.

use crate::aws::answer::{CredentialFailure, HelperOutcome, HelperRun};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, look, words};
use crate::resolve::data::{Gate, gate};
use crate::resolve::{self, CredentialKind};

/// `awsCredentialExport` gives no credentials.
pub const KIND: Kind = Kind {
    name: "credential-export-broken",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "`awsCredentialExport` gives no credentials",
    page: PAGE,
    owns: &["aws-refused", "wrong-account"],
    detect,
};

const PAGE: &str = "\
## What you see

`Error getting AWS credentials from awsCredentialExport`, `did not return a valid value`; then Claude Code goes on with whatever other credentials are
there, perhaps of another account, or says `Could not load credentials from any providers`. From the command itself:
`Cannot call GetSessionToken with session credentials`.

## Why

The command ended with an error, printed no JSON, or JSON of another shape. It must print
`{\"Credentials\": {\"AccessKeyId\": …, \"SecretAccessKey\": …, \"SessionToken\": …}}`; the flat form of `aws configure export-credentials` is taken
from 2.1.181 on. `aws sts get-session-token` gives nothing where the credentials are session keys already, as those of SSO and of roles are.

## Fix

    aws configure export-credentials --profile NAME --format process

For clients before 2.1.181, wrapped: add `| jq '{Credentials: .}'`.

## Check

The command, run by hand, prints such JSON and nothing else.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let CredentialKind::Export { command, .. } = &case.route.credentials.kind else { return Vec::new() };
    let Some(CredentialFailure::Helper(run)) = &case.answers.credential_failure else { return Vec::new() };
    let version = resolve::client_version(case.machine);
    let needed = gate(Gate::FlatCredentialExport);
    let what = match &run.outcome {
        HelperOutcome::NotFound => "its program is not there".to_owned(),
        HelperOutcome::Exited(Some(status)) => format!("it ended with status {status}"),
        HelperOutcome::Exited(None) => "a signal ended it".to_owned(),
        HelperOutcome::NotCredentials(problem) => format!("what it printed is not credentials: {problem}"),
        HelperOutcome::Expired(end) => format!("the credentials that it printed ended at {end}"),
        HelperOutcome::TimedOut => format!("it did not end within {} ms", run.milliseconds),
        HelperOutcome::NotWrapped => {
            format!("its keys are not wrapped in `Credentials`, as claude {version} needs them")
        }
    };
    let place = words::source(case, &case.route.credentials.source);
    let mut found = Found::new(format!("`awsCredentialExport` gives no credentials: {what}."))
        .evidence(place, format!("`awsCredentialExport` runs `{}`", run.command));
    if !run.stderr.trim().is_empty() {
        found = found.evidence("standard error of the command", run.stderr.trim());
    }
    if look::obtained(case) || case.answers.credentials.got().is_some() {
        found = found.evidence("credentials in use", "those of the next place, since the command gives none");
    }
    let export = format!("aws configure export-credentials{} --format process", option(case));
    vec![match &run.outcome {
        HelperOutcome::NotWrapped => found
            .fix(Fix::command(
                "Wrap what it prints in `{\"Credentials\": …}`: let `awsCredentialExport` run this.",
                format!("{command} | jq '{{Credentials: .}}'"),
            ))
            .fix(Fix::command(format!("Or update Claude Code to {needed} or newer."), "claude update")),
        _ if of_session_token(command, run) => found.fix(Fix::command(
            "Session keys cannot make others: let `awsCredentialExport` run this instead.",
            if version < needed { format!("{export} | jq '{{Credentials: .}}'") } else { export },
        )),
        _ => found
            .fix(Fix::command("Run it by hand and do what its message says.", run.command.clone()))
            .fix(Fix::command("Or let `awsCredentialExport` run this instead.", export)),
    }]
}

/// `--profile NAME`, where one is chosen.
fn option(case: &Case<'_>) -> String {
    words::profile_option(case, &case.route.profile)
}

fn of_session_token(command: &str, run: &HelperRun) -> bool {
    command.contains("get-session-token") && matches!(run.outcome, HelperOutcome::Exited(Some(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::testing::*;
    use crate::observe::settings::{Scope, Settings};
    use crate::version::Version;

    fn exporting(command: &str, outcome: HelperOutcome, stderr: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        let settings = Settings { aws_credential_export: Some(command.to_owned()), ..Settings::default() };
        scene.settings(Scope::User, settings);
        let run = HelperRun { command: command.to_owned(), outcome, milliseconds: 30, stderr: stderr.to_owned() };
        scene.without_credentials(Some(CredentialFailure::Helper(run)));
        scene
    }

    #[test]
    fn a_flat_form_that_an_old_client_does_not_take() {
        let mut scene = exporting("corp-keys", HelperOutcome::NotWrapped, "");
        scene.client(Version(2, 1, 180));
        let finding = scene.expect_first("credential-export-broken");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("corp-keys | jq '{Credentials: .}'"));
        assert!(finding.fixes[1].text.contains("2.1.181"), "{finding:?}");
    }

    #[test]
    fn session_keys_that_cannot_make_others() {
        let words = "An error occurred (AccessDenied) when calling the GetSessionToken operation: Cannot call GetSessionToken with session credentials";
        let scene = exporting("aws sts get-session-token", HelperOutcome::Exited(Some(254)), words);
        let finding = scene.expect_first("credential-export-broken");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("aws configure export-credentials --format process"));
        assert!(finding.evidence[1].what.contains("Cannot call GetSessionToken"));
    }

    #[test]
    fn other_failures_are_shown_in_the_words_of_the_command() {
        for outcome in [
            HelperOutcome::Exited(Some(1)),
            HelperOutcome::NotCredentials("it printed no JSON".to_owned()),
            HelperOutcome::TimedOut,
        ] {
            let finding =
                exporting("corp-keys", outcome, "please run: corp-login\n").expect_first("credential-export-broken");
            assert_eq!(finding.fixes[0].command.as_deref(), Some("corp-keys"));
        }
    }

    #[test]
    fn a_credential_process_is_another_matter() {
        let mut scene = Scene::healthy();
        scene.choose_profile("corp", &[("credential_process", "corp-keys")]);
        let outcome = HelperOutcome::Exited(Some(1));
        let run = HelperRun { command: "corp-keys".to_owned(), outcome, milliseconds: 30, stderr: String::new() };
        scene.without_credentials(Some(CredentialFailure::Helper(run)));
        scene.expect_absent("credential-export-broken");
        Scene::healthy().expect_absent("credential-export-broken");
    }
}
