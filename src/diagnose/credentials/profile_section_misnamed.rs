//! `profile-section-misnamed`: the section of the profile is there, under a name that Claude Code does not look for.

use crate::change::fix::{LineChange, Repair};
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, look, words};
use crate::observe::aws_files::{AwsFile, Section};
use crate::resolve::{CredentialKind, ProfileRoute};

/// The section of the profile is there, under a name that Claude Code does not look for.
pub const KIND: Kind = Kind {
    name: "profile-section-misnamed",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The section of the profile has a name that is not looked for",
    page: PAGE,
    owns: &[
        "profile-not-found",
        "profile-empty",
        "no-credentials",
        "assume-role-misconfigured",
        "profile-hides-env-keys",
        "aws-refused",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

`The config profile (NAME) could not be found` from the AWS CLI, `Could not load credentials from any providers` from Claude Code, though the section
is there.

## Why

In `~/.aws/config` a profile is `[profile NAME]` (only `default` may stand alone); in `~/.aws/credentials` it is `[NAME]`. Claude Code takes exactly one
blank between the two words, and names of letters, digits and `_ - @ + . % : /`. The AWS CLI forgives more.

## Fix

Write the section header as it is shown.

## Check

`aws configure list-profiles` lists the name, and `bedrockup doctor` no longer names this finding.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(name) = wanted(case).filter(|_| !look::obtained(case)) else { return Vec::new() };
    let aws = &case.machine.aws;
    let of_config = (&aws.config, aws.config_sections.as_slice());
    let in_config = misnamed(of_config, name, &[&format!("profile.{name}"), only_default(name)]);
    let in_credentials = misnamed((&aws.credentials, &aws.credentials_sections), name, &[name]);
    let right_in_config = if name == "default" { "default".to_owned() } else { format!("profile {name}") };
    let found = in_config.map(|section| found(case, name, &aws.config, section, &right_in_config));
    let also = in_credentials.map(|section| self::found(case, name, &aws.credentials, section, name));
    Found::together(found.into_iter().chain(also))
}

/// `[default]` is right in the config file too.
fn only_default(name: &str) -> &str {
    if name == "default" { name } else { "" }
}

fn found(case: &Case<'_>, name: &str, file: &AwsFile, section: &Section, right: &str) -> Found {
    let place = format!("{}:{}", words::short(case, &file.path), section.line);
    let found = Found::new(format!("The section of the profile `{name}` in {place} is not one that is looked for."))
        .evidence(place.clone(), format!("[{}]", section.header))
        .evidence("choice of the profile", look::profile_from(case));
    if readable(name) {
        let text = format!("Write `[{right}]` in {place}.");
        found.fix(hand::edit_line(case, text, &file.path, section.line).repaired_by(header(case, file, section, right)))
    } else {
        let other = plain(name);
        let header = if right == name { other.clone() } else { format!("profile {other}") };
        let text = format!(
            "Claude Code does not read a profile with such a name: write `[{header}]` in {place}, and choose `{other}`."
        );
        found.fix(hand::edit_line(case, text, &file.path, section.line))
    }
}

/// The right header in the place of the wrong one.
fn header(case: &Case<'_>, file: &AwsFile, section: &Section, right: &str) -> Option<Repair> {
    let own = file.path.starts_with(&case.machine.home);
    own.then(|| Repair::Line {
        path: file.path.clone(),
        line: section.line,
        seen: format!("[{}]", section.header),
        change: LineChange::Replace(format!("[{right}]")),
    })
}

/// The profile that leads nowhere: the chosen one, the one that it assumes its role with, or the default one.
fn wanted<'a>(case: &Case<'a>) -> Option<&'a str> {
    match (&case.route.credentials.kind, look::leaf(case)) {
        (_, Some((name, ProfileRoute::NotFound | ProfileRoute::Empty))) => Some(name),
        (CredentialKind::Nothing | CredentialKind::InstanceMetadata, _) => Some("default"),
        _ => None,
    }
}

