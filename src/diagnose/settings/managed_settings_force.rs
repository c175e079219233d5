//! `managed-settings-force`: the organization's settings change the route.

use super::layers;
use crate::diagnose::{Case, Found, Kind, Layer, Severity, Who, words};
use crate::observe::settings::Scope;

/// The organization's settings change the route.
pub const KIND: Kind = Kind {
    name: "managed-settings-force",
    layer: Layer::Settings,
    severity: Severity::Warning,
    title: "Settings managed by the organization change the route",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

The model that you choose with `/model` reverts in each session; or region, profile or provider are not what you set, whatever you change.

## Why

`managed-settings.json` and its drop-ins (Linux: `/etc/claude-code`, macOS: `/Library/Application Support/ClaudeCode`) beat every other place.
You cannot override them.

## Fix

Whoever manages this machine changes the line shown.

## Check

`bedrockup why` names another place.
";

const SCOPES: [Scope; 1] = [Scope::Managed];

fn detect(case: &Case<'_>) -> Vec<Found> {
    let changes = layers::changes(case, &SCOPES);
    let model = layers::model_change(case, &SCOPES);
    let mut names = layers::names(&changes);
    if model.is_some() {
        names = if names.is_empty() { "the model".to_owned() } else { format!("{names} and the model") };
    }
    if names.is_empty() {
        return Vec::new();
    }
    let refused = model.is_some() && layers::main_model_refused(case);
    let severity = if refused { Severity::Error } else { layers::severity(&changes) };
    let found = Found::new(format!("Settings managed by the organization decide {names}, against what you set."))
        .severity(severity);
    let mut found = layers::describe(case, found, &changes);
    if let Some((file, model, below)) = model {
        let place = words::short(case, &file.path);
        found = found
            .evidence(place.clone(), format!("`model` is `{model}`, `{below}` below it; the file wins"))
            .fix(crate::diagnose::Fix::words(Who::OrgAdmin, format!("Remove or change `model` in {place}.")));
    }
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::{HAIKU, Scene, refusal};
    use crate::diagnose::{Severity, Who};
    use crate::observe::settings::{Scope, Settings};
    use crate::variables;

    #[test]
    fn a_managed_model_against_the_users() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[(variables::MODEL, "opus")]);
        scene.settings_env(Scope::Managed, &[(variables::MODEL, HAIKU)]);
        let finding = scene.expect("managed-settings-force");
        assert_eq!((finding.severity, finding.fixes[0].who), (Severity::Warning, Who::OrgAdmin));
        scene.refuse_models(&refusal(400, "ValidationException", "The provided model identifier is invalid."));
        assert_eq!(scene.expect("managed-settings-force").severity, Severity::Error);
    }

    #[test]
    fn a_managed_switch_that_is_off() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::Managed, &[(variables::USE_BEDROCK, "0")]);
        scene.client_says("firstParty");
        assert_eq!(scene.expect_first("managed-settings-force").severity, Severity::Error);
    }

    #[test]
    fn a_managed_model_key() {
        let mut scene = Scene::healthy();
        for (scope, model) in [(Scope::Managed, "opus"), (Scope::User, "haiku")] {
            scene.settings(scope, Settings { model: Some(model.to_owned()), ..Settings::default() });
        }
        scene.expect("managed-settings-force");
    }

    #[test]
    fn managed_settings_that_agree_are_silent() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::Managed, &[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        scene.expect_absent("managed-settings-force");
        Scene::healthy().expect_absent("managed-settings-force");
    }
}
