//! What the user wants, and what an earlier run left.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::candidates;
use crate::change::file::{self, Present};
use crate::change::receipt::Receipt;
use crate::change::settings;
use crate::shell::ShellKind;
use crate::shell::block::{self, Parsed};
use crate::shell::render::{Content, Scope, read};
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
    pub pins: BTreeMap<&'static str, ModelId>,
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

    pub(super) fn content(&self) -> Content {
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
