//! Lookups that the findings of the AWS layers share: who was refused with what words, which profile gives the keys.

mod network;

use std::time::Duration;

use jiff::SignedDuration;

pub use network::*;

use super::{Case, Found, words};
use crate::aws::answer::{CredentialFailure, HelperRun, ModelAnswers, Refusal};
use crate::aws::denial::{Denial, Policy};
use crate::aws::questions;
use crate::aws::told::{Told, told};
use crate::resolve::{CredentialKind, ProfileRoute, RoleBase, Source, data};
use crate::variables;

/// Bedrock refuses a signature that is five minutes off; STS only at fifteen. A minute less, to warn in time.
pub const CLOCK_LIMIT: Duration = Duration::from_secs(4 * 60);

/// A model whose call was refused.
#[derive(Debug, Clone, Copy)]
pub struct RefusedModel<'a> {
    /// Everything asked about it.
    pub model: &'a ModelAnswers,
    /// What AWS said to the streaming call.
    pub refusal: &'a Refusal,
}

/// The models whose streaming call was refused.
pub fn refused<'a>(case: &Case<'a>) -> Vec<RefusedModel<'a>> {
    let models = case.answers.models.iter();
    models.filter_map(|model| Some(RefusedModel { model, refusal: model.stream.refused()? })).collect()
}

/// The models that were refused with such words.
pub fn refused_with<'a>(case: &Case<'a>, wanted: impl Fn(&Told) -> bool) -> Vec<RefusedModel<'a>> {
    refused(case).into_iter().filter(|refused| wanted(&told(refused.refusal))).collect()
}

/// The models that a policy of this kind denies, each with the denial.
pub fn denied_by<'a>(case: &Case<'a>, policy: Policy) -> Vec<(RefusedModel<'a>, Denial)> {
    denials(case)
        .into_iter()
        .filter(|(_, denial)| denial.reason.is_some_and(|reason| reason.policy == policy))
        .collect()
}

/// The models that were denied by a sentence of IAM's grammar.
pub fn denials<'a>(case: &Case<'a>) -> Vec<(RefusedModel<'a>, Denial)> {
    refused(case)
        .into_iter()
        .filter_map(|refused| match told(refused.refusal) {
            Told::Denied(denial) => Some((refused, denial)),
            _ => None,
        })
        .collect()
}

/// What STS refused, and what it told by that: who calls, or the role that the keys were to assume.
pub fn sts<'a>(case: &Case<'a>) -> Option<(&'a Refusal, Told)> {
    let refused = case.answers.identity.refused().or_else(|| service(case, "sts"));
    refused.map(|refusal| (refusal, told(refusal)))
}

/// Every refusal of the route's credentials: STS first, then each model, each with its place as evidence.
pub fn refusals<'a>(case: &Case<'a>) -> Vec<(String, &'a Refusal)> {
    let sts = case.answers.identity.refused().map(|refusal| ("STS GetCallerIdentity".to_owned(), refusal));
    let source = match &case.answers.credential_failure {
        // Metadata services are not AWS's endpoints, and have findings of their own.
        Some(CredentialFailure::Service { service, refusal }) if !["imds", "container"].contains(service) => {
            Some((format!("credentials from {service}"), refusal))
        }
        _ => None,
    };
    sts.into_iter()
        .chain(source)
        .chain(refused(case).into_iter().map(|refused| (call(refused.model), refused.refusal)))
        .collect()
}

/// The refusals that told this.
pub fn told_by<'a>(case: &Case<'a>, wanted: &Told) -> Vec<(String, &'a Refusal)> {
    refusals(case).into_iter().filter(|(_, refusal)| told(refusal) == *wanted).collect()
}

/// The name of a model call, as evidence names it.
pub fn call(model: &ModelAnswers) -> String {
    format!("streaming call of {}", model.id)
}

/// Some model answered.
pub fn any_answers(case: &Case<'_>) -> bool {
    case.answers.models.iter().any(|model| model.stream.got().is_some())
}

/// Every model that was to be asked answered, and there was one.
pub fn all_answer(case: &Case<'_>) -> bool {
    !case.answers.models.is_empty() && case.answers.models.iter().all(|model| model.stream.got().is_some())
}

/// A profile that gives keys, and what it leads to; a role is followed to the profile that assumes it.
pub fn leaf<'a>(case: &Case<'a>) -> Option<(&'a str, &'a ProfileRoute)> {
    let CredentialKind::Profile { name, leads_to } = &case.route.credentials.kind else {
        return None;
    };
    let (mut name, mut leads_to) = (name.as_str(), leads_to);
    while let ProfileRoute::Role { base, .. } = leads_to {
        match base.as_ref() {
            RoleBase::Profile { name: below, leads_to: next } => (name, leads_to) = (below, next),
            RoleBase::Source(_) | RoleBase::TokenFile(_) => break,
        }
    }
    Some((name, leads_to))
}

