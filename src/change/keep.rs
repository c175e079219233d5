//! Files that a person asks for by name (`--evidence FILE`, `--html FILE`): written whole or not at all, private to the user,
//! and never over a file that is not an earlier one of the same kind.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Tells whether the bytes of a file are an earlier one of the same kind.
pub type Kept = fn(&[u8]) -> bool;

/// Why a file cannot be written there, as far as that can be told beforehand.
pub fn problem(path: &Path, ours: Kept) -> Option<String> {
    let shown = path.display();
    match fs::symlink_metadata(path) {
        // A link would be replaced, not followed; a device or a pipe would be read for ever.
        Ok(facts) if !facts.is_file() => {
            return Some(format!("{shown} is there already and is no file; name another."));
        }
        Ok(_) => match fs::read(path) {
            Ok(bytes) if bytes.is_empty() || ours(&bytes) => {}
            Ok(_) => return Some(format!("{shown} is there already and is something else; name another file.")),
            Err(error) => return Some(format!("{shown} cannot be read: {error}.")),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Some(format!("{shown} cannot be looked at: {error}.")),
    }
    let directory = path.parent().unwrap_or(Path::new("."));
    if !directory.is_dir() {
        return Some(format!("{shown}: its directory is not there."));
    }
    // Permissions, disks that are full or read-only: the only sure sign is a file. It is gone at once.
    let tried = tempfile::NamedTempFile::new_in(directory);
    tried.err().map(|error| format!("{shown} cannot be written: {error}."))
}

/// Writes a file with mode 600.
///
/// # Errors
/// What is wrong, as a sentence; the file is then what it was.
pub fn write(path: &Path, bytes: &[u8], ours: Kept) -> Result<(), String> {
    if let Some(problem) = problem(path, ours) {
        return Err(problem);
    }
    let directory = path.parent().unwrap_or(Path::new("."));
    // A temporary file has mode 600 already.
    let written = tempfile::NamedTempFile::new_in(directory).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    });
    match written {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{} cannot be written: {error}.", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn ours(bytes: &[u8]) -> bool {
        bytes.starts_with(b"ours")
    }

    #[test]
    fn only_an_earlier_one_of_the_same_kind_is_replaced() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("proof.json");
        assert_eq!(write(&path, b"ours 1", ours), Ok(()));
        assert_eq!(write(&path, b"ours 2", ours), Ok(()));
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
        fs::write(&path, "a thesis").expect("written");
        assert!(write(&path, b"ours 3", ours).is_err());
        assert_eq!(fs::read(&path).expect("it is there"), b"a thesis");
        assert!(write(&directory.path().join("no/such/place"), b"ours", ours).is_err());
        assert!(write(directory.path(), b"ours", ours).is_err());
        assert!(problem(Path::new("/dev/null"), ours).is_some());
        let link = directory.path().join("link.json");
        std::os::unix::fs::symlink(directory.path().join("elsewhere"), &link).expect("a link");
        assert!(
            write(&link, b"ours", ours).is_err() && fs::symlink_metadata(&link).is_ok_and(|facts| facts.is_symlink())
        );
    }
}
