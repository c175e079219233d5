//! Rc files, read to say *where* something is set. Whether it takes effect is asked of fresh shells.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::shell::ShellKind;

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
