//! Units, jobs and lines that start the client without a terminal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;

use super::{cron, launchd, systemd};
use crate::observe::file;
use crate::observe::launch::{Change, Fate, Launch, Starts, of_command, of_lines};
use crate::observe::rc_files::{is_known, is_secret};
use crate::observe::settings::EnvEntry;
use crate::shell::ShellKind;
use crate::world::World;

/// One definition that starts the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// What kind of definition it is.
    pub kind: ServiceKind,
    /// Its name: that of the unit or job, `crontab` for a line.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// The line of the command, counted from 1.
    pub line: usize,
    /// The command as it may be shown.
    pub command: String,
    /// The client itself, or what is known to start it by itself (an app that embeds it).
    pub starts: StartsClient,
    /// Variables that the definition gives, its files included, with their lines.
    pub environment: BTreeMap<String, EnvEntry>,
    /// Every variable that may matter is handed on from somewhere that was not read, or files of a shell are.
    pub reads_more: bool,
    /// What the command itself does on the way to the client.
    pub launch: Launch,
}

/// Kinds of definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServiceKind {
    /// A unit of the user's systemd.
    UserUnit,
    /// A unit of the system's systemd that runs as this user.
    SystemUnit,
    /// A line of a crontab.
    Cron,
    /// A job of launchd.
    Launchd,
}

/// How it is known that a definition starts the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartsClient {
    /// Its command does.
    Itself,
    /// A script does that the command runs.
    InScript(PathBuf),
    /// The command runs an app that embeds the client; its name, and where that is known from.
    App(String, String),
}

/// All of them.
pub fn observe(world: &World) -> Vec<Service> {
    [systemd::observe(world), cron::observe(world), launchd::observe(world)].concat()
}

/// What a definition says, before it is known whether it starts the client.
pub(super) struct Definition {
    pub kind: ServiceKind,
    pub name: String,
    pub path: PathBuf,
    /// Commands, each with its line.
    pub commands: Vec<(usize, String)>,
    pub environment: BTreeMap<String, EnvEntry>,
    pub reads_more: bool,
}

impl Definition {
    /// The service, if one of the commands starts the client.
    pub fn service(self, world: &World) -> Option<Service> {
        let (line, command, starts, launch) = self.commands.iter().find_map(|(line, command)| {
            let (starts, launch) = starts(world, command)?;
            Some((*line, command.clone(), starts, launch))
        })?;
        Some(Service {
            kind: self.kind,
            name: self.name,
            path: self.path,
            line,
            command: crate::observe::rc_files::shown(&command),
            starts,
            environment: self.environment,
            reads_more: self.reads_more || launch.reads_shell_files,
            launch,
        })
    }
}

/// Whether a command starts the client: itself, by a script, or by an app that is known to.
fn starts(world: &World, command: &str) -> Option<(StartsClient, Launch)> {
    if let Some(launch) = of_command(command, Starts::Named) {
        return Some((StartsClient::Itself, launch));
    }
    let words = crate::observe::rc_files::words::commands(command);
    let words: Vec<&str> = words.iter().flatten().filter_map(|word| word.value.as_deref()).collect();
    for word in words.iter().filter(|word| word.starts_with('/') || word.starts_with('~')) {
        if let Some(launch) = in_script(&world.expand(word)) {
            return Some((StartsClient::InScript(world.expand(word)), launch));
        }
    }
    let app = APPS.iter().find(|app| {
        words.iter().any(|word| {
            let name = Path::new(word).file_name().and_then(|name| name.to_str()).unwrap_or(word);
            app.commands.iter().any(|own| own == word || own == name || word.split('@').next() == Some(own.as_str()))
        })
    })?;
    Some((StartsClient::App(app.name.clone(), app.source.clone()), Launch::default()))
}

/// A script that starts the client, read to see how.
fn in_script(path: &Path) -> Option<Launch> {
    const LARGEST: usize = 64 << 10;
    let bytes = file::read(path).ok()??;
    if bytes.len() > LARGEST || !bytes.starts_with(b"#!") {
        return None;
    }
    let text = String::from_utf8_lossy(&bytes);
    let is_shell = text.lines().next().is_some_and(|line| line.contains("sh"));
    let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(at, line)| (at + 1, line)).collect();
    of_lines(&lines, ShellKind::Bash, Starts::Named).filter(|_| is_shell)
}

/// An app that starts the client by itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AppRow {
    name: String,
    /// Programs and packages by which it is started.
    commands: Vec<String>,
    source: String,
}

#[derive(Deserialize)]
struct AppFile {
    apps: Vec<AppRow>,
}

/// The table; it is part of the program, and a test reads it.
static APPS: LazyLock<Vec<AppRow>> = LazyLock::new(|| read().unwrap_or_default());

fn read() -> Result<Vec<AppRow>, serde_json::Error> {
    let file: AppFile = serde_json::from_str(include_str!("../../data/embedding-apps.json"))?;
    Ok(file.apps)
}

/// A variable of a definition, its value left out where it is a secret's.
pub(super) fn entry(name: &str, value: &str, line: usize) -> (String, EnvEntry) {
    let value = if is_secret(name) && !value.trim().is_empty() { "…".to_owned() } else { value.to_owned() };
    (name.to_owned(), EnvEntry { value, line, is_string: true })
}

/// Only what may matter is kept.
pub(super) fn keep(environment: &mut BTreeMap<String, EnvEntry>) {
    environment.retain(|name, _| is_known(name) || name == "HOME");
}

impl Service {
    /// The value that the client gets for a variable, as far as the definition tells; `None` where it gives none.
    pub fn value(&self, name: &str) -> Option<&str> {
        match self.launch.fate(name) {
            Fate::Set(Some(value), _) => Some(value),
            Fate::Set(None, _) | Fate::Lost(_) => None,
            Fate::Kept => self.environment.get(name).map(|entry| entry.value.as_str()),
        }
    }

    /// The command takes the variable from somewhere that was not read.
    pub fn computes(&self, name: &str) -> bool {
        self.launch.steps.iter().any(|step| matches!(&step.change, Change::Set(set, None) if set == name))
    }
}

impl ServiceKind {
    /// The kind in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserUnit => "systemd user unit",
            Self::SystemUnit => "systemd unit",
            Self::Cron => "cron line",
            Self::Launchd => "launchd job",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let rows = read().expect("the table reads");
        assert!(rows.len() >= 4);
        assert!(rows.iter().all(|row| row.source.starts_with("https://") && !row.commands.is_empty()));
    }
}
