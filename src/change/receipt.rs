//! What was there before, and what was added: the memory of `setup`.
//!
//! The receipt makes `uninstall` exact where the files alone cannot (was the file absent or empty? what was in
//! `settings.json`?). Everything else works without it. Unknown fields of other versions are passed over; a receipt that
//! cannot be read counts as none.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fix::FixEntry;
use super::{Refusal, diff, state};
use crate::world::World;

const SCHEMA: &str = "bedrockup.receipt/1";

/// Everything that is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Receipt {
    /// Version of this format.
    pub schema: String,
    /// When it was last written.
    pub written: Option<Timestamp>,
    /// The region that was chosen.
    pub region: Option<String>,
    /// The profile that was chosen.
    pub profile: Option<String>,
    /// Start-up files that hold a block.
    pub files: Vec<FileEntry>,
    /// The settings file that holds our keys.
    pub settings: Option<SettingsEntry>,
    /// Files that `doctor --fix` repaired, the latest last.
    pub fixes: Vec<FixEntry>,
    /// Directories made for the state itself, outermost first.
    #[serde(with = "paths")]
    pub state_directories: Vec<PathBuf>,
}

/// One start-up file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileEntry {
    /// The file, as its owner names it.
    #[serde(with = "path")]
    pub path: PathBuf,
    /// It was there before `setup`, if only empty.
    pub existed: bool,
    /// Names of the shells that the block is for.
    pub shells: Vec<String>,
    /// Directories made for it, outermost first.
    #[serde(with = "paths")]
    pub directories: Vec<PathBuf>,
    /// Name of the pristine copy; none where the file was absent or holds a secret.
    pub pristine: Option<String>,
}

/// The user settings of Claude Code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsEntry {
    /// The file.
    #[serde(with = "path")]
    pub path: PathBuf,
    /// It was there before `setup`.
    pub existed: bool,
    /// Directories made for it, outermost first.
    #[serde(with = "paths")]
    pub directories: Vec<PathBuf>,
    /// Name of the pristine copy.
    pub pristine: Option<String>,
    /// What was changed in it.
    pub record: SettingsRecord,
}

/// What was changed in a settings file: enough to undo it beside other people's later changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsRecord {
    /// Keys of `env` that were set, with the JSON text of the value that each replaced.
    pub keys: BTreeMap<String, Option<String>>,
    /// `env` was added.
    pub env_added: bool,
    /// The text of the `env` object, when it was there and had no entry.
    pub env_empty: Option<String>,
    /// The text of the whole file, when it had no entry (empty, blank, or `{}`).
    pub file_empty: Option<String>,
}

impl Receipt {
    /// The receipt of this world, if there is one that can be read.
    pub fn load(world: &World) -> Option<Self> {
        let bytes = fs::read(state::directory(world).join("receipt.json")).ok()?;
        let mut receipt: Self = serde_json::from_slice(&bytes).ok()?;
        receipt.files.retain(|entry| entry.path.is_absolute());
        receipt.fixes.retain(|entry| entry.path.is_absolute());
        Some(receipt)
    }

    /// What is known about a start-up file.
    pub fn file(&self, path: &Path) -> Option<&FileEntry> {
        self.files.iter().find(|entry| entry.path == path)
    }

    /// Writes the receipt whole, or not at all. The lock must be held.
    pub(super) fn save(&mut self, world: &World) -> Result<(), Refusal> {
        self.schema = SCHEMA.to_owned();
        self.written = Some(world.now());
        let path = state::directory(world).join("receipt.json");
        let json = serde_json::to_vec_pretty(self).map_err(|error| Refusal::io("write", &path, error.into()))?;
        write_private(&path, &json)
    }

    /// Whether it is of this version: what it does not name then did not happen.
    pub(super) fn is_complete(&self) -> bool {
        self.schema == SCHEMA
    }

