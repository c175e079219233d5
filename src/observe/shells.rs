//! What fresh shells report: "the block is in the file" and "a new shell has the variable" are two different facts.

mod nonce;
mod start;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::join_all;
use sha2::{Digest, Sha256};
use tokio::process::Command;

use nonce::Nonce;

use super::leftovers::Leftovers;
use super::process::{self, End, Plan};
use crate::secret::Secret;
use crate::shell::{Mode, ShellKind};
use crate::variables;
use crate::world::{Env, World};

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
        /// The alias or function that the shell itself knows by the name `claude`, in the words of the shell, at most a few
        /// kilobytes, with whatever else it sets. `None` where there is none, and where the shell has no way to tell.
        claude: Option<Secret>,
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

/// Tells rc files that nobody sits at this shell, so that slow parts can be skipped.
const PROBE: &str = "BEDROCKUP_PROBE";
/// Carries a value that no other process has, to find what a shell left running.
const PROBE_ID: &str = "BEDROCKUP_PROBE_ID";
/// Standard error is kept up to this many bytes.
const MOST_STDERR: usize = 4096;
/// So is what a shell tells about its own `claude`.
const MOST_DEFINITION: usize = 8192;

/// How long a person waits for a prompt before something is wrong.
pub const LIMIT: Duration = Duration::from_secs(3);

/// Directories in which shells are looked for beside the `PATH`, which an rc file may have broken.
const USUAL: &str = "/bin:/usr/bin:/usr/local/bin:/opt/homebrew/bin:/run/current-system/sw/bin";

/// The program of a kind of shell: the login shell's own, else the first on the `PATH`.
pub fn program(world: &World, kind: ShellKind) -> Option<PathBuf> {
    if let Some(login) = super::login_shell(world).filter(|login| login.kind == kind && login.program.is_file()) {
        return Some(login.program);
    }
    let path = format!("{}:{USUAL}", world.env.get("PATH").unwrap_or_default());
    kind.programs().iter().find_map(|name| which::which_in(name, Some(&path), &world.home).ok())
}

/// The kinds of shell that are installed, in the order in which they are listed to people.
pub fn installed(world: &World) -> Vec<ShellKind> {
    ShellKind::ALL.into_iter().filter(|kind| program(world, *kind).is_some()).collect()
}

/// Starts the installed shell of a kind in all modes; see [`fresh`].
pub async fn start(world: &World, kind: ShellKind, limit: Duration) -> Vec<FreshShell> {
    if let Some(program) = program(world, kind) {
        let programs = [(kind, program)];
        let shells: Pin<Box<dyn Future<Output = Vec<FreshShell>> + '_>> =
            Box::pin(fresh(world, &programs, &Mode::ALL, limit));
        return shells.await;
    }
    let missing = |mode| FreshShell {
        kind,
        program: PathBuf::from(kind.programs()[0]),
        mode,
        outcome: ShellOutcome::NotStarted("it is not installed here".to_owned()),
    };
    Mode::ALL.map(missing).to_vec()
}

/// Starts each program in each mode, all at once, and asks a child of each for its environment.
///
/// Each is killed at `limit`, with everything it started, also when the future is dropped. The answers come in the
/// order of `programs`, then of `modes`. Nothing is left on the disk that was not there before.
pub async fn fresh(
    world: &World,
    programs: &[(ShellKind, PathBuf)],
    modes: &[Mode],
    limit: Duration,
) -> Vec<FreshShell> {
    let kinds: Vec<ShellKind> = programs.iter().map(|(kind, _)| *kind).collect();
    // Declared before the shells, so that it goes after them.
    let leftovers = Leftovers::before(world, &kinds);
    let pairs = programs.iter().flat_map(|(kind, program)| modes.iter().map(move |mode| (*kind, program, *mode)));
    let shells = join_all(pairs.map(|(kind, program, mode)| async move {
        let outcome = ask(world, kind, program, mode, limit).await;
        FreshShell { kind, program: program.clone(), mode, outcome }
    }))
    .await;
    drop(leftovers);
    shells
}

/// The environment that a terminal gives to a new shell, as far as it can be known from here: that of the session,
/// without what shells and the user's own exports have added.
///
/// It is an allow-list: a routing variable of the asking process would otherwise answer for the rc files.
pub fn new_terminal_environment(world: &World, program: &Path) -> Env {
    const KEPT: [&str; 15] = [
        "PATH",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "SSH_AUTH_SOCK",
        "DBUS_SESSION_BUS_ADDRESS",
        "WSL_DISTRO_NAME",
        "WSL_INTEROP",
        "ENV",
        "NIX_PROFILES",
        "__CF_USER_TEXT_ENCODING",
        "TERMINFO_DIRS",
    ];
    let kept = |name: &str| KEPT.contains(&name) || name.starts_with("LC_") || name.starts_with("XDG_");
    let mut environment: Env = world.env.iter().filter(|(name, _)| kept(name)).collect();
    if environment.non_empty("PATH").is_none() {
        environment.set("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin");
    }
    if let Some(directory) = world.env.non_empty("ZDOTDIR").filter(|_| !zshenv_moves_zdotdir(world)) {
        environment.set("ZDOTDIR", directory);
    }
    environment.set("HOME", world.home.to_string_lossy());
    if let Some(name) = world.user.name.as_deref().or(world.env.non_empty("USER")) {
        environment.set("USER", name);
        environment.set("LOGNAME", name);
    }
    environment.set("SHELL", program.to_string_lossy());
    // People's files turn back in a terminal that can do nothing; zsh without files asks questions in any other.
    let terminal = world.env.non_empty("TERM").filter(|terminal| *terminal != "dumb").unwrap_or("xterm-256color");
    let asks = program.file_name().is_some_and(|name| name == "zsh") && !has_zsh_files(world);
    environment.set("TERM", if asks { "dumb" } else { terminal });
    debug_assert!(variables::ROUTING.iter().all(|name| environment.get(name).is_none()));
    environment
}

