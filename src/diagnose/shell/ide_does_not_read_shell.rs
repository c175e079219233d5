//! `ide-does-not-read-shell`: an editor runs without the values that every terminal has.

use super::elsewhere::{editor_gives, of_editor, only_from_shells};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, local, words};

/// An editor runs without the values that every terminal has.
pub const KIND: Kind = Kind {
    name: "ide-does-not-read-shell",
    layer: Layer::Shell,
    severity: Severity::Warning,
    title: "An editor runs without the values that every terminal has",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`claude` works in a terminal, that of the editor included, and the panel of VS Code, Cursor or a JetBrains IDE shows the login screen, `Not logged
in · Please run /login`, or `Could not load credentials from any providers`.

## Why

An app that is opened from the desktop, the dock or a launcher has the environment of the session, not that of a terminal: no `.bashrc` and no
`.zshrc` was read for it. VS Code asks a shell at its start, with a time limit, and goes on without an answer. bedrockup looked at what each
process of the editor was started with.

## Fix

Give the values to Claude Code itself. It reads its user settings whatever starts it:

    bedrockup setup --target settings

Or start the editor from a terminal (`code .`, after all of its windows were closed), or write them into `claudeCode.environmentVariables` of the
editor's settings.

## Check

Reload the window, and ask Claude Code for `/status`: it says `API provider: Amazon Bedrock`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let by_shell = only_from_shells(case);
    let mut all = Vec::new();
    for app in &case.machine.surfaces.apps {
        let settings = of_editor(case, app.name);
        // In its terminal it is a shell that starts the client; what a wrapper of the user's gives is not known.
        let by_other_means = settings
            .iter()
            .any(|(_, keys)| matches!(keys.use_terminal, Some((true, _))) || keys.process_wrapper.is_some());
        let missing: Vec<&str> =
            by_shell.iter().copied().filter(|name| !app.has(name) && !editor_gives(case, app.name, name)).collect();
        if missing.is_empty() || by_other_means {
            continue;
        }
        let list = missing.join(", ");
        let place = local::source(case, missing[0])
            .map_or_else(|| "a new terminal".to_owned(), |source| words::source(case, &source));
        let found = Found::new(format!("{} runs without {list}, which every terminal has.", app.name))
            .evidence(words::short(case, &app.integration), "it has Claude Code")
            .evidence(format!("processes of {}", app.name), format!("none was started with {list}"))
            .evidence(place, format!("gives {}", missing[0]))
            .fix(Fix::command(
                "Give the values to Claude Code's user settings, which it reads whatever starts it; or start the editor from a terminal.",
                "bedrockup setup --target settings",
            ))
            .fix(Fix::words(
                Who::You,
                "VS Code and its relatives also read `\"claudeCode.environmentVariables\": [{\"name\": \"CLAUDE_CODE_USE_BEDROCK\", \"value\": \"1\"}]` from their own settings.",
            ));
        all.push(found);
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::Scope;
    use crate::observe::surfaces::editors::Keys;
    use crate::variables;

    #[test]
    fn an_editor_that_the_desktop_started() {
        let mut scene = Scene::healthy();
        scene.app("Visual Studio Code", &[&[("AWS_PAGER", "")]]);
        let finding = scene.expect_first("ide-does-not-read-shell");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("bedrockup setup --target settings"));
        assert!(finding.summary.contains("CLAUDE_CODE_USE_BEDROCK, AWS_REGION"), "{finding:?}");
    }

    #[test]
    fn what_only_some_processes_have_was_asked_of_a_shell() {
        let mut scene = Scene::healthy();
        let values: &[(&str, &str)] = &[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")];
        scene.app("Cursor", &[&[], values]);
        scene.expect_absent("ide-does-not-read-shell");
    }

    #[test]
    fn credentials_alone_may_be_missing() {
        let mut scene = Scene::healthy();
        scene.configure(variables::PROFILE, "default");
        scene.app("Cursor", &[&[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]]);
        assert!(scene.expect_first("ide-does-not-read-shell").summary.contains("without AWS_PROFILE,"));
    }

    #[test]
    fn other_means_are_well() {
        let mut scene = Scene::healthy();
        scene.app("Visual Studio Code", &[&[]]);
        scene.editor("Visual Studio Code", Keys { use_terminal: Some((true, 3)), ..Keys::default() });
        scene.expect_absent("ide-does-not-read-shell");
        let mut scene = Scene::healthy();
        scene.app("Visual Studio Code", &[&[]]);
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        scene.expect_absent("ide-does-not-read-shell");
        Scene::healthy().expect_absent("ide-does-not-read-shell");
    }
}
