//! Whose home this is: the user that runs, the home of the password database, and who owns what lies in it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::{file, settings};
use crate::world::World;

/// Who runs, and whose files these are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner {
    /// Effective user id.
    pub uid: u32,
    /// Name of that user, if the password database has one.
    pub name: Option<String>,
    /// Home of that user in the password database.
    pub home: Option<PathBuf>,
    /// The user id that owns the home in use; `None` where the home is not there.
    pub home_owner: Option<u32>,
    /// The account whose home this is by the password database, where it is another one's.
    pub home_of: Option<String>,
    /// `SUDO_USER`: who became this user by sudo.
    pub sudo_user: Option<String>,
    /// Files and folders of the AWS tools and of the client that belong to another user.
    pub foreign: Vec<Foreign>,
}

/// Something that belongs to another user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Where it is.
    pub path: PathBuf,
    /// Whose it is.
    pub uid: u32,
    /// This user can read it.
    pub readable: bool,
    /// This user can write it.
    pub writable: bool,
}

/// Looks at the owners.
pub fn observe(world: &World) -> Owner {
    let uid = world.user.uid;
    let (configuration, state) = settings::configuration_directory(world);
    let aws = world.home.join(".aws");
    let mut places = vec![
        aws.clone(),
        aws.join("config"),
        aws.join("credentials"),
        aws.join("sso"),
        aws.join("sso/cache"),
        aws.join("cli/cache"),
        aws.join("login/cache"),
        configuration.clone(),
        configuration.join("settings.json"),
        state,
    ];
    for cache in ["sso/cache", "cli/cache", "login/cache"] {
        let entries = std::fs::read_dir(aws.join(cache)).into_iter().flatten().flatten();
        places.extend(entries.map(|entry| entry.path()).take(50));
    }
    Owner {
        uid,
        name: world.user.name.clone(),
        home: world.user.home.clone(),
        home_owner: owner_of(&world.home),
        home_of: account_of(world),
        sudo_user: world.env.non_empty("SUDO_USER").map(str::to_owned),
        foreign: places.into_iter().filter_map(|path| foreign(path, uid)).collect(),
    }
}

fn foreign(path: PathBuf, uid: u32) -> Option<Foreign> {
    let owner = owner_of(&path).filter(|owner| *owner != uid)?;
    let may = |flag| access(&path, flag).is_ok();
    let readable = may(if path.is_dir() { AccessFlags::R_OK | AccessFlags::X_OK } else { AccessFlags::R_OK });
    Some(Foreign { uid: owner, readable, writable: may(AccessFlags::W_OK), path })
}

/// The account of the password file whose home is the one in use, and that is not ours.
fn account_of(world: &World) -> Option<String> {
    let bytes = file::read(&world.system_root.join("etc/passwd")).ok()??;
    let text = String::from_utf8_lossy(&bytes);
    // name:password:uid:gid:comment:home:shell
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, _, _, home, ..] = fields.as_slice() else { return None };
        let other = uid.parse::<u32>().is_ok_and(|uid| uid != world.user.uid);
        (other && Path::new(home) == world.home).then(|| (*name).to_owned())
    })
}

fn owner_of(path: &Path) -> Option<u32> {
    path.metadata().ok().map(|metadata| metadata.uid())
}
