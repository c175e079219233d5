//! Rc files, read to say *where* something is set. Whether it takes effect is asked of fresh shells.

pub(super) mod assignments;
mod block;
mod fish;
mod guards;
pub(super) mod lines;
mod other_syntax;
mod places;
mod sourced;
pub(super) mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use assignments::is_known;

use super::file;
use crate::shell::ShellKind;
use crate::world::World;

/// One start-up file of one kind of shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RcFile {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// The shell that reads it.
    pub shell: ShellKind,
    /// Its state.
    pub state: RcState,
}

/// The state of an rc file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RcState {
    /// There is none.
    Missing,
    /// It is there and cannot be read; the reason.
    Unreadable(String),
    /// It was read.
    Read {
        /// The block of ours in it.
        block: BlockState,
        /// Lines outside the block that set or unset a variable that we know, in order.
        assignments: Vec<Assignment>,
    },
}

/// The state of our block in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockState {
    /// No marker of ours.
    Absent,
    /// One begin marker and one end marker, in order.
    Whole {
        /// Line of the begin marker, counted from 1.
        first_line: usize,
        /// Line of the end marker.
        last_line: usize,
        /// Variables that the block sets, unquoted.
        values: BTreeMap<String, String>,
        /// The line that sets each of them, counted from 1.
        lines: BTreeMap<String, usize>,
        /// The bytes between the markers are not what `setup` writes for these values.
        edited: bool,
        /// The block sets the variables for the `claude` command alone (`--scope claude`).
        claude_only: bool,
    },
    /// Markers that do not pair up; each with its line and what is wrong.
    Damaged(Vec<(usize, String)>),
}

/// One line of an rc file that sets or unsets a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Line, counted from 1.
    pub line: usize,
    /// The line itself, trimmed; the value of a secret is masked.
    pub text: String,
    /// The variable.
    pub name: String,
    /// The value as far as it is a plain literal (quotes removed), `None` when it is computed or unset.
    pub value: Option<String>,
    /// What the line does.
    pub effect: Effect,
    /// The value is written out here, also where it is a secret and not kept.
    pub literal: bool,
    /// The line does this and nothing else, and is one line of the file.
    pub alone: bool,
}

/// What an assignment line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Sets it and passes it on to child processes.
    Export,
    /// Sets it for the shell alone.
    SetOnly,
    /// Removes it.
    Unset,
    /// Would set it in the language of another shell (`export` in a PowerShell profile, `setenv` in a bash file): an error
    /// or nothing at all in the language of this file.
    Foreign,
}

/// A line outside our block and outside functions that can end its file early, so that what stands below is not reached:
/// `return`, `exit`, `exec` of another program, also behind a condition (`case $- in *i*) ;; *) return;; esac`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The file.
    pub path: PathBuf,
    /// Line, counted from 1.
    pub line: usize,
    /// The line itself, trimmed; cut off where a secret begins.
    pub text: String,
}

/// A file that a start-up file reads by a line of its own (`. ~/.aliases`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced {
    /// The start-up file.
    pub by: PathBuf,
    /// The line of the start-up file, counted from 1.
    pub line: usize,
    /// The file that is read, there or by way of another one.
    pub path: PathBuf,
    /// That line itself names it.
    pub direct: bool,
    /// Lines of it that set or unset a variable that we know, in order.
    pub assignments: Vec<Assignment>,
}

/// What was found of start-up files.
#[derive(Debug, Default)]
pub struct Found {
    /// The files.
    pub files: Vec<RcFile>,
    /// Lines that can end them early.
    pub guards: Vec<Guard>,
    /// Files that the login shell passes by, each with the one that it looks for instead.
    pub moved: Vec<(PathBuf, PathBuf)>,
}

