//! `mantle-mismatch`: Mantle is on, and an id or the region does not suit it.

use crate::aws::answer::{Answer, Hop, ModelAnswers};
use crate::diagnose::region_and_models::fit::{about, repin};
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, look, words};
use crate::resolve::{Model, Provider};
use crate::variables::USE_BEDROCK;

/// Mantle is on, and an id or the region does not suit it.
pub const KIND: Kind = Kind {
    name: "mantle-mismatch",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "Mantle is on, and an id or the region does not suit it",
    page: PAGE,
    owns: &["aws-refused", "dns-failed", "no-answer", "connection-refused", "answer-not-from-aws"],
    detect,
};

const PAGE: &str = "\
## What you see

`The model … is not available on your mantle deployment`, `404 … does not exist` for every model, `There's an issue with the selected model`, or
`Can't reach the API server — check your internet or DNS (ENOTFOUND)` with `bedrock-mantle.REGION.api.aws`.

## Why

`CLAUDE_CODE_USE_MANTLE` sends calls to `bedrock-mantle.REGION.api.aws`, a second door of Bedrock with ids of its own: `anthropic.claude-…` without
a geography (`us.`, `global.`) before it and without a version (`-v1:0`) behind it; no ARNs of profiles. With Mantle alone every id goes there as it is
written (measured). Not every region has that host.

## Fix

    unset CLAUDE_CODE_USE_MANTLE
    export CLAUDE_CODE_USE_BEDROCK=1

or pin a bare id (`anthropic.claude-opus-4-8`) in a region that has Mantle, such as `us-east-1`.

## Check

`bedrockup doctor` calls each model at the door that Claude Code takes.
";

const MANTLE: &str = "CLAUDE_CODE_USE_MANTLE";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if !case.route.mantle() {
        return Vec::new();
    }
    let mut seen: Vec<&str> = Vec::new();
    let mut finds = Vec::new();
    for model in case.models.iter().filter(|model| case.route.asks_mantle(&model.id)) {
        if seen.contains(&model.id.as_str()) {
            continue;
        }
        seen.push(&model.id);
        let answers = case.answers.model(&model.id);
        if answers.is_some_and(|answers| answers.stream.got().is_some()) {
            continue;
        }
        finds.extend(wrong_id(case, model));
    }
    // An id that cannot be right says nothing about the region.
    if finds.is_empty() { wrong_region(case).into_iter().collect() } else { Found::together(finds) }
}

fn wrong_id(case: &Case<'_>, model: &Model) -> Option<Found> {
    let bare = match id::read(&model.id) {
        Id::Claude { prefix: None, .. } if bare(&model.id) == model.id => return None,
        Id::Claude { model, .. } => Some(bare(model)),
        Id::Arn { resource, .. } if resource.contains("anthropic.") => Some(bare(id::foundation(&model.id))),
        _ => None,
    };
    let found = about(case, model, format!("{} is no id of Mantle, where all calls go.", model.id));
    let off = leave(case);
    Some(match bare {
        Some(bare) => {
            found.fix(repin(case, model, &bare)).fix(Fix { text: format!("Or leave Mantle: {}", off.text), ..off })
        }
        None => found.fix(off),
    })
}

/// The id without the date and the version that Mantle's ids do not have.
fn bare(model: &str) -> String {
    let without_version = model.split_once("-v").filter(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()));
    let name = without_version.map_or(model, |(name, _)| name);
    match name.rsplit_once('-') {
        Some((name, date)) if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => name.to_owned(),
    }
}

/// The host is not there, or it knows none of the models.
fn wrong_region(case: &Case<'_>) -> Option<Found> {
    let there: Vec<&ModelAnswers> =
        case.answers.models.iter().filter(|model| case.route.asks_mantle(&model.id)).collect();
    let region = &case.route.region.name;
    let host = super::super::local::host(&case.route.endpoints.mantle);
    let no_name = |model: &&ModelAnswers| model.stream.unreachable().is_some_and(|failure| failure.hop == Hop::Name);
    let unknown =
        |model: &&ModelAnswers| model.stream.refused().is_some_and(|refusal| matches!(refusal.status, 400 | 404));
    if there.is_empty() {
        return None;
    }
    let found = if there.iter().all(no_name) && elsewhere_resolves(case) {
        Found::new(format!("{region} has no Mantle: {host} does not resolve, and other hosts of AWS do."))
    } else if there.iter().all(unknown) {
        Found::new(format!("Mantle in {region} knows none of the models that are asked for."))
    } else {
        return None;
    };
    let mut found = found.evidence(words::source(case, &case.route.region.source), region.clone());
    for model in there {
        let what = match &model.stream {
            Answer::Refused(refusal) => words::refusal(refusal),
            Answer::Unreachable(failure) => words::failure(failure),
            _ => continue,
        };
        found = found.evidence(format!("call of {} at Mantle", model.id), what);
    }
    let move_on = Fix::words(Who::You, "Or choose a region that has Mantle and these models, such as us-east-1.");
    Some(found.fix(leave(case)).fix(move_on))
}

