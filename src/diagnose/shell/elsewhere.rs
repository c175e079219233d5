//! Lookups that the findings about places other than a terminal share: what reaches a client that no shell starts.

use crate::diagnose::{Case, local};
use crate::observe::surfaces::editors::{EditorSettings, FAMILIES, Keys, Level};
use crate::resolve::Provider;
use crate::variables;

/// Variables without which a client elsewhere goes another way.
const NEEDED: [&str; 12] = [
    variables::USE_BEDROCK,
    variables::REGION,
    variables::PROFILE,
    variables::BEARER_TOKEN,
    variables::ACCESS_KEY_ID,
    variables::SECRET_ACCESS_KEY,
    variables::SESSION_TOKEN,
    variables::BASE_URL,
    variables::AWS_CONFIG_FILE,
    variables::AWS_CREDENTIALS_FILE,
    "HTTPS_PROXY",
    "NODE_EXTRA_CA_CERTS",
];

/// A settings file of the client turns Bedrock on, whatever starts the client.
pub fn settings_switch_on(case: &Case<'_>) -> bool {
    local::settings_winner(case, variables::USE_BEDROCK).is_some_and(|(_, entry)| variables::is_truthy(&entry.value))
}

/// What a new terminal gives to the client and no settings file does.
pub fn only_from_shells(case: &Case<'_>) -> Vec<&'static str> {
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    let by_shell = |name: &&&str| {
        local::settings_winner(case, name).is_none()
            && local::in_new_terminal(case, name).is_some_and(|value| !value.is_empty())
    };
    NEEDED.iter().filter(by_shell).copied().collect()
}

/// The settings files of an editor that could be read, each with what it says: its own, and those of the workspace, which
/// every editor reads.
pub fn of_editor<'a>(case: &Case<'a>, editor: &str) -> Vec<(&'a EditorSettings, &'a Keys)> {
    let files = case.machine.surfaces.editors.iter();
    files
        .filter(|file| file.editor == editor || file.level == Level::Workspace)
        .filter_map(|file| Some((file, file.keys.as_ref().ok()?)))
        .collect()
}

/// An editor's own settings give a variable to the extension.
pub fn editor_gives(case: &Case<'_>, editor: &str, name: &str) -> bool {
    of_editor(case, editor)
        .iter()
        .any(|(_, keys)| keys.environment.get(name).is_some_and(|entry| !entry.value.is_empty()))
}

/// The editor's settings file of a user, whether it is there or not.
pub fn user_settings(case: &Case<'_>, editor: &str) -> std::path::PathBuf {
    let known = of_editor(case, editor).into_iter().find(|(file, _)| file.level == Level::User);
    if let Some((file, _)) = known {
        return file.path.clone();
    }
    let folder = FAMILIES.iter().find(|family| family.name == editor).map_or("Code", |family| family.configuration);
    let below = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
    case.machine.home.join(below).join(folder).join("User/settings.json")
}

/// The extension is installed in this editor.
pub fn has_extension(case: &Case<'_>, editor: &str) -> bool {
    case.machine.client.bundled.iter().any(|bundled| {
        crate::observe::surfaces::editors::of_folder(bundled.editor).is_some_and(|family| family.name == editor)
    })
}
