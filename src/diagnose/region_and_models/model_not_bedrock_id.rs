//! `model-not-bedrock-id`: the pinned model is a name of another service.

use crate::aws::tables;
use crate::diagnose::region_and_models::fit::raw_pins;
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{look, words};
use crate::resolve::{Source, data};
use crate::version::Version;

/// The pinned model is a name of another service.
pub const KIND: Kind = Kind {
    name: "model-not-bedrock-id",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The pinned model is a name of another service",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error (ID): 400 The provided model identifier is invalid.`

## Why

`ANTHROPIC_MODEL`, a pin of a tier or `model` in a settings file holds a name that Bedrock does not know: a first-party id (`claude-…`; Claude Code
from 2.1.200 on maps those it knows), or a model of another service.

## Fix

Write a Bedrock id, or an alias (`opus`, `sonnet`, `haiku`), or remove it.

## Check

`bedrockup why ANTHROPIC_MODEL`, then `bedrockup doctor`.
";

/// Words for tiers, which every client understands.
const ALIASES: [&str; 7] = ["default", "opus", "sonnet", "haiku", "fable", "best", "opusplan"];
/// The first client that maps first-party ids.
const MAPS: Version = Version(2, 1, 200);

fn detect(case: &Case<'_>) -> Vec<Found> {
    let version = case.machine.client.version();
    let mut list = Vec::new();
    for pin in raw_pins(case) {
        let value = id::bare(&pin.value);
        if value.is_empty() || ALIASES.contains(&value.to_ascii_lowercase().as_str()) || id::read(value) != Id::Foreign
        {
            continue;
        }
        let first_party = value.starts_with("claude-");
        let mapped = first_party && version.is_none_or(|version| version >= MAPS) && data::bedrock_id(value).is_some();
        let answers = case.answers.model(value);
        if answers.is_some_and(|answers| answers.stream.got().is_some()) {
            continue;
        }
        let meant = case.answers.profiles.got().filter(|_| !first_party).and_then(|listed| {
            let last = value.rsplit('/').next().unwrap_or(value);
            tables::nearest(last, listed.iter().map(|profile| profile.id.as_str())).map(str::to_owned)
        });
        let summary = match (mapped, first_party) {
            _ if meant.is_some() => format!("`{value}` is no id that Bedrock knows, and close to one of the region's."),
            (true, _) => format!("`{value}` is an id of Anthropic's own API; this client maps it to Bedrock's."),
            (_, true) => format!("`{value}` is an id of Anthropic's own API, and the client sends it as it is."),
            _ => format!("`{value}` is a model of another service, which Bedrock does not know."),
        };
        let severity = if mapped { Severity::Note } else { Severity::Error };
        let mut found = Found::new(summary)
            .severity(severity)
            .evidence(format!("{}, {}", pin.name, words::source(case, pin.source)), value);
        if let Some(answers) = answers
            && let Some(refusal) = answers.stream.refused()
        {
            found = found.evidence(look::call(answers), words::refusal(refusal));
        }
        let alias = ["opus", "haiku", "sonnet"].into_iter().find(|alias| value.contains(alias)).unwrap_or("sonnet");
        let listed = data::bedrock_id(value).and_then(|model| super::fit::profile_ids(case, model).into_iter().next());
        let better = meant.or(listed).or_else(|| super::fit::family(case, alias)).unwrap_or_else(|| alias.to_owned());
        found = found.fix(match pin.source {
            Source::Settings { scope, place } => words::in_settings(
                *scope,
                format!("Write `{better}` for `{}` in {} ({}).", pin.name, scope.name(), words::place(case, place)),
            ),
            _ => words::change(case, pin.name, &better),
        });
        list.push(found);
    }
    list
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::version::Version;

    fn pinned(value: &str, version: Version) -> Scene {
        let mut scene = Scene::healthy();
        scene.machine.client.installs[0].version = Ok(version);
        scene.set("ANTHROPIC_MODEL", value);
        let stream = Answer::Refused(refusal(400, "ValidationException", "The provided model identifier is invalid."));
        scene.answers.models.push(ModelAnswers { stream, ..answering(value) });
        scene
    }

    #[test]
    fn a_first_party_id_is_sent_as_it_is_by_old_clients() {
        let finding = pinned("claude-sonnet-4-5-20250929", Version(2, 1, 100)).expect_first("model-not-bedrock-id");
        assert_eq!(finding.severity, Severity::Error);
        assert!(
            finding.fixes[0]
                .command
                .as_deref()
                .unwrap_or_default()
                .starts_with("export ANTHROPIC_MODEL=us.anthropic.claude-sonnet")
        );
    }

    #[test]
    fn a_model_of_another_service_is_an_error_with_every_client() {
        let finding = pinned("qwen3-coder:30b", Version(2, 1, 330)).expect_first("model-not-bedrock-id");
        assert_eq!(finding.severity, Severity::Error);
    }

    #[test]
    fn a_slip_of_the_pen_is_told_from_a_model_of_another_service() {
        let finding = pinned("usanthropic.claude-opus-4-8", Version(2, 1, 330)).expect_first("model-not-bedrock-id");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export ANTHROPIC_MODEL=us.anthropic.claude-opus-4-8"));
        assert!(finding.summary.contains("close to one of the region's"), "{}", finding.summary);
    }

    #[test]
    fn the_name_that_a_gateway_gives_it() {
        let finding =
            pinned("bedrock/us.anthropic.claude-opus-4-8", Version(2, 1, 330)).expect_first("model-not-bedrock-id");
        assert_eq!(finding.severity, Severity::Error);
        let command = finding.fixes[0].command.as_deref().unwrap_or_default();
        assert!(command.starts_with("export ANTHROPIC_MODEL=us.anthropic.claude-opus-"), "{command}");
    }

    #[test]
    fn an_alias_is_fine() {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_MODEL", "opus[1m]");
        scene.expect_absent("model-not-bedrock-id");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-not-bedrock-id");
    }
}
