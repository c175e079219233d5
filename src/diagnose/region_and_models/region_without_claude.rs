//! `region-without-claude`: there is no Claude in this region.

use crate::aws::told::{Told, told};
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{look, words};
use crate::resolve::data::{self, Claude, RegionRow};
use crate::variables::REGION;

/// There is no Claude in this region.
pub const KIND: Kind = Kind {
    name: "region-without-claude",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "There is no Claude in this region",
    page: PAGE,
    owns: &[
        "dns-failed",
        "no-answer",
        "region-not-enabled",
        "keys-unknown",
        "aws-refused",
        "model-prefix-mismatch",
        "model-needs-profile",
        "model-id-invalid",
        "model-legacy",
        "model-end-of-life",
        "model-not-in-region",
        "small-model-unavailable",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

`getaddrinfo ENOTFOUND bedrock-runtime.REGION.amazonaws.com`, or an empty list of models, or `The provided model identifier is invalid.` for every id.

## Why

The region is real, and Bedrock has no runtime there, or no Claude model.

## Fix

    export AWS_REGION=NEAR-REGION

(`aws bedrock list-inference-profiles --region REGION` lists what a region has.)

## Check

`bedrockup doctor` calls a model there.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let name = &case.route.region.name;
    let Some(row) = data::region(name) else {
        return Vec::new();
    };
    if look::any_answers(case) || case.models.iter().all(|model| case.route.asks_mantle(&model.id)) {
        return Vec::new();
    }
    // A refusal that is not about the id has another cause.
    let mut refused = look::refused(case).into_iter().map(|refused| told(refused.refusal));
    if refused.any(|told| !matches!(told, Told::IdInvalid | Told::NeedsProfile | Told::Unknown)) {
        return Vec::new();
    }
    let claude = |id: &str| matches!(id::read(id), Id::Claude { .. });
    let list = case.answers.profiles.got();
    let evidence = match list {
        Some(list) if list.iter().any(|profile| claude(&profile.id)) => return Vec::new(),
        // Something that stands for AWS may know no list.
        Some(list) if list.is_empty() && row.claude == Claude::Yes => return Vec::new(),
        Some(list) => ("list of inference profiles", format!("{} profiles, none of Claude", list.len())),
        None if row.claude == Claude::No => {
            ("table of regions", format!("no Claude on Bedrock, checked on {} ({})", row.checked_on, row.source))
        }
        None => return Vec::new(),
    };
    let found = Found::new(format!("There is no Claude on Bedrock in {name}."))
        .evidence(words::source(case, &case.route.region.source), name.clone())
        .evidence(evidence.0, evidence.1);
    vec![look::with_models(found, &look::refused(case)).fix(words::change(case, REGION, near(row)))]
}

/// A region of the same partition with Claude, of the same continent where there is one.
fn near(row: &RegionRow) -> &'static str {
    let candidates = || {
        data::regions()
            .iter()
            .filter(|other| other.partition == row.partition && other.claude == Claude::Yes && !other.opt_in)
    };
    let continent = row.name.split('-').next().unwrap_or_default();
    candidates()
        .find(|other| other.name.split('-').next() == Some(continent))
        .or_else(|| candidates().next())
        .map_or("us-east-1", |other| other.name.as_str())
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    #[test]
    fn a_list_without_claude() {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", "ap-east-1");
        scene.answers.profiles = Answer::Got(Vec::new());
        scene.refuse_models(&refusal(400, "ValidationException", "The provided model identifier is invalid."));
        let finding = scene.expect_first("region-without-claude");
        let command = finding.fixes[0].command.as_deref().unwrap_or_default();
        assert!(command.starts_with("export AWS_REGION=ap-"), "{command}");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("region-without-claude");
    }
}
