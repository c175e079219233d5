//! Looks at the machine and states facts: it never judges and never prints.
//!
//! [`Machine`] is the whole of what is known without asking AWS. `resolve` and `diagnose` read it and nothing else, so
//! each of their rules is tested from a table of facts.

pub mod account;
pub mod aws_files;
pub mod client;
mod directory_files;
mod file;
pub mod helpers;
pub mod host;
mod jsonc;
pub mod launch;
mod leftovers;
pub mod owner;
pub mod prices;
mod process;
pub mod rc_files;
pub mod running;
pub mod sessions;
pub mod settings;
pub mod shells;
pub mod surfaces;
pub mod transcripts;
pub mod wrappers;

mod machine;
mod surroundings;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::aws::answer::Asked;
use crate::shell::ShellKind;
use crate::world::{Env, World};

pub use machine::{Options, checks, confirm, machine};
pub use surroundings::{Surroundings, surroundings};

/// One machine, seen from one directory, at one moment.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The directory that the question is asked for.
    pub directory: PathBuf,
    /// The user's home.
    pub home: PathBuf,
    /// When the facts were taken.
    pub now: Timestamp,
    /// The environment of the process that asks (its terminal's).
    pub environment: Env,
    /// The login shell and where that is known from; `None` when nothing names a known shell.
    pub login_shell: Option<LoginShell>,
    /// What fresh shells report; empty when none were started.
    pub shells: Vec<shells::FreshShell>,
    /// Rc files of the shells, whether they exist or not.
    pub rc_files: Vec<rc_files::RcFile>,
    /// Files among them that their shell passes by, each with the one that it reads instead: where `ZDOTDIR` or
    /// `XDG_CONFIG_HOME` moves them.
    pub moved: Vec<(PathBuf, PathBuf)>,
    /// Files that those files read, as far as a plain path names them.
    pub sourced: Vec<rc_files::Sourced>,
    /// Lines of those files that can end them early.
    pub guards: Vec<rc_files::Guard>,
    /// Lines of files by which tools set variables per directory (direnv, mise), the nearest directory first.
    pub directory_files: Vec<(PathBuf, rc_files::Assignment)>,
    /// Settings files of Claude Code that apply to the directory, strongest first.
    pub settings: Vec<settings::SettingsFile>,
    /// Those of the rc and settings files that other users of this machine can read.
    pub exposed: Vec<PathBuf>,
    /// Files that look like settings files beside those, and that the client does not read.
    pub unread_settings: Vec<settings::UnreadSettings>,
    /// The helper programs that the settings files name.
    pub helpers: Vec<helpers::Helper>,
    /// The `claude` programs on this machine.
    pub client: client::Client,
    /// What stands between the word `claude` and the client that runs, outermost first.
    pub wrappers: Vec<wrappers::Wrapper>,
    /// Where else the client is started than in a terminal.
    pub surfaces: surfaces::Surfaces,
    /// Who runs, and whose files these are.
    pub owner: owner::Owner,
    /// Sessions of the client that run now.
    pub running: Vec<running::Running>,
    /// When start-up files of the shells and files of the AWS tools were last changed.
    pub changed: BTreeMap<PathBuf, Timestamp>,
    /// The AWS configuration, credentials and sign-in caches.
    pub aws: aws_files::AwsFiles,
    /// Where this session runs.
    pub host: host::Host,
    /// What the receipt of an earlier `setup` says, if there is one.
    pub receipt: Option<ReceiptFacts>,
    /// What each observer took, and what came of it.
    pub log: Vec<Asked>,
    /// Where this is the machine of a client that runs: that of one started now, in its directory with its flags.
    pub as_of_now: Option<Box<Machine>>,
}

/// The shell that a new terminal starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginShell {
    /// Its kind.
    pub kind: ShellKind,
    /// The program.
    pub program: PathBuf,
    /// `password database` or `$SHELL`.
    pub from: &'static str,
}

/// What an earlier `setup` wrote down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFacts {
    /// Files that hold, or held, a block of ours.
    pub files: Vec<PathBuf>,
    /// The profile that was chosen.
    pub profile: Option<String>,
    /// The region that was chosen.
    pub region: Option<String>,
    /// When it last changed anything.
    pub written: Option<Timestamp>,
}

impl Machine {
    /// A machine on which nothing was found: the start of tables of facts, to be filled field by field.
    pub fn empty(now: Timestamp, home: impl Into<PathBuf>, directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            home: home.into(),
            now,
            environment: Env::default(),
            login_shell: None,
            shells: Vec::new(),
            rc_files: Vec::new(),
            moved: Vec::new(),
            sourced: Vec::new(),
            guards: Vec::new(),
            directory_files: Vec::new(),
            settings: Vec::new(),
            exposed: Vec::new(),
            unread_settings: Vec::new(),
            helpers: Vec::new(),
            client: client::Client::default(),
            wrappers: Vec::new(),
            surfaces: surfaces::Surfaces::default(),
            owner: owner::Owner::default(),
            running: Vec::new(),
            changed: BTreeMap::new(),
            aws: aws_files::AwsFiles::default(),
            host: host::Host::default(),
            receipt: None,
            log: Vec::new(),
            as_of_now: None,
        }
    }
}

/// The login shell: that of the password database, and `$SHELL` where that is none that people work in.
pub fn login_shell(world: &World) -> Option<LoginShell> {
    let known = |program: PathBuf, from| Some(LoginShell { kind: ShellKind::from_program(&program)?, program, from });
    let of_database = world.user.shell.clone().and_then(|program| known(program, "password database"));
    of_database.or_else(|| known(PathBuf::from(world.env.non_empty("SHELL")?), "$SHELL"))
}
