//! `aws-config-broken`: a line of an AWS file makes no sense.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, look, words};
use crate::observe::aws_files::{AwsFile, FileState, Problem, Section};
use crate::resolve::{CredentialKind, ProfileRoute};

/// A line of an AWS file makes no sense.
pub const KIND: Kind = Kind {
    name: "aws-config-broken",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "A line of an AWS file makes no sense",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`Unable to parse config file: ~/.aws/config` or `configparser.MissingSectionHeaderError` from the AWS CLI, with every command; from Claude Code
`Could not load credentials from any providers`, or nothing at all.

## Why

An AWS file holds text before its first section, a line without `=`, a `[` that is not closed, two sections of one name that disagree, or is UTF-16 text
as some Windows editors write it. The AWS CLI then refuses the whole file, and with it every sign-in. Claude Code passes over the line: it fails
only where the profile in use is hit.

## Fix

Repair the line that is shown.

## Check

`aws configure list-profiles` prints the profiles.
";

/// What follows where the profile in use is hit.
const FOLLOWS: [&str; 9] = [
    "profile-not-found",
    "profile-empty",
    "no-credentials",
    "keys-inconsistent",
    "keys-unknown",
    "secret-wrong",
    "assume-role-misconfigured",
    "sso-misconfigured",
    "aws-refused",
];

fn detect(case: &Case<'_>) -> Vec<Found> {
    let aws = &case.machine.aws;
    let from_files = matches!(
        case.route.credentials.kind,
        CredentialKind::Profile { .. } | CredentialKind::Nothing | CredentialKind::InstanceMetadata
    );
    let files = [(&aws.config, &aws.config_sections), (&aws.credentials, &aws.credentials_sections)];
    let found = files.into_iter().filter(|_| from_files).filter_map(|(file, sections)| in_file(case, file, sections));
    found.collect()
}

fn in_file(case: &Case<'_>, file: &AwsFile, sections: &[Section]) -> Option<Found> {
    let short = words::short(case, &file.path);
    if let FileState::Broken(what) = &file.state {
        let failing = failing(case);
        let other = file.path.with_extension("utf8");
        let (from, to) = (hand::path(case, &file.path), hand::path(case, &other));
        let found = Found::new(format!("{short} cannot be read as text: {what}."))
            .severity(if failing { Severity::Error } else { Severity::Warning })
            .evidence(short, what.clone())
            .fix(Fix::command(
                "Write it as UTF-8, look at the new file, then put it in the place of the old one.",
                format!("iconv -f UTF-16 -t UTF-8 {from} > {to}"),
            ));
        return Some(if failing { FOLLOWS.into_iter().fold(found, Found::explains) } else { found });
    }
    let hits: Vec<&Problem> = file.problems.iter().filter(|problem| hits(case, problem, sections)).collect();
    let failing = failing(case) && !hits.is_empty();
    let told: Vec<&Problem> =
        if failing { hits } else { file.problems.iter().filter(|problem| problem.cli_refuses).collect() };
    let first = told.first()?;
    let place = format!("{short}:{}", first.line);
    let mut found = if failing {
        Found::new(format!("{place} makes no sense, and the profile in use stands there: {}.", first.what))
    } else {
        let summary = format!(
            "{place} makes no sense: {}. Claude Code passes over it, the AWS CLI refuses the file.",
            first.what
        );
        Found::new(summary).severity(Severity::Warning)
    };
    for problem in &told {
        found = found.evidence(format!("{short}:{}", problem.line), problem.what.clone());
    }
    found = found.fix(hand::edit_line(case, format!("Repair {place}: {}.", first.what), &file.path, first.line));
    if let Some(next) = told.get(1) {
        found = found.fix(Fix::words(Who::You, format!("Then {short}:{}: {}.", next.line, next.what)));
    }
    Some(if failing { FOLLOWS.into_iter().fold(found, Found::explains) } else { found })
}

/// Nobody has credentials by this, or AWS does not take them.
fn failing(case: &Case<'_>) -> bool {
    let leads_nowhere = matches!(
        look::leaf(case),
        None | Some((
            _,
            ProfileRoute::NotFound | ProfileRoute::Empty | ProfileRoute::Broken(_) | ProfileRoute::Keys { .. }
        ))
    );
    leads_nowhere && (!look::obtained(case) || case.answers.identity.refused().is_some())
}

/// The line belongs to the profile in use, or opens its section.
fn hits(case: &Case<'_>, problem: &Problem, sections: &[Section]) -> bool {
    let name = look::leaf(case).map_or(case.route.profile.as_str(), |(name, _)| name);
    let is_of = |section: &&Section| section.header.split_whitespace().next_back() == Some(name);
    let above = sections.iter().rfind(|section| section.line <= problem.line);
    // What stands above every section was mostly meant for the profile that nobody has to name.
    above.as_ref().map_or(name == "default", is_of)
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::observe::aws_files::{FileState, Problem, Section};

    fn problem(line: usize, cli_refuses: bool) -> Problem {
        Problem { line, what: "a line without `=`".to_owned(), cli_refuses }
    }

    fn section(header: &str, line: usize) -> Section {
        Section { header: header.to_owned(), line, ..Section::default() }
    }

    #[test]
    fn a_header_that_is_not_closed_loses_the_profile() {
        let mut scene = Scene::healthy();
        scene.set("AWS_PROFILE", "work");
        scene.machine.aws.config_sections = vec![section("default", 1), section("profile work", 3)];
        scene.machine.aws.config.problems = vec![problem(3, true)];
        scene.without_credentials(None);
        let finding = scene.expect_first("aws-config-broken");
        assert_eq!(
            (finding.severity, finding.fixes[0].command.as_deref()),
            (Severity::Error, Some("vi +3 ~/.aws/config"))
        );
        assert_eq!(scene.expect("profile-not-found").because_of, Some("aws-config-broken"));
    }

    #[test]
    fn a_line_that_hits_nobody_is_a_warning_for_the_cli() {
        let mut scene = Scene::healthy();
        scene.machine.aws.config.problems = vec![problem(1, true)];
        assert_eq!(scene.expect_first("aws-config-broken").severity, Severity::Warning);
        scene.machine.aws.config.problems = vec![problem(1, false)];
        scene.expect_absent("aws-config-broken");
    }

    #[test]
    fn a_line_of_another_profile_is_not_why_this_one_is_not_found() {
        let mut scene = Scene::healthy();
        scene.set("AWS_PROFILE", "work");
        scene.machine.aws.config_sections = vec![section("profile other", 1)];
        scene.machine.aws.config.problems = vec![problem(2, true)];
        scene.without_credentials(None);
        scene.expect_first("profile-not-found");
        assert_eq!(scene.expect("aws-config-broken").severity, Severity::Warning);
    }

    #[test]
    fn utf_16_loses_everything() {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.set("AWS_EC2_METADATA_DISABLED", "true");
        scene.machine.aws.credentials.state = FileState::Broken("it is UTF-16 text".to_owned());
        scene.without_credentials(None);
        let finding = scene.expect_first("aws-config-broken");
        assert!(finding.fixes[0].command.as_deref().is_some_and(|command| command.starts_with("iconv")), "{finding:?}");
        assert_eq!(scene.expect("no-credentials").because_of, Some("aws-config-broken"));
    }

    #[test]
    fn beneath_a_bearer_token_nobody_looks() {
        let mut scene = Scene::healthy();
        scene.machine.aws.config.problems = vec![problem(1, true)];
        scene.use_bearer("ABSKexample");
        scene.expect_absent("aws-config-broken");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("aws-config-broken");
    }
}
