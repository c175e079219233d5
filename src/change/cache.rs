//! The cache directory: the refreshed prices, and nothing else. Private to the user, and gone after `uninstall`.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use super::Refusal;
use super::state::{make_directories, remove_empty, remove_file};
use crate::observe::prices;
use crate::world::World;

/// Directories above ours that were made for it, one a line.
const MADE: &str = "made";

/// Keeps a table of prices: the file is the old one or the new one, whatever happens.
pub fn keep_prices(world: &World, text: &str) -> Result<PathBuf, Refusal> {
    super::guard(world)?;
    let (directory, path) = (prices::directory(world), prices::path(world));
    let made = make_directories(&directory, 0o700)?;
    let above: Vec<String> =
        made.iter().filter(|made| **made != directory).map(|made| made.display().to_string()).collect();
    if !above.is_empty() {
        fs::write(directory.join(MADE), above.join("\n")).map_err(|error| Refusal::io("write", &directory, error))?;
    }
    // Made readable by the user alone.
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&directory)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        Ok(())
    };
    write().map_err(|error| Refusal::io("write", &path, error))?;
    Ok(path)
}

/// Whether there is anything to take away.
pub fn exists(world: &World) -> bool {
    prices::directory(world).exists()
}

/// Takes it away. What somebody else has put there stays.
pub fn remove(world: &World) -> Result<(), Refusal> {
    let directory = prices::directory(world);
    let above = match fs::read_to_string(directory.join(MADE)) {
        Ok(text) => text.lines().map(PathBuf::from).filter(|path| directory.starts_with(path)).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Refusal::io("read", &directory, error)),
    };
    remove_file(&prices::path(world))?;
    remove_file(&directory.join(MADE))?;
    remove_empty(&[directory]);
    remove_empty(&above);
    Ok(())
}