/// The start-up files of all shells, in the order in which each shell reads them, each file once; and their guards.
///
/// A file that several kinds read stands under `first` (the login shell) if that reads it. Files of shells in `installed`
/// are listed also when they are missing, those of other shells only when they are there.
pub fn observe(world: &World, first: Option<ShellKind>, installed: &[ShellKind]) -> Found {
    let rest = ShellKind::ALL.into_iter().filter(|kind| Some(*kind) != first);
    let mut found = Found::default();
    let Found { files, guards, moved } = &mut found;
    for shell in first.into_iter().chain(rest) {
        for path in places::of(world, shell) {
            if files.iter().any(|file| file.path == path) {
                continue;
            }
            let (state, own) = state_of(&path, shell);
            let is_wanted = Some(shell) == first || installed.contains(&shell) || state != RcState::Missing;
            if is_wanted {
                if state != RcState::Missing && Some(shell) == first {
                    moved.extend(places::instead(world, shell, &path).map(|instead| (path.clone(), instead)));
                }
                guards.extend(own.into_iter().map(|(line, text)| Guard { path: path.clone(), line, text }));
                files.push(RcFile { path, shell, state });
            }
        }
    }
    found
}

/// What the start-up files of one shell read beside themselves. They may lie anywhere: whoever asks bounds it in time.
pub fn sourced(world: &World, shell: ShellKind, start_up: &[PathBuf]) -> Vec<Sourced> {
    let mut found: Vec<Sourced> = start_up.iter().flat_map(|path| sourced::of(world, shell, path)).collect();
    // What is a start-up file itself is told as one.
    found.retain(|sourced| !start_up.contains(&sourced.path));
    found
}

/// What is in one file, and its guards.
fn state_of(path: &Path, shell: ShellKind) -> (RcState, Vec<(usize, String)>) {
    let bytes = match file::read(path) {
        Ok(None) => return (RcState::Missing, Vec::new()),
        Err(reason) => return (RcState::Unreadable(reason), Vec::new()),
        Ok(Some(bytes)) => bytes,
    };
    let block = block::state(&bytes, path, shell);
    let is_ours = |line: usize| match &block {
        BlockState::Whole { first_line, last_line, .. } => (*first_line..=*last_line).contains(&line),
        BlockState::Absent | BlockState::Damaged(_) => false,
    };
    // Rc files are bytes: lines end at `\n`, a `\r` before it belongs to the value that the shell sees.
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.split('\n').enumerate().map(|(index, line)| (index + 1, line));
    let lines: Vec<(usize, &str)> = lines.filter(|(line, _)| !is_ours(*line)).collect();
    // Read by the session, not by a shell: plain assignments, all passed on.
    let is_session = path.ends_with("etc/environment");
    let assignments = assignments::find(&lines, shell, is_session);
    let guards = if is_session { Vec::new() } else { guards::find(&lines, shell) };
    (RcState::Read { block, assignments }, guards)
}

/// A line as it may be shown: trimmed, and cut off after the name of a secret.
pub fn shown(line: &str) -> String {
    let line = line.trim();
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let mut start = 0;
    for word in line.split(|character| !is_name(character)) {
        let end = start + word.len();
        if is_secret(word) && end < line.len() {
            return format!("{}=…", &line[..end]);
        }
        start = end + line[end..].chars().next().map_or(0, char::len_utf8);
    }
    // A password in the address of a proxy.
    match (line.find("://"), line.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => {
            format!("{}…{}", &line[..scheme + 3], &line[at..])
        }
        _ => line.to_owned(),
    }
}

/// Whether the value of a variable must not be kept: the known secrets, and what is named like one.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let named_so = ["SECRET", "PASSWORD", "PASSPHRASE"].iter().any(|part| name.contains(part));
    crate::variables::is_secret(&name) || named_so || name.ends_with("_TOKEN") || name.ends_with("API_KEY")
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn secrets_are_cut_off() {
        assert_eq!(shown(" export AWS_REGION=x "), "export AWS_REGION=x");
        assert_eq!(shown("export A=1 AWS_SECRET_ACCESS_KEY=abc B=2"), "export A=1 AWS_SECRET_ACCESS_KEY=…");
        assert_eq!(shown("set -gx AWS_BEARER_TOKEN_BEDROCK 'abc'"), "set -gx AWS_BEARER_TOKEN_BEDROCK=…");
        assert_eq!(shown("unset AWS_SESSION_TOKEN"), "unset AWS_SESSION_TOKEN");
        assert_eq!(shown("export MAX_THINKING_TOKENS=5"), "export MAX_THINKING_TOKENS=5");
        assert_eq!(shown("export HTTPS_PROXY=http://me:pass@proxy:1"), "export HTTPS_PROXY=http://…@proxy:1");
    }
}
