//! Stray characters in the AWS files, for `value-has-stray-characters`.

use std::path::Path;

use super::stray::cleaned;
use crate::change::fix::Repair;
use crate::diagnose::region_and_models::region_unknown::nearest;
use crate::diagnose::{Case, Found, hand, local, words};
use crate::observe::aws_files::{AwsFile, Section};
use crate::resolve::{CredentialKind, Source};
use crate::variables;

/// Properties of a profile in which quotes and no-break spaces are never right.
const PLAIN: [&str; 8] = [
    "region",
    "aws_access_key_id",
    "role_arn",
    "source_profile",
    "sso_session",
    "sso_account_id",
    "sso_role_name",
    "sso_region",
];

/// Stray characters in the profile of the AWS files that the route uses.
pub fn in_profile(case: &Case<'_>) -> Option<Found> {
    let aws = &case.machine.aws;
    let profile = aws.profiles.get(&case.route.profile)?;
    let for_credentials = matches!(case.route.credentials.kind, CredentialKind::Profile { .. });
    let for_region = matches!(case.route.region.source, Source::AwsFile { .. });
    let stray = |character: char| matches!(character, '"' | '\'' | '\u{a0}' | '“' | '”' | '‘' | '’');
    let mut bad: Vec<&str> = profile
        .properties
        .iter()
        .filter(|(name, value)| {
            PLAIN.contains(&name.as_str())
                && value.contains(stray)
                && (for_credentials || (for_region && *name == "region"))
        })
        .map(|(name, _)| name.as_str())
        .collect();
    if for_credentials {
        let secrets =
            [("aws_secret_access_key", &profile.secret_access_key), ("aws_session_token", &profile.session_token)];
        bad.extend(
            secrets
                .into_iter()
                .filter(|(_, secret)| secret.as_ref().is_some_and(|secret| secret.holds(stray)))
                .map(|(name, _)| name),
        );
    }
    let first = bad.first()?;
    let region = profile.properties.get("region").filter(|_| bad.contains(&"region"));
    let right = region.and_then(|value| nearest(&cleaned(value)));
    let right = right.map(|region| format!(" The line is meant to be `region = {region}`.")).unwrap_or_default();
    let keys = first.starts_with("aws_");
    let file = if keys { &aws.credentials.path } else { &aws.config.path };
    let found =
        Found::new(format!("The profile {} has quotes or a no-break space in {}.", case.route.profile, bad.join(", ")))
            .evidence(
                format!("{}, profile {}", words::short(case, file), case.route.profile),
                "the AWS files know no quotes: they are part of the value",
            )
            .fix(
                hand::edit_line(
                    case,
                    format!("Retype {} without them.{right}", bad.join(", ")),
                    file,
                    line_of(case, first),
                )
                .repaired_by(cleaned_lines(case, &bad)),
            );
    Some(
        local::consequences(variables::PROFILE)
            .iter()
            .chain(&["keys-inconsistent", "region-unknown"])
            .fold(found, |found, name| found.explains(name)),
    )
}

/// The lines of the AWS files that give these properties to the profile in use, each file's own.
fn lines_of<'a>(case: &Case<'a>, keys: &[&str]) -> Vec<(&'a Path, usize, String)> {
    let aws = &case.machine.aws;
    let name = case.route.profile.as_str();
    let prefixed = format!("profile.{name}");
    let files = [(&aws.config, &aws.config_sections), (&aws.credentials, &aws.credentials_sections)];
    let of_file = |(file, sections): (&'a AwsFile, &'a Vec<Section>)| {
        let own = sections.iter().filter(|section| {
            let known = section.known_as.as_deref();
            known == Some(prefixed.as_str()) || known == Some(name)
        });
        let line =
            |section: &'a Section, key: &str| Some((file.path.as_path(), *section.keys.get(key)?, key.to_owned()));
        own.flat_map(|section| keys.iter().filter_map(move |key| line(section, key))).collect::<Vec<_>>()
    };
    files.into_iter().flat_map(of_file).collect()
}

fn line_of(case: &Case<'_>, key: &str) -> usize {
    lines_of(case, &[key]).first().map_or(1, |(_, line, _)| *line)
}

/// Takes the stray characters out of the lines; whatever else they hold is not looked at.
fn cleaned_lines(case: &Case<'_>, keys: &[&str]) -> Vec<Repair> {
    let lines = lines_of(case, keys).into_iter().filter(|(path, ..)| path.starts_with(&case.machine.home));
    lines.map(|(path, line, key)| Repair::Value { path: path.to_owned(), line, key }).collect()
}
