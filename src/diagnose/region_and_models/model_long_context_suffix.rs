//! `model-long-context-suffix`: a pin asks for a long context by `[1m]`, and the client or the model cannot give it.

use crate::aws::tables;
use crate::diagnose::client::known_bad::{self, Surface};
use crate::diagnose::region_and_models::id;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, words};
use crate::resolve::models::without_long_context;
use crate::resolve::{Role, Source, data};
use crate::variables::{HAIKU_MODEL, MODEL, OPUS_MODEL, SMALL_FAST_MODEL, SONNET_MODEL, SUBAGENT_MODEL};

/// A pin asks for a long context by `[1m]`, and the client or the model cannot give it.
pub const KIND: Kind = Kind {
    name: "model-long-context-suffix",
    layer: Layer::RegionAndModels,
    severity: Severity::Warning,
    title: "A pin ends in `[1m]`, and the client or the model cannot give a long context",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error (us.anthropic.claude-…[1m]): 400 The provided model identifier is invalid.`; or a long context that never comes.

## Why

`[1m]` is a word to Claude Code, not a part of the id: it asks for a context of a million tokens. Present clients strip it; 2.1.112 sent it to AWS as a
part of the id. Some models (Haiku 4.5, Opus 4.5 and older) have no such context.

## Fix

    claude update

or remove `[1m]` from the pin.

## Check

`bedrockup why ANTHROPIC_MODEL`, then `claude -p hi`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let version = case.machine.client.version();
    let sent = version.is_some_and(data::sends_long_context_suffix);
    let finds = written(case).into_iter().filter_map(|(name, value, source)| {
        let id = without_long_context(&value);
        let role = match name {
            OPUS_MODEL => Role::Opus,
            SONNET_MODEL => Role::Sonnet,
            HAIKU_MODEL | SMALL_FAST_MODEL => Role::Haiku,
            SUBAGENT_MODEL => Role::Subagent,
            _ => Role::Main,
        };
        let meant = case.models.iter().find(|model| model.role == role).map_or(id, |model| model.id.as_str());
        let without = tables::model(id::foundation(meant)).is_some_and(|row| row.long_context == Some(false));
        let place = format!("{name}, {}", words::source(case, source));
        let change = match source {
            Source::Settings { scope, place } => words::in_settings(
                *scope,
                format!("Write `{id}` for `{name}` in {} ({}).", scope.name(), words::place(case, place)),
            ),
            _ => words::change(case, name, id),
        };
        if sent {
            let version = version.map(|version| version.to_string()).unwrap_or_default();
            let found =
                Found::new(format!("Claude Code {version} sends `{value}` to AWS with its `[1m]`, which no id has."));
            let update = Fix::command("Update the client, which then strips it.", "claude update");
            let found = found.severity(Severity::Error).evidence(place, value).fix(update).fix(change);
            Some(if known_for_it(case) { found.explains("claude-known-bad-version") } else { found })
        } else if without {
            let found = Found::new(format!("{meant} has no context of a million tokens, which `[1m]` asks for."));
            Some(found.evidence(place, value).fix(change))
        } else {
            None
        }
    });
    finds.collect()
}

/// This is the worst that the client's version is known for here.
fn known_for_it(case: &Case<'_>) -> bool {
    let rows = case.machine.client.version().map(|version| known_bad::rows(case, Surface::Cli, version));
    rows.and_then(|rows| rows.first().map(|row| row.applies_when.contains("[1m]"))).unwrap_or(false)
}

/// What people wrote with the suffix to choose models, as it is in effect.
fn written<'a>(case: &Case<'a>) -> Vec<(&'static str, String, &'a Source)> {
    let mut found = Vec::new();
    for name in [MODEL, OPUS_MODEL, SONNET_MODEL, HAIKU_MODEL, SMALL_FAST_MODEL, SUBAGENT_MODEL] {
        let winner = case.route.variable(name).and_then(|variable| variable.winner.as_ref());
        if let (Some(value), Some(winner)) = (case.route.value(name), winner) {
            found.push((name, value.trim().to_owned(), &winner.source));
        }
    }
    let main = case.models.iter().find(|model| model.role == Role::Main);
    let key = case.machine.settings.iter().find_map(|file| file.settings()?.model.clone());
    // Without the variable the key of the settings chooses the main model.
    if let (None, Some(value), Some(main)) = (case.route.value(MODEL), key, main)
        && let Source::Settings { .. } = main.source
    {
        found.push(("model", value.trim().to_owned(), &main.source));
    }
    found.retain(|(_, value, _)| without_long_context(value) != value);
    found
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::observe::settings::{Scope, Settings};
    use crate::version::Version;

    fn pinned(name: &str, value: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.configure(name, value);
        scene
    }

    #[test]
    fn a_client_that_sends_it() {
        let mut scene = pinned("ANTHROPIC_DEFAULT_OPUS_MODEL", &format!("{OPUS}[1m]"));
        scene.client(Version(2, 1, 112));
        let finding = scene.expect("model-long-context-suffix");
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("claude update"));
        scene.client(Version(2, 1, 113));
        scene.expect_absent("model-long-context-suffix");
    }

    #[test]
    fn a_model_without_a_long_context() {
        let finding =
            pinned("ANTHROPIC_DEFAULT_HAIKU_MODEL", &format!("{HAIKU}[1m]")).expect("model-long-context-suffix");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(
            finding.fixes[0].command.as_deref(),
            Some(format!("export ANTHROPIC_DEFAULT_HAIKU_MODEL={HAIKU}").as_str())
        );
    }

    #[test]
    fn the_key_of_the_settings_counts_too() {
        let mut scene = Scene::healthy();
        scene.settings(Scope::User, Settings { model: Some(format!("{OPUS}[1m]")), ..Settings::default() });
        scene.expect_absent("model-long-context-suffix");
        scene.client(Version(2, 1, 112));
        scene.expect("model-long-context-suffix");
    }

    #[test]
    fn a_present_client_and_a_model_that_has_it_are_well() {
        pinned("ANTHROPIC_DEFAULT_OPUS_MODEL", &format!("{OPUS}[1m]")).expect_absent("model-long-context-suffix");
        pinned("ANTHROPIC_MODEL", "opus[1m]").expect_absent("model-long-context-suffix");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-long-context-suffix");
    }
}
