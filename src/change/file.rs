//! One file as it is on disk: symbolic links followed by hand, so that a link always stays a link.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::Refusal;
use crate::world::World;

/// No start-up or settings file is larger; what is, is something else.
const LIMIT: u64 = 16 << 20;

/// One file as it was found.
#[derive(Debug)]
pub struct Present {
    /// The path that was asked for.
    pub path: PathBuf,
    /// Where its bytes are, or would be: at the end of all links.
    pub real: PathBuf,
    /// Its bytes; `None` when there is no file.
    pub bytes: Option<Vec<u8>>,
    /// Its metadata, when there is one.
    pub metadata: Option<fs::Metadata>,
}

/// Reads a file that is going to be written. Everything that is not a regular file, and every error but "not found", refuses.
pub fn look(path: &Path) -> Result<Present, Refusal> {
    let real = resolve(path)?;
    let metadata = match fs::symlink_metadata(&real) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Present { path: path.to_owned(), real, bytes: None, metadata: None });
        }
        Err(error) => return Err(Refusal::io("read", path, error)),
    };
    if !metadata.is_file() {
        return Err(refused(path, format!("is {}, not a regular file", kind_of(&metadata))));
    }
    if metadata.len() > LIMIT {
        return Err(refused(path, format!("is larger than {} MiB", LIMIT >> 20)));
    }
    let bytes = read(&real).map_err(|error| Refusal::io("read", path, error))?;
    Ok(Present { path: path.to_owned(), real, bytes: Some(bytes), metadata: Some(metadata) })
}

/// Reads a file in which a block may be. What can hold none (a directory, a pipe, a link to itself, nothing) is `None`;
/// a file that is there and cannot be read still refuses.
pub fn scan(path: &Path) -> Result<Option<Present>, Refusal> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => look(path).map(Some),
        Ok(_) => Ok(None),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Ok(None),
            _ if error.raw_os_error() == Some(nix::libc::ELOOP) => Ok(None),
            _ => Err(Refusal::io("read", path, error)),
        },
    }
}

/// Why a file must not be replaced, if so, as the end of a sentence. `None` when it may.
pub fn write_obstacle(present: &Present, world: &World) -> Option<String> {
    if let Some(metadata) = &present.metadata {
        let managed = if present.real != present.path {
            format!(" (managed elsewhere: {})", present.real.display())
        } else {
            String::new()
        };
        if metadata.mode() & 0o200 == 0 || access(&present.real, AccessFlags::W_OK).is_err() {
            return Some(format!("is read-only{managed}"));
        }
        if metadata.uid() != world.user.uid {
            return Some(format!("belongs to another user (id {}){managed}", metadata.uid()));
        }
        if metadata.nlink() > 1 {
            return Some(format!("has {} hard links, and replacing it would split them", metadata.nlink()));
        }
    }
    let mut directory = present.real.parent()?;
    loop {
        match fs::metadata(directory) {
            Ok(metadata) if !metadata.is_dir() => {
                return Some(format!("cannot be written: {} is not a directory", directory.display()));
            }
            Ok(metadata) if metadata.mode() & 0o222 == 0 || access(directory, AccessFlags::W_OK).is_err() => {
                return Some(format!("cannot be replaced: the directory {} is read-only", directory.display()));
            }
            Ok(_) => return None,
            Err(error) if error.kind() == ErrorKind::NotFound => directory = directory.parent()?,
            Err(error) => {
                return Some(format!("cannot be written: {}: {error}", directory.display()));
            }
        }
    }
}

/// Follows links from `path` to where the bytes are, or would be (a link that dangles has a target, too).
pub fn resolve(path: &Path) -> Result<PathBuf, Refusal> {
    let mut at = path.to_owned();
    for _ in 0..40 {
        match fs::symlink_metadata(&at) {
            Ok(metadata) if metadata.is_symlink() => {
                let target = fs::read_link(&at).map_err(|error| Refusal::io("read the link", &at, error))?;
                at = match at.parent() {
                    Some(directory) => directory.join(target),
                    None => target,
                };
            }
            Ok(_) => return Ok(at),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(at),
            Err(error) => return Err(Refusal::io("read", path, error)),
        }
    }
    Err(refused(path, "is a symbolic link that leads to itself".to_owned()))
}

/// Opens without waiting and without following: between the look and the open the file may have become something else.
fn read(real: &Path) -> std::io::Result<Vec<u8>> {
    let flags = nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK | nix::libc::O_CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(real)?;
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn refused(path: &Path, reason: String) -> Refusal {
    Refusal::Target { path: path.to_owned(), reason, paste: None }
}

fn kind_of(metadata: &fs::Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}
