//! `vscode-login-prompt`: the extension shows a login wall though the route is right.

use super::elsewhere::{has_extension, of_editor, settings_switch_on, user_settings};
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, local, words};
use crate::observe::surfaces::editors::{EditorSettings, FAMILIES, Keys, Level};
use crate::variables;

/// The extension shows a login wall though the route is right.
pub const KIND: Kind = Kind {
    name: "vscode-login-prompt",
    layer: Layer::Shell,
    severity: Severity::Warning,
    title: "The editor's extension asks for a login though the route is right",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

The terminal is on Bedrock, and the panel of Claude Code in VS Code, Cursor or another relative stays at the login screen: `How do you want to
log in?`

## Why

The extension (2.0.53 or newer) shows its own login before it starts Claude Code, unless its settings say that none is wanted. That the
variables are right does not matter to it.

## Fix

Add to the editor's settings (Preferences: Open User Settings (JSON)), then reload the window:

    \"claudeCode.disableLoginPrompt\": true

A profile of VS Code and a remote machine have settings of their own.

## Check

Developer: Reload Window. The panel shows the prompt, and `/status` says `API provider: Amazon Bedrock`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let editors = FAMILIES.iter().map(|family| family.name).filter(|editor| has_extension(case, editor));
    editors.filter_map(|editor| of(case, editor)).collect()
}

/// What one editor's settings lack.
fn of(case: &Case<'_>, editor: &str) -> Option<Found> {
    let files = of_editor(case, editor);
    // In the editor's terminal there is no panel that could ask.
    if files.iter().any(|(_, keys)| matches!(keys.use_terminal, Some((true, _)))) {
        return None;
    }
    // A profile does not have the settings of the user's other profiles.
    let says_no_login = |own: Level| {
        files.iter().any(|(file, keys)| {
            let counts = file.level == own
                || (own != Level::Profile && file.level != Level::Profile)
                || file.level == Level::Workspace;
            counts && matches!(keys.disable_login_prompt, Some((true, _)))
        })
    };
    let routes = |keys: &Keys| {
        keys.environment.get(variables::USE_BEDROCK).is_some_and(|entry| variables::is_truthy(&entry.value))
    };
    let own: Vec<&(&EditorSettings, &Keys)> = files.iter().filter(|(_, keys)| routes(keys)).collect();
    let (path, line, evidence) = match own.iter().find(|(file, _)| !says_no_login(file.level)) {
        Some((file, keys)) => {
            let line = keys.environment_line.unwrap_or(1);
            let place = format!("{}:{line}", words::short(case, &file.path));
            (file.path.clone(), line, (place, "`claudeCode.environmentVariables` turns Bedrock on".to_owned()))
        }
        None if own.is_empty() && settings_switch_on(case) && !says_no_login(Level::User) => {
            // Settings that cannot be read may say it.
            if case.machine.surfaces.editors.iter().any(|file| file.editor == editor && file.keys.is_err()) {
                return None;
            }
            let (file, entry) = local::settings_winner(case, variables::USE_BEDROCK)?;
            let place = format!("{}:{}", words::short(case, &file.path), entry.line);
            (user_settings(case, editor), 1, (place, "turns Bedrock on for every client of this user".to_owned()))
        }
        None => return None,
    };
    let place = words::short(case, &path);
    let wrong = files.iter().find_map(|(file, keys)| match keys.disable_login_prompt {
        Some((false, line)) => Some(format!("{}:{line}", words::short(case, &file.path))),
        _ => None,
    });
    let mut found = Found::new(format!("{editor} shows the login screen of Claude Code though Bedrock is on for it."))
        .evidence(evidence.0, evidence.1);
    found = match wrong {
        Some(place) => found.evidence(place, "`claudeCode.disableLoginPrompt` is false"),
        None => found.evidence(place.clone(), "`claudeCode.disableLoginPrompt` is not set"),
    };
    let text = format!(
        "Add `\"claudeCode.disableLoginPrompt\": true` to {place}, then reload the window (Developer: Reload Window)."
    );
    Some(found.fix(hand::edit_line(case, text, &path, line)))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::spoil::env;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::Scope;
    use crate::observe::surfaces::editors::{Keys, Level};
    use crate::variables;

    fn right() -> Keys {
        Keys {
            environment: env(&[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]),
            environment_line: Some(2),
            ..Keys::default()
        }
    }

    #[test]
    fn the_right_values_and_a_login_screen() {
        let mut scene = Scene::healthy();
        scene.extension(".vscode", (2, 1, 330));
        scene.editor("Visual Studio Code", right());
        let finding = scene.expect_first("vscode-login-prompt");
        assert!(finding.fixes[0].text.contains("\"claudeCode.disableLoginPrompt\": true"), "{finding:?}");
        assert!(finding.fixes[0].text.contains("eload the window"), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +2 ~/.config/Code/User/settings.json"));
    }

    #[test]
    fn user_settings_of_the_client_do_not_tell_the_extension() {
        let mut scene = Scene::healthy();
        scene.extension(".cursor", (2, 1, 330));
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1")]);
        assert!(scene.expect("vscode-login-prompt").summary.starts_with("Cursor"));
        scene.editor("Cursor", Keys { disable_login_prompt: Some((true, 4)), ..Keys::default() });
        scene.expect_absent("vscode-login-prompt");
    }

    #[test]
    fn a_profile_does_not_have_what_the_user_has() {
        let mut scene = Scene::healthy();
        scene.extension(".vscode", (2, 1, 330));
        scene.editor("Visual Studio Code", Keys { disable_login_prompt: Some((true, 4)), ..right() });
        scene.expect_absent("vscode-login-prompt");
        scene.editor_at("Visual Studio Code", Level::Profile, right());
        scene.expect("vscode-login-prompt");
    }

    #[test]
    fn said_already_or_no_panel_or_no_extension() {
        for keys in [
            Keys { disable_login_prompt: Some((true, 9)), ..right() },
            Keys { use_terminal: Some((true, 9)), ..right() },
        ] {
            let mut scene = Scene::healthy();
            scene.extension(".vscode", (2, 1, 330));
            scene.editor("Visual Studio Code", keys);
            scene.expect_absent("vscode-login-prompt");
        }
        let mut scene = Scene::healthy();
        scene.editor("Visual Studio Code", right());
        scene.expect_absent("vscode-login-prompt");
        let mut scene = Scene::healthy();
        scene.extension(".vscode", (2, 1, 330));
        scene.expect_absent("vscode-login-prompt");
    }
}
