//! `settings-override-shell`: the user settings replace what the shell says.

use super::layers;
use crate::diagnose::shell::wrapper_changes_environment::{place, take_away};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, words};
use crate::observe::settings::Scope;
use crate::resolve::wrappers;
use crate::variables;

/// The user settings replace what the shell says.
pub const KIND: Kind = Kind {
    name: "settings-override-shell",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "The user settings replace what the shell says",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

The variable is exported, `env` shows it, and Claude Code does something else: another account (`Not logged in · Please run /login`), another
region, an old key (`Authentication failed: Please make sure your API Key is valid.`), or Bedrock although the switch is `0` in the shell.

## Why

An `env` entry of a settings file always replaces the shell's value, also with an empty one. The login wizard of Claude Code
(`/setup-bedrock`) writes such entries to `~/.claude/settings.json`, and they stay. What `--settings` gives a session on its command
line is stronger still: it is looked at with `--pid`, and where an alias, a function or a script by the name `claude` gives it.

## Fix

Remove or change the key in the line shown; or make the settings the only source:

    bedrockup setup --target settings

## Check

`bedrockup why` names one place for each variable.
";

/// What `setup --target settings` writes.
const WRITTEN: [&str; 6] = [
    variables::USE_BEDROCK,
    variables::REGION,
    variables::PROFILE,
    variables::OPUS_MODEL,
    variables::SONNET_MODEL,
    variables::HAIKU_MODEL,
];

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut changes = layers::changes(case, &[Scope::Flag, Scope::User, Scope::State]);
    // A command line is typed on purpose: it counts where it breaks the route.
    changes.retain(|change| change.file.scope != Scope::Flag || change.breaks.is_some());
    // Where the shell says nothing there is nothing to replace: what is wrong with the value has a finding of its own.
    changes.retain(|change| change.below.is_some());
    let Some(first) = changes.first() else { return Vec::new() };
    let file = words::short(case, &first.file.path);
    // The shell says no, and the settings say yes: not as asked.
    let on_against_will =
        changes.iter().any(|change| change.name == variables::USE_BEDROCK && variables::is_truthy(&change.entry.value));
    let severity = if on_against_will { Severity::Error } else { layers::severity(&changes) };
    let summary = if on_against_will {
        format!("The shell switches Bedrock off, and {file} switches it on: the file wins.")
    } else {
        format!("{file} replaces {} of the shell.", layers::names(&changes))
    };
    let mut found = layers::describe(case, Found::new(summary).severity(severity), &changes);
    let by_name = wrappers(case.machine).find(|wrapper| wrapper.launch.settings.is_some());
    if let Some(wrapper) = by_name.filter(|_| first.file.scope == Scope::Flag) {
        let what = wrapper.kind.name();
        found = found.evidence(place(case, wrapper), format!("`claude` is this {what}: {}", wrapper.launch.at.text));
        if let Some(command) = take_away(case, wrapper.kind) {
            found =
                found.fix(Fix::command(format!("Or take the {what} away that gives it to every session."), command));
        }
    }
    let only_source = |change: &layers::Change<'_>| change.file.scope != Scope::Flag && WRITTEN.contains(&change.name);
    if !on_against_will && changes.iter().all(only_source) {
        found = found.fix(Fix::command(
            "Or make the settings the only source, with the values that you choose.",
            "bedrockup setup --target settings",
        ));
    }
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::{Scene, refusal};
    use crate::observe::settings::Scope;
    use crate::observe::wrappers::WrapperKind;
    use crate::variables;

    #[test]
    fn settings_that_turn_the_switch_off() {
        for value in ["0", "", "enabled"] {
            let mut scene = Scene::healthy();
            scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, value)]);
            scene.client_says("firstParty");
            let finding = scene.expect_first("settings-override-shell");
            assert_eq!(finding.severity, Severity::Error, "{value}");
            assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +3 ~/.claude/settings.json"));
        }
    }

    #[test]
    fn a_session_that_was_given_settings_which_turn_it_off() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::Flag, &[(variables::USE_BEDROCK, "0")]);
        let finding = scene.expect_first("settings-override-shell");
        let [fix] = finding.fixes.as_slice() else { panic!("{finding:?}") };
        assert!(fix.command.is_none() && fix.text.contains("without it"), "no editor opens a command line: {fix:?}");
        // What is typed on purpose and works is nobody's trouble.
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::Flag, &[(variables::REGION, "us-west-2")]);
        scene.expect_absent("settings-override-shell");
    }

    #[test]
    fn an_alias_that_gives_such_settings_is_named() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::Flag, &[(variables::USE_BEDROCK, "0")]);
        scene.wrapper(WrapperKind::Alias, "claude --settings ~/.claude/max.json");
        let finding = scene.expect_first("settings-override-shell");
        assert!(finding.evidence.iter().any(|evidence| evidence.place == "~/.bashrc:12"), "{finding:?}");
        assert!(finding.fixes.iter().any(|fix| fix.command.as_deref() == Some("unalias claude")), "{finding:?}");
        // The client was asked without the alias.
        scene.expect_absent("client-reports-other-provider");
    }

    #[test]
    fn settings_that_keep_it_on_against_the_shell() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.set(variables::USE_BEDROCK, "0");
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1")]);
        let finding = scene.expect_first("settings-override-shell");
        assert!(finding.fixes[0].text.starts_with("Remove"), "{finding:?}");
    }

    #[test]
    fn an_old_key_in_the_settings() {
        let mut scene = Scene::healthy();
        scene.set(variables::BEARER_TOKEN, "bedrock-api-key-NEW");
        scene.settings_env(Scope::User, &[(variables::BEARER_TOKEN, "bedrock-api-key-OLD")]);
        scene.refuse_models(&refusal(
            403,
            "AccessDeniedException",
            "Authentication failed: Please make sure your API Key is valid.",
        ));
        let finding = scene.expect_first("settings-override-shell");
        assert!(!format!("{finding:?}").contains("api-key-"), "{finding:?}");
        scene.refuse_models(&refusal(
            403,
            "AccessDeniedException",
            "User: x is not authorized to perform: bedrock:InvokeModel",
        ));
        assert_eq!(scene.expect("settings-override-shell").severity, Severity::Warning);
    }

    #[test]
    fn two_working_routes_that_differ_are_a_warning() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[(variables::REGION, "us-west-2")]);
        assert_eq!(scene.expect("settings-override-shell").severity, Severity::Warning);
    }

    #[test]
    fn equal_values_and_repairs_are_silent() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "true"), (variables::REGION, "us-east-1")]);
        scene.expect_absent("settings-override-shell");
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        scene.expect_absent("settings-override-shell");
        scene.expect_absent("not-configured");
    }

    #[test]
    fn a_value_that_fails_and_that_the_shell_does_not_have_is_another_finding() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[(variables::PROFILE, "gone")]);
        scene.without_credentials(None);
        scene.expect_first("profile-not-found");
        scene.expect_absent("settings-override-shell");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("settings-override-shell");
    }
}
