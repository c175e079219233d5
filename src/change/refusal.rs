//! Why nothing was written.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::shell::block::Damage;

/// Why nothing was written. `Display` is one clear line (damage: one line more per marker); [`Refusal::next_step`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request itself is wrong.
    #[error("{0}")]
    Usage(String),
    /// Markers do not pair up.
    #[error("{}", damage_lines(.0))]
    Damaged(Vec<(PathBuf, Vec<Damage>)>),
    /// A file that must not, or cannot, be written.
    #[error("{} {reason}", path.display())]
    Target {
        /// The file.
        path: PathBuf,
        /// Why, as the end of a sentence that begins with the path.
        reason: String,
        /// The lines that would have been added, for pasting.
        paste: Option<String>,
    },
    /// A settings file that cannot be edited safely.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// Column, counted from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// A file is not what it was when the plan was made.
    #[error("{} changed while bedrockup was running", .0.display())]
    Changed(PathBuf),
    /// Root, in the home of somebody else.
    #[error("running as root with the home of another user ({}, owned by user id {owner})", home.display())]
    ForeignHome {
        /// `HOME`.
        home: PathBuf,
        /// Who owns it.
        owner: u32,
    },
    /// Another run holds the lock.
    #[error("another bedrockup is writing (lock {})", .0.display())]
    Busy(PathBuf),
    /// The operating system said no.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The answer.
        source: std::io::Error,
    },
}

impl Refusal {
    /// An answer of the operating system, with what was tried.
    pub(super) fn io(doing: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }

    /// The exit code: 2 for wrong usage, 4 for everything that was refused.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            _ => 4,
        }
    }

    /// What to do now, in one line.
    pub fn next_step(&self) -> String {
        match self {
            Self::Usage(_) => "see `bedrockup setup --help`".to_owned(),
            Self::Damaged(_) => {
                "repair these lines by hand (one begin line, then one end line, or none of both), then run bedrockup again"
                    .to_owned()
            }
            Self::Target { paste: Some(_), path, .. } if path.extension().is_some_and(|extension| extension == "json") => {
                "paste the lines below into `env` where this file is managed".to_owned()
            }
            Self::Target { paste: Some(_), .. } => {
                "paste the lines below where this file is managed, or name another file with --rc-file".to_owned()
            }
            Self::Target { .. } => "make it a regular file of yours that you may write, then run bedrockup again".to_owned(),
            Self::Settings { .. } => "repair the file, then run bedrockup again".to_owned(),
            Self::Changed(_) => "run bedrockup again".to_owned(),
            Self::ForeignHome { .. } => {
                "run it as yourself without sudo; to set up root itself, use `sudo -H bedrockup …`".to_owned()
            }
            Self::Busy(_) => "wait for it to end, then run bedrockup again".to_owned(),
            Self::Io { .. } => "nothing was written; remove the cause, then run bedrockup again".to_owned(),
        }
    }

    /// The lines that would have been added, where a person can paste them.
    pub fn paste(&self) -> Option<&str> {
        match self {
            Self::Target { paste, .. } => paste.as_deref(),
            _ => None,
        }
    }
}

fn damage_lines(files: &[(PathBuf, Vec<Damage>)]) -> String {
    let mut text = String::from("damaged bedrockup markers, nothing was written:");
    for (path, damage) in files {
        for Damage { line, text: marker, problem } in damage {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n  {}:{line}: `{marker}` {}", path.display(), problem.words());
        }
    }
    text
}
