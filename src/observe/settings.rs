//! Claude Code's settings files, as far as they decide routing.

pub mod commas;
mod parse;
mod unread;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use unread::{UnreadSettings, WhyUnread, unread};

use super::file;
use crate::variables;
use crate::world::World;

/// One settings file that the client reads for the asked directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFile {
    /// Which one it is.
    pub scope: Scope,
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Its state.
    pub state: SettingsState,
}

/// The scopes of settings files, strongest first: the order of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Managed by the organization (`managed-settings.json` and its drop-ins).
    Managed,
    /// Given on the command line of a running client (`--settings`).
    Flag,
    /// `.claude/settings.local.json` of the directory.
    Local,
    /// `.claude/settings.json` of the directory.
    Project,
    /// `settings.json` of the configuration directory.
    User,
    /// `env` of `~/.claude.json`, which the client applies too.
    State,
}

/// The state of a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a machine has a handful of settings files")]
pub enum SettingsState {
    /// There is none.
    Missing,
    /// It is there and cannot be read; the reason.
    Unreadable(String),
    /// It is not JSON, or a key that the client knows has a value of another type (measured with 2.1.330: `"model": 3`):
    /// the client drops the whole file and goes on.
    Invalid {
        /// Line of the first error, counted from 1.
        line: usize,
        /// Column, counted from 1.
        column: usize,
        /// What is wrong there.
        message: String,
        /// It holds, as text, a name of a variable or key that routes.
        mentions_routing: bool,
        /// Without its trailing commas it would be well.
        only_commas: bool,
    },
    /// It was read.
    Read(Settings),
}

/// What a settings file says about routing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The `env` block.
    pub env: BTreeMap<String, EnvEntry>,
    /// Top-level keys, each with its line.
    pub keys: BTreeMap<String, usize>,
    /// `model`.
    pub model: Option<String>,
    /// `modelOverrides`: first-party id -> Bedrock id or ARN.
    pub model_overrides: BTreeMap<String, String>,
    /// `awsAuthRefresh`: a shell command.
    pub aws_auth_refresh: Option<String>,
    /// `awsCredentialExport`: a shell command.
    pub aws_credential_export: Option<String>,
    /// `apiKeyHelper`: a shell command.
    pub api_key_helper: Option<String>,
    /// `otelHeadersHelper`: a shell command.
    pub otel_headers_helper: Option<String>,
    /// `allowedProviders` (managed).
    pub allowed_providers: Option<Vec<String>>,
    /// `permissions.defaultMode`.
    pub default_mode: Option<String>,
    /// Variables that stand beside `env` and not in it, where the client takes them for keys that it does not know.
    pub stray_env: BTreeMap<String, EnvEntry>,
}

/// One entry of an `env` block.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvEntry {
    /// The value as text; numbers and booleans are written out as the client does.
    pub value: String,
    /// Line of the key, counted from 1.
    pub line: usize,
    /// It was written as a JSON string.
    pub is_string: bool,
}

/// The value is not shown: the entry does not know whether its name is that of a secret.
impl std::fmt::Debug for EnvEntry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("EnvEntry")
            .field("line", &self.line)
            .field("is_string", &self.is_string)
            .finish_non_exhaustive()
    }
}

