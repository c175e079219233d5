//! `region-only-implied`: the region comes from a second choice.

use crate::diagnose::words;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::resolve::Source;
use crate::variables::{DEFAULT_REGION, REGION};
use crate::version::Version;

/// The region comes from a second choice.
pub const KIND: Kind = Kind {
    name: "region-only-implied",
    layer: Layer::RegionAndModels,
    severity: Severity::Note,
    title: "The region comes from a second choice",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing with the present client; older ones went to `us-east-1`, or kept `us.` model ids.

## Why

The region comes from `AWS_DEFAULT_REGION` or from the AWS files, not from `AWS_REGION`. Clients before 2.1.172 do not read the AWS files for it.

## Fix

    export AWS_REGION=REGION

## Check

`bedrockup why AWS_REGION`.
";

/// The first client that reads the region of the AWS files.
const READS_FILES: Version = Version(2, 1, 172);

fn detect(case: &Case<'_>) -> Vec<Found> {
    if let Some((name, version)) = unread(case) {
        let summary = format!(
            "The profile says {name}, which Claude Code {version} does not read: requests go to {}.",
            case.route.region.name
        );
        return vec![
            Found::new(summary)
                .severity(Severity::Error)
                .evidence(format!("profile {}", case.route.profile), format!("region = {name}"))
                .fix(words::change(case, REGION, name))
                // The ids fit the region that was meant.
                .explains("model-prefix-mismatch"),
        ];
    }
    let region = &case.route.region;
    let second = case.route.value(REGION).is_none() && case.route.value(DEFAULT_REGION).is_some();
    if !second && !matches!(region.source, Source::AwsFile { .. }) {
        return Vec::new();
    }
    let from = if second { DEFAULT_REGION } else { "the AWS files" };
    vec![
        Found::new(format!("The region {} comes from {from}, not from {REGION}.", region.name))
            .evidence(words::source(case, &region.source), region.as_written.clone())
            .fix(words::change(case, REGION, &region.name)),
    ]
}

/// The region of the profile, where the client in use is too old to read it, and its version.
pub fn unread<'a>(case: &Case<'a>) -> Option<(&'a str, Version)> {
    let version = case.machine.client.version().filter(|version| *version < READS_FILES)?;
    let name = case.machine.aws.profiles.get(&case.route.profile)?.get("region")?;
    (case.route.region.source == Source::ClientDefault && name != case.route.region.name).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::version::Version;

    #[test]
    fn the_second_variable_is_a_note() {
        let mut scene = Scene::healthy();
        scene.unset("AWS_REGION");
        scene.set("AWS_DEFAULT_REGION", "us-west-2");
        let finding = scene.expect("region-only-implied");
        assert_eq!(finding.severity, Severity::Note);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=us-west-2"));
    }

    #[test]
    fn an_old_client_does_not_read_the_file() {
        let mut scene = Scene::healthy();
        scene.unset("AWS_REGION");
        scene.machine.client.installs[0].version = Ok(Version(2, 0, 77));
        let default = scene.machine.aws.profiles.get_mut("default").expect("the profile of the scene");
        default.properties.insert("region".to_owned(), "eu-west-1".to_owned());
        assert_eq!(scene.expect("region-only-implied").severity, Severity::Error);
        scene.expect_absent("region-missing");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("region-only-implied");
    }
}