/// Whether zsh has a file of its own here, without which it takes the person for a new user.
fn has_zsh_files(world: &World) -> bool {
    let directory = world.env.non_empty("ZDOTDIR").map_or_else(|| world.home.clone(), PathBuf::from);
    [".zshenv", ".zprofile", ".zshrc", ".zlogin"].iter().any(|name| directory.join(name).exists())
}

/// Whether `ZDOTDIR` comes from `~/.zshenv` itself. Handed down, it would make zsh skip the very file that sets it.
fn zshenv_moves_zdotdir(world: &World) -> bool {
    let files =
        [world.home.join(".zshenv"), world.system_root.join("etc/zsh/zshenv"), world.system_root.join("etc/zshenv")];
    files.iter().any(|file| {
        let bytes = super::file::read(file).ok().flatten().unwrap_or_default();
        bstr::ByteSlice::contains_str(bytes.as_slice(), "ZDOTDIR")
    })
}

/// One shell in one mode.
async fn ask(world: &World, kind: ShellKind, program: &Path, mode: Mode, limit: Duration) -> ShellOutcome {
    let throwaway = match tempfile::Builder::new().prefix("bedrockup-probe-").tempdir() {
        Ok(throwaway) => throwaway,
        Err(error) => return ShellOutcome::NotStarted(format!("no temporary directory: {error}")),
    };
    let digest = Sha256::digest(throwaway.path().as_os_str().as_encoded_bytes());
    let id: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let nonce = Nonce::new(&id);
    let definition = start::definition(kind);
    let Some(start) = start::start(world, kind, mode, &nonce.command(definition)) else {
        return ShellOutcome::NoSuchMode;
    };
    let mut environment = new_terminal_environment(world, program);
    let given = start::throwaway_places(world, kind, throwaway.path());
    for (name, value) in given.iter() {
        environment.set(name, value);
    }
    environment.set(PROBE, "1");
    environment.set(PROBE_ID, id.as_str());

    let mut command = Command::new(program);
    if let Some(name) = &start.name {
        command.arg0(name);
    }
    command.args(&start.arguments).env_clear().envs(environment.iter());
    command.current_dir(if world.home.is_dir() { world.home.as_path() } else { Path::new("/") });
    let plan = Plan { command, stdin: start.stdin, limit, mark: Some(&id) };
    let is_whole = |stdout: &[u8]| match definition {
        Some(_) => nonce.between(stdout, 1).is_some(),
        None => nonce.between(stdout, 0).is_some(),
    };
    let outcome = match process::run(plan, is_whole).await {
        Ok(outcome) => outcome,
        Err(error) => return ShellOutcome::NotStarted(super::file::reason(&error)),
    };
    let stderr = start::without_terminal_complaints(&outcome.stderr, MOST_STDERR);
    match (nonce.between(&outcome.stdout, 0), outcome.end) {
        (Some(report), _) => ShellOutcome::Reported {
            environment: cleaned(world, report, &given),
            stderr,
            claude: nonce.between(&outcome.stdout, 1).and_then(definition_text),
        },
        (None, End::Exited(status)) => ShellOutcome::EndedEarly { status, stderr },
        (None, End::TimedOut | End::Enough) => ShellOutcome::TimedOut,
    }
}

/// What a shell told about its own `claude`, bounded; `None` where that is nothing.
fn definition_text(bytes: &[u8]) -> Option<Secret> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_DEFINITION)]);
    let text = text.trim();
    (!text.is_empty()).then(|| Secret::new(text))
}

/// The environment in a report, without what only the probe has put into it.
fn cleaned(world: &World, report: &[u8], given: &Env) -> Env {
    let pairs = report.split(|byte| *byte == 0).filter_map(|entry| {
        let entry = String::from_utf8_lossy(entry).into_owned();
        entry.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
    });
    let mut environment: Env = pairs.collect();
    environment.remove(PROBE);
    environment.remove(PROBE_ID);
    for (name, value) in given.iter() {
        if environment.get(name) == Some(value) {
            match world.env.get(name) {
                Some(own) => environment.set(name, own),
                None => environment.remove(name),
            }
        }
    }
    environment
}
