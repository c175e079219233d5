//! Which region the client dials, and what it skips on the way without a word.

use std::sync::LazyLock;

use regex::Regex;

use crate::observe::Machine;
use crate::observe::aws_files::AwsFiles;
use crate::resolve::data::{self, Gate, gate};
use crate::resolve::{Region, Route, Setting, Source, Variable};
use crate::variables::{DEFAULT_REGION, PROFILE, REGION};
use crate::version::Version;
use crate::world::Env;

/// The region, other than that of the client's calls, that a tool of AWS takes which is started here without one: the settings of
/// Claude Code mean nothing to it. The CLI takes `AWS_REGION` before `AWS_DEFAULT_REGION`, older ones and boto3 know the latter
/// alone, and all of them the profile's.
pub fn region_of_tools(machine: &Machine, route: &Route) -> Option<String> {
    let environment = &machine.environment;
    let profile = environment.non_empty(PROFILE).unwrap_or("default");
    let of_profile = machine.aws.profiles.get(profile).and_then(|section| section.get("region"));
    let named = [environment.non_empty(REGION), environment.non_empty(DEFAULT_REGION), of_profile];
    let here = data::region(&route.region.name)?;
    let mut others = named.into_iter().flatten().filter(|name| *name != here.name);
    // Keys of one partition are not known in another.
    others.find(|name| data::region(name).is_some_and(|row| row.partition == here.partition)).map(str::to_owned)
}

/// The client's own test of a value: shape only, `us-east-1a` passes.
#[expect(clippy::expect_used, reason = "the pattern is a constant")]
static SHAPE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?i)^[a-z]{2,}(-[a-z0-9]+){0,4}$").expect("a valid pattern"));

/// Where the client goes when nothing gives a region.
pub const CLIENT_DEFAULT_REGION: &str = "us-east-1";

/// `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's region in the AWS files, `us-east-1`.
pub fn resolve(effective: &Env, variables: &[Variable], aws: &AwsFiles, profile: &str, version: Version) -> Region {
    let mut candidates: Vec<Setting> =
        [REGION, DEFAULT_REGION].into_iter().filter_map(|name| set(effective, variables, name)).collect();
    if version >= gate(Gate::RegionFromAwsFiles)
        && let Some(value) = aws.profiles.get(profile).and_then(|section| section.get("region"))
    {
        let source = Source::AwsFile { path: aws.config.path.clone(), profile: profile.to_owned() };
        candidates.push(Setting { value: value.to_owned(), source });
    }

    let mut skipped = Vec::new();
    for candidate in candidates {
        let trimmed = candidate.value.trim();
        if trimmed.is_empty() {
            continue;
        }
        if is_shaped_like_a_region(trimmed) || version < gate(Gate::RegionShapeTest) {
            return Region {
                name: trimmed.to_lowercase(),
                source: candidate.source,
                as_written: candidate.value,
                skipped,
            };
        }
        skipped.push(candidate);
    }
    Region {
        name: CLIENT_DEFAULT_REGION.to_owned(),
        source: Source::ClientDefault,
        as_written: CLIENT_DEFAULT_REGION.to_owned(),
        skipped,
    }
}

/// The client's shape test, for values that were trimmed.
pub fn is_shaped_like_a_region(value: &str) -> bool {
    SHAPE.is_match(value)
}

fn set(effective: &Env, variables: &[Variable], name: &str) -> Option<Setting> {
    let value = effective.non_empty(name)?;
    let winner = variables.iter().find(|variable| variable.name == name)?.winner.as_ref()?;
    Some(Setting { value: value.to_owned(), source: winner.source.clone() })
}