/// Every settings file that the client reads in the world's directory, strongest first, whether it is there or not.
///
/// Measured with 2.1.330: project settings are those of the directory itself, not of a parent; local settings are also
/// read from the root of the (main) git repository, and there they win over the directory's own.
pub fn observe(world: &World) -> Vec<SettingsFile> {
    let mut files: Vec<(Scope, PathBuf)> = managed(world).into_iter().map(|path| (Scope::Managed, path)).collect();
    let claude = world.directory.join(".claude");
    let local = "settings.local.json";
    if let Some(root) = repository_root(&world.directory).filter(|root| *root != world.directory) {
        files.push((Scope::Local, root.join(".claude").join(local)));
    }
    files.push((Scope::Local, claude.join(local)));
    files.push((Scope::Project, claude.join("settings.json")));
    let (configuration, state) = configuration_directory(world);
    // In the home itself the project's file and the user's are one file.
    files.push((Scope::User, configuration.join("settings.json")));
    files.push((Scope::State, state));
    let mut seen = Vec::new();
    files.retain(|(scope, path)| {
        let is_new = *scope == Scope::User || !seen.contains(path);
        seen.push(path.clone());
        is_new
    });
    if claude == configuration {
        files.retain(|(scope, _)| *scope != Scope::Project);
    }
    files.into_iter().map(|(scope, path)| SettingsFile { scope, state: state_of(&path), path }).collect()
}

/// The directory of the client's configuration, and the file of its state.
///
/// `CLAUDE_CONFIG_DIR` counts only from the environment (an `env` block is read too late), and a `~` in it is not expanded.
pub fn configuration_directory(world: &World) -> (PathBuf, PathBuf) {
    match world.env.non_empty(variables::CONFIG_DIR) {
        Some(moved) => {
            let directory = world.directory.join(moved);
            (directory.clone(), directory.join(".claude.json"))
        }
        None => (world.home.join(".claude"), world.home.join(".claude.json")),
    }
}

/// Where the organization's settings are documented to be.
fn managed_directory(world: &World) -> PathBuf {
    let directory =
        if cfg!(target_os = "macos") { "Library/Application Support/ClaudeCode" } else { "etc/claude-code" };
    world.system_root.join(directory)
}

/// The managed files: drop-ins first, since they are laid over the main file in the order of their names.
fn managed(world: &World) -> Vec<PathBuf> {
    let directory = managed_directory(world);
    let entries = std::fs::read_dir(directory.join("managed-settings.d")).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    let is_read = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".json") && !name.starts_with('.')
    };
    files.retain(is_read);
    files.sort();
    files.reverse();
    files.push(directory.join("managed-settings.json"));
    files
}

/// The root of the main working tree of the repository that a directory belongs to.
fn repository_root(directory: &Path) -> Option<PathBuf> {
    let root = directory.ancestors().find(|ancestor| ancestor.join(".git").exists())?;
    let dot_git = root.join(".git");
    if dot_git.is_dir() {
        return Some(root.to_owned());
    }
    // A linked working tree: `.git` is a file that names a directory below the main one's.
    let linked = || {
        let text = String::from_utf8(file::read(&dot_git).ok()??).ok()?;
        let own = root.join(text.strip_prefix("gitdir:")?.trim());
        let common = String::from_utf8(file::read(&own.join("commondir")).ok()??).ok()?;
        let common = own.join(common.trim()).canonicalize().ok()?;
        (common.file_name()? == ".git").then(|| common.parent().map(Path::to_owned))?
    };
    Some(linked().unwrap_or_else(|| root.to_owned()))
}

/// What a text says that stands in place of a file, as after `--settings`.
pub(super) fn inline(text: &str) -> SettingsState {
    parse::parse(text.as_bytes())
}

/// What is in one file.
pub(super) fn state_of(path: &Path) -> SettingsState {
    match file::read(path) {
        Ok(None) => SettingsState::Missing,
        Ok(Some(bytes)) => parse::parse(&bytes),
        Err(reason) => SettingsState::Unreadable(reason),
    }
}

impl SettingsFile {
    /// What it says, if it could be read.
    pub fn settings(&self) -> Option<&Settings> {
        match &self.state {
            SettingsState::Read(settings) => Some(settings),
            _ => None,
        }
    }
}

impl Scope {
    /// The scope in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Managed => "managed settings",
            Self::Flag => "command-line settings",
            Self::Local => "local project settings",
            Self::Project => "project settings",
            Self::User => "user settings",
            Self::State => "~/.claude.json",
        }
    }
}