/// Names of AWS resolve here: something answered, or a look at a host showed addresses.
fn elsewhere_resolves(case: &Case<'_>) -> bool {
    look::anything_answered(case)
}

/// Back to Bedrock's first door.
fn leave(case: &Case<'_>) -> Fix {
    let off = hand::remove(case, MANTLE);
    if case.route.provider == Provider::Bedrock {
        return off;
    }
    let on = words::export(case, USE_BEDROCK, "1");
    let text = format!("{} Switch Bedrock itself on instead.", off.text);
    Fix { text, command: Some(off.command.map_or_else(|| on.clone(), |off| format!("{off}\n{on}"))), ..off }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::answer::NetworkFailure;
    use crate::diagnose::testing::*;

    const BARE: &str = "anthropic.claude-opus-4-8";

    /// Mantle alone, with these answers to the opus pin.
    fn alone(id: &str, stream: Answer<crate::aws::answer::ModelReply>) -> Scene {
        let mut scene = Scene::healthy();
        for name in ["CLAUDE_CODE_USE_BEDROCK", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"] {
            scene.unset(name);
        }
        scene.forget_block();
        scene.set("AWS_REGION", "us-east-1");
        scene.set(MANTLE, "1");
        scene.set("ANTHROPIC_DEFAULT_OPUS_MODEL", id);
        scene.client_says("mantle");
        scene.answers.models = vec![ModelAnswers { stream, ..answering(id) }];
        scene
    }

    fn not_found() -> Answer<crate::aws::answer::ModelReply> {
        Answer::Refused(refusal(404, "not_found_error", "The model does not exist"))
    }

    #[test]
    fn an_id_with_a_geography_is_none_of_mantles() {
        for (id, better) in [
            (OPUS, BARE),
            ("anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic.claude-haiku-4-5"),
            ("anthropic.claude-opus-4-6-v1", "anthropic.claude-opus-4-6"),
            ("arn:aws:bedrock:us-east-1:111111111111:inference-profile/us.anthropic.claude-opus-4-8", BARE),
        ] {
            let finding = alone(id, not_found()).expect_first("mantle-mismatch");
            let command = finding.fixes[0].command.clone().unwrap_or_default();
            assert_eq!(command, format!("export ANTHROPIC_DEFAULT_OPUS_MODEL={better}"));
        }
    }

    #[test]
    fn a_region_without_mantle() {
        let failure = NetworkFailure {
            host: "bedrock-mantle.us-east-1.api.aws".into(),
            hop: Hop::Name,
            detail: "no such name".into(),
        };
        let mut scene = alone(BARE, Answer::Unreachable(failure));
        // The unpinned tiers are asked for at the same host.
        let tiers = ["anthropic.claude-haiku-4-5"];
        scene
            .answers
            .models
            .extend(tiers.map(|id| ModelAnswers { stream: scene.answers.models[0].stream.clone(), ..answering(id) }));
        let finding = scene.expect_first("mantle-mismatch");
        assert!(finding.fixes[0].command.as_deref().unwrap_or_default().contains("export CLAUDE_CODE_USE_BEDROCK=1"));
        scene.answers.identity = Answer::TimedOut;
        scene.answers.profiles = Answer::TimedOut;
        scene.expect_absent("mantle-mismatch");
    }

    #[test]
    fn a_region_whose_mantle_knows_no_model() {
        assert!(alone(BARE, not_found()).expect_first("mantle-mismatch").summary.contains("knows none"));
    }

    #[test]
    fn beside_bedrock_only_bare_ids_go_there() {
        let mut scene = Scene::healthy();
        scene.set(MANTLE, "1");
        scene.expect_absent("mantle-mismatch");
        scene.configure("ANTHROPIC_DEFAULT_OPUS_MODEL", BARE);
        scene.answers.models[0] = ModelAnswers { stream: not_found(), ..answering(BARE) };
        let finding = scene.expect_first("mantle-mismatch");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset CLAUDE_CODE_USE_MANTLE"));
        scene.expect_absent("model-needs-profile");
    }

    #[test]
    fn mantle_that_answers_is_well() {
        let reply = answering(BARE).stream;
        alone(BARE, reply).expect_absent("mantle-mismatch");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("mantle-mismatch");
    }
}
