//! Rc files, read to say *where* something is set. Whether it takes effect is asked of fresh shells.

mod assignments;
mod block;
mod guards;
mod other_syntax;
mod places;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
        /// Lines outside the block and outside functions that can end the file early, each with its number: `return`,
        /// `exit`, `exec` of another program, also behind a condition (`case $- in *i*) ;; *) return;; esac`).
        guards: Vec<(usize, String)>,
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

/// The start-up files of all shells, in the order in which each shell reads them, each file once.
///
/// A file that several kinds read stands under `first` (the login shell) if that reads it. Files of shells in `installed`
/// are listed also when they are missing, those of other shells only when they are there.
pub fn observe(world: &World, first: Option<ShellKind>, installed: &[ShellKind]) -> Vec<RcFile> {
    let rest = ShellKind::ALL.into_iter().filter(|kind| Some(*kind) != first);
    let mut files: Vec<RcFile> = Vec::new();
    for shell in first.into_iter().chain(rest) {
        for path in places::of(world, shell) {
            if files.iter().any(|file| file.path == path) {
                continue;
            }
            let state = state_of(&path, shell);
            let is_wanted = Some(shell) == first || installed.contains(&shell) || state != RcState::Missing;
            if is_wanted {
                files.push(RcFile { path, shell, state });
            }
        }
    }
    files
}

/// What is in one file.
fn state_of(path: &Path, shell: ShellKind) -> RcState {
    match file::read(path) {
        Ok(None) => RcState::Missing,
        Err(reason) => RcState::Unreadable(reason),
        Ok(Some(bytes)) => {
            // Rc files are bytes: lines end at `\n`, a `\r` before it belongs to the value that the shell sees.
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<(usize, &str)> =
                text.split('\n').enumerate().map(|(index, line)| (index + 1, line)).collect();
            let all_exported = path.ends_with("etc/environment");
            let state = block::state(&lines, shell);
            let outside: Vec<(usize, &str)> = match &state {
                BlockState::Whole { first_line, last_line, .. } => {
                    lines.iter().copied().filter(|(line, _)| line < first_line || line > last_line).collect()
                }
                BlockState::Absent | BlockState::Damaged(_) => lines,
            };
            RcState::Read {
                block: state,
                assignments: assignments::find(&outside, shell, all_exported),
                guards: if all_exported { Vec::new() } else { guards::find(&outside, shell) },
            }
        }
    }
}

/// A line as it may be shown: trimmed, and cut off after the name of a secret.
fn shown(line: &str) -> String {
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
fn is_secret(name: &str) -> bool {
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
