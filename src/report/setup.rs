//! What `setup` says: what is going to change, what was written, and whether new shells have it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use super::doctor::{self, DoctorReport};
use super::style::{Style, tame};
use crate::change::Plan;
use crate::change::setup::Wanted;
use crate::shell::quote::quote;
use crate::shell::{ShellKind, Syntax};
use crate::world::World;

/// Schema of `setup --json`.
pub const SCHEMA: &str = "bedrockup.setup/1";

/// How far a setup went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Everything is as wanted already.
    NothingToDo,
    /// Shown, not written.
    DryRun,
    /// Written.
    Written,
}

/// Whether a fresh shell has the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The shell.
    pub shell: String,
    /// How it was started.
    pub mode: &'static str,
    /// What came of it.
    pub status: ReachedStatus,
    /// Why it has them not, or why it was not checked.
    pub reason: Option<String>,
}

/// What came of a fresh shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReachedStatus {
    /// It reports the values.
    Effective,
    /// It reports other values, or none.
    NotEffective,
    /// It could not be asked.
    NotChecked,
}

/// Everything that `setup` says.
#[derive(Debug, Clone)]
pub struct SetupReport {
    /// How far it went.
    pub status: Status,
    /// Files, each with what happens to it; paths as people write them.
    pub files: Vec<(PathBuf, String, &'static str)>,
    /// The change as a unified diff.
    pub diff: String,
    /// What should be known before, a sentence each.
    pub warnings: Vec<String>,
    /// What the shells cannot do, a sentence each.
    pub notes: Vec<String>,
    /// The values.
    pub values: Vec<(String, String)>,
    /// Copies of edited blocks that were replaced.
    pub kept: Vec<PathBuf>,
    /// Fresh shells.
    pub reached: Vec<Reached>,
    /// The line that loads the values into the present shell.
    pub load_now: Option<String>,
    /// Doctor's report.
    pub doctor: Option<DoctorReport>,
    /// The diff was shown already.
    pub shown: bool,
}

impl SetupReport {
    /// The report on a plan that nothing was done about yet.
    pub fn new(world: &World, wanted: &Wanted, plan: &Plan, warnings: Vec<String>) -> Self {
        let name = |path: &Path| world.short(path);
        let values = wanted.variables().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let rc = plan.edits.iter().find(|edit| edit.path.extension().is_none_or(|extension| extension != "json"));
        Self {
            status: if plan.is_empty() { Status::NothingToDo } else { Status::DryRun },
            files: plan.edits.iter().map(|edit| (edit.path.clone(), name(&edit.path), edit.what)).collect(),
            diff: plan.diff(name),
            warnings,
            notes: plan.notes.clone(),
            values: values.collect(),
            kept: Vec::new(),
            reached: Vec::new(),
            load_now: rc.zip(wanted.shells.first()).map(|(edit, kind)| load_line(*kind, &edit.path, world)),
            doctor: None,
            shown: false,
        }
    }
}

/// The line that reads an rc file into a running shell.
fn load_line(kind: ShellKind, path: &Path, world: &World) -> String {
    let short = world.short(path);
    // A tilde is expanded only where nothing is quoted.
    let plain = short.chars().all(|letter| letter.is_ascii_alphanumeric() || "~/._-".contains(letter));
    let file = if plain { short } else { quote(kind.syntax(), &path.to_string_lossy()) };
    match kind.syntax() {
        Syntax::Posix | Syntax::PowerShell => format!(". {file}"),
        Syntax::Elvish => "exec elvish".to_owned(),
        Syntax::Fish | Syntax::Csh | Syntax::Nushell | Syntax::Xonsh => format!("source {file}"),
    }
}

/// The report as JSON.
pub fn json(report: &SetupReport) -> Value {
    let files: Vec<_> = report.files.iter().map(|(path, _, what)| json!({ "path": path, "change": what })).collect();
    let values: serde_json::Map<_, _> =
        report.values.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect();
    json!({
        "schema": SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "status": report.status,
        "values": values,
        "files": files,
        "diff": report.diff,
        "warnings": report.warnings,
        "notes": report.notes,
        "kept": report.kept,
        "shells": report.reached,
        "doctor": report.doctor.as_ref().map(doctor::json),
    })
}

/// What is going to change, before the question.
pub fn proposal(report: &SetupReport, style: Style) -> String {
    let mut text = diff(&report.diff, style);
    for warning in &report.warnings {
        text.push_str(&style.wrap(&tame(warning), &format!("{} ", style.yellow("!")), "  "));
        text.push('\n');
    }
    for note in &report.notes {
        text.push_str(&style.dim(&style.wrap(&tame(note), "· ", "  ")));
        text.push('\n');
    }
    text
}

/// The report as text.
pub fn text(report: &SetupReport, style: Style) -> String {
    let mut text = String::new();
    if !report.shown {
        text.push_str(&proposal(report, style));
    }
    match report.status {
        Status::NothingToDo => text.push_str("Nothing to do: everything is as wanted already.\n"),
        Status::DryRun => text.push_str("Dry run: nothing was written.\n"),
        Status::Written => {
            for (_, short, what) in &report.files {
                text.push_str(&format!("{} {short}: {what}\n", style.green("✓")));
            }
        }
    }
    for path in &report.kept {
        text.push_str(&format!("  the replaced text of an edited block is kept in {}\n", path.display()));
    }
    text.push_str(&reached(&report.reached, style));
    if report.status == Status::Written {
        text.push_str("\nOpen a new terminal");
        if let Some(line) = &report.load_now {
            text.push_str(&format!(", or load it into this one:\n    {}\n", style.cyan(line)));
        } else {
            text.push_str(".\n");
        }
        text.push_str(&format!("To undo: {}\n", style.cyan("bedrockup uninstall")));
    }
    if let Some(report) = &report.doctor {
        text.push('\n');
        text.push_str(&doctor::text(report, style));
    }
    text
}

/// What fresh shells report: one line for all that is well, one for each that is not.
fn reached(all: &[Reached], style: Style) -> String {
    let mut text = String::new();
    let mut line = |mark: String, words: String| {
        text.push_str(&style.wrap(&words, &format!("{mark} "), "  "));
        text.push('\n');
    };
    let mut well: Vec<(&str, Vec<&str>)> = Vec::new();
    for reached in all.iter().filter(|reached| reached.status == ReachedStatus::Effective) {
        match well.iter_mut().find(|(shell, _)| *shell == reached.shell) {
            Some((_, modes)) => modes.push(reached.mode),
            None => well.push((&reached.shell, vec![reached.mode])),
        }
    }
    for (shell, modes) in well {
        line(style.green("✓"), format!("new {shell} shells have the values ({})", modes.join(", ")));
    }
    for reached in all {
        let reason = reached.reason.as_ref().map(|reason| format!(": {}", tame(reason))).unwrap_or_default();
        let shell = format!("a new {} ({})", reached.shell, reached.mode);
        match reached.status {
            ReachedStatus::Effective => {}
            ReachedStatus::NotEffective => line(style.red("✗"), format!("{shell} does not have the values{reason}")),
            ReachedStatus::NotChecked => line(style.dim("?"), format!("{shell} was not checked{reason}")),
        }
    }
    text
}

/// A unified diff with its signs in colour.
pub fn diff(diff: &str, style: Style) -> String {
    let paint = |line: &str| match line.as_bytes().first() {
        Some(b'+') => style.green(line),
        Some(b'-') => style.red(line),
        Some(b'@') => style.cyan(line),
        _ => line.to_owned(),
    };
    let mut text: String = diff.lines().map(|line| paint(&tame(line)) + "\n").collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}
