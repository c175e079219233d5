//! Is a process a session of Claude Code, and what is known of it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::arguments::Arguments;
use super::proc::{self, Process, Program};
use super::{Session, files, register};
use crate::observe::client::{package_around, version_in_path};
use crate::observe::{settings, wrappers};
use crate::version::Version;
use crate::world::{Env, World};

/// Why a process is no session of ours.
#[derive(Debug, thiserror::Error)]
pub enum NoSession {
    #[error("there is no process {0}")]
    Gone(u32),
    #[error("process {0} belongs to another user")]
    OtherUser(u32),
    #[error("process {pid} is `{name}`, not Claude Code")]
    NotClient { pid: u32, name: String },
    #[error("process {pid} is a part of Claude Code (`{what}`), not a session")]
    NotSession { pid: u32, what: String },
    #[error("process {pid} is Claude Code with another home ({home})")]
    OtherHome { pid: u32, home: String },
    #[error("process {pid} may be Claude Code, and of which home cannot be told: {reason}")]
    UnknownHome { pid: u32, reason: String },
}

/// The session of one process.
pub fn look(world: &World, proc: &Path, pid: u32) -> Result<Session, NoSession> {
    let process = proc::process(proc, pid).filter(|process| !process.ended).ok_or(NoSession::Gone(pid))?;
    if process.uid != world.user.uid {
        return Err(NoSession::OtherUser(pid));
    }
    let program = process.program();
    if !may_be_client(world, &process, program.as_ref()) {
        return Err(NoSession::NotClient { pid, name: process.name });
    }
    let environment = process.environment();
    let path = environment.as_ref().ok().and_then(|environment| environment.non_empty("PATH"));
    let mut words = process.arguments();
    let program = match script(&process, program.as_ref(), &words, path) {
        // The words of the interpreter are no arguments of the client.
        Some((script, at)) => {
            words.drain(..at);
            Some(script)
        }
        None => program,
    };
    let found = Found {
        program,
        arguments: Arguments::of(words),
        started: process.started(proc::boot(proc)),
        working_directory: process.working_directory(),
        environment,
        process,
    };
    let session = found.session(world);
    // What ended or was replaced meanwhile was read in pieces of two processes.
    if found.process.is_there(proc) { session } else { Err(NoSession::Gone(pid)) }
}

/// Something about it says `claude`. The environments of all other processes are nobody's business and are not read.
fn may_be_client(world: &World, process: &Process, program: Option<&Program>) -> bool {
    let (configuration, _) = settings::configuration_directory(world);
    process.name.contains("claude")
        || program.is_some_and(|program| program.path.to_string_lossy().contains("claude"))
        || register::names(&configuration, process.pid)
}

/// The script that the process was started as, where that is the client: it has the client's name, and an interpreter runs
/// the file that `claude` is on the `PATH` of the process, or one where installers put the client. A wrapper is none: the
/// client that it starts is a process of its own.
fn script(
    process: &Process,
    interpreter: Option<&Program>,
    words: &[String],
    path: Option<&str>,
) -> Option<(Program, usize)> {
    if process.name != "claude" || interpreter.is_none_or(|program| program.path.ends_with("claude")) {
        return None;
    }
    let first = which::which_in("claude", path, "/").ok().and_then(|found| found.canonicalize().ok());
    // `#!/usr/bin/env -S node --flag` and the like put a word before the script.
    words.iter().enumerate().skip(1).take(2).find_map(|(at, word)| {
        let word = Path::new(word);
        let named = word.is_absolute() && word.file_name().is_some_and(|name| name == "claude");
        let file = word.canonicalize().ok().filter(|_| named)?;
        let installed = version_in_path(&file).is_some();
        let is_client = installed || (first.as_ref() == Some(&file) && !wrappers::starts_another(&file));
        is_client.then_some((Program { path: file, replaced: false }, at))
    })
}

/// What `/proc` says about one process.
struct Found {
    process: Process,
    program: Option<Program>,
    arguments: Option<Arguments>,
    started: Option<Timestamp>,
    working_directory: Option<PathBuf>,
    environment: Result<Env, String>,
}