/// The `credential_source` at the end of a chain of roles.
pub fn role_source<'a>(case: &Case<'a>) -> Option<&'a str> {
    match leaf(case)? {
        (_, ProfileRoute::Role { base, .. }) => match base.as_ref() {
            RoleBase::Source(source) => Some(source),
            _ => None,
        },
        _ => None,
    }
}

/// The metadata service of an instance gives the credentials, or those that assume the role.
pub fn asks_metadata(case: &Case<'_>) -> bool {
    case.route.credentials.kind == CredentialKind::InstanceMetadata || role_source(case) == Some("Ec2InstanceMetadata")
}

/// The credentials were obtained, whatever AWS then said to them.
pub fn obtained(case: &Case<'_>) -> bool {
    case.answers.credentials.got().is_some() && case.answers.credential_failure.is_none()
}

/// A helper program that ran for the route's credentials.
pub fn helper<'a>(case: &Case<'a>) -> Option<&'a HelperRun> {
    match &case.answers.credential_failure {
        Some(CredentialFailure::Helper(run)) if matches!(leaf(case), Some((_, ProfileRoute::Process { .. }))) => {
            Some(run)
        }
        _ => None,
    }
}

/// A service that was asked for credentials and refused.
pub fn service<'a>(case: &Case<'a>, name: &str) -> Option<&'a Refusal> {
    match &case.answers.credential_failure {
        Some(CredentialFailure::Service { service, refusal }) if *service == name => Some(refusal),
        _ => None,
    }
}

/// Where the choice of the profile comes from, as text.
pub fn profile_from(case: &Case<'_>) -> String {
    match words::set_by(case, variables::PROFILE) {
        Some(place) => format!("{}, {place}", variables::PROFILE),
        None => "no AWS_PROFILE is set".to_owned(),
    }
}

/// Somebody chose a profile by name: `AWS_PROFILE` has a value.
pub fn profile_is_chosen(case: &Case<'_>) -> bool {
    case.route.value(variables::PROFILE).is_some()
}

/// AWS's clock minus ours, where it is further off than a signature may be.
pub fn clock_off(case: &Case<'_>) -> Option<SignedDuration> {
    let off = case.answers.clock_offset?;
    (off.unsigned_abs() >= CLOCK_LIMIT).then_some(off)
}

/// The clock was compared and is right.
pub fn clock_is_right(case: &Case<'_>) -> bool {
    case.answers.clock_offset.is_some() && clock_off(case).is_none()
}

/// The partition that the credentials belong to, where it is known, and what shows it.
pub fn credentials_partition(case: &Case<'_>) -> Option<(&'static str, String)> {
    let of_arn = |arn: &str| {
        ["aws-us-gov", "aws-cn", "aws"].into_iter().find(|partition| arn.split(':').nth(1) == Some(partition))
    };
    if let Some(identity) = case.answers.identity.got() {
        return Some((of_arn(&identity.arn)?, identity.arn.clone()));
    }
    let leads_to = match &case.route.credentials.kind {
        CredentialKind::Profile { leads_to, .. } => Some(leads_to),
        _ => None,
    };
    match leads_to {
        Some(ProfileRoute::Role { role_arn, .. }) => Some((of_arn(role_arn)?, format!("role_arn = {role_arn}"))),
        Some(ProfileRoute::Sso { .. }) => sso_partition(case),
        _ => {
            let identity = case.answers.identity_elsewhere.got()?;
            let of = questions::other_partition(&case.route.region.name);
            Some((of, format!("STS of the partition {of} knows them: {}", identity.arn)))
        }
    }
}

/// The partition of the sign-in that the route uses: GovCloud and China have access portals of their own.
pub fn sso_partition(case: &Case<'_>) -> Option<(&'static str, String)> {
    let Some((_, ProfileRoute::Sso { start_url, region, .. })) = leaf(case) else { return None };
    let row = data::region(region);
    let of = match row.map(|row| row.partition.as_str()) {
        _ if start_url.contains("us-gov") || region.starts_with("us-gov-") => "aws-us-gov",
        _ if start_url.contains(".awsapps.cn") || region.starts_with("cn-") => "aws-cn",
        Some("aws") => "aws",
        _ => return None,
    };
    Some((of, format!("sso_start_url = {start_url}, sso_region = {region}")))
}

/// Adds the refusals as evidence.
pub fn with_refusals(mut found: Found, refusals: &[(String, &Refusal)]) -> Found {
    for (place, refusal) in refusals {
        found = found.evidence(place.clone(), words::refusal(refusal));
    }
    found
}

/// Adds refused models as evidence.
pub fn with_models(found: Found, models: &[RefusedModel<'_>]) -> Found {
    models.iter().fold(found, |found, refused| found.evidence(call(refused.model), words::refusal(refused.refusal)))
}

/// The ids of refused models, for a sentence.
pub fn ids(models: &[RefusedModel<'_>]) -> String {
    models.iter().map(|refused| refused.model.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// The source of the region is a default of the client.
pub fn region_is_default(case: &Case<'_>) -> bool {
    case.route.region.source == Source::ClientDefault
}
