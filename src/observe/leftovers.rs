//! What programs create at their first start, taken away again when it was not there before.

use std::path::{Path, PathBuf};

use crate::shell::ShellKind;
use crate::world::World;

/// Places that a probe may create. Dropping it removes those that were not there at first: files, and directories that
/// are empty again. Only names that the shells themselves use: something else may appear in a home at any time.
pub struct Leftovers {
    /// Parents before children.
    absent: Vec<PathBuf>,
    /// Directories whose entries with a prefix are compared, and the entries that were there.
    caches: Vec<(PathBuf, &'static str, Vec<PathBuf>)>,
}

impl Leftovers {
    /// Remembers what is missing before shells of these kinds are started.
    pub fn before(world: &World, kinds: &[ShellKind]) -> Self {
        let base = |variable: &str, below: &str| {
            world.env.non_empty(variable).map_or_else(|| world.home.join(below), PathBuf::from)
        };
        let config = base("XDG_CONFIG_HOME", ".config");
        let mut places = vec![config.clone(), world.home.join(".local"), world.home.join(".sh_history")];
        for own in [
            base("XDG_DATA_HOME", ".local/share"),
            base("XDG_STATE_HOME", ".local/state"),
            base("XDG_CACHE_HOME", ".cache"),
        ] {
            places.push(own.clone());
            places.extend(["fish", "nushell", "elvish", "xonsh"].map(|shell| own.join(shell)));
            places.extend(["fish/fish_history", "fish/generated_completions"].map(|file| own.join(file)));
        }
        // Any shell's rc file may hand over to fish (`exec fish`), which makes these at its first start.
        let fish = ["fish", "fish/fish_variables", "fish/conf.d", "fish/functions", "fish/completions"];
        places.extend(fish.map(|name| config.join(name)));
        let mut caches: Vec<(PathBuf, &'static str)> = Vec::new();
        for kind in kinds {
            match kind {
                ShellKind::Fish => places.push(config.join("fish/config.fish")),
                ShellKind::Nushell => {
                    for directory in [config.join("nushell"), world.home.join("Library/Application Support/nushell")] {
                        let own = [
                            "env.nu",
                            "config.nu",
                            "login.nu",
                            "history.txt",
                            "history.sqlite3",
                            "autoload",
                            "plugin.msgpackz",
                        ];
                        places.extend(std::iter::once(directory.clone()).chain(own.map(|file| directory.join(file))));
                    }
                }
                ShellKind::Xonsh => places.extend(["xonsh", "xonsh/rc.d"].map(|directory| config.join(directory))),
                ShellKind::Elvish => places.extend(["elvish", "elvish/rc.elv"].map(|file| config.join(file))),
                ShellKind::PowerShell => places.push(config.join("powershell")),
                ShellKind::Zsh => {
                    let directory = world.env.non_empty("ZDOTDIR").map_or_else(|| world.home.clone(), PathBuf::from);
                    caches.push((directory, ".zcompdump"));
                }
                _ => {}
            }
        }
        Self::of(places, &caches)
    }

    /// Remembers which of these places are missing, and which entries with a prefix directories have.
    pub fn of(mut places: Vec<PathBuf>, caches: &[(PathBuf, &'static str)]) -> Self {
        places.sort();
        places.dedup();
        let is_absent = |place: &PathBuf| {
            std::fs::symlink_metadata(place).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        };
        places.retain(is_absent);
        let remember =
            |(directory, prefix): &(PathBuf, &'static str)| (directory.clone(), *prefix, entries(directory, prefix));
        Self { absent: places, caches: caches.iter().map(remember).collect() }
    }
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        for (directory, prefix, before) in &self.caches {
            for entry in entries(directory, prefix).iter().filter(|entry| !before.contains(entry)) {
                let _ = std::fs::remove_file(entry);
            }
        }
        for place in self.absent.iter().rev() {
            match std::fs::symlink_metadata(place) {
                Ok(metadata) if metadata.is_dir() => drop(std::fs::remove_dir(place)),
                Ok(_) => drop(std::fs::remove_file(place)),
                Err(_) => {}
            }
        }
    }
}

/// The entries of a directory whose names begin so.
fn entries(directory: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix)).map(|entry| entry.path()).collect()
}
