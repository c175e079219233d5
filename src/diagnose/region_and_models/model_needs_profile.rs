//! `model-needs-profile`: the model is called through an inference profile only.

use crate::aws::told::{Told, told};
use crate::diagnose::region_and_models::fit::{about, models, profile_ids, repin};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who};

/// The model is called through an inference profile only.
pub const KIND: Kind = Kind {
    name: "model-needs-profile",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The model is called through an inference profile only",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`Invocation of model ID anthropic.claude-… with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile
that contains this model.` (with a typographic apostrophe).

## Why

Newer Claude models have no capacity of one region: they are called by the id of an inference profile, which has a prefix such as `us.`, `eu.` or `global.`.

## Fix

Put the prefix of the region before the id (`aws bedrock list-inference-profiles` shows the ids).

## Check

`bedrockup doctor` calls it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let bare = models(case).into_iter().filter(|model| {
        let said = case.answers.model(&model.id).and_then(|answers| answers.stream.refused()).map(told);
        said == Some(Told::NeedsProfile)
    });
    Found::together(bare.map(|model| {
        let found = about(case, model, format!("{} is called through an inference profile only.", model.id));
        match profile_ids(case, &model.id).first() {
            Some(id) => found.fix(repin(case, model, id)),
            None => found.fix(Fix::words(
                Who::You,
                "Pin the id of a profile with this model (`aws bedrock list-inference-profiles` lists them).",
            )),
        }
    }))
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::testing::*;

    #[test]
    fn the_listed_form_is_offered() {
        let mut scene = Scene::healthy();
        let bare = "anthropic.claude-opus-4-8";
        scene.configure("ANTHROPIC_DEFAULT_OPUS_MODEL", bare);
        let text = format!(
            "Invocation of model ID {bare} with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN"
        );
        scene.answers.models[0] =
            ModelAnswers { stream: Answer::Refused(refusal(400, "ValidationException", &text)), ..answering(bare) };
        let finding = scene.expect_first("model-needs-profile");
        let command = finding.fixes[0].command.as_deref();
        assert_eq!(command, Some("export ANTHROPIC_DEFAULT_OPUS_MODEL=us.anthropic.claude-opus-4-8"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-needs-profile");
    }
}
