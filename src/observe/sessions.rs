//! Running `claude` processes: what each was started with, and the settings that apply where it runs.
//!
//! Facts about 2.1.330, measured on Linux, that decide what is here:
//!
//! * `/proc/PID/environ` shows the environment as the process was started. Values of settings files are in effect and
//!   are not in it, so a session is told by both together.
//! * A process is Claude Code if the client's own register names it, or its program lies where installers put the client,
//!   or it is a Node or Bun that calls itself `claude`. A name alone is no sign: other programs are called `claude`, and
//!   the client's process may be called `claude.exe` or `2.1.330`, after the file that was started.
//! * A background session (`claude --bg`) is a process that was started ahead of it; environment and flags reach it
//!   through a socket, and its `environ` shows those of whatever started the first background session.

mod arguments;
mod files;
mod found;
mod proc;
mod register;

use std::path::PathBuf;

use jiff::Timestamp;

pub(super) use files::insert_flags;

use super::client::{AuthStatus, Client, Install};
use super::settings::{Scope, SettingsFile, UnreadSettings};
use super::{Machine, aws_files};
use crate::version::Version;
use crate::world::{Env, World};

/// One running session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The process.
    pub pid: u32,
    /// When the process was started, or, in the background, when its session was.
    pub started: Option<Timestamp>,
    /// The directory whose project settings apply.
    pub directory: Option<PathBuf>,
    /// The version of the client.
    pub version: Option<Version>,
    /// The session's id, which names its transcript.
    pub session_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// `interactive`, `bg`, …; runs with `-p` are `interactive` too.
    pub kind: Option<String>,
    /// `cli`, `sdk-cli` (`-p`), `claude-vscode`, …
    pub entrypoint: Option<String>,
    /// `busy`, `idle`, …
    pub status: Option<String>,
    /// The file that runs; for clients on Node, that is Node.
    pub program: Option<PathBuf>,
    /// The environment as the session was started, or why it cannot be known.
    pub environment: Result<Env, String>,
    /// Its command line is known. Where it is not, neither are `--settings`, `--setting-sources` and `--model`.
    pub flags_known: bool,
    /// The settings files that apply, strongest first; what was given on the command line is [`Scope::Flag`].
    pub settings: Vec<SettingsFile>,
    /// Files that look like settings files beside those.
    pub unread_settings: Vec<UnreadSettings>,
    /// The AWS files as its environment and its settings name them.
    pub aws: aws_files::AwsFiles,
}

/// Every running session of this user and this home, by process.
///
/// # Errors
/// Processes cannot be listed on this system (there is no `/proc`, as on macOS).
pub fn observe(world: &World) -> Result<Vec<Session>, String> {
    let proc = world.system_root.join("proc");
    let cannot = |reason| format!("running sessions cannot be listed: {reason}");
    let mut ids = proc::ids(&proc).map_err(cannot)?;
    ids.sort_unstable();
    Ok(ids.into_iter().filter_map(|pid| found::look(world, &proc, pid).ok()).collect())
}

/// The session of one process.
///
/// # Errors
/// Why it is none: no such process, not Claude Code, another user's, another home's.
pub fn one(world: &World, pid: u32) -> Result<Session, String> {
    let proc = world.system_root.join("proc");
    proc::ids(&proc).map_err(|reason| format!("process {pid} cannot be looked at: {reason}"))?;
    found::look(world, &proc, pid).map_err(|reason| reason.to_string())
}

impl Session {
    /// The world as this session sees it: its environment, which is empty where it is not known, and its directory.
    pub fn world(&self, world: &World) -> World {
        World {
            env: self.environment.clone().unwrap_or_default(),
            directory: self.directory.clone().unwrap_or_else(|| world.home.clone()),
            ..world.clone()
        }
    }

    /// The machine as this session sees it: its environment, directory, settings, AWS files and client, and neither fresh
    /// shells nor rc files. Where `environment` is not known it is empty here: look at that first.
    ///
    /// A `base` that was taken in the session's directory is kept beside it, as what a new client would find.
    pub fn machine(&self, base: &Machine) -> Machine {
        let directory = self.directory.clone().unwrap_or_else(|| base.directory.clone());
        let mut machine = Machine::empty(base.now, &base.home, directory);
        machine.environment = self.environment.clone().unwrap_or_default();
        machine.login_shell.clone_from(&base.login_shell);
        machine.settings.clone_from(&self.settings);
        machine.unread_settings.clone_from(&self.unread_settings);
        machine.aws.clone_from(&self.aws);
        machine.receipt.clone_from(&base.receipt);
        machine.log.clone_from(&base.log);
        let version = self.version.ok_or_else(|| "the process does not tell it".to_owned());
        let program = self.program.clone().unwrap_or_else(|| PathBuf::from("claude"));
        machine.client = Client {
            installs: vec![Install::named(program, version)],
            auth_status: Some(AuthStatus::Unknown("a running session cannot be asked".to_owned())),
            ..base.client.clone()
        };
        if self.directory.as_ref() == Some(&base.directory) {
            machine.as_of_now = Some(Box::new(self.with_flags(base.clone())));
        }
        machine
    }

    /// A machine on which the client is started with this session's flags: only the settings that they let through, and
    /// what they add.
    fn with_flags(&self, mut machine: Machine) -> Machine {
        if self.flags_known {
            machine.settings.retain(|file| file.scope == Scope::Managed || self.has_scope(file.scope));
            let flags = self.settings.iter().filter(|file| file.scope == Scope::Flag).cloned();
            files::insert_flags(&mut machine.settings, flags.collect());
        }
        machine
    }

    fn has_scope(&self, scope: Scope) -> bool {
        self.settings.iter().any(|file| file.scope == scope)
    }
}

#[cfg(test)]
mod tests;
