//! `vscode-settings-shape`: an editor's settings hold the values where, or as, its extension does not read them.

use super::elsewhere::{editor_gives, has_extension, settings_switch_on};
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, words};
use crate::observe::surfaces::editors::{EditorSettings, Keys};
use crate::resolve::Provider;
use crate::variables;

/// An editor's settings hold the values where, or as, its extension does not read them.
pub const KIND: Kind = Kind {
    name: "vscode-settings-shape",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "An editor's settings hold the values in a form that its extension does not read",
    page: PAGE,
    owns: &["ide-does-not-read-shell", "vscode-login-prompt"],
    detect,
};

const PAGE: &str = "\
## What you see

The variables stand in the settings of VS Code, Cursor or another relative, the terminal works, and the panel of Claude Code shows the login
screen. Or a wrapper is set and never started.

## Why

The extension reads one key, `claudeCode.environmentVariables`, and it reads it as a list of names and values. `claudeCode.env`, an object in
place of the list, or texts such as `NAME=value` are passed over without a word. `terminal.integrated.env.linux` is for the editor's terminals
alone. And with `claudeCode.useTerminal` the extension types `claude` into a terminal: `claudeCode.claudeProcessWrapper` is not used then.

## Fix

    \"claudeCode.environmentVariables\": [
        {\"name\": \"CLAUDE_CODE_USE_BEDROCK\", \"value\": \"1\"},
        {\"name\": \"AWS_REGION\", \"value\": \"us-east-1\"}
    ]

Where the wrapper is needed, remove `claudeCode.useTerminal`.

## Check

Developer: Reload Window. `/status` in the panel says `API provider: Amazon Bedrock`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let files = case.machine.surfaces.editors.iter();
    let read = files.filter_map(|file| Some((file, file.keys.as_ref().ok()?)));
    read.flat_map(|(file, keys)| [values(case, file, keys), wrapper(case, file, keys)]).flatten().collect()
}

/// Values in another shape, or under another key.
fn values(case: &Case<'_>, file: &EditorSettings, keys: &Keys) -> Option<Found> {
    let matters = |names: &[String]| {
        let lacking =
            |name: &String| variables::ROUTING.contains(&name.as_str()) && !editor_gives(case, file.editor, name);
        names.iter().any(lacking)
    };
    let place = words::short(case, &file.path);
    let (line, what, shown) =
        if let Some((shape, names)) = keys.other_shape.as_ref().filter(|(_, names)| matters(names)) {
            let line = keys.environment_line.unwrap_or(1);
            let what = format!("`claudeCode.environmentVariables` is {shape}, not a list of names and values");
            (line, what, names)
        } else if let Some(strange) = keys.strange.iter().find(|strange| matters(&strange.names)) {
            (strange.line, format!("`{}` is a key that nothing reads for the extension", strange.key), &strange.names)
        } else {
            return terminal(case, file, keys);
        };
    let found =
        Found::new(format!("{place}:{line} holds {} in a form that the extension does not read.", shown.join(", ")))
            .evidence(format!("{place}:{line}"), what);
    let found = match (settings_switch_on(case), case.route.provider == Provider::Bedrock) {
        // The extension gets them from the client's own settings.
        (true, _) => found.severity(Severity::Note),
        (false, true) => found,
        (false, false) => found.explains("not-configured"),
    };
    let text = format!("Rewrite it as {} and reload the window.", example(shown));
    Some(found.fix(hand::edit_line(case, text, &file.path, line)))
}

/// Values for the editor's terminals alone, while the panel is what the extension shows.
fn terminal(case: &Case<'_>, file: &EditorSettings, keys: &Keys) -> Option<Found> {
    let line = keys.terminal.get(variables::USE_BEDROCK)?;
    let panel = has_extension(case, file.editor) && !matches!(keys.use_terminal, Some((true, _)));
    if !panel || settings_switch_on(case) || editor_gives(case, file.editor, variables::USE_BEDROCK) {
        return None;
    }
    let place = words::short(case, &file.path);
    let names: Vec<String> = keys.terminal.keys().cloned().collect();
    let text = format!("Write them for the extension too, as {}, and reload the window.", example(&names));
    let found = Found::new(format!("{place}:{line} gives the values to the editor's terminals, not to the extension."))
        .evidence(format!("{place}:{line}"), "`terminal.integrated.env` is for terminals alone")
        .fix(hand::edit_line(case, text, &file.path, *line));
    Some(match case.route.provider {
        Provider::Bedrock => found.severity(Severity::Warning),
        _ => found.explains("not-configured"),
    })
}

