//! What `uninstall` changes: every block of every shell out, our settings keys back, and the state gone.

use std::path::PathBuf;

use super::plan::{Edit, Plan};
use super::receipt::Receipt;
use super::setup::{candidates, leave_settings, settings_path};
use super::{Refusal, cache, file, fix, guard, settings, state};
use crate::shell::block::{self, Parsed};
use crate::shell::render::is_edited;
use crate::shell::{ShellKind, Syntax};
use crate::variables;
use crate::world::World;

/// Plans the way back. Works without a receipt, and beside anything that was edited since; refuses whole when one file is damaged.
pub fn plan(world: &World) -> Result<Plan, Refusal> {
    guard(world)?;
    let receipt = Receipt::load(world);
    let mut plan = Plan::default();
    let mut damage = Vec::new();
    let mut reals = Vec::new();
    for (path, syntax) in everywhere(world, receipt.as_ref()) {
        let Some(present) = file::scan(&path)? else {
            continue;
        };
        if reals.contains(&present.real) {
            continue;
        }
        reals.push(present.real.clone());
        let bytes = present.bytes.clone().unwrap_or_default();
        match block::parse(&bytes) {
            Parsed::Absent => {}
            Parsed::Damaged(found) => damage.push((path, found)),
            Parsed::Whole(found) => {
                if let Some(reason) = file::write_obstacle(&present, world) {
                    return Err(Refusal::Target { path, reason, paste: None });
                }
                let text = bytes[found.span.clone()].to_vec();
                let lost = is_edited(&text, syntax, found.separator).then_some(text);
                let entry = receipt.as_ref().and_then(|receipt| receipt.file(&path));
                let mut after = block::remove(&bytes, &found);
                // A block that was moved by hand left its newline where it stood first; only the pristine copy can tell.
                if let Some(pristine) = entry.and_then(|entry| entry.pristine(world)) {
                    let left = after.strip_prefix(&pristine[..]);
                    if left.is_some_and(|left| found.separator.is_made_of(left)) {
                        after = pristine;
                    }
                }
                // Without a receipt, empty and absent cannot be told apart: absent wins.
                let existed = entry.is_some_and(|entry| entry.existed);
                let after = if after.is_empty() && !existed { None } else { Some(after) };
                plan.edits.push(Edit {
                    path,
                    before: Some(bytes),
                    after,
                    what: "take the block out",
                    lost,
                    paste: None,
                    private: false,
                });
            }
        }
    }
    if !damage.is_empty() {
        return Err(Refusal::Damaged(damage));
    }
    match &receipt {
        Some(receipt) => leave_settings(world, receipt, &mut plan)?,
        None => plan.notes.extend(settings_note(world)),
    }
    if let Some(receipt) = &receipt {
        fix::also_undo(world, receipt, &mut plan)?;
    }
    plan.receipt.erase = true;
    Ok(plan)
}

/// Whether there is state to erase, though no file is to be changed.
pub fn has_state(world: &World) -> bool {
    state::directory(world).exists() || cache::exists(world)
}

/// Every file in which a block could be, with the language of its shell.
pub(super) fn everywhere(world: &World, receipt: Option<&Receipt>) -> Vec<(PathBuf, Syntax)> {
    let mut all: Vec<(PathBuf, Syntax)> = Vec::new();
    for kind in ShellKind::ALL {
        for path in candidates(kind, world, receipt) {
            if !all.iter().any(|(known, _)| *known == path) {
                all.push((path, kind.syntax()));
            }
        }
    }
    all
}

/// Settings carry no marker: without a receipt, nobody can say whose keys they are. They stay, and are named.
fn settings_note(world: &World) -> Option<String> {
    let path = settings_path(world);
    let bytes = file::scan(&path).ok()??.bytes?;
    let env = settings::env(std::str::from_utf8(&bytes).ok()?).ok()?;
    env.contains_key(variables::USE_BEDROCK).then(|| {
        format!(
            "{} sets {} in `env`; there is no receipt that setup wrote it, so it stays",
            world.short(&path),
            variables::USE_BEDROCK
        )
    })
}
