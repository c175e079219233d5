//! The client's own register of its sessions: `<configuration directory>/sessions/<pid>.json`.
//!
//! Beside each file lies `<pid>.<64 hexadecimal digits>.key` with a secret; it is never opened.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::observe::file;
use crate::version::Version;

/// Clocks of files, of the client and of `/proc` are not one clock.
const SLACK: SignedDuration = SignedDuration::from_secs(2);

/// What the register says about a process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// `sessionId`, which names the transcript too.
    pub session_id: Option<String>,
    /// `cwd`: the directory whose project settings count.
    pub directory: Option<String>,
    /// `startedAt`: when the session was ready, after first-run dialogs.
    pub started: Option<Timestamp>,
    /// `procStart`: on Linux field 22 of `/proc/PID/stat`.
    process_start: Option<String>,
    /// `version` of the client.
    pub version: Option<Version>,
    /// `name`, given by the user or derived.
    pub name: Option<String>,
    /// `kind`: `interactive` (also with `-p`), `bg`, `daemon`, `daemon-worker`.
    pub kind: Option<String>,
    /// `entrypoint`: `cli`, `sdk-cli` (`-p`), `claude-vscode`, …
    pub entrypoint: Option<String>,
    /// `status`: `busy`, `idle`, …
    pub status: Option<String>,
    /// `spare`: started ahead, for a session that nobody has asked for yet.
    pub spare: bool,
}

/// There is a file of this number; it may be an old one.
pub fn names(configuration: &Path, pid: u32) -> bool {
    file_of(configuration, pid).exists()
}

fn file_of(configuration: &Path, pid: u32) -> PathBuf {
    configuration.join("sessions").join(format!("{pid}.json"))
}

/// The entry of a process that started at `start` (ticks) and `started`; one that a killed process of the same number
/// left behind is none.
pub fn entry(configuration: &Path, pid: u32, start: u64, started: Option<Timestamp>) -> Option<Entry> {
    let path = file_of(configuration, pid);
    // The client writes it in place: the second look sees what the first saw half written.
    let document = parse(&path).or_else(|| parse(&path))?;
    if document.get("pid").and_then(Value::as_u64) != Some(u64::from(pid)) {
        return None;
    }
    let text = |key: &str| document.get(key).and_then(Value::as_str).map(str::to_owned);
    let entry = Entry {
        session_id: text("sessionId"),
        directory: text("cwd"),
        started: document
            .get("startedAt")
            .and_then(Value::as_i64)
            .and_then(|moment| Timestamp::from_millisecond(moment).ok()),
        process_start: text("procStart"),
        version: text("version").and_then(|version| version.parse().ok()),
        name: text("name"),
        kind: text("kind"),
        entrypoint: text("entrypoint"),
        status: text("status"),
        spare: document.get("spare").and_then(Value::as_bool).unwrap_or(false),
    };
    entry.is_of(start, started).then_some(entry)
}

fn parse(path: &Path) -> Option<Value> {
    serde_json::from_slice(&file::read(path).ok()??).ok()
}

impl Entry {
    fn is_of(&self, start: u64, started: Option<Timestamp>) -> bool {
        match &self.process_start {
            Some(written) => *written == start.to_string(),
            // Nothing that was written before the process began is about it.
            None => self.started.zip(started).is_some_and(|(written, process)| is_after(written, process)),
        }
    }
}

/// A key file of this process lies in the register: before its session is ready (first-run dialogs), and for older clients
/// with `-p`, that is all there is. Only its name and time are looked at.
pub fn has_key(configuration: &Path, pid: u32, started: Option<Timestamp>) -> bool {
    let entries = std::fs::read_dir(configuration.join("sessions")).into_iter().flatten().flatten();
    let prefix = format!("{pid}.");
    entries
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let digits = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(".key"));
            digits.is_some_and(|digits| digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
        })
        .filter_map(|entry| entry.metadata().ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok())
        .filter_map(|written| Timestamp::from_second(i64::try_from(written.as_secs()).ok()?).ok())
        .any(|written| started.is_some_and(|process| is_after(written, process)))
}

fn is_after(written: Timestamp, process: Timestamp) -> bool {
    written.checked_add(SLACK).is_ok_and(|written| written >= process)
}
