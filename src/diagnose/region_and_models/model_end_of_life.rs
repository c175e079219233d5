//! `model-end-of-life`: the model has reached the end of its life.

use crate::diagnose::region_and_models::fit::{Misfit, about, misfits, repin, successor};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who};

/// The model has reached the end of its life.
pub const KIND: Kind = Kind {
    name: "model-end-of-life",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The model has reached the end of its life",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`This model version has reached the end of its life.` (404), or `The provided model identifier is invalid.` (400).

## Why

AWS has switched the model off. Its last day was announced months before.

## Fix

Pin an active model (`aws bedrock list-inference-profiles` shows them).

## Check

`bedrockup doctor` calls it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let wrong = misfits(case, |misfit| match misfit {
        Misfit::EndOfLife(day) => Some(*day),
        _ => None,
    });
    let found = wrong.into_iter().map(|(model, day)| {
        let on = day.map_or_else(String::new, |day| format!(" (on {day})"));
        let summary = format!("{} has reached the end of its life{on}.", model.id);
        let found = about(case, model, summary);

        match successor(case, &model.id) {
            Some(id) => found.fix(repin(case, model, &id)),
            None => found.fix(Fix::words(
                Who::You,
                "Pin an id that the region lists (`aws bedrock list-inference-profiles` shows them).",
            )),
        }
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::testing::*;

    fn pinned(id: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.configure("ANTHROPIC_DEFAULT_OPUS_MODEL", id);
        let stream = Answer::Refused(refusal(400, "ValidationException", "The provided model identifier is invalid."));
        scene.answers.models[0] = ModelAnswers { stream, ..answering(id) };
        scene
    }

    #[test]
    fn a_past_last_day_and_no_place_in_the_list() {
        let finding = pinned("us.anthropic.claude-opus-4-20250514-v1:0").expect_first("model-end-of-life");
        assert!(finding.summary.contains("2026-05-31"), "{}", finding.summary);
        assert!(finding.fixes[0].command.as_deref().unwrap_or_default().ends_with("us.anthropic.claude-opus-4-8"));
    }

    #[test]
    fn awss_own_words() {
        let mut scene = pinned(OPUS);
        let text = "This model version has reached the end of its life. Please refer to the AWS documentation for more details.";
        scene.model(OPUS).stream = Answer::Refused(refusal(404, "ResourceNotFoundException", text));
        scene.expect_first("model-end-of-life");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-end-of-life");
    }
}
