//! Processes as `/proc` of Linux shows them (proc(5)).

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::observe::file;
use crate::world::Env;

/// Clock ticks in a second, as `/proc` counts them on every Linux that the client runs on.
const TICKS: i64 = 100;
/// A process between `fork` and `exec` (`PF_FORKNOEXEC`): it still looks like its parent.
const NOT_YET_STARTED: u32 = 0x40;

/// One process.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// The name of its main thread, at most 15 bytes.
    pub name: String,
    /// Real user.
    pub uid: u32,
    /// Start in ticks since the machine's: with the number it names a process for good.
    pub start: u64,
    /// It has ended, and its parent has not looked; or it does not run a program of its own yet.
    pub ended: bool,
    directory: PathBuf,
}

/// The program of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The file that was started.
    pub path: PathBuf,
    /// The file is not there any more: an update has replaced it.
    pub replaced: bool,
}

/// The numbers of all processes.
///
/// # Errors
/// There is no `/proc`, or it is not that of Linux.
pub fn ids(root: &Path) -> Result<Vec<u32>, String> {
    let none = "this system has no /proc that shows its processes";
    let entries = std::fs::read_dir(root).map_err(|_| none.to_owned())?;
    let ids: Vec<u32> = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    if ids.is_empty() { Err(none.to_owned()) } else { Ok(ids) }
}

/// When the machine was started.
pub fn boot(root: &Path) -> Option<Timestamp> {
    let text = read(&root.join("stat")).ok()?;
    let seconds = text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Timestamp::from_second(seconds).ok()
}

/// One process; `None` when there is none of that number.
pub fn process(root: &Path, pid: u32) -> Option<Process> {
    let directory = root.join(pid.to_string());
    let stat = read(&directory.join("stat")).ok()?;
    // `pid (name) state ppid … flags … starttime …`; the name may hold spaces and parentheses.
    let (head, rest) = stat.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let state = fields.first()?;
    let flags: u32 = fields.get(6)?.parse().ok()?;
    let status = read(&directory.join("status")).ok()?;
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()?;
    Some(Process {
        pid,
        name: name.to_owned(),
        uid,
        start: fields.get(19)?.parse().ok()?,
        ended: matches!(*state, "Z" | "X") || flags & NOT_YET_STARTED != 0,
        directory,
    })
}

impl Process {
    /// It is still there, and not another one of the same number.
    pub fn is_there(&self, root: &Path) -> bool {
        process(root, self.pid).is_some_and(|now| now.start == self.start && !now.ended)
    }

    /// When it was started.
    pub fn started(&self, boot: Option<Timestamp>) -> Option<Timestamp> {
        let ticks = i64::try_from(self.start).ok()?;
        let after = jiff::SignedDuration::from_millis(ticks.checked_mul(1000 / TICKS)?);
        boot?.checked_add(after).ok()
    }

    /// The file that it runs, where that may be known.
    pub fn program(&self) -> Option<Program> {
        let path = std::fs::read_link(self.directory.join("exe")).ok()?;
        let kept = path.to_str().and_then(|text| text.strip_suffix(" (deleted)")).map(PathBuf::from);
        let replaced = kept.is_some();
        Some(Program { path: kept.unwrap_or(path), replaced })
    }

    /// Its current directory.
    pub fn working_directory(&self) -> Option<PathBuf> {
        std::fs::read_link(self.directory.join("cwd")).ok()
    }

    /// Its command line; a program may have written over it. Empty where it cannot be read.
    pub fn arguments(&self) -> Vec<String> {
        let bytes = file::read(&self.directory.join("cmdline")).ok().flatten().unwrap_or_default();
        words(&bytes)
    }

    /// The environment that it was started with: what it sets for itself later is not there.
    ///
    /// # Errors
    /// It may not be read, and why.
    pub fn environment(&self) -> Result<Env, String> {
        let bytes = file::read(&self.directory.join("environ"))?.ok_or("the process has ended")?;
        // Of two entries of a name, `getenv` and the client see the first.
        let pairs: Vec<String> = words(&bytes);
        Ok(pairs.iter().rev().filter_map(|pair| pair.split_once('=')).collect())
    }
}

/// Words that each end in a NUL.
fn words(bytes: &[u8]) -> Vec<String> {
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    if bytes.is_empty() {
        return Vec::new();
    }
    bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = file::read(path)?.ok_or("it is not there")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
