//! What `setup` changes: the block into the fewest files that reach, other blocks of that shell out, settings keys in or out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::file::{self, Present};
use super::plan::{Edit, Plan, write_block};
use super::receipt::{FileEntry, Receipt, SettingsEntry, SettingsRecord};
use super::{Refusal, apply, guard, settings};
use crate::shell::block::{self, Damage, Parsed, Separator};
use crate::shell::files::{self, Target};
use crate::shell::reach::Readers;
use crate::shell::render::{Content, Scope, is_edited, read, render};
use crate::shell::{ShellKind, Syntax};
use crate::value::{ModelId, ProfileName, Region};
use crate::variables;
use crate::world::World;

/// Where the variables go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Where {
    /// Start-up files of shells.
    #[default]
    Rc,
    /// Claude Code's user settings.
    Settings,
    /// Both.
    Both,
}

/// What the user wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The region.
    pub region: Region,
    /// The profile, if one was chosen.
    pub profile: Option<ProfileName>,
    /// Model pins: variable ([`variables::OPUS_MODEL`], …) to id.
    pub pins: BTreeMap<String, ModelId>,
    /// The shells; none only with [`Where::Settings`].
    pub shells: Vec<ShellKind>,
    /// The one file to write instead of those that the shell reads.
    pub rc_file: Option<PathBuf>,
    /// Where to.
    pub target: Where,
    /// For every program, or for `claude` alone.
    pub scope: Scope,
}

impl Wanted {
    /// The variables, in the order in which they are written.
    pub fn variables(&self) -> Vec<(&'static str, &str)> {
        let mut all = vec![(variables::USE_BEDROCK, "1"), (variables::REGION, self.region.as_str())];
        all.extend(self.profile.as_ref().map(|profile| (variables::PROFILE, profile.as_str())));
        for name in [variables::OPUS_MODEL, variables::SONNET_MODEL, variables::HAIKU_MODEL] {
            all.extend(self.pins.get(name).map(|id| (name, id.as_str())));
        }
        all
    }

    fn content(&self) -> Content {
        let values = self.variables().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Content { values: values.collect(), scope: self.scope }
    }
}

/// What an earlier run wrote, to begin from: the first block found in the files of `kinds`, else our keys of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentSetup {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub content: Content,
}

/// Looks for what an earlier run wrote. Files that cannot be read or are damaged are passed over: `plan` names them.
pub fn present(world: &World, kinds: &[ShellKind]) -> Option<PresentSetup> {
    for kind in kinds {
        for path in candidates(*kind, world, Receipt::load(world).as_ref()) {
            let Ok(Some(Present { bytes: Some(bytes), .. })) = file::scan(&path) else {
                continue;
            };
            if let Parsed::Whole(found) = block::parse(&bytes) {
                return Some(PresentSetup { path, content: read(&bytes[found.span], kind.syntax()) });
            }
        }
    }
    let entry = Receipt::load(world)?.settings?;
    let bytes = file::scan(&entry.path).ok()??.bytes?;
    let values = settings::env(std::str::from_utf8(&bytes).ok()?).ok()?;
    let values = values.into_iter().filter(|(name, _)| entry.record.keys.contains_key(name)).collect();
    Some(PresentSetup { path: entry.path, content: Content { values, scope: Scope::Export } })
}

