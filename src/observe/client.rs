//! The `claude` programs on this machine.

use std::path::PathBuf;

use crate::version::Version;

/// All installs that were found; the one that runs comes first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// Installs in the order of the `PATH` that a new terminal has, then those in known places outside of it.
    pub installs: Vec<Install>,
    /// Signs that Claude Code was meant to be here (`~/.claude`, a block of ours).
    pub traces: Vec<PathBuf>,
    /// What `claude auth status` answered in the asked directory, if it was asked.
    pub auth_status: Option<AuthStatus>,
}

/// One `claude`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// The path by which it is found.
    pub path: PathBuf,
    /// It is on the `PATH`.
    pub on_path: bool,
    /// Its version, or why there is none.
    pub version: Result<Version, String>,
}

/// What `claude auth status` says about the route (client 2.1.41 or newer; no network call, no cost).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthStatus {
    /// `apiProvider` of its JSON: `firstParty`, `bedrock`, `vertex`, …
    Provider(String),
    /// It was not asked, or did not answer; the reason.
    Unknown(String),
}

impl Client {
    /// The install that runs when `claude` is typed.
    pub fn running(&self) -> Option<&Install> {
        self.installs.iter().find(|install| install.on_path)
    }

    /// The version that runs, where it is known.
    pub fn version(&self) -> Option<Version> {
        self.running().and_then(|install| install.version.clone().ok())
    }
}
