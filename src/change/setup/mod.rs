//! What `setup` changes: the block into the fewest files that reach, other blocks of that shell out, settings keys in or out.

mod in_settings;
mod notes;
mod wanted;

use std::path::PathBuf;

pub(super) use in_settings::leave_settings;
use in_settings::write_settings;
pub use wanted::{PresentSetup, Wanted, Where, present, settings_path};

use super::file;
use super::plan::{Edit, Plan, write_block};
use super::receipt::{FileEntry, Receipt};
use super::{Refusal, apply, guard};
use crate::shell::block::{self, Damage, Parsed, Separator};
use crate::shell::files::{self, Target};
use crate::shell::reach::Readers;
use crate::shell::render::{Scope, is_edited, render};
use crate::shell::{ShellKind, Syntax};
use crate::world::World;

/// Plans everything, and refuses now what could not be applied. Writes nothing.
pub fn plan(world: &World, wanted: &Wanted) -> Result<Plan, Refusal> {
    guard(world)?;
    let receipt = Receipt::load(world).unwrap_or_default();
    let mut plan = Plan::default();
    let mut damage = Vec::new();
    let targets = if wanted.target == Where::Settings { Vec::new() } else { rc_targets(world, wanted, &mut plan)? };
    let mut reals = Vec::new();
    for target in &targets {
        let content = wanted.content();
        let paste = || String::from_utf8_lossy(&render(&content, target.syntax, Separator::None)).into_owned();
        let with_paste = |refusal| match refusal {
            Refusal::Target { path, reason, .. } => Refusal::Target { path, reason, paste: Some(paste()) },
            other => other,
        };
        let present = file::look(&target.file.path).map_err(with_paste)?;
        if reals.contains(&present.real) {
            continue;
        }
        reals.push(present.real.clone());
        let shells = target.shells.iter().map(|kind| kind.name().to_owned()).collect();
        plan.receipt.files.push(FileEntry {
            path: target.file.path.clone(),
            existed: existed_before(present.bytes.as_deref()),
            shells,
            ..FileEntry::default()
        });
        let bytes = present.bytes.as_deref().unwrap_or_default();
        if let Some(encoding) = block::foreign_encoding(bytes) {
            let reason = format!("is {encoding} text; lines can be added to UTF-8 or plain 8-bit text only");
            return Err(Refusal::Target { path: present.path, reason, paste: Some(paste()) });
        }
        match write_block(bytes, &content, target.syntax, target.file.readers) {
            Err(found) => damage.push((present.path, found)),
            Ok(None) => {}
            Ok(Some(written)) => {
                if let Some(reason) = file::write_obstacle(&present, world) {
                    return Err(Refusal::Target { path: present.path, reason, paste: Some(paste()) });
                }
                plan.edits.push(Edit {
                    path: present.path,
                    before: present.bytes,
                    after: Some(written.bytes),
                    what: written.what,
                    lost: written.lost,
                    paste: Some(paste()),
                    private: false,
                });
            }
        }
    }
    for kind in &wanted.shells {
        if wanted.scope == Scope::Claude && !plan.edits.is_empty() {
            plan.notes.extend(files::all(*kind, world).iter().find_map(|path| notes::alias_note(world, path)));
        }
        elsewhere(world, *kind, wanted, &receipt, &mut reals, &mut plan, &mut damage)?;
    }
    if !damage.is_empty() {
        return Err(Refusal::Damaged(damage));
    }
    match wanted.target {
        Where::Rc => leave_settings(world, &receipt, &mut plan)?,
        Where::Settings | Where::Both => write_settings(world, wanted, &receipt, &mut plan)?,
    }
    let profile = wanted.profile.as_ref().map(|profile| profile.as_str().to_owned());
    plan.receipt.chosen = Some((wanted.region.as_str().to_owned(), profile));
    Ok(plan)
}

/// Plans and applies in one, again when another run was faster: for runs that ask nobody.
pub fn now(world: &World, wanted: &Wanted) -> Result<(Plan, apply::Applied), Refusal> {
    let mut tries = 3;
    loop {
        let plan = plan(world, wanted)?;
        match apply::apply(world, &plan) {
            Err(Refusal::Changed(_)) if tries > 0 => tries -= 1,
            result => return result.map(|applied| (plan, applied)),
        }
    }
}

/// Whether a file was there before any setup, as far as its bytes tell: one that holds nothing but a block was not.
fn existed_before(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|bytes| match block::parse(bytes) {
        Parsed::Whole(found) => !block::remove(bytes, &found).is_empty(),
        _ => true,
    })
}

struct RcTarget {
    file: Target,
    syntax: Syntax,
    shells: Vec<ShellKind>,
}

