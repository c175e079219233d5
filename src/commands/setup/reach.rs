//! Whether new shells have the values: written is one thing, in effect another.

use crate::observe::shells::{FreshShell, ShellOutcome};
use crate::report::setup::{Reached, ReachedStatus};
use crate::shell::files;
use crate::world::{Env, World};

/// Compares what fresh shells report with what was written.
pub fn judge(world: &World, values: &[(&'static str, &str)], shells: &[FreshShell]) -> Vec<Reached> {
    shells
        .iter()
        // What a shell cannot do is said in the plan's notes; it is no failure of this setup.
        .filter(|shell| shell.outcome != ShellOutcome::NoSuchMode && files::reaches(shell.kind, shell.mode, world))
        .map(|shell| {
            let (status, reason) = match &shell.outcome {
                ShellOutcome::Reported { environment, stderr, .. } => match first_difference(values, environment) {
                    None => (ReachedStatus::Effective, None),
                    Some(difference) => (ReachedStatus::NotEffective, Some(with_error(difference, stderr))),
                },
                ShellOutcome::EndedEarly { status, stderr } => {
                    let how = status.map_or("by a signal".to_owned(), |status| format!("with status {status}"));
                    (
                        ReachedStatus::NotEffective,
                        Some(with_error(format!("it ended {how} while it read its files"), stderr)),
                    )
                }
                ShellOutcome::TimedOut => {
                    (ReachedStatus::NotChecked, Some("it did not finish starting in time".to_owned()))
                }
                ShellOutcome::NotStarted(reason) => (ReachedStatus::NotChecked, Some(reason.clone())),
                ShellOutcome::NoSuchMode => (ReachedStatus::NotChecked, None),
            };
            Reached { shell: shell.kind.name().to_owned(), mode: shell.mode.name(), status, reason }
        })
        .collect()
}

/// The first variable that is not what was written.
fn first_difference(values: &[(&'static str, &str)], environment: &Env) -> Option<String> {
    values.iter().find_map(|(name, wanted)| match environment.get(name) {
        Some(value) if value == *wanted => None,
        Some(value) => Some(format!("{name} is {value:?} there, a line that is read later sets it")),
        None => Some(format!("{name} is not set there")),
    })
}

/// The reason with the first line that the shell complained about: often it is the cause.
fn with_error(reason: String, stderr: &str) -> String {
    let noise = ["no job control in this shell", "cannot set terminal process group", "Inappropriate ioctl"];
    match stderr.lines().find(|line| !line.trim().is_empty() && !noise.iter().any(|noise| line.contains(noise))) {
        Some(line) => format!("{reason}; it said: {}", line.trim()),
        None => reason,
    }
}
