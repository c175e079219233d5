//! Files that look like settings files, and that the client does not read.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Settings, SettingsState, configuration_directory, managed_directory, state_of};
use crate::world::World;

/// A file that looks like a settings file and that the client does not read for the asked directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadSettings {
    /// Where it is.
    pub path: PathBuf,
    /// Why the client does not read it.
    pub why: WhyUnread,
    /// What it says; only files that are JSON are listed.
    pub settings: Settings,
}

/// Why the client does not read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhyUnread {
    /// A copy beside a settings file (`settings.json.bak`, `settings.json~`, `settings.json.backup-2026…`).
    Backup,
    /// A name that is close to one that is read: `settings-local.json`, `~/.claude/settings.local.json`.
    Misnamed,
    /// `~/.claude/settings.json` while `CLAUDE_CONFIG_DIR` points elsewhere.
    OtherConfigDir,
    /// A policy file where none is read; what is wrong with the place.
    MisplacedPolicy(&'static str),
}

/// A row of the table of places where no policy is read.
#[derive(Deserialize)]
struct Place {
    under: Under,
    path: String,
    why: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Under {
    Root,
    Managed,
    Config,
    Project,
}

static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| table().unwrap_or_default());

fn table() -> Result<Vec<Place>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Table {
        places: Vec<Place>,
    }
    Ok(serde_json::from_str::<Table>(include_str!("../../data/policy-places.json"))?.places)
}

/// Files beside those that the client reads, which hold JSON and look as if it did read them.
pub fn unread(world: &World) -> Vec<UnreadSettings> {
    let (configuration, _) = configuration_directory(world);
    let usual = world.home.join(".claude");
    let project = world.directory.join(".claude");
    let mut candidates: Vec<(PathBuf, WhyUnread)> = Vec::new();
    for directory in [&configuration, &project] {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let name_of = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let backups = entries.filter(|entry| {
            let name = name_of(entry);
            let is_read = matches!(name.as_str(), "settings.json" | "settings.local.json");
            !is_read && (name.starts_with("settings.json") || name.starts_with("settings.local.json"))
        });
        candidates.extend(backups.map(|entry| (entry.path(), WhyUnread::Backup)));
        candidates.extend(
            ["settings-local.json", "local.settings.json", "setting.json"]
                .map(|name| (directory.join(name), WhyUnread::Misnamed)),
        );
    }
    // The home has no local settings, unless the question is asked for the home itself.
    if project != configuration {
        candidates.push((configuration.join("settings.local.json"), WhyUnread::Misnamed));
    }
    if configuration != usual && project != usual {
        candidates.push((usual.join("settings.json"), WhyUnread::OtherConfigDir));
    }
    candidates.extend(PLACES.iter().map(|place| {
        let under = match place.under {
            Under::Root => world.system_root.clone(),
            Under::Managed => managed_directory(world),
            Under::Config => configuration.clone(),
            Under::Project => project.clone(),
        };
        (under.join(&place.path), WhyUnread::MisplacedPolicy(&place.why))
    }));
    candidates.sort();
    candidates.dedup_by(|one, other| one.0 == other.0);
    let read = |(path, why): (PathBuf, WhyUnread)| match state_of(&path) {
        SettingsState::Read(settings) => Some(UnreadSettings { path, why, settings }),
        _ => None,
    };
    candidates.into_iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_of_places_reads() {
        assert!(super::table().is_ok_and(|places| places.len() > 5));
    }
}
