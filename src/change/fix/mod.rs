//! What `doctor --fix` changes: single lines of start-up and AWS files, keys of settings files, the block; and the way back.
//!
//! A finding says what it wants as a [`Repair`]; [`plan`] turns all of them into one plan against the bytes that are there
//! now, and refuses whole when one of them does not fit any more. What was changed is remembered line by line, so that
//! [`undo`] gives the exact bytes back, also beside what others have changed since.

mod hunks;
mod lines;
mod repair;
mod undo;

use std::path::{Path, PathBuf};

pub use hunks::{FixEntry, Hunk};
pub use repair::{LineChange, Repair, SettingsChange};
pub(super) use undo::also_undo;
pub use undo::undo;

use super::file::{self, Present};
use super::plan::{Edit, Plan};
use super::{Refusal, guard, settings, setup};
use crate::shell::block::{self, Parsed};
use crate::world::World;

/// A file on its way from what it is to what it shall be.
struct Draft {
    path: PathBuf,
    real: PathBuf,
    /// The bytes before any repair; after the change of the block, where there is one.
    before: Option<Vec<u8>>,
    bytes: Vec<u8>,
    existed: bool,
}

/// Plans all repairs together. Reads, and writes nothing.
pub fn plan(world: &World, repairs: &[Repair]) -> Result<Plan, Refusal> {
    guard(world)?;
    let mut plan = match repairs.iter().find_map(|repair| match repair {
        Repair::Block(wanted) => Some(wanted),
        _ => None,
    }) {
        Some(wanted) => setup::plan(world, wanted)?,
        None => Plan::default(),
    };
    let mut drafts: Vec<Draft> = Vec::new();
    for repair in repairs {
        match repair {
            Repair::Block(_) => {}
            Repair::Line { path, line, seen, change } => {
                let draft = draft(world, &plan, &mut drafts, path)?;
                draft.bytes =
                    lines::change(&draft.bytes, *line, seen, change).ok_or_else(|| Refusal::Changed(path.clone()))?;
            }
            Repair::Value { path, line, key } => {
                let draft = draft(world, &plan, &mut drafts, path)?;
                draft.bytes =
                    lines::clean_value(&draft.bytes, *line, key).ok_or_else(|| Refusal::Changed(path.clone()))?;
            }
            Repair::CarriageReturns { path } => {
                let draft = draft(world, &plan, &mut drafts, path)?;
                draft.bytes = lines::without_carriage_returns(&draft.bytes);
            }
            Repair::Settings { path, changes } => {
                let draft = draft(world, &plan, &mut drafts, path)?;
                for change in changes {
                    draft.bytes = changed(path, &draft.bytes, change)?;
                }
            }
        }
    }
    for draft in drafts.into_iter().filter(|draft| draft.before.as_deref() != Some(draft.bytes.as_slice())) {
        let hunks = hunks::between(draft.before.as_deref().unwrap_or_default(), &draft.bytes).map_err(
            |hunks::HoldsSecret| Refusal::Target {
                path: draft.path.clone(),
                reason: "holds a secret that would have to be kept for the way back; change it by hand".to_owned(),
                paste: None,
            },
        )?;
        plan.receipt.fixes.push(FixEntry {
            path: draft.path.clone(),
            existed: draft.existed,
            before: hunks::digest(draft.before.as_deref().unwrap_or_default()),
            after: hunks::digest(&draft.bytes),
            hunks,
            ..FixEntry::default()
        });
        match plan.edits.iter_mut().find(|edit| edit.path == draft.path) {
            Some(edit) => {
                edit.after = Some(draft.bytes);
                edit.what = "change the block and other lines";
            }
            None => plan.edits.push(Edit {
                path: draft.path,
                before: draft.before,
                after: Some(draft.bytes),
                what: "make the repairs",
                lost: None,
                paste: None,
                private: true,
            }),
        }
    }
    Ok(plan)
}

/// The draft of a file, begun where there is none yet. What must not be written refuses here.
fn draft<'a>(world: &World, plan: &Plan, drafts: &'a mut Vec<Draft>, path: &Path) -> Result<&'a mut Draft, Refusal> {
    let present = file::look(path)?;
    if let Some(at) = drafts.iter().position(|draft| draft.real == present.real) {
        return Ok(&mut drafts[at]);
    }
    if let Some(reason) = file::write_obstacle(&present, world) {
        return Err(Refusal::Target { path: path.to_owned(), reason, paste: None });
    }
    let Present { bytes, real, .. } = present;
    let planned = plan.edits.iter().find(|edit| edit.path == path).map(|edit| edit.after.clone());
    let before = planned.unwrap_or_else(|| bytes.clone());
    if let Parsed::Damaged(damage) = block::parse(before.as_deref().unwrap_or_default()) {
        return Err(Refusal::Damaged(vec![(path.to_owned(), damage)]));
    }
    let whole = before.clone().unwrap_or_default();
    drafts.push(Draft { path: path.to_owned(), real, before, bytes: whole, existed: bytes.is_some() });
    let last = drafts.len() - 1;
    Ok(&mut drafts[last])
}

/// The bytes of a settings file after one change.
fn changed(path: &Path, bytes: &[u8], change: &SettingsChange) -> Result<Vec<u8>, Refusal> {
    let refused = |problem: settings::Problem| Refusal::Settings {
        path: path.to_owned(),
        line: problem.line,
        column: problem.column,
        message: problem.message,
    };
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Changed(path.to_owned()))?;
    let text = match change {
        SettingsChange::SetEnv { name, value } => {
            settings::set(text, &[(name, value)], &Default::default()).map(|(text, _)| text)
        }
        SettingsChange::SetKey { name, value } => settings::set_key(text, name, value),
        SettingsChange::RemoveEnv { name } => settings::remove(text, &["env", name]),
        SettingsChange::RemoveKey { name } => settings::remove(text, &[name]),
        SettingsChange::RenameEnv { from, to } => settings::rename(text, &["env", from], to),
        SettingsChange::RenameKey { from, to } => settings::rename(text, &[from], to),
        SettingsChange::QuoteEnv { name } => settings::quote(text, name),
        SettingsChange::TrailingCommas => settings::without_trailing_commas(text),
    };
    // A key that is not there any more: somebody else was faster.
    let text = text.map_err(refused)?;
    Ok(text.into_bytes())
}
