//! What a finding wants changed, as a value: no file is read to say it.

use std::path::PathBuf;

use crate::change::setup::Wanted;
use crate::shell::Syntax;

/// One thing that the program can do by itself: local, reversible, and certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// One line of a start-up file or an AWS file becomes another.
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The line as the facts have it (trimmed, secrets cut off): it must still be there.
        seen: String,
        /// What becomes of it.
        change: LineChange,
    },
    /// The value of a key in an AWS file loses what does not belong into a value, on both sides: quotes, no-break spaces,
    /// blanks. The facts hold no values, so the key tells whether the line is still the one.
    Value {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The key, in lower case.
        key: String,
    },
    /// Every line of a file loses the carriage return at its end.
    CarriageReturns {
        /// The file.
        path: PathBuf,
    },
    /// Keys of a settings file.
    Settings {
        /// The file.
        path: PathBuf,
        /// The changes, in order.
        changes: Vec<SettingsChange>,
    },
    /// The block, as `setup` writes it.
    Block(Box<Wanted>),
}

/// What becomes of a line. Its indentation and its line end stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineChange {
    /// This instead.
    Replace(String),
    /// This before it.
    Prefix(&'static str),
    /// Another word in the place of the first that is this one.
    Word {
        /// The word that stands there.
        from: String,
        /// The word that shall.
        to: String,
    },
    /// A comment of it.
    CommentOut(Syntax),
}

/// What becomes of a settings file. Everything else in it stays as it is written, comments too.
#[derive(Clone, PartialEq, Eq)]
pub enum SettingsChange {
    /// An entry of `env` gets this value.
    SetEnv {
        /// The variable.
        name: String,
        /// Its value.
        value: String,
    },
    /// A top-level key gets this value.
    SetKey {
        /// The key.
        name: String,
        /// Its value, a text.
        value: String,
    },
    /// An entry of `env` goes.
    RemoveEnv {
        /// The variable.
        name: String,
    },
    /// A top-level key goes.
    RemoveKey {
        /// The key.
        name: String,
    },
    /// An entry of `env` gets another name.
    RenameEnv {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// A top-level key gets another name.
    RenameKey {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// A number or boolean of `env` becomes a text.
    QuoteEnv {
        /// The variable.
        name: String,
    },
    /// Commas before a closing bracket go.
    TrailingCommas,
}

/// Values are not shown: a change does not know whether its name is that of a secret.
impl std::fmt::Debug for SettingsChange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, name) = match self {
            Self::SetEnv { name, .. } => ("SetEnv", name.as_str()),
            Self::SetKey { name, .. } => ("SetKey", name.as_str()),
            Self::RemoveEnv { name } => ("RemoveEnv", name.as_str()),
            Self::RemoveKey { name } => ("RemoveKey", name.as_str()),
            Self::RenameEnv { from, .. } => ("RenameEnv", from.as_str()),
            Self::RenameKey { from, .. } => ("RenameKey", from.as_str()),
            Self::QuoteEnv { name } => ("QuoteEnv", name.as_str()),
            Self::TrailingCommas => ("TrailingCommas", ""),
        };
        formatter.debug_tuple(what).field(&name).finish()
    }
}

impl Repair {
    /// Two repairs of one line, or of the block, cannot both be meant.
    pub fn clashes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Line { path, line, .. }, Self::Line { path: other_path, line: other_line, .. }) => {
                path == other_path && line == other_line
            }
            (Self::Block(_), Self::Block(_)) => true,
            _ => self == other,
        }
    }
}
