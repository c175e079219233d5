//! Exit codes: stable, documented in `--help`, and the same for every command.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All is well; notes and warnings are allowed.
    Well = 0,
    /// A finding of severity error, or a setup that did not take effect.
    Problem = 1,
    /// Wrong usage.
    Usage = 2,
    /// Nothing wrong was proven, and something could not be asked.
    CouldNotTell = 3,
    /// A file was not touched, and why was said.
    Refused = 4,
    /// Interrupted, or declined at a prompt.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
