//! Which of the AWS files and caches are there and closed to this user.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use nix::unistd::{AccessFlags, access};

use super::{AwsFiles, Locked};

/// More files of a cache are not looked at.
const MOST_FILES: usize = 200;

/// Everything that is closed, the outermost first: what lies below a closed directory is not listed.
pub fn find(user: u32, files: &AwsFiles, caches: &[&Path], token: Option<&Path>) -> Vec<Locked> {
    let mut found = Vec::new();
    let mut look = |path: &Path| {
        if let Some(locked) = closed(user, path).filter(|locked| !found.contains(locked)) {
            found.push(locked);
        }
    };
    look(&files.config.path);
    look(&files.credentials.path);
    token.into_iter().for_each(&mut look);
    for cache in caches {
        look(cache);
        let entries = fs::read_dir(cache).into_iter().flatten().flatten().map(|entry| entry.path());
        let json = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        json.take(MOST_FILES).for_each(|path| look(&path));
    }
    found
}

/// Whether a path, or the directory that keeps this user from it, is closed.
fn closed(user: u32, path: &Path) -> Option<Locked> {
    let locked = |path: &Path, metadata: &Metadata| Locked {
        path: path.to_owned(),
        owner: metadata.uid(),
        mode: metadata.mode() & 0o7777,
        user,
    };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            // The nearest directory above that can be looked at is the one that is closed.
            let above = path.ancestors().skip(1);
            return above
                .filter_map(|path| Some((path, fs::metadata(path).ok()?)))
                .next()
                .map(|(path, metadata)| locked(path, &metadata));
        }
        Err(_) => return None,
    };
    let wanted = if metadata.is_dir() { AccessFlags::R_OK | AccessFlags::X_OK } else { AccessFlags::R_OK };
    let denied = access(path, wanted) == Err(Errno::EACCES);
    (denied || for_root_alone(user, path, &metadata)).then(|| locked(path, &metadata))
}

/// Nothing is closed to root. What gives nobody the right to read, and what belongs to somebody else within a directory
/// that does not, is closed to everybody but root all the same. (A home that is somebody else's as a whole, as containers
/// mount them, is in order.)
fn for_root_alone(user: u32, path: &Path, metadata: &Metadata) -> bool {
    let nobody = metadata.mode() & 0o444 == 0;
    let of_another = metadata.uid() != user && metadata.mode() & 0o044 == 0;
    let within = path.parent().and_then(|parent| fs::metadata(parent).ok());
    user == 0 && (nobody || of_another && within.is_some_and(|parent| parent.uid() != metadata.uid()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown};

    use super::*;

    #[test]
    fn owner_and_mode_tell_also_where_root_looks() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let user = fs::metadata(home.path()).expect("it is there").uid();
        let file = |name: &str, mode: u32| {
            let path = home.path().join(name);
            fs::write(&path, "x").expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
            path
        };
        assert_eq!(closed(user, &file("open", 0o600)), None);
        assert_eq!(closed(user, &home.path().join("missing")), None);
        let shut = closed(user, &file("shut", 0o000)).expect("nobody may read it");
        assert_eq!((shut.owner, shut.mode, shut.user), (user, 0, user));
        // Only root can give files away.
        let of_another = file("of-another", 0o600);
        if user == 0 && chown(&of_another, Some(12345), None).is_ok() {
            assert_eq!(closed(user, &of_another).map(|locked| locked.owner), Some(12345));
            fs::set_permissions(&of_another, fs::Permissions::from_mode(0o644)).expect("root may");
            assert_eq!(closed(user, &of_another), None);
        }
    }

    #[test]
    fn a_home_that_is_mounted_is_in_order() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let user = fs::metadata(home.path()).expect("it is there").uid();
        let (directory, file) = (home.path().join(".aws"), home.path().join(".aws/config"));
        fs::create_dir(&directory).expect("a directory");
        fs::write(&file, "x").expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");
        if user == 0 && chown(&directory, Some(12345), None).is_ok() && chown(&file, Some(12345), None).is_ok() {
            assert_eq!(closed(user, &file), None);
        }
    }
}
