//! Settings of VS Code and its relatives, as far as they are about the client's extension.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jsonc_parser::ast::{Array, Object, Value};

use crate::observe::rc_files::is_known;
use crate::observe::settings::EnvEntry;
use crate::observe::{file, jsonc};
use crate::world::World;

/// An editor, and the names of its places.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// Folders of extensions in the home, without `/extensions`: its own, and that of its part on remote machines.
    pub folders: &'static [&'static str],
    /// Its folder below the configuration directory.
    pub configuration: &'static str,
    /// Names of its processes.
    pub processes: &'static [&'static str],
}

/// The editors that run the extension.
pub const FAMILIES: [Family; 9] = [
    family("Visual Studio Code", &[".vscode", ".vscode-server"], "Code", &["code"]),
    family(
        "Visual Studio Code Insiders",
        &[".vscode-insiders", ".vscode-server-insiders"],
        "Code - Insiders",
        &["code-insiders"],
    ),
    family("VSCodium", &[".vscode-oss", ".vscodium-server"], "VSCodium", &["codium", "vscodium"]),
    family("Code - OSS", &[], "Code - OSS", &["code-oss"]),
    family("Cursor", &[".cursor", ".cursor-server"], "Cursor", &["cursor"]),
    family("Windsurf", &[".windsurf", ".windsurf-server"], "Windsurf", &["windsurf"]),
    family("Antigravity", &[".antigravity", ".antigravity-server"], "Antigravity", &["antigravity"]),
    family("Kiro", &[".kiro"], "Kiro", &["kiro"]),
    family("code-server", &[".local/share/code-server"], "code-server", &["code-server"]),
];

const fn family(
    name: &'static str,
    folders: &'static [&'static str],
    configuration: &'static str,
    processes: &'static [&'static str],
) -> Family {
    Family { name, folders, configuration, processes }
}

/// The folders of extensions of all editors.
pub fn folders() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().flat_map(|family| family.folders.iter().copied())
}

/// The editor that a folder of extensions belongs to.
pub fn of_folder(folder: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.folders.contains(&folder))
}

/// One settings file of an editor that says something about the extension, or could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditorSettings {
    /// The editor; for those of a workspace, which every editor reads, the first of the family.
    pub editor: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// Which settings of the editor these are.
    pub level: Level,
    /// What it says, or why that is not known.
    pub keys: Result<Keys, String>,
}

/// The levels of an editor's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `User/settings.json`.
    User,
    /// Those of one of its profiles.
    Profile,
    /// Those of its part on this machine, for windows that are opened from another one.
    Remote,
    /// `.vscode/settings.json` of the asked directory.
    Workspace,
}

/// What a file says about the extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// `claudeCode.environmentVariables`, where it is the list that the extension reads.
    pub environment: BTreeMap<String, EnvEntry>,
    /// The line of that key, whatever its shape.
    pub environment_line: Option<usize>,
    /// That key in another shape: what it is instead, and the names that may matter in it.
    pub other_shape: Option<(&'static str, Vec<String>)>,
    /// `claudeCode.disableLoginPrompt` and its line.
    pub disable_login_prompt: Option<(bool, usize)>,
    /// `claudeCode.claudeProcessWrapper` and its line.
    pub process_wrapper: Option<(String, usize)>,
    /// `claudeCode.useTerminal` and its line.
    pub use_terminal: Option<(bool, usize)>,
    /// Other keys that hold variables which decide routing: nothing reads them for the extension.
    pub strange: Vec<Strange>,
    /// `terminal.integrated.env.*`: variables for the editor's terminals alone, with the line of the key.
    pub terminal: BTreeMap<String, usize>,
}

/// A key of another name that holds variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strange {
    /// The key as it is written.
    pub key: String,
    /// Its line.
    pub line: usize,
    /// The variables in it that may matter.
    pub names: Vec<String>,
}

