//! Reads files of other people's making: whatever is there, it ends soon and with bounded memory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use nix::fcntl::OFlag;

/// No file that we read is larger in honest use.
const MOST: u64 = 8 << 20;

/// The bytes of a file; `Ok(None)` when there is none, a reason when it cannot be read.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let file = match open(path) {
        Ok(file) => file,
        // A file where a directory should be on the way means the same: nothing is there.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(reason(&error)),
    };
    let kind = file.metadata().map_err(|error| reason(&error))?.file_type();
    if kind.is_dir() {
        return Err("it is a directory".to_owned());
    }
    // The null device is a common way to say "none".
    if !kind.is_file() && path.canonicalize().is_ok_and(|path| path == Path::new("/dev/null")) {
        return Ok(Some(Vec::new()));
    }
    if !kind.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if bytes.len() as u64 > MOST {
        return Err(format!("it is larger than {} MB", MOST >> 20));
    }
    Ok(Some(bytes))
}

/// Opens without waiting: a FIFO would otherwise hold us for ever.
pub fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)
}

/// The words of the system without the number.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let words = error.to_string();
            words.split_once(" (os error").map_or(words.clone(), |(words, _)| words.to_lowercase())
        }
    }
}

/// Whether users of this machine other than the owner can read a file: its mode lets them, and so does every directory
/// above it.
pub fn others_can_read(path: &Path) -> bool {
    let mode = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.permissions().mode()).unwrap_or_default();
    let Ok(path) = path.canonicalize() else { return false };
    // By group or by anybody, but by the same one all the way down.
    [(0o040, 0o010), (0o004, 0o001)].into_iter().any(|(read, search)| {
        mode(&path) & read != 0 && path.ancestors().skip(1).all(|directory| mode(directory) & (search | 0o001) != 0)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{others_can_read, read};

    #[test]
    fn a_private_directory_keeps_its_files_private() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let file = home.path().join("file");
        std::fs::write(&file, "x").expect("a file");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("it is ours");
        std::fs::set_permissions(home.path(), PermissionsExt::from_mode(0o700)).expect("it is ours");
        assert!(!others_can_read(&file));
        std::fs::set_permissions(home.path(), PermissionsExt::from_mode(0o755)).expect("it is ours");
        assert!(others_can_read(&file));
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("it is ours");
        assert!(!others_can_read(&file));
    }

    #[test]
    fn a_fifo_a_directory_and_nothing_are_facts() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let fifo = home.path().join("fifo");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
        assert_eq!(read(&fifo), Err("it is no regular file".to_owned()));
        assert_eq!(read(home.path()), Err("it is a directory".to_owned()));
        assert_eq!(read(&home.path().join("nothing")), Ok(None));
        assert_eq!(read(&fifo.join("below")), Ok(None));
        assert_eq!(read(std::path::Path::new("/dev/null")), Ok(Some(Vec::new())));
    }
}
