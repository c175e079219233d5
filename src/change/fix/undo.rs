//! The way back of all repairs.

use std::path::Path;

use super::FixEntry;
use super::hunks::{self, digest};
use crate::change::plan::{Edit, Plan};
use crate::change::receipt::Receipt;
use crate::change::{Refusal, file, guard};
use crate::world::World;

/// Plans to take every repair back, and nothing else.
pub fn undo(world: &World) -> Result<Plan, Refusal> {
    guard(world)?;
    let mut plan = Plan::default();
    if let Some(receipt) = Receipt::load(world) {
        also_undo(world, &receipt, &mut plan)?;
    }
    plan.receipt.fixes_dropped = true;
    Ok(plan)
}

/// Takes the repairs back in a plan that may change the same files.
pub(in crate::change) fn also_undo(world: &World, receipt: &Receipt, plan: &mut Plan) -> Result<(), Refusal> {
    let mut paths: Vec<&Path> = Vec::new();
    for entry in &receipt.fixes {
        if !paths.contains(&entry.path.as_path()) {
            paths.push(&entry.path);
        }
    }
    for path in paths {
        let entries: Vec<&FixEntry> = receipt.fixes.iter().filter(|entry| entry.path == path).collect();
        one(world, path, &entries, plan)?;
    }
    Ok(())
}

fn one(world: &World, path: &Path, entries: &[&FixEntry], plan: &mut Plan) -> Result<(), Refusal> {
    let planned = plan.edits.iter().position(|edit| edit.path == path);
    let present = file::scan(path)?;
    let bytes = match planned {
        Some(at) => plan.edits[at].after.clone(),
        None => present.as_ref().and_then(|present| present.bytes.clone()),
    };
    // A file that is gone, or goes, has nothing to take back.
    let (Some(present), Some(mut bytes)) = (present, bytes) else { return Ok(()) };
    let before = bytes.clone();
    for entry in entries.iter().rev() {
        // A repair that was written down and never made: a run was killed between the two.
        if digest(&bytes) == entry.before {
            continue;
        }
        let untouched = digest(&bytes) == entry.after;
        let mut lines: Vec<Vec<u8>> = hunks::lines(&bytes).into_iter().map(<[u8]>::to_vec).collect();
        for hunk in entry.hunks.iter().rev() {
            if !hunk.undo(&mut lines, untouched) {
                plan.notes.push(format!(
                    "{}:{} was changed since bedrockup repaired it, so it stays as it is",
                    world.short(path),
                    hunk.line
                ));
            }
        }
        bytes = lines.concat();
    }
    let existed = entries.iter().all(|entry| entry.existed);
    let after = if bytes.is_empty() && !existed { None } else { Some(bytes) };
    if after.as_deref() == Some(before.as_slice()) {
        return Ok(());
    }
    if let Some(reason) = file::write_obstacle(&present, world) {
        return Err(Refusal::Target { path: path.to_owned(), reason, paste: None });
    }
    match planned {
        Some(at) => {
            plan.edits[at].after = after;
            plan.edits[at].what = "take the block and the repairs out";
        }
        None => plan.edits.push(Edit {
            path: path.to_owned(),
            before: present.bytes,
            after,
            what: "take the repairs back",
            lost: None,
            paste: None,
            private: true,
        }),
    }
    // Two changes may have cancelled each other out.
    plan.edits.retain(|edit| edit.before != edit.after);
    Ok(())
}