/// A section that means this profile, where none of those that the client would look for is there.
fn misnamed<'a>((file, sections): (&AwsFile, &'a [Section]), name: &str, right: &[&str]) -> Option<&'a Section> {
    let is_right = |section: &Section| section.known_as.as_deref().is_some_and(|known| right.contains(&known));
    if sections.iter().any(is_right) {
        return None;
    }
    // A header that is not closed has another cure.
    let is_whole = |section: &&Section| file.problems.iter().all(|problem| problem.line != section.line);
    sections.iter().filter(is_whole).find(|section| meant(&section.header) == name)
}

/// The profile that a header means, in whatever way it is written.
fn meant(header: &str) -> &str {
    let trimmed = header.trim();
    let rest = trimmed.get(..7).filter(|start| start.eq_ignore_ascii_case("profile")).map(|_| &trimmed[7..]);
    let name = rest.and_then(|rest| rest.strip_prefix([' ', '\t', ':', '-', '_', '.'])).unwrap_or(trimmed);
    name.trim().trim_matches(['"', '\'']).trim()
}

/// Names that the client takes behind `profile `.
fn readable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-@+.%:/".contains(letter))
}

/// A name that can be read, near to one that cannot.
fn plain(name: &str) -> String {
    name.chars().map(|letter| if readable(&letter.to_string()) { letter } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::meant;
    use crate::diagnose::testing::*;
    use crate::observe::aws_files::Section;

    fn section(header: &str, known_as: Option<&str>) -> Section {
        let known_as = known_as.map(str::to_owned);
        Section { header: header.to_owned(), known_as, line: 4, ..Section::default() }
    }

    fn chosen(name: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.set("AWS_PROFILE", name);
        scene.without_credentials(None);
        scene
    }

    #[test]
    fn a_header_without_its_word() {
        let mut scene = chosen("bedrock");
        scene.machine.aws.config_sections = vec![section("bedrock", Some("bedrock"))];
        let finding = scene.expect_first("profile-section-misnamed");
        assert!(finding.fixes[0].text.contains("`[profile bedrock]`"), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +4 ~/.aws/config"));
        assert_eq!(scene.expect("profile-not-found").because_of, Some("profile-section-misnamed"));
    }

    #[test]
    fn a_word_too_many_in_the_credentials_file() {
        let mut scene = chosen("bedrock");
        scene.machine.aws.credentials_sections = vec![section("profile bedrock", Some("profile.bedrock"))];
        assert!(scene.expect_first("profile-section-misnamed").fixes[0].text.contains("`[bedrock]`"));
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.without_credentials(None);
        scene.machine.aws.credentials_sections = vec![section("profile default", Some("profile.default"))];
        assert!(scene.expect_first("profile-section-misnamed").fixes[0].text.contains("`[default]`"));
    }

    #[test]
    fn a_name_that_the_client_cannot_read() {
        let mut scene = chosen("my team");
        scene.machine.aws.config_sections = vec![section("profile my team", Some("profile my team"))];
        let finding = scene.expect_first("profile-section-misnamed");
        assert!(finding.fixes[0].text.contains("[profile my-team]"), "{finding:?}");
    }

    #[test]
    fn ways_to_write_a_header() {
        for header in [
            "work",
            "profile work",
            "Profile work",
            " profile  work ",
            "profile: work",
            "profile \"work\"",
            "profile-work",
        ] {
            assert_eq!(meant(header), "work", "[{header}]");
        }
        assert_eq!(meant("profiles"), "profiles");
        assert_eq!(meant("sso-session corp"), "sso-session corp");
    }

    #[test]
    fn a_section_that_nobody_chooses_and_one_that_is_well_named_beside_it() {
        let mut scene = Scene::healthy();
        scene.machine.aws.config_sections = vec![section("bedrock", Some("bedrock"))];
        scene.expect_absent("profile-section-misnamed");
        let mut scene = chosen("bedrock");
        scene.choose_profile("bedrock", &[("region", "us-east-1")]);
        scene.machine.aws.config_sections =
            vec![section("bedrock", Some("bedrock")), section("profile bedrock", Some("profile.bedrock"))];
        scene.expect_first("profile-empty");
        scene.expect_absent("profile-section-misnamed");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("profile-section-misnamed");
    }
}
