//! `region-differs-from-profile`: aWS_REGION and the region of the profile differ.

use crate::diagnose::words;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::variables::REGION;

/// AWS_REGION and the region of the profile differ.
pub const KIND: Kind = Kind {
    name: "region-differs-from-profile",
    layer: Layer::RegionAndModels,
    severity: Severity::Note,
    title: "AWS_REGION and the region of the profile differ",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing wrong by itself; `aws` commands with `--profile` may look elsewhere than Claude Code.

## Why

`AWS_REGION` wins in Claude Code; the profile names another region.

## Fix

Make them equal, or keep it on purpose.

## Check

`bedrockup why AWS_REGION`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let region = &case.route.region;
    let profile = &case.route.profile;
    let Some(own) = case.machine.aws.profiles.get(profile).and_then(|section| section.get("region")) else {
        return Vec::new();
    };
    if case.route.value(REGION).is_none() || own.trim() == region.name {
        return Vec::new();
    }
    // Where the model is open there and refused here, following the profile is what helps.
    let open_there = case
        .answers
        .elsewhere
        .iter()
        .any(|there| there.region == own.trim() && there.availability.got().is_some_and(|fields| fields.is_open()));
    let severity = if open_there { Severity::Warning } else { Severity::Note };
    vec![
        Found::new(format!("Requests go to {}; the profile `{profile}` says {own}.", region.name))
            .severity(severity)
            .evidence(words::source(case, &region.source), region.as_written.clone())
            .evidence(format!("profile {profile}"), format!("region = {own}"))
            .fix(words::change(case, REGION, own)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn two_regions_are_a_note() {
        let mut scene = Scene::healthy();
        let default = scene.machine.aws.profiles.get_mut("default").expect("the profile of the scene");
        default.properties.insert("region".to_owned(), "eu-west-1".to_owned());
        assert_eq!(scene.expect("region-differs-from-profile").severity, Severity::Note);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("region-differs-from-profile");
    }
}
