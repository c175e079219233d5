//! Processes of this user, read from `/proc`; where there is none (macOS) nothing is known of them.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::observe::rc_files::is_known;
use crate::world::{Env, World};

/// A process as far as it can be seen.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its name, as the kernel knows it.
    pub name: String,
    /// Its command line.
    pub arguments: Vec<String>,
    /// What it was started with, as far as it may matter here.
    pub environment: Env,
}

/// The processes of this user's home that `wanted` picks by name and command line. Others are not looked into.
pub fn of_this_home(world: &World, wanted: impl Fn(&str, &[String]) -> bool) -> Vec<Process> {
    let entries = std::fs::read_dir(world.system_root.join("proc")).into_iter().flatten().flatten();
    let numbered = entries.map(|entry| entry.path()).filter(|path| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
    });
    numbered
        .filter_map(|path| {
            let name = std::fs::read_to_string(path.join("comm")).ok()?.trim_end().to_owned();
            let arguments = split(&std::fs::read(path.join("cmdline")).ok()?);
            if !wanted(&name, &arguments) || path.metadata().ok()?.uid() != world.user.uid {
                return None;
            }
            let whole = environment(&path)?;
            let is_ours = match whole.get("HOME") {
                Some(home) => Path::new(home) == world.home,
                // Without one, where it works and what it was started from may still tell.
                None => {
                    let directory = std::fs::read_link(path.join("cwd")).ok();
                    let places = arguments.iter().map(PathBuf::from).chain(directory);
                    places.into_iter().any(|place| place.starts_with(&world.home))
                }
            };
            is_ours.then(|| Process { name, arguments, environment: known(&whole) })
        })
        .collect()
}

/// What the server of the tmux around this process was started with (`TMUX` is socket, process, session).
pub fn multiplexer(world: &World) -> Option<Env> {
    let process = world.env.non_empty("TMUX")?.rsplit(',').nth(1)?.parse::<u32>().ok()?;
    let path = world.system_root.join("proc").join(process.to_string());
    let name = std::fs::read_to_string(path.join("comm")).ok()?;
    if !name.starts_with("tmux") {
        return None;
    }
    environment(&path).map(|whole| known(&whole))
}

/// The program that a process runs, by the names under which it may show: that of the kernel, that of its first word, and of
/// its second where the first is an interpreter.
pub fn names(name: &str, arguments: &[String]) -> Vec<String> {
    const INTERPRETERS: [&str; 8] = ["sh", "bash", "dash", "zsh", "node", "python", "python3", "java"];
    let base = |path: &String| PathBuf::from(path).file_name().map(|name| name.to_string_lossy().into_owned());
    let first = arguments.first().and_then(base);
    let interpreted = first.as_deref().is_some_and(|first| INTERPRETERS.contains(&first));
    let second = arguments.get(1).filter(|_| interpreted).and_then(base);
    [Some(name.to_owned()), first, second].into_iter().flatten().collect()
}

fn environment(process: &Path) -> Option<Env> {
    let entries = split(&std::fs::read(process.join("environ")).ok()?);
    Some(entries.iter().filter_map(|entry| entry.split_once('=')).collect())
}

fn known(environment: &Env) -> Env {
    environment.iter().filter(|(name, _)| is_known(name)).collect()
}

fn split(bytes: &[u8]) -> Vec<String> {
    let parts = bytes.split(|byte| *byte == 0).filter(|part| !part.is_empty());
    parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}