/// Every settings file of every editor that is there and says something about the extension.
pub fn observe(world: &World) -> Vec<EditorSettings> {
    let mut places: Vec<(&'static str, PathBuf, Level)> = Vec::new();
    for family in &FAMILIES {
        for user in user_folders(world, family) {
            places.push((family.name, user.join("settings.json"), Level::User));
            let mut profiles: Vec<PathBuf> = entries(&user.join("profiles"));
            profiles.sort();
            places.extend(
                profiles.into_iter().map(|profile| (family.name, profile.join("settings.json"), Level::Profile)),
            );
        }
        for folder in family.folders.iter().filter(|folder| folder.contains("-server")) {
            let data = world.home.join(folder).join("data");
            places.push((family.name, data.join("Machine/settings.json"), Level::Remote));
            places.push((family.name, data.join("User/settings.json"), Level::Remote));
        }
    }
    places.push((FAMILIES[0].name, world.directory.join(".vscode/settings.json"), Level::Workspace));
    let read = |(editor, path, level): (&'static str, PathBuf, Level)| {
        let keys = match file::read(&path) {
            Ok(None) => return None,
            Ok(Some(bytes)) if !mentions(&bytes) => return None,
            Ok(Some(bytes)) => jsonc::read(&bytes, keys),
            Err(reason) => Err(reason),
        };
        Some(EditorSettings { editor, path, level, keys })
    };
    places.into_iter().filter_map(read).collect()
}

/// Where the user's settings of an editor may lie.
fn user_folders(world: &World, family: &Family) -> Vec<PathBuf> {
    // Both are looked at on every system: a home may be shared, or brought over from another one.
    let elsewhere = world.env.non_empty("XDG_CONFIG_HOME").map_or_else(|| world.home.join(".config"), PathBuf::from);
    let mut usual = [elsewhere, world.home.join("Library/Application Support")];
    if cfg!(target_os = "macos") {
        usual.reverse();
    }
    let mut folders = usual.map(|usual| usual.join(family.configuration).join("User")).to_vec();
    match family.name {
        "Visual Studio Code" => {
            folders.push(world.home.join(".var/app/com.visualstudio.code/config/Code/User"));
        }
        "VSCodium" => folders.push(world.home.join(".var/app/com.vscodium.codium/config/VSCodium/User")),
        "code-server" => folders.push(world.home.join(".local/share/code-server/User")),
        _ => {}
    }
    folders
}

/// The text is about the extension at all; most settings files are not.
fn mentions(bytes: &[u8]) -> bool {
    ["claude", "CLAUDE_", "AWS_"].iter().any(|word| bstr::ByteSlice::contains_str(bytes, word))
}

/// What the root object says about the extension.
fn keys(root: &Object, line: &dyn Fn(usize) -> usize) -> Keys {
    const PREFIX: &str = "claudeCode.";
    let mut keys = Keys::default();
    for property in &root.properties {
        let name = property.name.as_str();
        let at = jsonc::line_of(property, line);
        let switch = property.value.as_boolean_lit().map(|literal| (literal.value, at));
        match name.strip_prefix(PREFIX) {
            Some("environmentVariables") => {
                keys.environment_line = Some(at);
                match &property.value {
                    Value::Array(list) => match listed(list, line) {
                        Ok(environment) => keys.environment = environment,
                        Err(other) => keys.other_shape = Some(other),
                    },
                    Value::Object(object) => {
                        keys.other_shape = Some(("an object of names and values", names_in(object)))
                    }
                    Value::StringLit(text) => {
                        keys.other_shape = Some(("one text", words_of(&text.value)));
                    }
                    _ => keys.other_shape = Some(("no list", Vec::new())),
                }
            }
            Some("disableLoginPrompt") => keys.disable_login_prompt = switch,
            Some("useTerminal") => keys.use_terminal = switch,
            Some("claudeProcessWrapper") => {
                let text = property.value.as_string_lit().map(|text| text.value.trim().to_owned());
                keys.process_wrapper = text.filter(|text| !text.is_empty()).map(|text| (text, at));
            }
            _ if name.starts_with("terminal.integrated.env.") => {
                let names = property.value.as_object().map(names_in).unwrap_or_default();
                keys.terminal.extend(names.into_iter().map(|name| (name, at)));
            }
            _ => {
                let about = name.to_ascii_lowercase().contains("claude") || is_known(name);
                let names = if is_known(name) { vec![name.to_owned()] } else { names_within(&property.value) };
                if about && !names.is_empty() {
                    keys.strange.push(Strange { key: name.to_owned(), line: at, names });
                }
            }
        }
    }
    keys
}

/// The entries of a list of `{"name": …, "value": …}`; of a list of something else what it is, and the names in it.
fn listed(
    list: &Array,
    line: &dyn Fn(usize) -> usize,
) -> Result<BTreeMap<String, EnvEntry>, (&'static str, Vec<String>)> {
    let mut found = BTreeMap::new();
    let mut other: Option<&'static str> = None;
    for element in &list.elements {
        let entry = element.as_object().and_then(|entry| {
            let name = jsonc::last(entry, "name")?;
            let value = jsonc::scalar(&jsonc::last(entry, "value")?.value)?;
            let is_string = matches!(jsonc::last(entry, "value")?.value, Value::StringLit(_));
            let at = jsonc::line_of(name, line);
            Some((jsonc::scalar(&name.value)?, EnvEntry { value, line: at, is_string }))
        });
        match (entry, element) {
            (Some((name, entry)), _) => drop(found.insert(name, entry)),
            (None, Value::StringLit(_)) => other = Some("a list of texts"),
            (None, _) => other = Some("a list of something else than name and value"),
        }
    }
    match other {
        None => Ok(found),
        Some(what) => Err((what, list.elements.iter().flat_map(names_within).collect())),
    }
}

/// Names in an object that may matter.
fn names_in(object: &Object) -> Vec<String> {
    let names = object.properties.iter().map(|property| property.name.as_str());
    names.filter(|name| is_known(name)).map(str::to_owned).collect()
}

/// Names that may matter in any value, two levels deep.
fn names_within(value: &Value) -> Vec<String> {
    match value {
        Value::Object(object) => {
            let below = object.properties.iter().flat_map(|property| match &property.value {
                Value::Object(inner) => names_in(inner),
                Value::StringLit(text) => words_of(&text.value),
                Value::Array(list) => list.elements.iter().flat_map(names_within).collect(),
                _ => Vec::new(),
            });
            names_in(object).into_iter().chain(below).collect()
        }
        Value::Array(list) => list.elements.iter().flat_map(names_within).collect(),
        Value::StringLit(text) => words_of(&text.value),
        _ => Vec::new(),
    }
}

/// `NAME=value` and `NAME` in a text.
fn words_of(text: &str) -> Vec<String> {
    let name = text.split('=').next().unwrap_or_default().trim();
    if is_known(name) { vec![name.to_owned()] } else { Vec::new() }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
#[path = "editors_tests.rs"]
mod tests;
