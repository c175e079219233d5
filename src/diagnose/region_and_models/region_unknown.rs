//! `region-unknown`: the region is not one.

use crate::aws::tables;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{local, look, repairs, words};
use crate::resolve::{Setting, Source, data};
use crate::variables::{REGION, SMALL_FAST_MODEL_REGION};

/// The region is not one.
pub const KIND: Kind = Kind {
    name: "region-unknown",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The region is not one",
    page: PAGE,
    owns: &[
        "model-enabled-in-other-region",
        "dns-failed",
        "no-answer",
        "connection-refused",
        "region-without-claude",
        "region-missing",
        "bearer-token-other-region",
        "tls-untrusted",
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

`getaddrinfo ENOTFOUND bedrock-runtime.us-esat-1.amazonaws.com`, `Can't reach the API server — check your internet or DNS (ENOTFOUND)` after three
minutes; or no error at all, and another region is used.

## Why

The value names no region of AWS. What is not shaped like one (`us_east_1`, `useast1`) is skipped, and the next source is used without a word. What
is shaped like one (`us-esat-1`, the zone `us-east-1a`) is dialled, and no such host exists. Upper case reaches the host, but changes the
prefix of the models.

## Fix

    export AWS_REGION=NEAREST

## Check

`bedrockup why AWS_REGION`, then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let region = &case.route.region;
    let mut found = Vec::new();
    for Setting { value, source } in &region.skipped {
        let nearest = nearest(value);
        let summary =
            format!("`{}` is not shaped like a region and is skipped; {} is used instead.", value.trim(), region.name);
        // Also where the models answer: the region that was asked for is not the one that decided.
        found.push(fixed(case, Found::new(summary), value, source, nearest));
    }
    found.extend(of_the_small_model(case));
    let upper = region.as_written.trim() != region.name;
    if data::region(&region.name).is_some() && !upper {
        return found;
    }
    // A region that is newer than the table and answers at AWS's own host is one. A gateway answers for any name: there only what
    // is nearly a region's name was meant to be one.
    let at_aws = local::is_aws_host(local::host(&case.route.endpoints.runtime));
    if look::any_answers(case) && !upper && (at_aws || nearest(&region.name).is_none()) {
        return found;
    }
    let summary = if upper {
        format!(
            "`{}` reaches the region and changes the prefix of the models: regions are written in lower case.",
            region.as_written
        )
    } else {
        format!("`{}` is no region of AWS.", region.name)
    };
    let nearest =
        if upper && data::region(&region.name).is_some() { Some(region.name.as_str()) } else { nearest(&region.name) };
    let mut wrong = fixed(case, Found::new(summary), &region.as_written, &region.source, nearest);
    if look::any_answers(case) && !upper {
        // Nothing that works is changed unasked, and what may be a region that is newer than the table is only doubted.
        for fix in &mut wrong.fixes {
            fix.repairs.clear();
            fix.automatic = false;
        }
        if may_be_new(&region.name) {
            wrong.summary = format!("`{}` is no region of AWS that bedrockup knows.", region.name);
            wrong = wrong.severity(Severity::Warning);
        }
    }
    found.push(wrong);
    found
}

/// The name of a known region but for its number, which has one digit so far.
fn may_be_new(name: &str) -> bool {
    let stem = |name: &str| name.rsplit_once('-').map(|(stem, _)| stem.to_owned());
    let numbered = name.rsplit_once('-').is_some_and(|(_, number)| matches!(number.parse(), Ok(1_u8..=9)));
    numbered && data::regions().iter().any(|row| stem(&row.name) == stem(name))
}

/// The region that the small model alone is asked in.
fn of_the_small_model(case: &Case<'_>) -> Option<Found> {
    let small = case.route.small.as_ref()?;
    let region = &small.region.value;
    let answers = case.answers.model(&small.id).is_some_and(|answers| answers.stream.got().is_some());
    let at_aws = local::is_aws_host(local::host(&small.endpoints.runtime));
    if data::region(region).is_some() || answers && (at_aws || nearest(region).is_none()) {
        return None;
    }
    let summary = format!("`{region}`, where the small model is asked, is no region of AWS.");
    let place = format!("{SMALL_FAST_MODEL_REGION}, {}", words::source(case, &small.region.source));
    let right = nearest(region).unwrap_or(&case.route.region.name);
    Some(Found::new(summary).evidence(place, region.clone()).fix(words::change(case, SMALL_FAST_MODEL_REGION, right)))
}

fn fixed(case: &Case<'_>, found: Found, value: &str, source: &Source, nearest: Option<&str>) -> Found {
    let found = found.evidence(words::source(case, source), value);
    let Some(nearest) = nearest else {
        return found.fix(words::change(case, REGION, "us-east-1"));
    };
    found.fix(match source {
        Source::AwsFile { profile, .. } => crate::diagnose::Fix::command(
            "Correct the region of the profile.",
            format!("aws configure set region {nearest}{}", words::profile_option(case, profile)),
        ),
        _ => words::change(case, REGION, nearest).repaired_by(repairs::give(case, REGION, nearest)),
    })
}

/// The region that was probably meant: with hyphens for what stands in their places, a zone without its letter, else the name at
/// the least distance.
pub fn nearest(value: &str) -> Option<&'static str> {
    let value = value.trim().to_ascii_lowercase().replace([' ', '_', '.', '–', '—'], "-");
    let without_letter = value.trim_end_matches(|last: char| last.is_ascii_lowercase());
    if let Some(row) = data::region(without_letter) {
        return Some(&row.name);
    }
    tables::nearest(&value, data::regions().iter().map(|row| row.name.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Hop, NetworkFailure};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    fn in_region(name: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", name);
        scene
    }

    fn nothing_resolves(scene: &mut Scene) {
        let failure = NetworkFailure {
            host: "bedrock-runtime.us-esat-1.amazonaws.com".to_owned(),
            hop: Hop::Name,
            detail: "Name or service not known".to_owned(),
        };
        for model in &mut scene.answers.models {
            model.stream = Answer::Unreachable(failure.clone());
        }
        scene.answers.identity = Answer::Unreachable(failure.clone());
        scene.answers.profiles = Answer::Unreachable(failure);
    }

    #[test]
    fn a_typo_is_dialled_and_owns_the_dns_failure() {
        let mut scene = in_region("us-esat-1");
        nothing_resolves(&mut scene);
        let finding = scene.expect_first("region-unknown");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=us-east-1"));
        assert_eq!(scene.expect("dns-failed").because_of, Some("region-unknown"));
    }

    #[test]
    fn a_zone_is_no_region() {
        let mut scene = in_region("eu-central-1a");
        nothing_resolves(&mut scene);
        let finding = scene.expect_first("region-unknown");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=eu-central-1"));
    }

    #[test]
    fn behind_a_gateway_that_answers_for_every_name_too() {
        let mut scene = in_region("us-west-2c");
        scene.configure("ANTHROPIC_BEDROCK_BASE_URL", "https://gateway.example.com");
        let finding = scene.expect_first("region-unknown");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=us-west-2"));
        // Whether the gateway looks at the region or not: AWS would not know this one.
        for typo in ["us-esat-1", "us-east1", "us-east-99"] {
            scene.configure("AWS_REGION", typo);
            assert_eq!(scene.expect_first("region-unknown").severity, Severity::Error);
        }
        scene.configure("AWS_REGION", "us-east-3");
        let finding = scene.expect_first("region-unknown");
        assert_eq!((finding.severity, finding.fixes[0].automatic), (Severity::Warning, false), "it may be a new one");
        scene.configure("AWS_REGION", "gateway-1");
        scene.expect_absent("region-unknown");
    }

    #[test]
    fn what_is_skipped_is_said() {
        let finding = in_region("eu_west_1").expect_first("region-unknown");
        assert!(finding.summary.contains("skipped"), "{}", finding.summary);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=eu-west-1"));
    }

    #[test]
    fn the_region_of_the_small_model_alone() {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION", "us-wset-2");
        scene.expect_absent("region-unknown");
        scene.model(HAIKU).stream = Answer::Unreachable(NetworkFailure {
            host: "bedrock-runtime.us-wset-2.amazonaws.com".to_owned(),
            hop: Hop::Name,
            detail: "Name or service not known".to_owned(),
        });
        let finding = scene.expect_first("region-unknown");
        let command = finding.fixes[0].command.as_deref();
        assert_eq!(command, Some("export ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION=us-west-2"));
    }

    #[test]
    fn a_region_newer_than_the_table_that_answers_is_one() {
        in_region("us-south-9").expect_absent("region-unknown");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("region-unknown");
    }
}