fn rc_targets(world: &World, wanted: &Wanted, plan: &mut Plan) -> Result<Vec<RcTarget>, Refusal> {
    if wanted.shells.is_empty() {
        return Err(Refusal::Usage("no shell is known; name one with --shell".to_owned()));
    }
    let mut targets: Vec<RcTarget> = Vec::new();
    for kind in &wanted.shells {
        let files = match &wanted.rc_file {
            Some(path) => {
                let path = world.directory.join(path);
                if files::syntax_by_name(&path).is_some_and(|syntax| syntax != kind.syntax()) {
                    return Err(Refusal::Usage(format!(
                        "{} is no file of {kind}; name its shell with --shell",
                        path.display()
                    )));
                }
                plan.notes.extend(notes::hidden_note(world, &path));
                vec![Target { path, readers: Readers::Everyone }]
            }
            None => {
                let found = files::targets(*kind, world);
                plan.notes.extend(found.limits.into_iter().map(str::to_owned));
                found.files
            }
        };
        for file in files {
            let syntax = kind.syntax();
            match targets.iter_mut().find(|target| target.file.path == file.path) {
                Some(target) if target.syntax == syntax => {
                    target.shells.push(*kind);
                    if file.readers == Readers::Everyone {
                        target.file.readers = Readers::Everyone;
                    }
                }
                Some(target) => {
                    let other = target.shells.first().map_or("another shell", |kind| kind.name());
                    return Err(Refusal::Usage(format!(
                        "{} cannot hold lines for {kind} and for {other}",
                        file.path.display()
                    )));
                }
                None => targets.push(RcTarget { file, syntax, shells: vec![*kind] }),
            }
        }
    }
    Ok(targets)
}

/// Every file in which a block for a shell could be, those of the receipt included.
pub(super) fn candidates(kind: ShellKind, world: &World, receipt: Option<&Receipt>) -> Vec<PathBuf> {
    let mut paths = files::all(kind, world);
    for entry in receipt.map(|receipt| receipt.files.as_slice()).unwrap_or_default() {
        if entry.shells.iter().any(|shell| shell == kind.name()) && !paths.contains(&entry.path) {
            paths.push(entry.path.clone());
        }
    }
    paths
}

/// Blocks of a shell in files that are not its targets: taken out, or brought up to date where another shell needs them.
fn elsewhere(
    world: &World,
    kind: ShellKind,
    wanted: &Wanted,
    receipt: &Receipt,
    reals: &mut Vec<PathBuf>,
    plan: &mut Plan,
    damage: &mut Vec<(PathBuf, Vec<Damage>)>,
) -> Result<(), Refusal> {
    for path in candidates(kind, world, Some(receipt)) {
        let Some(present) = file::scan(&path)? else {
            continue;
        };
        if reals.contains(&present.real) {
            continue;
        }
        reals.push(present.real.clone());
        let bytes = present.bytes.clone().unwrap_or_default();
        let found = match block::parse(&bytes) {
            Parsed::Absent => continue,
            Parsed::Damaged(found) => {
                damage.push((path, found));
                continue;
            }
            Parsed::Whole(found) => found,
        };
        if let Some(reason) = file::write_obstacle(&present, world) {
            return Err(Refusal::Target { path, reason, paste: None });
        }
        let entry = receipt.file(&path);
        let others: Vec<String> = entry
            .map(|entry| entry.shells.iter().filter(|shell| *shell != kind.name()).cloned().collect())
            .unwrap_or_default();
        let text = bytes[found.span.clone()].to_vec();
        let lost = is_edited(&text, kind.syntax(), found.separator).then_some(text);
        if !others.is_empty() {
            if wanted.target == Where::Settings {
                continue;
            }
            let after = block::replace(&bytes, &found, |separator| render(&wanted.content(), kind.syntax(), separator));
            plan.receipt.files.push(FileEntry {
                path: path.clone(),
                existed: true,
                shells: others,
                ..FileEntry::default()
            });
            if after != bytes {
                let edit = Edit {
                    path,
                    before: Some(bytes),
                    after: Some(after),
                    what: "update the block",
                    lost,
                    paste: None,
                    private: false,
                };
                plan.edits.push(edit);
            }
            continue;
        }
        let after = block::remove(&bytes, &found);
        let gone = after.is_empty() && entry.is_none_or(|entry| !entry.existed);
        plan.receipt.dropped.push(path.clone());
        let after = if gone { None } else { Some(after) };
        plan.edits.push(Edit {
            path,
            before: Some(bytes),
            after,
            what: "move the block out",
            lost,
            paste: None,
            private: false,
        });
    }
    Ok(())
}
