//! `assume-role-misconfigured`: the role profile cannot work as it is written.

use crate::aws::answer::CredentialFailure;
use crate::aws::tables;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, hand, look, words};
use crate::observe::aws_files::{AwsFile, Section};
use crate::resolve::{CredentialKind, ProfileRoute, RoleBase};

/// The role profile cannot work as it is written.
pub const KIND: Kind = Kind {
    name: "assume-role-misconfigured",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The role profile cannot work as it is written",
    page: PAGE,
    owns: &["aws-refused", "keys-unknown"],
    detect,
};

const PAGE: &str = "\
## What you see

`Could not load credentials from any providers`, `Partial credentials found in assume-role, missing: source_profile or credential_source`, `Infinite loop in credential configuration detected`,
`The requested DurationSeconds exceeds the MaxSessionDuration set for this role.`,
`The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.`

## Why

`role_arn` stands without `source_profile`, `credential_source` or a web identity file; or `source_profile` names a profile that is not there, gives no credentials, or leads back to itself. Or `duration_seconds` asks for a longer session than the role allows (an hour, unless an
administrator raised it; always an hour where one role assumes another).

## Fix

Correct the key in `~/.aws/config`:

    aws configure set source_profile NAME --profile PROFILE

## Check

`aws sts get-caller-identity --profile PROFILE` prints the role.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let CredentialKind::Profile { name: chosen, leads_to } = &case.route.credentials.kind else { return Vec::new() };
    if look::obtained(case) {
        return Vec::new();
    }
    let aws = &case.machine.aws;
    if let Some(found) = too_long(case, chosen, leads_to) {
        return vec![found];
    }
    let Some((name, end)) = look::leaf(case) else { return Vec::new() };
    let from_role = matches!(leads_to, ProfileRoute::Role { .. });
    let problem = match end {
        ProfileRoute::NotFound if from_role => format!("source_profile names `{name}`, which is in neither AWS file"),
        ProfileRoute::Empty if from_role => format!("source_profile names `{name}`, which gives no credentials"),
        ProfileRoute::Role { .. } => match (look::role_source(case), &case.answers.credential_failure) {
            (Some("Environment"), Some(CredentialFailure::NotThere(_))) => {
                "credential_source = Environment, and the environment has no whole pair of keys".to_owned()
            }
            (Some(_), Some(CredentialFailure::NotThere(problem))) => problem.clone(),
            _ => return Vec::new(),
        },
        ProfileRoute::Broken(problem)
            if aws.profiles.get(name).is_some_and(|profile| {
                profile.get("role_arn").is_some() || profile.get("source_profile").is_some()
            }) =>
        {
            problem.clone()
        }
        _ => return Vec::new(),
    };
    let found = Found::new(format!("The role profile `{chosen}` cannot work as it is written: {problem}."))
        .evidence(look::profile_from(case), format!("profile {chosen}"))
        .evidence(words::short(case, &aws.config.path), problem);
    // The section whose key is wrong: the one that names the source.
    let names_it = holder(chosen, leads_to);
    let others = aws.profiles.keys().map(String::as_str).filter(|other| *other != names_it && *other != name);
    let best = tables::nearest(name, others.clone()).or_else(|| others.clone().find(|other| *other == "default"));
    let best = best.filter(|_| look::role_source(case).is_none());
    vec![match best {
        Some(best) => found.fix(Fix::command(
            "Name a source profile that has credentials.",
            format!(
                "aws configure set source_profile {}{}",
                words::quote(case, best),
                words::profile_option(case, names_it)
            ),
        )),
        None => found.fix(Fix::words(
            Who::You,
            format!(
                "Correct the section of the profile {names_it}: it needs a source_profile with credentials, or a credential_source \
                 (Environment, Ec2InstanceMetadata or EcsContainer) that gives some."
            ),
        )),
    }]
}

