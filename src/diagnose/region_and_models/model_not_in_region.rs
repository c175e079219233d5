//! `model-not-in-region`: the region does not have this model.

use crate::diagnose::region_and_models::fit::{Misfit, about, misfits, repin, successor};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who};

/// The region does not have this model.
pub const KIND: Kind = Kind {
    name: "model-not-in-region",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The region does not have this model",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error (ID): 400 The provided model identifier is invalid.`

## Why

The model is real, and this region lists no variant of it; other regions do.

## Fix

Pin a model that the region lists, use the `global.` id where there is one, or another region.

## Check

`bedrockup doctor` calls it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let wrong = misfits(case, |misfit| match misfit {
        Misfit::NotHere => Some(()),
        _ => None,
    });
    let found = wrong.into_iter().map(|(model, ())| {
        let found = about(case, model, format!("{} does not have {}.", case.route.region.name, model.id));
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
    fn a_real_model_that_is_not_listed() {
        let finding = pinned("us.anthropic.claude-opus-4-1-20250805-v1:0").expect_first("model-not-in-region");
        assert!(finding.fixes[0].command.as_deref().unwrap_or_default().ends_with("us.anthropic.claude-opus-4-8"));
    }

    #[test]
    fn without_the_list_a_real_model_that_aws_calls_invalid_is_not_here() {
        let mut scene = pinned("us-gov.anthropic.claude-opus-4-8");
        scene.configure("AWS_REGION", "us-gov-west-1");
        scene.answers.profiles = Answer::TimedOut;
        scene.expect("model-not-in-region");
        scene.expect_absent("aws-refused");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-not-in-region");
    }
}
