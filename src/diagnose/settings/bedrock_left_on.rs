//! `bedrock-left-on`: another place than our block switches Bedrock on.

use std::path::PathBuf;

use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, local, words};
use crate::observe::rc_files::{Assignment, Effect, RcState};
use crate::observe::settings::{Scope, Settings};
use crate::resolve::{Model, Provider};
use crate::variables;

/// Bedrock is switched on by something that uninstall does not know.
pub const KIND: Kind = Kind {
    name: "bedrock-left-on",
    layer: Layer::Settings,
    severity: Severity::Warning,
    title: "Bedrock is switched on by something that uninstall does not know",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

After `bedrockup uninstall`, or without ever having run `bedrockup setup`, Claude Code is still on Bedrock; `/login` does not bring the subscription back.

## Why

The switch is set by a place that is not ours: the user settings, which the login wizard of Claude Code writes, an old line in a start-up file, a
service file. `bedrockup uninstall` removes what `bedrockup setup` wrote, and nothing else. Where the same file sets a region, a profile or models
too, somebody meant it; a switch alone is likely left over.

## Fix

Keep it, if Bedrock is meant: `bedrockup setup` then makes one place of it. Else remove the key or the line from each place that is listed.

## Check

`bedrockup why CLAUDE_CODE_USE_BEDROCK` names no place.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    let ours = |path: &PathBuf| case.machine.receipt.as_ref().is_some_and(|receipt| receipt.files.contains(path));
    let managed_by_us =
        case.machine.receipt.is_some() || !local::blocks(case).is_empty() || local::for_claude_only(case);
    let mut places: Vec<(String, crate::diagnose::Fix)> = Vec::new();
    // A file that turns Bedrock on also says where to, or as whom.
    let mut meant = false;
    for (file, entry) in local::in_settings(case, variables::USE_BEDROCK) {
        // What the organization or a project sets is not left over.
        if !matches!(file.scope, Scope::User | Scope::State) || !variables::is_truthy(&entry.value) || ours(&file.path)
        {
            continue;
        }
        meant |= file.settings().is_some_and(has_more);
        let place = format!("{}:{}", words::short(case, &file.path), entry.line);
        let text = format!("If Bedrock is not meant, remove the switch from {place}.");
        places.push((place, hand::edit_settings(case, text, file.scope, &file.path, entry.line)));
    }
    let mut seen = Vec::new();
    for file in &case.machine.rc_files {
        let RcState::Read { assignments, .. } = &file.state else { continue };
        let own = local::login_kind(case).is_none_or(|kind| kind == file.shell);
        if !own || seen.contains(&&file.path) {
            continue;
        }
        seen.push(&file.path);
        let on = assignments.iter().filter(|line| {
            line.name == variables::USE_BEDROCK
                && line.effect == Effect::Export
                && line.value.as_deref().is_some_and(variables::is_truthy)
        });
        let more = |line: &Assignment| line.effect == Effect::Export && routes(&line.name);
        for line in on {
            meant |= assignments.iter().any(more);
            let place = format!("{}:{}", words::short(case, &file.path), line.line);
            let text = format!("If Bedrock is not meant, remove the line {place}.");
            places.push((place, hand::edit_line(case, text, &file.path, line.line)));
        }
    }
    if places.is_empty() {
        return Vec::new();
    }
    // Beside a block of ours it changes nothing until the day of the uninstall. Where the model is one of another service,
    // Bedrock is not what is meant at all.
    let elsewhere = foreign_model(case).filter(|_| !managed_by_us);
    let severity = match elsewhere {
        _ if managed_by_us => Severity::Note,
        Some(_) => Severity::Error,
        None if meant => Severity::Note,
        None => Severity::Warning,
    };
    let names = places.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>().join(" and ");
    let mut found =
        Found::new(format!("{names} switches Bedrock on, and `bedrockup uninstall` would not switch it off."))
            .severity(severity);
    if severity != Severity::Error {
        // It matters to those alone who want to leave.
        found = found.last();
    }
    for (place, fix) in places {
        found = found.evidence(place, format!("sets {}, and is not ours", variables::USE_BEDROCK)).fix(fix);
    }
    if let Some(model) = elsewhere {
        let from = words::source(case, &model.source);
        found = found.evidence(from, format!("the model is `{}`, of another service", model.id));
        found = found.explains("model-not-bedrock-id");
    }
    vec![found]
}

/// Something beside the switch that decides the route.
fn routes(name: &str) -> bool {
    name != variables::USE_BEDROCK && variables::ROUTING.contains(&name)
}

fn has_more(settings: &Settings) -> bool {
    let helpers = settings.aws_auth_refresh.is_some() || settings.aws_credential_export.is_some();
    helpers || !settings.model_overrides.is_empty() || settings.env.keys().any(|name| routes(name))
}

/// A model that somebody chose and that is of another service or a local one; not an id of Anthropic's own API.
fn foreign_model<'a>(case: &Case<'a>) -> Option<&'a Model> {
    case.models
        .iter()
        .find(|model| model.pinned_by.is_some() && id::read(&model.id) == Id::Foreign && !model.id.contains("claude"))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::Effect;
    use crate::observe::settings::Scope;
    use crate::shell::ShellKind;
    use crate::variables;

    #[test]
    fn an_old_dotfile() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.login_shell(ShellKind::Zsh);
        scene.rc_file(".zshenv", ShellKind::Zsh);
        scene.rc_line(".zshenv", variables::USE_BEDROCK, Some("1"), Effect::Export);
        scene.shells_say(variables::USE_BEDROCK, "1");
        let finding = scene.expect_first("bedrock-left-on");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +20 ~/.zshenv"));
    }

    #[test]
    fn a_file_that_says_more_than_the_switch_is_meant() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1")]);
        assert_eq!(scene.expect_first("bedrock-left-on").severity, Severity::Warning);
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        assert_eq!(scene.expect("bedrock-left-on").severity, Severity::Note);
        let mut scene = Scene::healthy();
        scene.forget_block();
        for (name, value) in [(variables::USE_BEDROCK, "1"), (variables::PROFILE, "default")] {
            scene.rc_line(".bashrc", name, Some(value), Effect::Export);
            scene.shells_say(name, value);
        }
        assert_eq!(scene.expect("bedrock-left-on").severity, Severity::Note);
    }

    #[test]
    fn a_local_model_says_that_bedrock_is_not_meant() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1")]);
        scene.set(variables::MODEL, "qwen3-coder:30b");
        let finding = scene.expect_first("bedrock-left-on");
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(scene.expect("model-not-bedrock-id").because_of, Some("bedrock-left-on"));
    }

    #[test]
    fn settings_beside_the_block_are_a_note() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1")]);
        assert_eq!(scene.expect("bedrock-left-on").severity, Severity::Note);
    }

    #[test]
    fn what_setup_wrote_is_ours() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1")]);
        let path = scene.machine.home.join(".claude/settings.json");
        scene.machine.receipt.as_mut().expect("the scene has it").files.push(path);
        scene.expect_absent("bedrock-left-on");
        Scene::healthy().expect_absent("bedrock-left-on");
    }
}