/// STS finds the session of the role too long: longer than the role allows, or than one that another role assumes may be.
fn too_long(case: &Case<'_>, chosen: &str, leads_to: &ProfileRoute) -> Option<Found> {
    let refusal = look::service(case, "sts")?;
    if refusal.code != "ValidationError" || !refusal.message.contains("DurationSeconds exceeds") {
        return None;
    }
    let aws = &case.machine.aws;
    let found = Found::new(format!("The role profile `{chosen}` asks for a longer session than its role allows."))
        .evidence("STS AssumeRole", words::refusal(refusal));
    // The profile nearest to the client that gives a length.
    let holders = roles(chosen, leads_to);
    let at = holders.iter().find_map(|(name, role)| {
        let known_as = [(*name).to_owned(), format!("profile.{name}")];
        let own = |section: &&Section| section.known_as.as_ref().is_some_and(|known| known_as.contains(known));
        let files = [(&aws.config, &aws.config_sections), (&aws.credentials, &aws.credentials_sections)];
        let line = |(file, sections): (&AwsFile, &Vec<Section>)| {
            Some((file.path.clone(), *sections.iter().find(own)?.keys.get("duration_seconds")?))
        };
        Some((*name, *role, files.into_iter().find_map(line)?))
    });
    let Some((name, role, (path, line))) = at else {
        return Some(
            found.fix(Fix::words(Who::You, "Ask for an hour: `duration_seconds = 3600` in the role profile.")),
        );
    };
    let place = format!("{}:{line}", words::short(case, &path));
    let seconds = aws.profiles.get(name).and_then(|profile| profile.get("duration_seconds")).unwrap_or("…");
    let found = found.evidence(place.clone(), format!("duration_seconds = {seconds}"));
    let text = format!(
        "Lower `duration_seconds` in {place} to what the role allows (3600 always does), or remove the line: then it is an hour."
    );
    let found = found.fix(hand::edit_line(case, text, &path, line));
    // A session that another role begins is an hour at most, whatever the role says.
    if refusal.message.contains("chaining") {
        return Some(found);
    }
    let role = role.rsplit('/').next().unwrap_or(role);
    let command = format!(
        "aws iam update-role --role-name {} --max-session-duration {}",
        words::quote(case, role),
        seconds.parse::<u32>().unwrap_or(43200).min(43200)
    );
    Some(found.fix(Fix::command("Or let the role allow it.", command).by(Who::AwsAdmin)))
}

/// The profiles of the chain that assume a role, the nearest to the client first, each with its role.
fn roles<'a>(name: &'a str, leads_to: &'a ProfileRoute) -> Vec<(&'a str, &'a str)> {
    let ProfileRoute::Role { role_arn, base, .. } = leads_to else { return Vec::new() };
    let below = match base.as_ref() {
        RoleBase::Profile { name, leads_to } => roles(name, leads_to),
        _ => Vec::new(),
    };
    [(name, role_arn.as_str())].into_iter().chain(below).collect()
}

/// The last profile of the chain that names another one.
fn holder<'a>(name: &'a str, leads_to: &'a ProfileRoute) -> &'a str {
    match leads_to {
        ProfileRoute::Role { base, .. } => match base.as_ref() {
            RoleBase::Profile { name: below, leads_to: next @ ProfileRoute::Role { .. } } => holder(below, next),
            _ => name,
        },
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{CredentialFailure, Refusal};
    use crate::diagnose::testing::*;
    use crate::observe::aws_files::Section;

    #[test]
    fn a_source_that_is_not_there() {
        let mut scene = Scene::healthy();
        scene.choose_profile(
            "bedrock",
            &[("role_arn", "arn:aws:iam::111111111111:role/Dev"), ("source_profile", "defalt")],
        );
        scene.without_credentials(None);
        let finding = scene.expect_first("assume-role-misconfigured");
        assert_eq!(
            finding.fixes[0].command.as_deref(),
            Some("aws configure set source_profile default --profile bedrock")
        );
    }

    #[test]
    fn a_role_without_a_source() {
        let mut scene = Scene::healthy();
        scene.choose_profile("bedrock", &[("role_arn", "arn:aws:iam::111111111111:role/Dev")]);
        scene.without_credentials(None);
        scene.expect_first("assume-role-misconfigured");
    }

    #[test]
    fn a_session_that_is_longer_than_the_role_allows() {
        let mut scene = Scene::healthy();
        let role = "arn:aws:iam::111111111111:role/team/Dev";
        let properties = [("role_arn", role), ("source_profile", "default"), ("duration_seconds", "43200")];
        scene.choose_profile("bedrock", &properties);
        scene.machine.aws.config_sections.push(Section {
            header: "profile bedrock".to_owned(),
            known_as: Some("profile.bedrock".to_owned()),
            line: 1,
            keys: [("duration_seconds".to_owned(), 4)].into(),
        });
        let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        let refusal = refusal(400, "ValidationError", text);
        scene.without_credentials(Some(CredentialFailure::Service { service: "sts", refusal: refusal.clone() }));
        let finding = scene.expect_first("assume-role-misconfigured");
        assert!(finding.fixes[0].text.contains("`duration_seconds` in ~/.aws/config:4"), "{finding:?}");
        let raise = finding.fixes[1].command.as_deref();
        assert_eq!(raise, Some("aws iam update-role --role-name Dev --max-session-duration 43200"));
        // Another complaint of that kind is another cause.
        let refusal = Refusal { message: "1 validation error detected: roleArn".to_owned(), ..refusal };
        scene.without_credentials(Some(CredentialFailure::Service { service: "sts", refusal }));
        scene.expect_absent("assume-role-misconfigured");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("assume-role-misconfigured");
    }
}
