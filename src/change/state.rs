//! The state directory: receipt, pristine copies, lock. Private to the user, and gone after `uninstall`.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Refusal;
use crate::world::World;

/// How long to wait for another run; a run that writes holds the lock for milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// `$XDG_STATE_HOME/bedrockup`, else `~/.local/state/bedrockup`; on macOS, which has no such place, the application support directory.
pub fn directory(world: &World) -> PathBuf {
    let base = match world.env.non_empty("XDG_STATE_HOME").map(PathBuf::from) {
        Some(path) if path.is_absolute() => path,
        _ if cfg!(target_os = "macos") => world.home.join("Library/Application Support"),
        _ => world.home.join(".local/state"),
    };
    base.join("bedrockup")
}

/// The right to write, held until it is dropped. Two runs at once wait for each other.
#[derive(Debug)]
pub struct Lock {
    directory: PathBuf,
    _file: File,
    made: Vec<PathBuf>,
}

impl Lock {
    /// Takes the lock, making the state directory where there is none.
    pub fn take(world: &World) -> Result<Self, Refusal> {
        let directory = directory(world);
        let path = directory.join("lock");
        let start = Instant::now();
        let mut made = Vec::new();
        loop {
            for directory in make_directories(&directory, 0o700)? {
                if !made.contains(&directory) {
                    made.push(directory);
                }
            }
            let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
            let file = match opened {
                Ok(file) => file,
                // Another run has just taken the directory away.
                Err(error) if error.kind() == ErrorKind::NotFound && start.elapsed() < PATIENCE => {
                    continue;
                }
                Err(error) => return Err(Refusal::io("open", &path, error)),
            };
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => {
                    return Ok(Self { directory, _file: file, made });
                }
                // The holder before us has removed the file: its lock guards nothing any more.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
                Err(TryLockError::Error(error)) => return Err(Refusal::io("lock", &path, error)),
            }
            if start.elapsed() >= PATIENCE {
                return Err(Refusal::Busy(path));
            }
        }
    }

    /// Directories that taking the lock made, outermost first.
    pub fn made(&self) -> &[PathBuf] {
        &self.made
    }

    /// Removes everything that was remembered, and `made`, directories of an earlier run, as far as they are empty.
    pub fn erase(&mut self, made: &[PathBuf]) -> Result<(), Refusal> {
        for name in ["receipt.json", "receipt.json.new"] {
            remove_file(&self.directory.join(name))?;
        }
        let pristine = self.directory.join("pristine");
        match fs::remove_dir_all(&pristine) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Refusal::io("remove", &pristine, error));
            }
            _ => {}
        }
        self.made.splice(0..0, made.iter().cloned());
        if !self.made.contains(&self.directory) {
            self.made.push(self.directory.clone());
        }
        Ok(())
    }
}

impl Drop for Lock {
    /// Without anything to remember, the run leaves no trace.
    fn drop(&mut self) {
        if !self.directory.join("receipt.json").exists() {
            // Failure leaves an empty file or directory of our own behind; there is nobody to tell it to.
            let _ = fs::remove_file(self.directory.join("lock"));
            remove_empty(&self.made);
        }
    }
}

/// The directories that have to be made for a directory to be there, outermost first.
pub fn missing_directories(directory: &Path) -> Result<Vec<PathBuf>, Refusal> {
    let mut missing = Vec::new();
    let mut at = directory;
    while let Err(error) = fs::metadata(at) {
        if error.kind() != ErrorKind::NotFound {
            return Err(Refusal::io("make", directory, error));
        }
        missing.push(at.to_owned());
        match at.parent() {
            Some(parent) => at = parent,
            None => break,
        }
    }
    missing.reverse();
    Ok(missing)
}

/// Makes a directory and its parents; returns those that were made, outermost first.
pub fn make_directories(directory: &Path, mode: u32) -> Result<Vec<PathBuf>, Refusal> {
    let mut made = Vec::new();
    for directory in missing_directories(directory)? {
        match DirBuilder::new().mode(mode).create(&directory) {
            Ok(()) => made.push(directory),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                remove_empty(&made);
                return Err(Refusal::io("make", &directory, error));
            }
        }
    }
    Ok(made)
}

/// Removes directories that are empty, innermost first, in whatever order they are given; others stay.
pub fn remove_empty(directories: &[PathBuf]) {
    let mut inner_first: Vec<&PathBuf> = directories.iter().collect();
    inner_first.sort_by_key(|directory| std::cmp::Reverse(directory.components().count()));
    for directory in inner_first {
        // `rmdir` refuses a directory with anything in it: that is the check.
        let _ = fs::remove_dir(directory);
    }
}

/// Removes a file; one that is not there is fine.
pub fn remove_file(path: &Path) -> Result<(), Refusal> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Refusal::io("remove", path, error)),
        _ => Ok(()),
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(named)) => (held.dev(), held.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}
