//! Looks for the client without starting anything.

use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::Bundled;
use super::origin::{self, Origin};
use crate::observe::surfaces::editors;
use crate::observe::{file, settings};
use crate::version::Version;
use crate::world::World;

/// A `claude` that was found.
pub struct Found {
    /// The path by which it is found.
    pub path: PathBuf,
    /// It is on a search path.
    pub on_path: bool,
    /// Why it cannot be started.
    pub broken: Option<String>,
    /// Its version, where the disk tells it.
    pub version: Option<Version>,
    /// By which means it came here.
    pub origin: Origin,
}

/// Every `claude`, each real file once, by the first path that leads to it; `first` is what an alias puts before them all.
pub fn installs(world: &World, first: Option<&Path>, paths: &[&str]) -> Vec<Found> {
    let directories =
        paths.iter().flat_map(|path| std::env::split_paths(*path)).filter(|directory| directory.is_absolute());
    let on_path = directories.map(|directory| (directory.join("claude"), true));
    let known = known_places(world).into_iter().map(|path| (path, false));
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut found = Vec::new();
    let first = first.map(|path| (path.to_owned(), true));
    for (path, on_path) in first.into_iter().chain(on_path).chain(known) {
        // A directory of that name is no program.
        if std::fs::symlink_metadata(&path).is_err() || path.is_dir() {
            continue;
        }
        let resolved = path.canonicalize();
        let identity = resolved.as_ref().unwrap_or(&path).clone();
        if seen.contains(&identity) {
            continue;
        }
        seen.push(identity);
        let broken = match &resolved {
            Err(_) => Some("it is a link that leads nowhere".to_owned()),
            Ok(file) if access(file, AccessFlags::X_OK).is_err() => Some("it is not executable".to_owned()),
            Ok(_) => None,
        };
        let origin = origin::of(&path, resolved.as_ref().unwrap_or(&path));
        let version = match origin {
            Origin::Volta => volta_version(world),
            _ => resolved.ok().and_then(|file| version_on_disk(&file)),
        };
        found.push(Found { path, on_path, broken, version, origin });
    }
    found
}

/// Where installers put the client, on the search path or not.
fn known_places(world: &World) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = [
        ".local/bin",
        ".claude/local",
        ".claude/local/node_modules/.bin",
        ".npm-global/bin",
        ".npm-packages/bin",
        ".bun/bin",
        ".volta/bin",
        ".local/share/pnpm",
        ".yarn/bin",
        ".local/share/mise/shims",
        ".asdf/shims",
        ".nix-profile/bin",
        ".nodenv/shims",
        ".local/share/npm/bin",
        "n/bin",
    ]
    .iter()
    .map(|place| world.home.join(place))
    .collect();
    places.extend(
        ["usr/local/bin", "usr/bin", "opt/homebrew/bin", "home/linuxbrew/.linuxbrew/bin", "opt/local/bin", "snap/bin"]
            .map(|place| world.system_root.join(place)),
    );
    let prefix = world.env.non_empty("npm_config_prefix").or(world.env.non_empty("NPM_CONFIG_PREFIX"));
    places.extend(prefix.map(|prefix| Path::new(prefix).join("bin")));
    places.extend(npmrc_prefix(world));
    for versions in [
        ".nvm/versions/node",
        ".local/share/fnm/node-versions",
        ".fnm/node-versions",
        ".local/share/nvm",
        ".asdf/installs/nodejs",
        ".local/share/mise/installs/node",
        ".nodenv/versions",
    ] {
        let mut found: Vec<PathBuf> = entries(&world.home.join(versions));
        found.sort();
        places.extend(
            found.into_iter().rev().flat_map(|version| [version.join("bin"), version.join("installation/bin")]),
        );
    }
    places.into_iter().map(|place| place.join("claude")).collect()
}

/// `prefix=` of `~/.npmrc`.
fn npmrc_prefix(world: &World) -> Option<PathBuf> {
    let bytes = file::read(&world.home.join(".npmrc")).ok()??;
    let text = String::from_utf8_lossy(&bytes);
    let value = text.lines().find_map(|line| line.split_once('=').filter(|(key, _)| key.trim() == "prefix"))?.1.trim();
    let value = value.trim_matches(['"', '\'']).replace("${HOME}", "~").replace("$HOME", "~");
    Some(world.expand(&value).join("bin"))
}

