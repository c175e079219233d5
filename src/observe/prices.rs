//! The copy of AWS's price list that `bedrockup models --refresh` keeps.

use std::path::PathBuf;

use super::file;
use crate::world::World;

/// `$XDG_CACHE_HOME/bedrockup`, else `~/.cache/bedrockup`; on macOS `~/Library/Caches/bedrockup`.
pub fn directory(world: &World) -> PathBuf {
    let base = match world.env.non_empty("XDG_CACHE_HOME").map(PathBuf::from) {
        Some(path) if path.is_absolute() => path,
        _ if cfg!(target_os = "macos") => world.home.join("Library/Caches"),
        _ => world.home.join(".cache"),
    };
    base.join("bedrockup")
}

/// The file.
pub fn path(world: &World) -> PathBuf {
    directory(world).join("prices.json")
}

/// Its text, where it is there, or why it cannot be read.
pub fn read(world: &World) -> Result<Option<String>, String> {
    match file::read(&path(world))? {
        None => Ok(None),
        Some(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| "it is no text".to_owned()),
    }
}
