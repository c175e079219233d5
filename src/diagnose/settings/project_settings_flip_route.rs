//! `project-settings-flip-route`: the settings of this directory change the route.

use super::layers;
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, words};
use crate::observe::settings::Scope;
use crate::resolve::Provider;
use crate::variables;

/// The settings of this directory change the route.
pub const KIND: Kind = Kind {
    name: "project-settings-flip-route",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "The settings of this directory change the route",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`claude` is on Bedrock everywhere but in one project: there it says `Not logged in · Please run /login`, takes another region or profile, or
another model.

## Why

`.claude/settings.json` and `.claude/settings.local.json` of a project beat the user settings and the shell. In `claude -p` they apply at once,
without the trust dialog. So the answer depends on the directory.

## Fix

Remove the key from that file. It may be under version control: tell its owners.

## Check

In that directory: `bedrockup why` and `claude auth status`.
";

const SCOPES: [Scope; 2] = [Scope::Local, Scope::Project];

fn detect(case: &Case<'_>) -> Vec<Found> {
    let changes = layers::changes(case, &SCOPES);
    let model = layers::model_change(case, &SCOPES);
    let directory = words::short(case, &case.machine.directory);
    if changes.is_empty() {
        let Some((file, model, below)) = model else { return Vec::new() };
        let line = file.settings().and_then(|settings| settings.keys.get("model").copied()).unwrap_or(1);
        let place = format!("{}:{line}", words::short(case, &file.path));
        let severity = if layers::main_model_refused(case) { Severity::Error } else { Severity::Warning };
        let found = Found::new(format!("In {directory} the settings of the project choose another model."))
            .severity(severity)
            .evidence(place.clone(), format!("`model` is `{model}`, `{below}` below it; the file wins"))
            .fix(hand::edit_line(case, format!("Remove `model` from {place}."), &file.path, line));
        return vec![found];
    }
    let off =
        case.route.provider != Provider::Bedrock && changes.iter().any(|change| change.name == variables::USE_BEDROCK);
    let summary = if off {
        format!("In {directory} the settings of the project switch Bedrock off.")
    } else {
        format!("In {directory} the settings of the project change {}.", layers::names(&changes))
    };
    let mut found = layers::describe(case, Found::new(summary).severity(layers::severity(&changes)), &changes);
    if let Some((file, model, below)) = model {
        found = found.evidence(words::short(case, &file.path), format!("`model` is `{model}`, `{below}` below it"));
    }
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::{Scope, Settings};
    use crate::variables;

    #[test]
    fn a_project_that_switches_bedrock_off() {
        for scope in [Scope::Project, Scope::Local] {
            let mut scene = Scene::healthy();
            scene.settings_env(scope, &[(variables::USE_BEDROCK, "0")]);
            scene.client_says("firstParty");
            let finding = scene.expect_first("project-settings-flip-route");
            assert_eq!(finding.severity, Severity::Error);
            assert!(
                finding.fixes[0].command.as_deref().unwrap_or_default().starts_with("vi +3 ~/work/.claude/settings"),
                "{finding:?}"
            );
            scene.expect_absent("value-not-truthy");
        }
    }

    #[test]
    fn another_region_that_works_is_a_warning() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::Project, &[(variables::REGION, "us-west-2")]);
        assert_eq!(scene.expect("project-settings-flip-route").severity, Severity::Warning);
        scene.expect_absent("settings-override-shell");
    }

    #[test]
    fn another_model_is_a_warning() {
        let mut scene = Scene::healthy();
        for (scope, model) in [(Scope::User, "opus"), (Scope::Project, "haiku")] {
            scene.settings(scope, Settings { model: Some(model.to_owned()), ..Settings::default() });
        }
        assert_eq!(scene.expect("project-settings-flip-route").severity, Severity::Warning);
    }

    #[test]
    fn a_project_that_says_the_same_or_fills_a_gap_is_silent() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::Project, &[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        scene.expect_absent("project-settings-flip-route");
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.settings_env(Scope::Project, &[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        scene.expect_absent("project-settings-flip-route");
        Scene::healthy().expect_absent("project-settings-flip-route");
    }
}
