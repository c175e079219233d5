//! Claude Code's settings files, as far as they decide routing.

use std::collections::BTreeMap;
use std::path::PathBuf;

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
pub enum SettingsState {
    /// There is none.
    Missing,
    /// It is there and cannot be read; the reason.
    Unreadable(String),
    /// It is not JSON: the client drops the whole file and goes on.
    Invalid {
        /// Line of the first error, counted from 1.
        line: usize,
        /// Column, counted from 1.
        column: usize,
        /// What is wrong there.
        message: String,
        /// It holds, as text, a name of a variable or key that routes.
        mentions_routing: bool,
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
    /// `allowedProviders` (managed).
    pub allowed_providers: Option<Vec<String>>,
    /// `permissions.defaultMode`.
    pub default_mode: Option<String>,
}

/// A file that looks like a settings file and that the client does not read for the asked directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadSettings {
    /// Where it is.
    pub path: PathBuf,
    /// Why the client does not read it.
    pub why: WhyUnread,
    /// What it says; only files that are JSON are listed.
    pub settings: Settings,
}

/// Why the client does not read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyUnread {
    /// A copy beside a settings file (`settings.json.bak`, `settings.json~`, `settings.json.backup-2026…`).
    Backup,
    /// A name that is close to one that is read: `settings-local.json`, `~/.claude/settings.local.json`.
    Misnamed,
    /// `~/.claude/settings.json` while `CLAUDE_CONFIG_DIR` points elsewhere.
    OtherConfigDir,
}

/// One entry of an `env` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvEntry {
    /// The value as text; numbers and booleans are written out as the client does.
    pub value: String,
    /// Line of the key, counted from 1.
    pub line: usize,
    /// It was written as a JSON string.
    pub is_string: bool,
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
            Self::Local => "local project settings",
            Self::Project => "project settings",
            Self::User => "user settings",
            Self::State => "~/.claude.json",
        }
    }
}