/// The user settings of Claude Code.
pub fn settings_path(world: &World) -> PathBuf {
    let directory = match world.env.non_empty(variables::CONFIG_DIR) {
        Some(directory) => world.directory.join(directory),
        None => world.home.join(".claude"),
    };
    directory.join("settings.json")
}

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
                if wanted.scope == Scope::Claude {
                    plan.notes.extend(alias_note(world, &present));
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
            Some(path) => vec![Target { path: world.directory.join(path), readers: Readers::Everyone }],
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

fn write_settings(world: &World, wanted: &Wanted, receipt: &Receipt, plan: &mut Plan) -> Result<(), Refusal> {
    let path = settings_path(world);
    let earlier = receipt.settings.as_ref().filter(|entry| entry.path == path);
    if earlier.is_none() {
        leave_settings(world, receipt, plan)?;
    }
    let variables = wanted.variables();
    let paste = {
        let pairs: Vec<String> = variables
            .iter()
            .map(|(name, value)| format!("    {}: {}", serde_json::json!(name), serde_json::json!(value)))
            .collect();
        format!("  \"env\": {{\n{}\n  }}\n", pairs.join(",\n"))
    };
    let refused = |refusal| match refusal {
        Refusal::Target { path, reason, .. } => Refusal::Target { path, reason, paste: Some(paste.clone()) },
        other => other,
    };
    let present = file::look(&path).map_err(refused)?;
    let text = settings_text(&present)?;
    let record = earlier.map(|entry| entry.record.clone()).unwrap_or_default();
    let stale: BTreeMap<String, Option<String>> = record
        .keys
        .iter()
        .filter(|(key, _)| !variables.iter().any(|(name, _)| name == key))
        .map(|(key, before)| (key.clone(), before.clone()))
        .collect();
    let kept = record.keys.into_iter().filter(|(key, _)| !stale.contains_key(key)).collect();
    let record = SettingsRecord { keys: kept, ..record };
    let problem = |problem| settings_refusal(&path, problem);
    let cleaned = if stale.is_empty() || text.trim().is_empty() {
        text.clone()
    } else {
        settings::unset_keys(&text, &stale).map_err(problem)?
    };
    let (after, record) = settings::set(&cleaned, &variables, &record).map_err(problem)?;
    plan.receipt.settings = Some(SettingsEntry {
        path: path.clone(),
        existed: present.bytes.is_some(),
        record,
        ..SettingsEntry::default()
    });
    if after != text || present.bytes.is_none() {
        if let Some(reason) = file::write_obstacle(&present, world) {
            return Err(Refusal::Target { path, reason, paste: Some(paste) });
        }
        plan.edits.push(Edit {
            path,
            before: present.bytes,
            after: Some(after.into_bytes()),
            what: "set the variables in the settings",
            lost: None,
            paste: Some(paste),
            private: true,
        });
    }
    Ok(())
}

/// Takes our keys out of the settings again, where an earlier run put them.
pub(super) fn leave_settings(world: &World, receipt: &Receipt, plan: &mut Plan) -> Result<(), Refusal> {
    let Some(entry) = &receipt.settings else {
        return Ok(());
    };
    plan.receipt.settings_dropped = Some(entry.path.clone());
    let Some(present) = file::scan(&entry.path)? else {
        return Ok(());
    };
    let text = settings_text(&present)?;
    let after = settings::unset(&text, &entry.record, entry.existed)
        .map_err(|problem| settings_refusal(&entry.path, problem))?;
    if after.as_deref() == Some(text.as_str()) {
        return Ok(());
    }
    if let Some(reason) = file::write_obstacle(&present, world) {
        return Err(Refusal::Target { path: present.path, reason, paste: None });
    }
    plan.edits.push(Edit {
        path: present.path,
        before: present.bytes,
        after: after.map(String::into_bytes),
        what: "take the variables out of the settings",
        lost: None,
        paste: None,
        private: true,
    });
    Ok(())
}

fn settings_text(present: &Present) -> Result<String, Refusal> {
    let bytes = present.bytes.clone().unwrap_or_default();
    String::from_utf8(bytes).map_err(|error| {
        let above = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = above.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = above.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        settings_refusal(
            &present.path,
            settings::Problem { line, column, message: "not JSON: the file is not UTF-8 text".to_owned() },
        )
    })
}

fn settings_refusal(path: &Path, problem: settings::Problem) -> Refusal {
    Refusal::Settings { path: path.to_owned(), line: problem.line, column: problem.column, message: problem.message }
}

/// An alias named `claude` wins over the function: said, since only its owner can know what it is for.
fn alias_note(world: &World, present: &Present) -> Option<String> {
    let bytes = present.bytes.as_deref()?;
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().position(|line| {
        let line = line.trim_start();
        line.strip_prefix("alias claude")
            .is_some_and(|rest| rest.starts_with(['=', ' ']) && !rest.contains("$bedrockup_claude"))
    })?;
    Some(format!(
        "{}:{} defines an alias `claude`, which wins over the function; remove it",
        world.short(&present.path),
        line + 1
    ))
}
