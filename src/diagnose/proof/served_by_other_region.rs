//! `served-by-other-region`: the profile of a model serves calls in other regions too.

use crate::diagnose::region_and_models::fit;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, look};

/// The profile of a model serves calls in other regions too.
pub const KIND: Kind = Kind {
    name: "served-by-other-region",
    layer: Layer::Proof,
    severity: Severity::Note,
    title: "The profile of a model serves calls in other regions too",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`AWS_REGION` says `us-east-1`, and the bill, `additionalEventData.inferenceRegion` in CloudTrail, or a denial name `us-east-2`.

## Why

A cross-region inference profile (`us.`, `eu.`, `global.`, …) may serve each call in any of its destination regions. The call is made, authorized and recorded
in your region; it runs where there is room. Expected.

## Fix

Nothing. Where data must stay in one region, pin a model that is served by itself there, or a profile whose destinations suit:

    bedrockup models --json

## Check

`aws bedrock get-inference-profile --inference-profile-identifier ID` lists the destinations.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    // Where nothing is served, it matters to nobody.
    if !look::any_answers(case) {
        return Vec::new();
    }
    let here = &case.route.region.name;
    let mut found = Found::new(String::new());
    let mut regions: Vec<&str> = Vec::new();
    for model in fit::models(case) {
        let listed = case.answers.profiles.got().into_iter().flatten();
        let own = case.answers.model(&model.id).and_then(|answers| answers.profile.got());
        let profile = listed.chain(own).find(|profile| profile.id == model.id || profile.arn == model.id);
        let Some(profile) = profile else { continue };
        let destinations = profile.model_arns.iter().filter_map(|arn| arn.split(':').nth(3));
        let elsewhere: Vec<&str> = destinations.filter(|region| region != here).collect();
        if elsewhere.is_empty() {
            continue;
        }
        found = found.evidence(format!("destinations of {}", model.id), profile.model_arns.join(", "));
        regions.extend(elsewhere.into_iter().map(|region| if region.is_empty() { "any region" } else { region }));
    }
    regions.sort_unstable();
    regions.dedup();
    if regions.is_empty() {
        return Vec::new();
    }
    found.summary =
        format!("Calls made in {here} may be served in {} too; bills and traces then name that.", regions.join(", "));
    vec![found.fix(Fix::words(
        Who::You,
        "Nothing; where data must stay in one region, pin a model that is served there by itself.",
    ))]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn profiles_of_a_geography() {
        let finding = Scene::healthy().expect("served-by-other-region");
        assert_eq!(finding.severity, Severity::Note);
        assert!(finding.summary.contains("us-east-2, us-west-2"), "{}", finding.summary);
    }

    #[test]
    fn a_global_profile_has_a_destination_without_a_region() {
        let mut scene = Scene::healthy();
        let model = "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-8".to_owned();
        let mut global = listed("global.anthropic.claude-opus-4-8");
        global.model_arns = vec![model];
        scene.configure("ANTHROPIC_DEFAULT_OPUS_MODEL", &global.id);
        scene.answers.profiles = Answer::Got(vec![global]);
        assert!(scene.expect("served-by-other-region").summary.contains("any region"));
    }

    #[test]
    fn without_the_list_nothing_is_said() {
        let mut scene = Scene::healthy();
        scene.answers.profiles = Answer::TimedOut;
        scene.expect_absent("served-by-other-region");
    }

    #[test]
    fn a_profile_that_stays_here() {
        let mut scene = Scene::healthy();
        let mut stays = [OPUS, SONNET, HAIKU].map(listed).to_vec();
        for profile in &mut stays {
            profile.model_arns.truncate(1);
        }
        scene.answers.profiles = Answer::Got(stays);
        scene.expect_absent("served-by-other-region");
    }
}
