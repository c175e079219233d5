//! `profile-arn-other-region`: the pinned ARN belongs to another region.

use crate::diagnose::region_and_models::fit::{about, pinned};
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, words};
use crate::variables::{REGION, SMALL_FAST_MODEL_REGION};

/// The pinned ARN belongs to another region.
pub const KIND: Kind = Kind {
    name: "profile-arn-other-region",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The pinned ARN belongs to another region",
    page: PAGE,
    owns: &["aws-refused", "model-prefix-mismatch"],
    detect,
};

const PAGE: &str = "\
## What you see

`The provided model identifier is invalid.`, or `There's an issue with the selected model`.

## Why

An inference profile lives in one region, the fourth field of its ARN. Requests go to another.

## Fix

    export AWS_REGION=REGION-OF-THE-ARN

or pin the ARN of this region.

## Check

`bedrockup doctor` calls it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut list = Vec::new();
    for model in pinned(case) {
        let Id::Arn { region, .. } = id::read(&model.id) else {
            continue;
        };
        if case.answers.model(&model.id).is_some_and(|answers| answers.stream.got().is_some()) {
            continue;
        }
        let asked = case.route.region_of(&model.id);
        if region.is_empty() || region == asked {
            continue;
        }
        let summary = format!("The pinned ARN lies in {region}, and requests go to {asked}.");
        let found = about(case, model, summary);
        if case.route.elsewhere(&model.id).is_some() {
            list.push(found.fix(words::change(case, SMALL_FAST_MODEL_REGION, region)));
            continue;
        }
        list.push(
            found
                .evidence(words::source(case, &case.route.region.source), case.route.region.name.clone())
                .fix(words::change(case, REGION, region))
                .fix(Fix::words(Who::You, "Or pin the ARN of a profile in this region.")),
        );
    }
    list
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::testing::*;

    fn pinned(arn: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.configure("ANTHROPIC_DEFAULT_OPUS_MODEL", arn);
        let stream = Answer::Refused(refusal(400, "ValidationException", "The provided model identifier is invalid."));
        scene.answers.models[0] = ModelAnswers { stream, ..answering(arn) };
        scene
    }

    #[test]
    fn the_region_field_tells() {
        let arn = format!("arn:aws:bedrock:eu-west-1:{ACCOUNT}:application-inference-profile/abc");
        let finding = pinned(&arn).expect_first("profile-arn-other-region");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=eu-west-1"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("profile-arn-other-region");
    }
}
