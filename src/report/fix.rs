//! What `doctor --fix` and `doctor --undo` say about files.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use super::doctor::SCHEMA;
use super::setup::diff;
use super::style::{Style, tame};
use crate::change::Plan;

/// How far it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// There is nothing that the program can change.
    NothingToDo,
    /// Shown, not written.
    Proposed,
    /// Shown, and not wanted.
    Declined,
    /// Written.
    Applied,
    /// Taken back.
    Undone,
}

/// A finding that was repaired, and whether it is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fixed {
    /// Its name.
    pub name: String,
    /// Doctor does not find it any more.
    pub gone: bool,
}

/// Everything that is said about the change.
#[derive(Debug, Clone)]
pub struct FixReport {
    /// How far it went.
    pub status: Status,
    /// Files, each with what happens to it; paths as people write them.
    pub files: Vec<(PathBuf, String, &'static str)>,
    /// The change as a unified diff.
    pub diff: String,
    /// What should be known, a sentence each.
    pub notes: Vec<String>,
    /// Copies of edited blocks that were replaced.
    pub kept: Vec<PathBuf>,
    /// What became of the findings.
    pub findings: Vec<Fixed>,
    /// The diff was shown already.
    pub shown: bool,
}

impl FixReport {
    /// The report on a plan that nothing was done about yet.
    pub fn new(plan: &Plan, name: impl Fn(&Path) -> String) -> Self {
        Self {
            status: if plan.is_empty() { Status::NothingToDo } else { Status::Proposed },
            files: plan.edits.iter().map(|edit| (edit.path.clone(), name(&edit.path), edit.what)).collect(),
            diff: plan.diff(name),
            notes: plan.notes.clone(),
            kept: Vec::new(),
            findings: Vec::new(),
            shown: false,
        }
    }
}

/// The part of doctor's document that is about the change.
pub fn part(report: &FixReport) -> Value {
    let files: Vec<_> = report.files.iter().map(|(path, _, what)| json!({ "path": path, "change": what })).collect();
    json!({
        "status": report.status,
        "files": files,
        "diff": report.diff,
        "notes": report.notes,
        "kept": report.kept,
        "findings": report.findings,
    })
}

/// The document of `--undo`, which does not look again.
pub fn json(report: &FixReport) -> Value {
    json!({ "schema": SCHEMA, "version": env!("CARGO_PKG_VERSION"), "fix": part(report) })
}

/// What is going to change, before the question.
pub fn proposal(report: &FixReport, style: Style) -> String {
    let mut text = String::new();
    if !report.diff.is_empty() {
        text.push('\n');
        text.push_str(&diff(&report.diff, style));
    }
    for note in &report.notes {
        text.push_str(&style.wrap(&tame(note), "· ", "  "));
        text.push('\n');
    }
    text
}

/// What was done, for people.
pub fn text(report: &FixReport, style: Style) -> String {
    let mut text = if report.shown { String::new() } else { proposal(report, style) };
    let undo = style.cyan("bedrockup doctor --undo");
    match report.status {
        Status::NothingToDo if report.findings.is_empty() => {
            text.push_str("Nothing here is for the program to change.\n");
        }
        Status::NothingToDo => {}
        Status::Declined => text.push_str("No file was changed.\n"),
        Status::Proposed => {}
        Status::Applied | Status::Undone => {
            for (_, short, what) in &report.files {
                text.push_str(&format!("{} {short}: {what}\n", style.green("✓")));
            }
        }
    }
    for path in &report.kept {
        text.push_str(&format!("  the replaced text of an edited block is kept in {}\n", path.display()));
    }
    for Fixed { name, gone } in &report.findings {
        let line = match gone {
            true => format!("{} {name} is gone", style.green("✓")),
            false => format!("{} {name} is still there", style.yellow("!")),
        };
        text.push_str(&format!("{line}\n"));
    }
    if report.status == Status::Applied {
        text.push_str(&format!("Shells that are running keep the old values. To undo: {undo}\n"));
    }
    if report.status != Status::Proposed {
        text.push('\n');
    }
    text
}
