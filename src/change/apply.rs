//! The one writer of people's files: all of a plan, or none of it.
//!
//! Order, so that a death at any point leaves every file old or new, and a second run finishes the work:
//!
//! 1. take the lock; compare every file with the plan; check that each may be written
//! 2. write pristine copies and the receipt, which from now on covers both what was and what will be
//! 3. write every new file whole beside its target, with its mode and owner, and sync it
//! 4. rename each into place and sync the directory; when one fails, put the earlier ones back
//! 5. write the final receipt, or erase it
//!
//! A temporary file has one fixed name per target (`.NAME.bedrockup-new`), so that one left by a killed run is found and removed.

use std::io;
use std::path::{Path, PathBuf};

use super::fix::FixEntry;
use super::plan::Plan;
use super::receipt::{self, FileEntry, Receipt, SettingsEntry};
use super::setup::settings_path;
use super::stage::{Staged, sweep};
use super::state::{self, Lock};
use super::{Refusal, cache, guard, uninstall};
use crate::shell::block::{self, Parsed};
use crate::world::World;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Files that were written or removed.
    pub changed: Vec<PathBuf>,
    /// Copies of edited blocks that were replaced.
    pub kept: Vec<PathBuf>,
}

/// A point at which a run may be watched, and made to fail by tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// The receipt is written.
    Remembered,
    /// A new file lies beside its target.
    Staged(&'a Path),
    /// A file is about to be replaced.
    Replacing(&'a Path),
    /// A file was replaced.
    Replaced(&'a Path),
}

/// Applies a plan. On a refusal every file is what it was.
pub fn apply(world: &World, plan: &Plan) -> Result<Applied, Refusal> {
    apply_observed(world, plan, &mut |_| Ok(()))
}

/// [`apply`], telling `observe` each step; an error from it counts as an error of the operating system at that step.
pub fn apply_observed(
    world: &World,
    plan: &Plan,
    observe: &mut dyn FnMut(Step<'_>) -> io::Result<()>,
) -> Result<Applied, Refusal> {
    guard(world)?;
    if plan.is_empty() && !remembers_more(world, plan) {
        return Ok(Applied::default());
    }
    let mut lock = Lock::take(world)?;
    adopt(world, &lock)?;
    let mut staged = Staged::check(world, &plan.edits)?;
    let earlier = Receipt::load(world);
    let mut applied = Applied::default();
    let written = (|| {
        if !plan.receipt.erase {
            for edit in &plan.edits {
                if let Some(lost) = &edit.lost {
                    applied.kept.push(receipt::keep_lost(world, &edit.path, lost)?);
                }
            }
            remember(world, plan, &staged, earlier.clone(), &lock)?.save(world)?;
        }
        observe(Step::Remembered).map_err(|error| Refusal::io("write", &state::directory(world), error))?;
        staged.write(observe)?;
        staged.commit(observe)
    })();
    if let Err(refusal) = written {
        drop(staged);
        if !plan.receipt.erase {
            forget(world, earlier, &mut lock)?;
        }
        return Err(refusal);
    }
    applied.changed = plan.edits.iter().map(|edit| edit.path.clone()).collect();
    clean_directories(world, plan, earlier.as_ref());
    finish(world, plan, earlier, &mut lock)?;
    Ok(applied)
}

/// Whether state has to change though no file does.
fn remembers_more(world: &World, plan: &Plan) -> bool {
    if plan.receipt.erase {
        return uninstall::has_state(world);
    }
    // Without a receipt, undo works from the block alone; a new one would claim to know what was there before.
    let Some(receipt) = Receipt::load(world) else {
        return false;
    };
    let is_new = |entry: &FileEntry| {
        receipt.file(&entry.path).is_none_or(|known| !entry.shells.iter().all(|shell| known.shells.contains(shell)))
    };
    let forgets_fixes = plan.receipt.fixes_dropped && !receipt.fixes.is_empty();
    plan.receipt.files.iter().any(is_new) || plan.receipt.settings_dropped.is_some() || forgets_fixes
}

/// The receipt that covers what was and what will be.
fn remember(
    world: &World,
    plan: &Plan,
    staged: &Staged,
    earlier: Option<Receipt>,
    lock: &Lock,
) -> Result<Receipt, Refusal> {
    let mut receipt = earlier.unwrap_or_else(|| {
        let state_directories = match lock.made().contains(&state::directory(world)) {
            true => Vec::new(),
            // Ours, and without a receipt: a killed run made it, and nobody knows what else. Absent wins.
            false => below_home(world, Some(&state::directory(world))),
        };
        Receipt { state_directories, ..Receipt::default() }
    });
    // Two first runs at once may each have made a part of them.
    for made in lock.made() {
        if !receipt.state_directories.contains(made) {
            receipt.state_directories.push(made.clone());
        }
    }
    receipt.state_directories.sort();
    for new in &plan.receipt.files {
        match receipt.files.iter_mut().find(|known| known.path == new.path) {
            Some(known) => {
                let more = new.shells.iter().filter(|shell| !known.shells.contains(shell)).cloned().collect::<Vec<_>>();
                known.shells.extend(more);
            }
            None => {
                let pristine = pristine(world, staged, &new.path)?;
                let directories = staged.missing(&new.path).to_vec();
                receipt.files.push(FileEntry { pristine, directories, ..new.clone() });
            }
        }
    }
    if let Some(new) = &plan.receipt.settings {
        let mut entry = match receipt.settings.take().filter(|known| known.path == new.path) {
            Some(known) => SettingsEntry { path: new.path.clone(), record: new.record.clone(), ..known },
            None => SettingsEntry {
                pristine: pristine(world, staged, &new.path)?,
                directories: staged.missing(&new.path).to_vec(),
                ..new.clone()
            },
        };
        // Keys of an earlier run that leave with this one are still there until it has succeeded.
        let old = Receipt::load(world).and_then(|receipt| receipt.settings).filter(|known| known.path == new.path);
        let old = old.map(|known| known.record.keys);
        for (key, before) in old.unwrap_or_default() {
            entry.record.keys.entry(key).or_insert(before);
        }
        receipt.settings = Some(entry);
    }
    for new in &plan.receipt.fixes {
        let pristine = pristine(world, staged, &new.path)?;
        let directories = staged.missing(&new.path).to_vec();
        receipt.fixes.push(FixEntry { pristine, directories, ..new.clone() });
    }
    if let Some((region, profile)) = &plan.receipt.chosen {
        receipt.region = Some(region.clone());
        receipt.profile = profile.clone();
    }
    Ok(receipt)
}

/// Keeps the bytes that a file had before any block of ours.
fn pristine(world: &World, staged: &Staged, path: &Path) -> Result<Option<String>, Refusal> {
    let Some(bytes) = staged.before(path) else {
        return Ok(None);
    };
    match block::parse(bytes) {
        Parsed::Whole(found) => receipt::keep_pristine(world, path, &block::remove(bytes, &found)),
        _ => receipt::keep_pristine(world, path, bytes),
    }
}

/// Directories of the state that this run made while another one wrote its receipt belong into that receipt: nobody else
/// would take them away.
fn adopt(world: &World, lock: &Lock) -> Result<(), Refusal> {
    if lock.made().is_empty() {
        return Ok(());
    }
    let Some(mut receipt) = Receipt::load(world) else { return Ok(()) };
    for directory in lock.made() {
        if !receipt.state_directories.contains(directory) {
            receipt.state_directories.push(directory.clone());
        }
    }
    receipt.save(world)
}

/// Puts the receipt back to what it was.
fn forget(world: &World, earlier: Option<Receipt>, lock: &mut Lock) -> Result<(), Refusal> {
    match earlier {
        Some(mut earlier) => earlier.save(world),
        None => lock.erase(&[]),
    }
}

/// Drops from the receipt what is no more, and the receipt itself when nothing is left.
fn finish(world: &World, plan: &Plan, earlier: Option<Receipt>, lock: &mut Lock) -> Result<(), Refusal> {
    if plan.receipt.erase {
        uninstall::everywhere(world, earlier.as_ref()).iter().for_each(|(path, _)| sweep(path));
        sweep(&settings_path(world));
        earlier.iter().filter_map(|receipt| receipt.settings.as_ref()).for_each(|entry| sweep(&entry.path));
        earlier.iter().flat_map(|receipt| &receipt.fixes).for_each(|entry| sweep(&entry.path));
        // Directories that a killed run made, and that never got their file.
        for directories in earlier.iter().flat_map(Receipt::directories) {
            state::remove_empty(directories);
        }
        cache::remove(world)?;
        let made = earlier.filter(Receipt::is_complete).map(|receipt| receipt.state_directories);
        return lock.erase(&made.unwrap_or_else(|| below_home(world, state::directory(world).parent())));
    }
    let Some(mut receipt) = Receipt::load(world) else {
        return Ok(());
    };
    let covering = receipt.clone();
    receipt.files.retain(|entry| !plan.receipt.dropped.contains(&entry.path));
    if plan.receipt.settings_dropped.is_some() && plan.receipt.settings.is_none() {
        receipt.settings = None;
    }
    if plan.receipt.fixes_dropped {
        receipt.fixes.clear();
    }
    if let (Some(entry), Some(new)) = (&mut receipt.settings, &plan.receipt.settings) {
        entry.record = new.record.clone();
    }
    if receipt.is_empty() {
        return lock.erase(&receipt.state_directories);
    }
    if receipt != covering {
        receipt.save(world)?;
    }
    Ok(())
}

/// Removes directories that `setup` made for files that are gone now.
fn clean_directories(world: &World, plan: &Plan, earlier: Option<&Receipt>) {
    for edit in plan.edits.iter().filter(|edit| edit.after.is_none()) {
        let known = earlier.and_then(|receipt| {
            let file = receipt.file(&edit.path).map(|entry| entry.directories.clone());
            let settings = receipt.settings.as_ref().filter(|entry| entry.path == edit.path);
            let fixed = receipt.fixes.iter().find(|entry| entry.path == edit.path);
            let fixed = fixed.map(|entry| entry.directories.clone());
            file.or_else(|| settings.map(|entry| entry.directories.clone())).or(fixed)
        });
        // Without a receipt the same holds as for the file: empty and absent cannot be told apart, absent wins.
        state::remove_empty(&known.unwrap_or_else(|| below_home(world, edit.path.parent())));
    }
}

/// A directory and its parents, outermost first, as far as they are strictly below the home.
fn below_home(world: &World, directory: Option<&Path>) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = directory
        .into_iter()
        .flat_map(Path::ancestors)
        .take_while(|ancestor| *ancestor != world.home && ancestor.starts_with(&world.home))
        .map(Path::to_owned)
        .collect();
    directories.reverse();
    directories
}
