//! The local part of the list of checks: what was looked at on this machine, and what could not be.

use std::time::Duration;

use crate::aws::answer::{Asked, CheckStatus};
use crate::observe::Machine;
use crate::observe::aws_files::FileState;
use crate::observe::client::AuthStatus;
use crate::observe::rc_files::RcState;
use crate::observe::settings::SettingsState;
use crate::observe::shells::ShellOutcome;

/// One entry for each thing that was looked at; `took` is the time of the whole look, which happens at once.
pub fn local(machine: &Machine, took: Duration) -> Vec<Asked> {
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let entry =
        |name: String, (status, reason): (CheckStatus, Option<String>)| Asked { name, status, milliseconds, reason };
    let unreadable = |reasons: Vec<String>| match reasons.is_empty() {
        true => (CheckStatus::Passed, None),
        false => (CheckStatus::Failed, Some(reasons.join("; "))),
    };
    let rc = machine.rc_files.iter().filter_map(|file| match &file.state {
        RcState::Unreadable(reason) => Some(format!("{}: {reason}", file.path.display())),
        _ => None,
    });
    let settings = machine.settings.iter().filter_map(|file| match &file.state {
        SettingsState::Unreadable(reason) => Some(format!("{}: {reason}", file.path.display())),
        SettingsState::Invalid { line, .. } => Some(format!("{}:{line} is not JSON", file.path.display())),
        SettingsState::Missing | SettingsState::Read(_) => None,
    });
    let aws = [&machine.aws.config, &machine.aws.credentials].into_iter().filter_map(|file| match &file.state {
        FileState::Unreadable(reason) | FileState::Broken(reason) => Some(format!("{}: {reason}", file.path.display())),
        FileState::Missing | FileState::Read => None,
    });
    let client = match machine.client.running() {
        Some(install) => match &install.version {
            Ok(_) => (CheckStatus::Passed, None),
            Err(reason) => (CheckStatus::Failed, Some(reason.clone())),
        },
        None => (CheckStatus::Failed, Some("no `claude` on the PATH".to_owned())),
    };
    let mut checks = vec![
        entry("rc-files".to_owned(), unreadable(rc.collect())),
        entry("settings".to_owned(), unreadable(settings.collect())),
        entry("aws-files".to_owned(), unreadable(aws.collect())),
        entry("client".to_owned(), client),
    ];
    match &machine.client.auth_status {
        Some(AuthStatus::Provider(_)) => checks.push(entry("auth-status".to_owned(), (CheckStatus::Passed, None))),
        Some(AuthStatus::Unknown(reason)) => {
            checks.push(entry("auth-status".to_owned(), (CheckStatus::Skipped, Some(reason.clone()))));
        }
        None => {}
    }
    for shell in &machine.shells {
        let outcome = match &shell.outcome {
            ShellOutcome::Reported { .. } => (CheckStatus::Passed, None),
            ShellOutcome::EndedEarly { .. } => {
                (CheckStatus::Failed, Some("it ended before it could report".to_owned()))
            }
            ShellOutcome::TimedOut => (CheckStatus::TimedOut, Some("it did not finish starting in time".to_owned())),
            ShellOutcome::NotStarted(reason) => (CheckStatus::Skipped, Some(reason.clone())),
            ShellOutcome::NoSuchMode => (CheckStatus::Skipped, Some("this shell has no such mode".to_owned())),
        };
        checks.push(entry(format!("shell:{}:{}", shell.kind, shell.mode.id()), outcome));
    }
    checks
}

/// A detection that crashed: a defect of ours, reported beside everything else.
pub fn crashed((name, said): (&'static str, String)) -> Asked {
    Asked { name: format!("finding:{name}"), status: CheckStatus::Crashed, milliseconds: 0, reason: Some(said) }
}