/// The version that the place of a file, or the package around it, tells.
fn version_on_disk(file: &Path) -> Option<Version> {
    version_in_path(file).or_else(|| package_around(file)?.version)
}

/// The version that a path itself names: `…/claude/versions/2.1.330` of the native installer,
/// `…/Caskroom/claude-code/2.1.330/claude` of Homebrew, `…/anthropic.claude-code-2.1.330-linux-x64/…` of an editor.
pub fn version_in_path(file: &Path) -> Option<Version> {
    let parts: Vec<&str> = file.iter().filter_map(|part| part.to_str()).collect();
    let named = parts.windows(3).find_map(|three| match three {
        ["claude", "versions", version] | ["Caskroom", "claude-code", version] => version.parse().ok(),
        _ => None,
    });
    // Whoever keeps versions elsewhere: `/opt/claude-code/2.1.330/claude`, `/opt/claude/2.1.330`, `/opt/claude-2.1.330/claude`.
    let kept = || {
        let pairs = parts.windows(2).find_map(|two| match two {
            ["claude" | "claude-code", version] => version.parse().ok(),
            _ => None,
        });
        let joined =
            |part: &&str| part.strip_prefix("claude-code-").or_else(|| part.strip_prefix("claude-"))?.parse().ok();
        pairs.or_else(|| parts.iter().find_map(joined))
    };
    named.or_else(kept).or_else(|| parts.iter().find_map(|part| part.strip_prefix(EXTENSION)?.parse().ok()))
}

/// The version behind volta's shim, which is the same program for everything that it starts.
fn volta_version(world: &World) -> Option<Version> {
    let package_of = ".volta/tools/image/packages/@anthropic-ai/claude-code/lib/node_modules/@anthropic-ai/claude-code";
    package(&world.home.join(package_of))?.version
}

/// A package of Anthropic's that holds the client.
pub struct Package {
    /// The version of the client; the packages of the Agent SDK count by themselves and do not tell it.
    pub version: Option<Version>,
}

/// The package that a program lies in, if it is one that holds the client.
pub fn package_around(file: &Path) -> Option<Package> {
    file.ancestors().skip(1).take(4).find_map(package)
}

fn package(directory: &Path) -> Option<Package> {
    #[derive(serde::Deserialize)]
    struct Named {
        name: String,
        version: String,
    }
    let bytes = file::read(&directory.join("package.json")).ok()??;
    let Named { name, version } = serde_json::from_slice(&bytes).ok()?;
    let rest = name.strip_prefix("@anthropic-ai/claude-")?;
    let version = if rest.starts_with("code") { version.parse().ok() } else { None };
    Some(Package { version })
}

/// Signs that the client was meant to be here.
pub fn traces(world: &World) -> Vec<PathBuf> {
    let (configuration, state) = settings::configuration_directory(world);
    [configuration, state, world.home.join(".local/share/claude")].into_iter().filter(|path| path.exists()).collect()
}

/// Clients in extensions of editors, newest first within an editor: it runs that one.
pub fn bundled(world: &World) -> Vec<Bundled> {
    let of = |editor: &'static str| {
        let folder = world.home.join(editor).join("extensions");
        let gone = obsolete(&folder);
        let found = entries(&folder).into_iter().filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            !gone.iter().any(|gone| gone == name)
        });
        let mut found: Vec<Bundled> = found.filter_map(|path| bundle(path, editor)).collect();
        found.sort_by_key(|bundled| std::cmp::Reverse(bundled.version));
        found
    };
    editors::folders().flat_map(of).collect()
}

/// Folders of extensions that the editor has given up and not yet removed.
fn obsolete(folder: &Path) -> Vec<String> {
    let bytes = file::read(&folder.join(".obsolete")).ok().flatten().unwrap_or_default();
    let marks: std::collections::BTreeMap<String, bool> = serde_json::from_slice(&bytes).unwrap_or_default();
    marks.into_iter().filter(|(_, gone)| *gone).map(|(name, _)| name).collect()
}

/// What the folder of the extension begins with: `anthropic.claude-code-2.1.330-linux-x64`.
const EXTENSION: &str = "anthropic.claude-code-";

fn bundle(path: PathBuf, editor: &'static str) -> Option<Bundled> {
    let version = path.file_name()?.to_str()?.strip_prefix(EXTENSION)?.parse().ok()?;
    Some(Bundled { path, editor, version })
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
