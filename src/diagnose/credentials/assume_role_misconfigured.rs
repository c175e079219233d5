//! `assume-role-misconfigured`: the role profile cannot work as it is written.

use crate::aws::answer::CredentialFailure;
use crate::aws::tables;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
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

`Could not load credentials from any providers`, `Partial credentials found in assume-role, missing: source_profile or credential_source`, `Infinite loop in credential configuration detected`.

## Why

`role_arn` stands without `source_profile`, `credential_source` or a web identity file; or `source_profile` names a profile that is not there, gives no credentials, or leads back to itself.

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
    use crate::diagnose::testing::*;

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
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("assume-role-misconfigured");
    }
}
