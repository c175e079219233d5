//! What a command line, a script, an alias or a function does to the environment of the `claude` that it starts.
//!
//! Read as text, far from a shell: what a line computes is not known, and what stands behind a condition may not happen.

mod command;
mod other_languages;
mod script;

pub use script::{Starts, of_command, of_lines};

use super::rc_files;

/// What is done on the way to the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Launch {
    /// What happens to the environment, in order.
    pub steps: Vec<Step>,
    /// The word that names the client (`claude`, `/opt/claude/claude`), as far as it is a literal.
    pub program: Option<String>,
    /// What it is given with `--settings`, as far as that is a literal: a path, or JSON.
    pub settings: Option<String>,
    /// The line that starts it.
    pub at: Line,
    /// Start-up files of a shell are read on the way (`bash -lc`, `. ~/.profile`).
    pub reads_shell_files: bool,
}

/// One change of the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What happens.
    pub change: Change,
    /// Where.
    pub at: Line,
}

/// A line of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Its number, counted from 1.
    pub number: usize,
    /// The line as it may be shown: trimmed, cut off where a secret begins.
    pub text: String,
    /// It stands behind a condition, or in a loop: it may not happen.
    pub conditional: bool,
}

/// What happens to the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A variable is set; its literal value, `None` where it is computed or a secret.
    Set(String, Option<String>),
    /// A variable is taken away.
    Unset(String),
    /// Every variable of such a start is taken away.
    UnsetStart(String),
    /// The environment is emptied but for what is kept.
    Clear(Kept),
}

/// What an emptied environment keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Names that are handed on with the value that they have.
    pub names: Vec<String>,
    /// Starts of names that a filter lets through.
    pub starts: Vec<String>,
    /// Starts of names that a filter holds back, where it lets all else through.
    pub all_but: Option<Vec<String>>,
}

/// What becomes of one variable on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate<'a> {
    /// Nothing changes it.
    Kept,
    /// It gets this value; `None` where that is computed.
    Set(Option<&'a str>, &'a Line),
    /// It is taken away.
    Lost(&'a Line),
}

impl Launch {
    /// What becomes of a variable: the last step that is about it decides.
    pub fn fate(&self, name: &str) -> Fate<'_> {
        for step in self.steps.iter().rev() {
            match &step.change {
                Change::Set(set, value) if set == name => return Fate::Set(value.as_deref(), &step.at),
                Change::Unset(unset) if unset == name => return Fate::Lost(&step.at),
                Change::UnsetStart(start) if name.starts_with(start.as_str()) => return Fate::Lost(&step.at),
                Change::Clear(kept) if !kept.keeps(name) => return Fate::Lost(&step.at),
                _ => {}
            }
        }
        Fate::Kept
    }

    /// The variables that it sets for certain, each with the value that it ends up with.
    pub fn sets(&self) -> Vec<(&str, &str, &Line)> {
        let mut found: Vec<(&str, &str, &Line)> = Vec::new();
        for step in &self.steps {
            let Change::Set(name, _) = &step.change else { continue };
            if let Fate::Set(Some(value), at) = self.fate(name)
                && !at.conditional
                && !found.iter().any(|(known, ..)| known == name)
            {
                found.push((name, value, at));
            }
        }
        found
    }
}

impl Kept {
    /// Whether a variable is handed on.
    fn keeps(&self, name: &str) -> bool {
        let begins = |starts: &[String]| starts.iter().any(|start| name.starts_with(start.as_str()));
        match &self.all_but {
            Some(held) => !begins(held) || self.names.iter().any(|kept| kept == name),
            None => self.names.iter().any(|kept| kept == name) || begins(&self.starts),
        }
    }
}

impl Line {
    fn new(number: usize, text: &str, conditional: bool) -> Self {
        // Settings that are written there may hold anything.
        let text = match text.split_once("--settings").filter(|(_, given)| given.contains('{')) {
            Some((before, _)) => format!("{before}--settings …"),
            None => text.to_owned(),
        };
        Self { number, text: rc_files::shown(&text), conditional }
    }
}

#[cfg(test)]
#[path = "launch/tests.rs"]
mod tests;
