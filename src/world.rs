//! The world at the edges of the program, as one value.
//!
//! Everything that differs between two machines, two users or two moments enters through here once, in `main`.
//! Nothing else reads the process environment, the home directory, the password database or the clock, so that tests
//! build a world of their own, run in parallel, and never touch the real home.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The environment of a process: names to values.
///
/// Values that are not UTF-8 are kept with replacement characters: no variable that routes Claude Code may hold such bytes,
/// and a finding shows them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Env(BTreeMap<String, String>);

impl std::fmt::Debug for Env {
    /// Secrets stay out of logs and of failing tests.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |(name, value)| (name, if crate::variables::is_secret(name) { "…" } else { value });
        formatter.debug_map().entries(self.iter().map(shown)).finish()
    }
}

impl Env {
    /// The environment of this process.
    pub fn of_this_process() -> Self {
        std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect()
    }

    /// The value as it is, also when it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value, where empty counts as unset.
    pub fn non_empty(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Sets one variable.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Removes one variable.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// All variables, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Who runs the program, by the password database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Effective user id.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
    /// Login name, if the database knows the id.
    pub name: Option<String>,
    /// Home directory of the database (not `$HOME`).
    pub home: Option<PathBuf>,
    /// Login shell of the database (not `$SHELL`).
    pub shell: Option<PathBuf>,
}

/// Which of the standard streams are terminals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Standard input: prompts are asked only here.
    pub stdin: bool,
    /// Standard output: colour and width.
    pub stdout: bool,
    /// Standard error: progress.
    pub stderr: bool,
}

/// Where the time comes from.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's own clock.
    System,
    /// A fixed moment, for tests.
    Fixed(Timestamp),
}

impl Clock {
    /// The time now.
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(moment) => moment,
        }
    }
}

/// Everything about the machine that the program may look at, and where from.
#[derive(Debug, Clone)]
pub struct World {
    /// The environment of the process that was started.
    pub env: Env,
    /// The user's home: `$HOME`, else the password database.
    pub home: PathBuf,
    /// The directory that questions are asked for (`--directory`, else the current one).
    pub directory: PathBuf,
    /// Root of system-wide files (`/`; another directory in tests): managed settings lie below it.
    pub system_root: PathBuf,
    /// Who runs the program.
    pub user: User,
    /// Standard streams.
    pub terminal: Terminal,
    /// Time.
    pub clock: Clock,
}

/// Why there is no world to work in.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoWorld {
    /// `HOME` is a relative path: every file would depend on the current directory.
    #[error("HOME is a relative path ({0}); set it to an absolute one")]
    RelativeHome(String),
    /// Neither `HOME` nor the password database names a home.
    #[error("no home directory: HOME is unset and the password database has none for this user")]
    NoHome,
    /// The current directory is gone.
    #[error("the current directory cannot be read: {0}")]
    NoDirectory(String),
}

impl World {
    /// The real world of this process.
    pub fn real() -> Result<Self, NoWorld> {
        let env = Env::of_this_process();
        let user = User::current();
        let home = match env.non_empty("HOME") {
            // Taken from the OS again, since `Env` is lossy and a home may hold any byte.
            Some(_) => std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default(),
            None => dirs::home_dir().or_else(|| user.home.clone()).ok_or(NoWorld::NoHome)?,
        };
        if home.is_relative() {
            return Err(NoWorld::RelativeHome(home.display().to_string()));
        }
        let directory = std::env::current_dir().map_err(|error| NoWorld::NoDirectory(error.to_string()))?;
        let terminal = Terminal {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
        };
        Ok(Self { env, home, directory, system_root: PathBuf::from("/"), user, terminal, clock: Clock::System })
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The local time zone, where the machine names one; UTC where it does not, and with a fixed clock.
    pub fn timezone(&self) -> TimeZone {
        match self.clock {
            Clock::System => TimeZone::try_system().unwrap_or(TimeZone::UTC),
            Clock::Fixed(_) => TimeZone::UTC,
        }
    }

    /// A time zone of the machine's database by its name (`Europe/Berlin`).
    pub fn timezone_named(&self, name: &str) -> Option<TimeZone> {
        if name.eq_ignore_ascii_case("UTC") { Some(TimeZone::UTC) } else { TimeZone::get(name).ok() }
    }

    /// `path` with a leading `~` or `~/` replaced by the home; other paths unchanged.
    pub fn expand(&self, path: &str) -> PathBuf {
        match path.strip_prefix('~') {
            Some("") => self.home.clone(),
            Some(rest) if rest.starts_with('/') => self.home.join(&rest[1..]),
            _ => PathBuf::from(path),
        }
    }

    /// `path` as people write it: below the home with `~`.
    pub fn short(&self, path: &Path) -> String {
        short(path, &self.home)
    }
}

/// `path` as people write it: below the home with `~`.
pub fn short(path: &Path, home: &Path) -> String {
    match path.strip_prefix(home) {
        Ok(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Ok(rest) => format!("~/{}", rest.display()),
        Err(_) => path.display().to_string(),
    }
}

impl User {
    /// The effective user of this process.
    fn current() -> Self {
        let uid = nix::unistd::geteuid();
        let entry = nix::unistd::User::from_uid(uid).ok().flatten();
        Self {
            uid: uid.as_raw(),
            gid: nix::unistd::getegid().as_raw(),
            name: entry.as_ref().map(|entry| entry.name.clone()),
            home: entry.as_ref().map(|entry| entry.dir.clone()),
            shell: entry.map(|entry| entry.shell),
        }
    }
}