    /// Directories that were made, by file.
    pub(super) fn directories(&self) -> impl Iterator<Item = &[PathBuf]> {
        let settings = self.settings.iter().map(|entry| entry.directories.as_slice());
        let fixes = self.fixes.iter().map(|entry| entry.directories.as_slice());
        self.files.iter().map(|entry| entry.directories.as_slice()).chain(settings).chain(fixes)
    }

    /// Whether nothing is remembered any more.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.settings.is_none() && self.fixes.is_empty()
    }
}

impl FileEntry {
    /// The bytes that the file had before `setup`, if a copy was kept and can still be read.
    pub(super) fn pristine(&self, world: &World) -> Option<Vec<u8>> {
        let name = self.pristine.as_deref().filter(|name| !name.contains('/'))?;
        fs::read(state::directory(world).join("pristine").join(name)).ok()
    }
}

/// Keeps the bytes that a file had before `setup` touched it; a copy that exists is never overwritten. Returns its name, or
/// none where a copy would hold a secret.
pub(super) fn keep_pristine(world: &World, path: &Path, bytes: &[u8]) -> Result<Option<String>, Refusal> {
    if diff::holds_secret(bytes) {
        return Ok(None);
    }
    keep(world, &copy_name(path, ""), bytes).map(Some)
}

/// Keeps the text of an edited block that is replaced. Returns where.
pub(super) fn keep_lost(world: &World, path: &Path, bytes: &[u8]) -> Result<PathBuf, Refusal> {
    let digest = hex(&Sha256::digest(bytes));
    let masked = diff::mask(&String::from_utf8_lossy(bytes)).into_bytes();
    let kept: &[u8] = if diff::holds_secret(bytes) { &masked } else { bytes };
    let name = keep(world, &copy_name(path, &format!("-block-{}", &digest[..8])), kept)?;
    Ok(state::directory(world).join("pristine").join(name))
}

fn keep(world: &World, name: &str, bytes: &[u8]) -> Result<String, Refusal> {
    let directory = state::directory(world).join("pristine");
    state::make_directories(&directory, 0o700)?;
    let path = directory.join(name);
    if !path.exists() {
        write_private(&path, bytes)?;
    }
    Ok(name.to_owned())
}

/// `.bashrc` in two homes must not meet: the name carries a digest of the whole path.
fn copy_name(path: &Path, suffix: &str) -> String {
    let digest = hex(&Sha256::digest(path.as_os_str().as_encoded_bytes()));
    let name: String = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name: String =
        name.chars().filter(|character| character.is_ascii_alphanumeric() || "._-".contains(*character)).collect();
    format!("{}{suffix}-{}", name.trim_start_matches('.'), &digest[..12])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let temporary = PathBuf::from(name);
    let refused = |error| Refusal::io("write", path, error);
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(refused(error)),
        _ => {}
    }
    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|error| {
        // What failed was our own temporary file; nothing of the user's is in it yet.
        let _ = fs::remove_file(&temporary);
        refused(error)
    })
}

/// Bytes as JSON: text where they are UTF-8, else numbers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bytes {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Bytes(Vec<u8>),
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(bytes.to_vec()),
        }
    }
}

impl Bytes {
    /// The bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Bytes(bytes) => bytes.clone(),
        }
    }
}

/// They may be a part of anything.
impl std::fmt::Debug for Bytes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} bytes", self.to_vec().len())
    }
}

/// Paths as JSON: text where they are UTF-8, else their bytes.
pub(super) mod path {
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Bytes;

    pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        Bytes::from(path.as_os_str().as_bytes()).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        Bytes::deserialize(deserializer).map(|bytes| OsString::from_vec(bytes.to_vec()).into())
    }
}

pub(super) mod paths {
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Bytes;

    pub fn serialize<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
        paths.iter().map(|path| Bytes::from(path.as_os_str().as_bytes())).collect::<Vec<_>>().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
        let all = Vec::<Bytes>::deserialize(deserializer)?;
        Ok(all.into_iter().map(|bytes| OsString::from_vec(bytes.to_vec()).into()).collect())
    }
}
