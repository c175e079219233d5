//! Definitions of dev containers: what they hand to the container.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jsonc_parser::ast::{Object, Value};

use crate::observe::rc_files::{is_known, is_secret};
use crate::observe::settings::EnvEntry;
use crate::observe::{file, jsonc};
use crate::world::World;

/// One `devcontainer.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevContainer {
    /// Where it is.
    pub path: PathBuf,
    /// What it says, or why that is not known.
    pub keys: Result<Keys, String>,
}

/// What a definition hands to the container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// `containerEnv` and `remoteEnv`, as far as they may matter; the latter wins. Values are as written (`${localEnv:NAME}`).
    pub environment: BTreeMap<String, EnvEntry>,
    /// The line of `mounts`, if there is that key.
    pub mounts_line: Option<usize>,
    /// A mount or an argument of the runtime names `.aws`.
    pub mounts_aws: bool,
}

/// The definitions of the asked directory and of the directories above it, up to the root of a repository.
pub fn observe(world: &World) -> Vec<DevContainer> {
    let mut found = Vec::new();
    for directory in world.directory.ancestors() {
        let folder = directory.join(".devcontainer");
        let mut places = vec![folder.join("devcontainer.json"), directory.join(".devcontainer.json")];
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut named: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
        named.sort();
        places.extend(named.into_iter().map(|folder| folder.join("devcontainer.json")));
        found.extend(places.iter().filter_map(|path| read(path)));
        if directory == world.home || directory.join(".git").exists() {
            break;
        }
    }
    found
}

fn read(path: &Path) -> Option<DevContainer> {
    let keys = match file::read(path) {
        Ok(None) => return None,
        Ok(Some(bytes)) => jsonc::read(&bytes, keys),
        Err(reason) => Err(reason),
    };
    Some(DevContainer { path: path.to_owned(), keys })
}

fn keys(root: &Object, line: &dyn Fn(usize) -> usize) -> Keys {
    let mut keys = Keys::default();
    for name in ["containerEnv", "remoteEnv"] {
        let Some(object) = jsonc::last(root, name).and_then(|property| property.value.as_object()) else { continue };
        for property in object.properties.iter().filter(|property| is_known(property.name.as_str())) {
            let name = property.name.as_str().to_owned();
            let Some(value) = jsonc::scalar(&property.value).filter(|_| !is_secret(&name)) else { continue };
            let is_string = matches!(property.value, Value::StringLit(_));
            keys.environment.insert(name, EnvEntry { value, line: jsonc::line_of(property, line), is_string });
        }
    }
    for name in ["mounts", "runArgs", "workspaceMount"] {
        let Some(property) = jsonc::last(root, name) else { continue };
        keys.mounts_aws |= names_aws(&property.value);
        if name == "mounts" {
            keys.mounts_line = Some(jsonc::line_of(property, line));
        }
    }
    keys
}

/// A text anywhere in a value names the folder of the AWS tools.
fn names_aws(value: &Value) -> bool {
    match value {
        Value::StringLit(text) => text.value.contains(".aws"),
        Value::Array(list) => list.elements.iter().any(names_aws),
        Value::Object(object) => object.properties.iter().any(|property| names_aws(&property.value)),
        _ => false,
    }
}
