//! What fresh shells report: "the block is in the file" and "a new shell has the variable" are two different facts.

use std::path::PathBuf;

use crate::shell::{Mode, ShellKind};
use crate::world::Env;

/// One fresh shell that was started, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshShell {
    /// Its kind.
    pub kind: ShellKind,
    /// The program that was started.
    pub program: PathBuf,
    /// How it was started.
    pub mode: Mode,
    /// What came of it.
    pub outcome: ShellOutcome,
}

/// What came of starting a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShellOutcome {
    /// It reached the end of its start-up files and a child of it reported its environment.
    Reported {
        /// The environment of a child process: exported variables only.
        environment: Env,
        /// What the start-up files wrote to standard error, at most a few kilobytes.
        stderr: String,
    },
    /// It ended before a child could report (an `exit` or `exec` in an rc file, a syntax error).
    EndedEarly {
        /// Exit status, `None` when a signal ended it.
        status: Option<i32>,
        /// Standard error, at most a few kilobytes.
        stderr: String,
    },
    /// It did not end within the limit; its process group was killed.
    TimedOut,
    /// It could not be started.
    NotStarted(String),
    /// This shell has no such mode (elvish has no login mode); nothing was started.
    NoSuchMode,
}

impl FreshShell {
    /// The environment that it reported, if it did.
    pub fn environment(&self) -> Option<&Env> {
        match &self.outcome {
            ShellOutcome::Reported { environment, .. } => Some(environment),
            _ => None,
        }
    }
}
