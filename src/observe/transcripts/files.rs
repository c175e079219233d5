//! The files that may be transcripts: every `*.jsonl` below `projects` of a configuration directory.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use bstr::ByteSlice;
use jiff::Timestamp;

use super::json::{Json, Text};
use super::line;
use crate::observe::file;

/// The first lines say when a session began; a subagent's first line holds its whole task.
const HEADS: [usize; 2] = [1 << 12, 1 << 16];
/// No transcript is larger in honest use; a sparse file can be of any size.
const MOST: u64 = 1 << 36;

/// Directories below `projects`; the client uses three.
const DEEPEST: usize = 16;

/// One file.
#[derive(Debug)]
pub(super) struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// Components of the path down to `projects`.
    depth: usize,
    /// Device and inode: the file's identity, whatever leads to it.
    pub id: (u64, u64),
    /// Its length in bytes when it was looked at.
    pub length: u64,
    /// When it was last written.
    pub modified: Option<Timestamp>,
}

/// Files and directories that cannot be read, each with the reason.
pub(super) type Unreadable = Vec<(PathBuf, String)>;

/// All of them by path, each once however many links lead to it.
pub(super) fn list(directories: &[PathBuf], unreadable: &mut Unreadable) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut seen = HashSet::new();
    for directory in directories {
        let projects = directory.join("projects");
        let depth = projects.components().count();
        let mut waiting = vec![(projects, 0)];
        while let Some((directory, level)) = waiting.pop() {
            let entries = match fs::metadata(&directory).map(|facts| seen.insert(identity(&facts))) {
                Ok(true) => fs::read_dir(&directory),
                Ok(false) => continue, // a link has led back to where we have been
                Err(error) => Err(error),
            };
            let mut below = Vec::new();
            match entries {
                Ok(entries) => {
                    for entry in entries.flatten() {
                        match look(&entry, level, depth) {
                            Found::Nothing => {}
                            Found::Directory => below.push((entry.path(), level + 1)),
                            Found::File(source) => sources.push(source),
                            Found::Unreadable(reason) => unreadable.push((entry.path(), reason)),
                        }
                    }
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Err(error) => unreadable.push((directory, file::reason(&error))),
            }
            // Of two ways to a directory always the same one is taken.
            below.sort_unstable_by(|one, other| other.cmp(one));
            waiting.append(&mut below);
        }
    }
    sources.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    sources.retain(|source| seen.insert(source.id));
    sources
}

/// What an entry of a directory is to us.
enum Found {
    Nothing,
    Directory,
    File(Source),
    Unreadable(String),
}

fn look(entry: &DirEntry, level: usize, depth: usize) -> Found {
    let path = entry.path();
    let is_named_so = path.extension() == Some(OsStr::new("jsonl"));
    let Ok(kind) = entry.file_type() else {
        return Found::Nothing;
    };
    if !is_named_so && !kind.is_dir() && !kind.is_symlink() {
        return Found::Nothing;
    }
    // Follows links: people keep their configuration elsewhere. One that leads nowhere is nothing.
    let Ok(facts) = fs::metadata(&path) else {
        return Found::Nothing;
    };
    if facts.is_dir() {
        // A project's folder may be a link; further down one could lead anywhere.
        let is_way = level < DEEPEST && (level == 0 || !kind.is_symlink());
        return if is_way { Found::Directory } else { Found::Nothing };
    }
    if !is_named_so {
        return Found::Nothing;
    }
    match refusal(&facts) {
        Some(reason) => Found::Unreadable(reason),
        None => {
            let modified = facts.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
            Found::File(Source { path, depth, id: identity(&facts), length: facts.len(), modified })
        }
    }
}

fn identity(facts: &Metadata) -> (u64, u64) {
    (facts.dev(), facts.ino())
}

fn refusal(facts: &Metadata) -> Option<String> {
    if !facts.is_file() {
        return Some("it is no regular file".to_owned());
    }
    (facts.len() > MOST).then(|| format!("it is larger than {} GB", MOST >> 30))
}

impl Source {
    /// Opens it, if it still is what it was.
    pub fn open(&self) -> io::Result<File> {
        let file = file::open(&self.path)?;
        match refusal(&file.metadata()?) {
            Some(reason) => Err(io::Error::other(reason)),
            None => Ok(file),
        }
    }

    /// The folder of its project: the first one below `projects`.
    pub fn folder(&self) -> &Path {
        self.path.components().nth(self.depth).map_or(Path::new(""), |name| Path::new(name.as_os_str()))
    }

    /// The first time that it names.
    pub fn begun(&self) -> Option<Timestamp> {
        let file = self.open().ok()?;
        HEADS.iter().find_map(|size| {
            let mut head = vec![0; *size];
            let count = file.read_at(&mut head, 0).ok()?;
            let key = b"\"timestamp\"";
            let behind = head[..count].find_iter(key).map(|at| &head[at + key.len()..count]);
            behind.filter_map(|rest| line::time(Text::of(Json::new(rest).member_value()?))).next()
        })
    }
}
