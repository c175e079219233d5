//! Denials by identity policies, told apart; and words that the denials of an organization share.

use crate::aws::answer::{ModelAnswers, Refusal};
use crate::aws::denial::{self, Denial, Policy};
use crate::diagnose::Case;
use crate::diagnose::look::{self, RefusedModel};

/// What an identity policy lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Everything, as far as can be told.
    Invoke,
    /// The streaming action alone.
    Stream,
    /// The ARN of the profile.
    ProfileArn,
    /// The model in a region that the profile routes to.
    Destination,
}

/// Where the denied resource lies, seen from the resolved region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the region, or nowhere in particular.
    Here,
    /// In another region.
    OtherRegion,
    /// In no region: the `global.` route.
    Global,
}

/// Where a denial's resource lies.
pub fn place(case: &Case<'_>, denial: &Denial) -> Place {
    match denial.resource.as_ref().and_then(|resource| resource.region.as_deref()) {
        Some("") => Place::Global,
        Some(region) if region != case.route.region.name => Place::OtherRegion,
        _ => Place::Here,
    }
}

/// The models of which the policy lacks this, and the caller.
pub fn missing<'a>(case: &Case<'a>, wanted: Missing) -> (Vec<RefusedModel<'a>>, Option<String>) {
    let denials: Vec<_> = look::denied_by(case, Policy::Identity)
        .into_iter()
        .filter(|(_, denial)| denial.reason.is_some_and(|reason| !reason.explicit))
        .filter(|(_, denial)| denial.action.starts_with("bedrock:InvokeModel"))
        .filter(|(refused, denial)| what_is_missing(case, refused.model, denial) == wanted)
        .collect();
    let principal = denials.first().map(|(_, denial)| denial.principal.clone());
    (denials.into_iter().map(|(refused, _)| refused).collect(), principal)
}

fn what_is_missing(case: &Case<'_>, model: &ModelAnswers, denial: &Denial) -> Missing {
    if model.invoke.got().is_some() {
        return Missing::Stream;
    }
    let Some(resource) = &denial.resource else {
        return Missing::Invoke;
    };
    if resource.is_profile() {
        // AWS names the profile first, also to one who may do nothing at all. Only where the models behind it are known to be
        // allowed, by another call that answers, is it the profile alone. Profiles of the account are left out of policies
        // that were written for models.
        let plain = model.invoke.refused().and_then(resource_of);
        let same_kind = plain.is_none_or(|plain| plain.is_profile());
        let application = resource.kind == "application-inference-profile";
        return if same_kind && (application || look::any_answers(case)) {
            Missing::ProfileArn
        } else {
            Missing::Invoke
        };
    }
    match place(case, denial) {
        Place::Here => Missing::Invoke,
        Place::OtherRegion | Place::Global => Missing::Destination,
    }
}

fn resource_of(refusal: &Refusal) -> Option<denial::Resource> {
    denial::parse(&refusal.message)?.resource
}

/// The regions that denials name, for a sentence.
pub fn other_regions(models: &[RefusedModel<'_>]) -> String {
    let mut regions: Vec<String> = models
        .iter()
        .filter_map(|refused| resource_of(refused.refusal))
        .map(|resource| resource.region_in_words().to_owned())
        .collect();
    regions.sort();
    regions.dedup();
    regions.join(", ")
}

/// The ARNs that a listed profile routes to.
pub fn destinations(case: &Case<'_>, id: &str) -> Option<String> {
    let profiles = case.answers.profiles.got()?;
    let profile = profiles.iter().find(|profile| profile.id == id || profile.arn == id)?;
    Some(profile.model_arns.join(", "))
}

/// The policies that deny, where AWS names them.
pub fn policy_arns(denials: &[(RefusedModel<'_>, Denial)]) -> Option<String> {
    let mut arns: Vec<&str> = denials.iter().filter_map(|(_, denial)| denial.policy_arn.as_deref()).collect();
    arns.sort_unstable();
    arns.dedup();
    (!arns.is_empty()).then(|| arns.join(", "))
}