/// A wrapper that is not used.
fn wrapper(case: &Case<'_>, file: &EditorSettings, keys: &Keys) -> Option<Found> {
    let (wrapper, line) = keys.process_wrapper.as_ref()?;
    let (_, terminal) = keys.use_terminal.filter(|(on, _)| *on)?;
    let place = words::short(case, &file.path);
    let found = Found::new(format!("{place}: with `useTerminal` the wrapper {wrapper} is not used."))
        .evidence(format!("{place}:{line}"), "`claudeCode.claudeProcessWrapper` names a wrapper")
        .evidence(
            format!("{place}:{terminal}"),
            "`claudeCode.useTerminal` is true: the extension types `claude` into a terminal",
        );
    let text =
        "Remove `claudeCode.useTerminal` where the wrapper is needed, or remove the wrapper, and reload the window.";
    Some(found.fix(hand::edit_line(case, text, &file.path, terminal)))
}

/// The form that the extension reads, with these names.
fn example(names: &[String]) -> String {
    let switch = |name: &&String| name.as_str() == variables::USE_BEDROCK;
    let name = names.iter().find(switch).or(names.first()).map_or(variables::USE_BEDROCK, String::as_str);
    let value = if name == variables::USE_BEDROCK { "1" } else { "…" };
    format!("`\"claudeCode.environmentVariables\": [{{\"name\": \"{name}\", \"value\": \"{value}\"}}, …]`")
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::spoil::env;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::Scope;
    use crate::observe::surfaces::editors::{Keys, Strange};
    use crate::variables;

    fn strange(key: &str) -> Keys {
        let strange = Strange { key: key.to_owned(), line: 2, names: vec![variables::USE_BEDROCK.to_owned()] };
        Keys { strange: vec![strange], ..Keys::default() }
    }

    #[test]
    fn another_key_and_another_shape() {
        let mut scene = Scene::healthy();
        scene.editor("Visual Studio Code", strange("claudeCode.env"));
        let finding = scene.expect_first("vscode-settings-shape");
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.fixes[0].text.contains("\"claudeCode.environmentVariables\": [{\"name\""), "{finding:?}");

        let mut scene = Scene::healthy();
        let other_shape = Some(("an object of names and values", vec![variables::REGION.to_owned()]));
        scene.editor("Cursor", Keys { other_shape, environment_line: Some(7), ..Keys::default() });
        let finding = scene.expect_first("vscode-settings-shape");
        assert_eq!(finding.evidence[0].place, "~/.config/Cursor/User/settings.json:7");
    }

    #[test]
    fn it_owns_the_missing_switch_where_nothing_else_has_it() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.editor("Visual Studio Code", strange("claudeCode.env"));
        scene.expect_first("vscode-settings-shape");
        assert_eq!(scene.expect("not-configured").because_of, Some("vscode-settings-shape"));
    }

    #[test]
    fn a_wrapper_that_is_never_started() {
        let mut scene = Scene::healthy();
        let process_wrapper = Some(("/opt/wrap".to_owned(), 3));
        scene.editor("Visual Studio Code", Keys { process_wrapper, use_terminal: Some((true, 4)), ..Keys::default() });
        assert!(scene.expect_first("vscode-settings-shape").fixes[0].text.contains("useTerminal"));
    }

    #[test]
    fn terminals_alone_are_a_warning_where_the_panel_is_used() {
        let mut scene = Scene::healthy();
        let terminal = [(variables::USE_BEDROCK.to_owned(), 5)].into_iter().collect();
        scene.editor("Visual Studio Code", Keys { terminal, ..Keys::default() });
        scene.expect_absent("vscode-settings-shape");
        scene.extension(".vscode", (2, 1, 330));
        assert_eq!(scene.expect("vscode-settings-shape").severity, Severity::Warning);
    }

    #[test]
    fn the_right_form_beside_it_and_the_client_s_own_settings() {
        let mut scene = Scene::healthy();
        let environment = env(&[(variables::USE_BEDROCK, "1")]);
        scene.editor("Visual Studio Code", Keys { environment, ..strange("claudeCode.env") });
        scene.expect_absent("vscode-settings-shape");
        let mut scene = Scene::healthy();
        scene.editor("Visual Studio Code", strange("claudeCode.env"));
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1")]);
        assert_eq!(scene.expect("vscode-settings-shape").severity, Severity::Note);
        Scene::healthy().expect_absent("vscode-settings-shape");
    }
}
