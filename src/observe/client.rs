//! The `claude` programs on this machine.

mod ask;
mod binary;
mod find;
mod origin;

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::join_all;

pub use ask::LATE;
pub use find::bundled;
pub use origin::Origin;

use crate::version::Version;
use crate::world::{Env, World};

pub(super) use find::{package_around, version_in_path};

/// All installs that were found; the one that runs comes first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// Installs in the order of the `PATH` that a new terminal has, then those in known places outside of it.
    pub installs: Vec<Install>,
    /// Signs that Claude Code was meant to be here (`~/.claude`, a block of ours).
    pub traces: Vec<PathBuf>,
    /// What `claude auth status` answered in the asked directory, if it was asked.
    pub auth_status: Option<AuthStatus>,
    /// Clients that extensions of editors bring along.
    pub bundled: Vec<Bundled>,
}

/// The client in an extension of an editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundled {
    /// The folder of the extension.
    pub path: PathBuf,
    /// The folder of the editor in the home (`.vscode`, `.cursor`, `.vscode-server`, …).
    pub editor: &'static str,
    /// The version of the extension, which is that of its client.
    pub version: Version,
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
    /// It ended in time when it was started for its version, if it was.
    pub in_time: bool,
    /// By which means it came here.
    pub origin: Origin,
    /// The disk tells the version: it is the client's own package or program, and not a script that starts it.
    pub is_package: bool,
}

/// What `claude auth status` says about the route (client 2.1.41 or newer; no network call, no cost).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthStatus {
    /// `apiProvider` of its JSON: `firstParty`, `bedrock`, `vertex`, …
    Provider(String),
    /// It was not asked, or did not answer; the reason.
    Unknown(String),
}

impl Install {
    /// A client of which no more is known than its path and its version.
    pub fn named(path: PathBuf, version: Result<Version, String>) -> Self {
        Self { path, on_path: true, version, in_time: true, origin: Origin::Unknown, is_package: true }
    }
}

impl Client {
    /// The install that runs when `claude` is typed: what an alias names, else the first on the `PATH`.
    pub fn running(&self) -> Option<&Install> {
        self.installs.iter().find(|install| install.on_path)
    }

    /// The version that runs, where it is known.
    pub fn version(&self) -> Option<Version> {
        self.running().and_then(|install| install.version.clone().ok())
    }
}

/// The first version that has `claude auth status`; those before take the words as a prompt, and send and bill it.
const AUTH_STATUS_SINCE: Version = Version(2, 1, 41);

/// Every `claude` on these search paths (`PATH` values, the one that counts first), in known places, and in editors; before
/// them all `first`, which an alias of the shell names.
///
/// Versions are read from the disk; where that says nothing the program is started for `--version`, in `environment`,
/// bounded by `limit` (zero: not at all). The one that runs is started in any case: that it is there does not mean that it does.
pub async fn observe(
    world: &World,
    first: Option<&Path>,
    paths: &[&str],
    environment: &Env,
    limit: Duration,
) -> Client {
    let found = find::installs(world, first, paths);
    let running = found.iter().position(|found| found.on_path && found.broken.is_none());
    let installs = join_all(found.into_iter().enumerate().map(|(place, found)| async move {
        let is_package = found.version.is_some();
        // A shell passes over what is no program.
        let is_passed_over = found.broken.is_some();
        let (version, in_time) = match (found.version, found.broken) {
            (_, Some(reason)) => (Err(reason), true),
            (Some(version), None) if limit.is_zero() || running != Some(place) => (Ok(version), true),
            (Some(version), None) => match ask::version(world, &found.path, environment, limit).await {
                // A large program may take its time at the first start: what the disk tells is not given up for that.
                (Err(_), false) => (Ok(version), false),
                asked => asked,
            },
            (None, None) => ask::version(world, &found.path, environment, limit).await,
        };
        // What comes of starting it is then the shell's attempt to read it as a script.
        let version = version.map_err(|why| binary::foreign(&found.path).unwrap_or(why));
        let (path, on_path, origin) = (found.path, found.on_path, found.origin);
        let install = Install { path, on_path, version, in_time, origin, is_package };
        (is_passed_over, install)
    }));
    let mut installs = installs.await;
    // The one that runs comes first.
    installs.sort_by_key(|(is_passed_over, install)| (!install.on_path, install.on_path && *is_passed_over));
    let installs = installs.into_iter().map(|(_, install)| install).collect();
    Client { installs, traces: find::traces(world), auth_status: None, bundled: find::bundled(world) }
}

/// Asks the client that runs which provider it would use in the world's directory, in this environment.
pub async fn auth_status(world: &World, client: &Client, environment: &Env, limit: Duration) -> AuthStatus {
    let Some(install) = client.running() else {
        return AuthStatus::Unknown("no claude on the PATH".to_owned());
    };
    match &install.version {
        Err(reason) => AuthStatus::Unknown(format!("the version of claude is unknown: {reason}")),
        Ok(version) if *version < AUTH_STATUS_SINCE => {
            AuthStatus::Unknown(format!("claude {version} cannot be asked; {AUTH_STATUS_SINCE} or newer can"))
        }
        Ok(_) => match ask::provider(world, &install.path, environment, limit).await {
            Ok(provider) => AuthStatus::Provider(provider),
            Err(reason) => AuthStatus::Unknown(reason),
        },
    }
}
