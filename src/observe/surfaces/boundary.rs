//! Walls between this machine and another one: containers, WSL, remote sessions; and AWS files beyond them.

use std::path::{Path, PathBuf};

use crate::observe::file;
use crate::world::World;

/// What shows a wall, and what is seen of the other side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Boundary {
    /// Somebody made a place to work in of a container: variables that dev containers and their hosts set, a folder of theirs.
    pub workspace: Vec<Sign>,
    /// This is some container. Nothing follows from that alone: servers and test machines are containers too.
    pub container: Vec<Sign>,
    /// This is Linux on Windows.
    pub wsl: Vec<Sign>,
    /// The session came from another machine.
    pub remote: Vec<Sign>,
    /// Folders with AWS files on the other side that can be seen from here.
    pub aws_elsewhere: Vec<PathBuf>,
}

/// One sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// The file or variable.
    pub place: String,
    /// What it says.
    pub what: String,
}

/// Looks for signs. Files of the system are looked at below the world's root.
pub fn observe(world: &World) -> Boundary {
    Boundary {
        workspace: workspace(world),
        container: container(world),
        wsl: wsl(world),
        remote: variables(world, &["SSH_CONNECTION", "SSH_TTY"]),
        aws_elsewhere: aws_elsewhere(world),
    }
}

fn workspace(world: &World) -> Vec<Sign> {
    const NAMES: [&str; 7] = [
        "REMOTE_CONTAINERS",
        "DEVCONTAINER",
        "DEVCONTAINER_CONFIG",
        "CODESPACES",
        "GITPOD_WORKSPACE_ID",
        "REMOTE_CONTAINERS_IPC",
        "VSCODE_REMOTE_CONTAINERS_SESSION",
    ];
    let mut signs = variables(world, &NAMES);
    // podman, systemd-nspawn and LXC say what they are to everything inside.
    signs.extend(variables(world, &["container"]));
    if world.directory.starts_with("/workspaces") {
        let place = world.directory.display().to_string();
        signs.push(Sign { place, what: "the place where dev containers keep the work".to_owned() });
    }
    signs
}

fn container(world: &World) -> Vec<Sign> {
    let mut signs = Vec::new();
    for (path, what) in [
        (".dockerenv", "a file that Docker leaves in its containers"),
        ("run/.containerenv", "a file that Podman leaves in its containers"),
        ("dev/incus/sock", "a device that Incus gives to its containers"),
        ("dev/lxd/sock", "a device that LXD gives to its containers"),
    ] {
        let path = world.system_root.join(path);
        if path.exists() {
            signs.push(Sign { place: path.display().to_string(), what: what.to_owned() });
        }
    }
    for (path, words) in [
        ("run/systemd/container", &[""][..]),
        ("proc/1/cgroup", &["docker", "kubepods", "containerd", "libpod", "lxc"][..]),
    ] {
        let path = world.system_root.join(path);
        let text = text(&path);
        if let Some(word) = words.iter().find(|word| !text.is_empty() && text.contains(*word)) {
            let what = if word.is_empty() { text.trim().to_owned() } else { format!("names {word}") };
            signs.push(Sign { place: path.display().to_string(), what });
        }
    }
    signs
}

fn wsl(world: &World) -> Vec<Sign> {
    let mut signs = variables(world, &["WSL_DISTRO_NAME", "WSL_INTEROP"]);
    let kernel = world.system_root.join("proc/sys/kernel/osrelease");
    let release = text(&kernel);
    if release.to_ascii_lowercase().contains("microsoft") {
        signs.push(Sign { place: kernel.display().to_string(), what: release.trim().to_owned() });
    }
    signs
}

/// Homes of Windows below the mounted drives, and the one that Windows named, if AWS files lie in them.
fn aws_elsewhere(world: &World) -> Vec<PathBuf> {
    let drives = ["mnt/c", "mnt/d", "c"].map(|drive| world.system_root.join(drive).join("Users"));
    let homes = drives.iter().flat_map(|users| entries(users));
    let named = world.env.non_empty("USERPROFILE").map(PathBuf::from).filter(|path| path.is_absolute());
    let mut folders: Vec<PathBuf> = homes.chain(named).map(|home| home.join(".aws")).collect();
    folders.retain(|folder| {
        *folder != world.home.join(".aws") && ["config", "credentials"].iter().any(|name| folder.join(name).is_file())
    });
    folders.sort();
    folders.dedup();
    folders
}

fn variables(world: &World, names: &[&str]) -> Vec<Sign> {
    let set = names.iter().filter_map(|name| Some((name, world.env.non_empty(name)?)));
    set.map(|(name, value)| Sign { place: (*name).to_owned(), what: value.chars().take(80).collect() }).collect()
}

fn text(path: &Path) -> String {
    let bytes = file::read(path).ok().flatten().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
