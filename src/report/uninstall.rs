//! What `uninstall` says.

use std::path::Path;

use serde_json::{Value, json};

use super::setup::diff;
use super::style::{Style, tame};
use crate::change::Plan;

/// Schema of `uninstall --json`.
pub const SCHEMA: &str = "bedrockup.uninstall/1";

/// The report as JSON; `status` is `nothing-to-do`, `dry-run` or `removed`.
pub fn json(plan: &Plan, status: &'static str, name: impl Fn(&Path) -> String) -> Value {
    let files: Vec<_> = plan.edits.iter().map(|edit| json!({ "path": edit.path, "change": edit.what })).collect();
    json!({ "schema": SCHEMA, "version": env!("CARGO_PKG_VERSION"), "status": status, "files": files, "diff": plan.diff(name), "notes": plan.notes })
}

/// The report as text.
pub fn text(
    plan: &Plan,
    status: &'static str,
    diff_shown: bool,
    name: impl Fn(&Path) -> String,
    style: Style,
) -> String {
    let mut text = if diff_shown { String::new() } else { diff(&plan.diff(&name), style) };
    match status {
        "nothing-to-do" => text.push_str("Nothing to do: bedrockup has left nothing here.\n"),
        "dry-run" => text.push_str("Dry run: nothing was written.\n"),
        _ if plan.is_empty() => {
            text.push_str("No file holds anything of bedrockup's; what it remembered is gone, too.\n")
        }
        _ => {
            for edit in &plan.edits {
                text.push_str(&format!("{} {}: {}\n", style.green("✓"), name(&edit.path), edit.what));
            }
            text.push_str("Shells that are running keep the values until they are closed.\n");
        }
    }
    for note in &plan.notes {
        text.push_str(&style.wrap(&tame(note), "· ", "  "));
        text.push('\n');
    }
    text
}
