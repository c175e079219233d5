//! Units of systemd, and what the session's manager gives to the user's units.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::services::{Definition, Service, ServiceKind, entry, keep};
use crate::observe::file;
use crate::observe::rc_files::is_known;
use crate::observe::settings::EnvEntry;
use crate::world::{Env, World};

/// More units than anybody writes by hand.
const MOST: usize = 300;

/// Services that start the client.
pub fn observe(world: &World) -> Vec<Service> {
    let configuration = configuration(world).join("systemd/user");
    let user =
        [configuration, world.home.join(".local/share/systemd/user"), world.system_root.join("etc/systemd/user")];
    let system = world.system_root.join("etc/systemd/system");
    let user = user.iter().flat_map(|folder| units(folder)).map(|path| (ServiceKind::UserUnit, path));
    let system = units(&system).into_iter().map(|path| (ServiceKind::SystemUnit, path));
    user.chain(system).take(MOST).filter_map(|(kind, path)| unit(world, kind, &path)?.service(world)).collect()
}

/// `environment.d`: given to every unit of the user; `NAME=value`, where `${NAME}` may stand for another one.
pub fn session(world: &World) -> Env {
    let folders = [world.system_root.join("etc/environment.d"), configuration(world).join("environment.d")];
    let files = folders.iter().flat_map(|folder| {
        let mut files = entries(folder);
        files.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
        files.sort();
        files
    });
    let texts = files.filter_map(|path| file::read(&path).ok().flatten());
    let mut environment = Env::default();
    for text in texts {
        let text = String::from_utf8_lossy(&text).into_owned();
        let pairs = text.lines().filter_map(|line| line.trim().split_once('='));
        for (name, value) in pairs.filter(|(name, _)| is_known(name.trim())) {
            environment.set(name.trim(), value.trim().trim_matches(['"', '\'']));
        }
    }
    environment
}

fn configuration(world: &World) -> PathBuf {
    world.env.non_empty("XDG_CONFIG_HOME").map_or_else(|| world.home.join(".config"), PathBuf::from)
}

/// The units of a folder that are files; a masked one is a link to the null device.
fn units(folder: &Path) -> Vec<PathBuf> {
    let mut units = entries(folder);
    units.retain(|path| path.extension().is_some_and(|extension| extension == "service") && path.is_file());
    units.sort();
    units
}

/// One unit with its drop-ins.
fn unit(world: &World, kind: ServiceKind, path: &Path) -> Option<Definition> {
    let bytes = file::read(path).ok()??;
    let name = path.file_name()?.to_string_lossy().into_owned();
    let mut definition = Definition {
        kind,
        name: name.clone(),
        path: path.to_owned(),
        commands: Vec::new(),
        environment: BTreeMap::new(),
        reads_more: false,
    };
    let mut user = None;
    read(world, &String::from_utf8_lossy(&bytes), &mut definition, &mut user);
    let mut drop_ins = entries(&path.with_file_name(format!("{name}.d")));
    drop_ins.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
    drop_ins.sort();
    for text in drop_ins.iter().filter_map(|path| file::read(path).ok().flatten()) {
        read(world, &String::from_utf8_lossy(&text), &mut definition, &mut user);
    }
    // A unit of the system runs as root unless it says otherwise.
    let runs_as = user.unwrap_or_else(|| "root".to_owned());
    let ours = world.user.name.as_deref() == Some(&runs_as) || world.user.uid.to_string() == runs_as;
    keep(&mut definition.environment);
    (kind == ServiceKind::UserUnit || ours).then_some(definition)
}

/// Takes in what a file says in its `[Service]` section.
fn read(world: &World, text: &str, definition: &mut Definition, user: &mut Option<String>) {
    let mut section = String::new();
    for (line, text) in joined(text) {
        let text = text.trim();
        if text.starts_with('[') {
            text.clone_into(&mut section);
        }
        let Some((key, value)) = text.split_once('=').filter(|_| section == "[Service]") else { continue };
        let value = value.trim();
        match key.trim() {
            "ExecStart" if value.is_empty() => definition.commands.clear(),
            "ExecStart" => {
                let command = value.trim_start_matches(['@', '-', ':', '+', '!', '|']).replace("%h", &home(world));
                definition.commands.push((line, command));
            }
            "Environment" if value.is_empty() => definition.environment.clear(),
            "Environment" => definition.environment.extend(assignments(value, line)),
            "EnvironmentFile" => {
                let path = value.trim_start_matches('-').replace("%h", &home(world));
                match file::read(Path::new(&path)) {
                    Ok(Some(bytes)) => {
                        let text = String::from_utf8_lossy(&bytes).into_owned();
                        let lines = text.lines().filter(|line| !line.trim_start().starts_with(['#', ';']));
                        let pairs = lines.filter_map(|line| line.trim().split_once('='));
                        definition.environment.extend(
                            pairs.map(|(name, value)| entry(name.trim(), value.trim().trim_matches(['"', '\'']), line)),
                        );
                    }
                    // What cannot be read may hold everything.
                    Err(_) => definition.reads_more = true,
                    Ok(None) => {}
                }
            }
            "PassEnvironment" | "UnsetEnvironment" => definition.reads_more |= key.trim().starts_with("Pass"),
            "User" => *user = Some(value.to_owned()).filter(|value| !value.is_empty()),
            _ => {}
        }
    }
}

fn home(world: &World) -> String {
    world.home.to_string_lossy().into_owned()
}

/// `"A=b c" D=e`
fn assignments(value: &str, line: usize) -> Vec<(String, EnvEntry)> {
    let words = crate::observe::rc_files::words::commands(&value.replace('$', "\\$"));
    let values = words.into_iter().flatten().filter_map(|word| word.value);
    values.filter_map(|word| word.split_once('=').map(|(name, value)| entry(name, value, line))).collect()
}

/// Lines with those that a backslash continues, without comments; each has the number of its first line.
fn joined(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (at, line) in text.lines().enumerate() {
        let comment = line.trim_start().starts_with(['#', ';']);
        let (part, continues) = match line.trim_end().strip_suffix('\\') {
            Some(part) => (part, true),
            None => (line, false),
        };
        match found.last_mut().filter(|_| open) {
            Some(_) if comment => continue,
            Some((_, before)) => before.push_str(&format!(" {part}")),
            None if comment => continue,
            None => found.push((at + 1, part.to_owned())),
        }
        open = continues;
    }
    found
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