impl Found {
    fn session(&self, world: &World) -> Result<Session, NoSession> {
        let pid = self.process.pid;
        let other_home = self.other_home(world);
        let seen = World {
            // Of a process that may not be looked into, this home's own register may still tell.
            env: self.environment.as_ref().unwrap_or(&world.env).clone(),
            directory: self.working_directory.clone().unwrap_or_else(|| world.home.clone()),
            ..world.clone()
        };
        let (configuration, _) = settings::configuration_directory(&seen);
        let entry = match other_home {
            None => register::entry(&configuration, pid, self.process.start, self.started),
            Some(_) => None,
        };
        let has_key = || other_home.is_none() && register::has_key(&configuration, pid, self.started);
        if entry.is_none() && !self.is_client(has_key) {
            return Err(NoSession::NotClient { pid, name: self.process.name.clone() });
        }
        if let Some(home) = other_home {
            return Err(NoSession::OtherHome { pid, home });
        }
        // The register is that of this home.
        if let (Err(reason), None) = (&self.environment, &entry) {
            return Err(NoSession::UnknownHome { pid, reason: reason.clone() });
        }
        let entry = match entry {
            Some(entry) if entry.spare => Err("started ahead of a background session".to_owned()),
            Some(entry) => Ok(entry),
            None => match self.arguments.as_ref().and_then(Arguments::no_session) {
                Some(what) => Err(what.to_owned()),
                None => Ok(register::Entry::default()),
            },
        };
        let entry = entry.map_err(|what| NoSession::NotSession { pid, what })?;
        Ok(self.assemble(seen, entry))
    }

    /// The home of the process, where it is another one. Unset, it is that of the password database.
    fn other_home(&self, world: &World) -> Option<String> {
        let environment = self.environment.as_ref().ok()?;
        let database = || world.user.home.as_ref().map(|home| home.display().to_string());
        let home = environment.non_empty("HOME").map(str::to_owned).or_else(database)?;
        let path = Path::new(&home);
        let is_ours = path == world.home
            || home == world.home.to_string_lossy()
            || path.canonicalize().is_ok_and(|path| world.home.canonicalize().is_ok_and(|ours| ours == path));
        (!is_ours).then_some(home)
    }

    /// It is Claude Code, although the register does not name it (yet).
    fn is_client(&self, has_key: impl Fn() -> bool) -> bool {
        let Some(program) = &self.program else { return false };
        let file = program.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let named = file.contains("claude");
        // A package of the client holds other programs too (`rg`); the native installer names the file by its version.
        version_in_path(&program.path).is_some() && (named || file.parse::<Version>().is_ok())
            || named && package_around(&program.path).is_some()
            || matches!(file.as_str(), "claude" | "claude.exe")
                && (in_own_directory(&program.path) || self.is_on_path(program))
            || self.is_on_path(program) && self.process.name == "claude"
            || self.process.name == "claude" && matches!(file.as_str(), "node" | "nodejs" | "bun")
            || (named || self.process.name.contains("claude")) && has_key()
    }

    /// It is what `claude` starts in the environment of the process, which is how people start the client.
    fn is_on_path(&self, program: &Program) -> bool {
        let path = self.environment.as_ref().ok().and_then(|environment| environment.non_empty("PATH"));
        let found = path.and_then(|path| which::which_in("claude", Some(path), "/").ok());
        found.and_then(|found| found.canonicalize().ok()).is_some_and(|found| found == program.path)
    }

    /// What is known of a session, in the world that its process sees.
    fn assemble(&self, seen: World, entry: register::Entry) -> Session {
        let arguments = self.arguments.as_ref();
        let handed_over = arguments.is_some_and(Arguments::is_spare);
        let environment = if handed_over {
            Err("a background session gets its environment from the process that asked for it, and does not show it"
                .to_owned())
        } else {
            self.environment.clone()
        };
        let started = if handed_over { entry.started.or(self.started) } else { self.started.or(entry.started) };
        let on_disk = |program: &Program| {
            let of_package = || if program.replaced { None } else { package_around(&program.path)?.version };
            version_in_path(&program.path).or_else(of_package)
        };
        let directory = entry.directory.map(PathBuf::from).or_else(|| self.working_directory.clone());
        let flags = arguments.filter(|_| !handed_over);
        let directory_known = directory.is_some();
        let world = World { directory: directory.clone().unwrap_or_else(|| seen.home.clone()), ..seen };
        let (settings, unread_settings) = files::settings(&world, flags, directory_known);
        Session {
            pid: self.process.pid,
            started,
            version: entry.version.or_else(|| on_disk(self.program.as_ref()?)),
            session_id: entry.session_id,
            name: entry.name,
            kind: entry.kind,
            entrypoint: entry.entrypoint,
            status: entry.status,
            program: self.program.as_ref().map(|program| program.path.clone()),
            flags_known: flags.is_some(),
            aws: files::aws(&world, &settings),
            settings,
            unread_settings,
            directory,
            environment,
        }
    }
}

/// A directory of the client's name holds it, itself or in a `bin`: `/opt/claude-code/bin/claude`.
fn in_own_directory(program: &Path) -> bool {
    program
        .ancestors()
        .skip(1)
        .take(2)
        .filter_map(Path::file_name)
        .any(|name| name == "claude" || name == "claude-code")
}
