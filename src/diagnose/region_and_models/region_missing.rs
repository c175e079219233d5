//! `region-missing`: no place gives a region.

use crate::aws::told::Told;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look};
use crate::variables::{DEFAULT_REGION, REGION};

/// No place gives a region.
pub const KIND: Kind = Kind {
    name: "region-missing",
    layer: Layer::RegionAndModels,
    severity: Severity::Warning,
    title: "No place gives a region",
    page: PAGE,
    owns: &["model-prefix-mismatch"],
    detect,
};

const PAGE: &str = "\
## What you see

Requests go to `us-east-1`, whatever region you had in mind; models of another geography are refused there.

## Why

Neither `AWS_REGION`, nor `AWS_DEFAULT_REGION`, nor the profile in the AWS files gives a region. Claude Code then takes `us-east-1`.

## Fix

bedrockup setup --region REGION

## Check

`bedrockup why AWS_REGION` shows the region and where it comes from.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let region = &case.route.region;
    // A value that was skipped is another finding; so is one that only an old client does not read.
    if !look::region_is_default(case)
        || !region.skipped.is_empty()
        || super::region_only_implied::unread(case).is_some()
    {
        return Vec::new();
    }
    let refused = look::refused_with(case, |told| matches!(told, Told::IdInvalid | Told::NoAgreement));
    let severity = if refused.is_empty() { Severity::Warning } else { Severity::Error };
    let found =
        Found::new(format!("No place gives a region, so requests go to {}.", region.name)).severity(severity).evidence(
            "environment, settings files, AWS files",
            format!("neither {REGION}, {DEFAULT_REGION} nor the profile's region is set"),
        );
    let command = format!("bedrockup setup --region {}", region.name);
    vec![look::with_models(found, &refused).fix(Fix::command("Set the region that you mean.", command))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn without_a_region_it_is_the_default() {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", "");
        let finding = scene.expect_first("region-missing");
        assert_eq!(finding.severity, Severity::Warning);
        scene.refuse_models(&refusal(400, "ValidationException", "The provided model identifier is invalid."));
        assert_eq!(scene.expect("region-missing").severity, Severity::Error);
    }

    #[test]
    fn the_region_of_the_profile_is_one() {
        let mut scene = Scene::healthy();
        scene.unset("AWS_REGION");
        let default = scene.machine.aws.profiles.get_mut("default").expect("the profile of the scene");
        default.properties.insert("region".to_owned(), "us-east-1".to_owned());
        scene.expect_absent("region-missing");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("region-missing");
    }
}
