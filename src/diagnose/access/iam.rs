//! Denials by identity policies, told apart; and words that the denials of an organization share.

use crate::aws::answer::{ModelAnswers, Refusal};
use crate::aws::denial::{self, Denial, Policy};
use crate::aws::iam::Simulated;
use crate::diagnose::look::{self, RefusedModel};
use crate::diagnose::statement::{self, CALLS, Statement};
use crate::diagnose::{Case, Found};

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
    let denials: Vec<_> = look::denials(case)
        .into_iter()
        .filter(|(_, denial)| by_identity(case, denial) == Some(false))
        .filter(|(_, denial)| is_call(&denial.action))
        .filter(|(refused, denial)| what_is_missing(case, refused.model, denial) == wanted)
        .collect();
    let principal = denials.first().map(|(_, denial)| denial.principal.clone());
    (denials.into_iter().map(|(refused, _)| refused).collect(), principal)
}

/// A model call, of Bedrock or through Mantle.
pub fn is_call(action: &str) -> bool {
    action.starts_with("bedrock:InvokeModel") || action == "bedrock-mantle:CreateInference"
}

/// A denial by the caller's own policies: `Some(true)` where one denies, `Some(false)` where none allows. Where AWS does not say
/// which kind of policy it was, the simulator's word on the same action and resource stands for it, where there is one.
pub fn by_identity(case: &Case<'_>, denial: &Denial) -> Option<bool> {
    match denial.reason {
        Some(reason) => (reason.policy == Policy::Identity).then_some(reason.explicit),
        None => {
            let arn = denial.resource.as_ref().map(|resource| resource.arn.as_str());
            let simulated = arn.and_then(|arn| simulated(case, arn).find(|one| one.action == denial.action));
            match simulated.map(|one| one.decision.as_str()) {
                Some("explicitDeny") => Some(true),
                Some("implicitDeny") => Some(false),
                Some(_) => None,
                // Older texts name no kind: then it is told as what it mostly is, with a word about the others.
                None => Some(denial.explicit),
            }
        }
    }
}

/// Says so where AWS's words name no kind of policy for any denial, and the simulator could not be asked.
pub fn with_doubt(case: &Case<'_>, found: Found) -> Found {
    let open = look::denials(case).iter().all(|(_, denial)| denial.reason.is_none());
    match open && case.answers.simulation.got().is_none() {
        true => found
            .evidence("AWS's words", "they do not say which kind of policy: a boundary or the organization may be it"),
        false => found,
    }
}

fn simulated<'a>(case: &Case<'a>, arn: &str) -> impl Iterator<Item = &'a Simulated> {
    let arn = arn.to_owned();
    case.answers.simulation.got().into_iter().flatten().filter(move |one| one.resource == arn)
}

/// What IAM's simulator said of the caller's own policies, as evidence: which statement denies, and what none allows.
pub fn with_simulation(case: &Case<'_>, mut found: Found) -> Found {
    for one in case.answers.simulation.got().into_iter().flatten().filter(|one| !one.is_allowed()) {
        let by = if one.statements.is_empty() { String::new() } else { format!(", by {}", one.statements.join("; ")) };
        let boundary = if one.boundary == Some(false) { ", not within the permissions boundary" } else { "" };
        let place = format!("iam:SimulatePrincipalPolicy (a hint) for {}", one.action);
        found = found.evidence(place, format!("{} on {}{by}{boundary}", one.decision, one.resource));
    }
    found
}

/// The statement that lets these models be called.
pub fn calls(
    case: &Case<'_>,
    actions: &[&str],
    models: &[RefusedModel<'_>],
    arns: impl Fn(&str) -> Vec<String>,
) -> Statement {
    let through_mantle = models.iter().all(|refused| case.route.asks_mantle(&refused.model.id));
    if through_mantle && !models.is_empty() {
        let denied = models.iter().filter_map(|refused| resource_of(refused.refusal)).map(|resource| resource.arn);
        return Statement::allow(["bedrock-mantle:CreateInference"], denied);
    }
    Statement::allow(actions, models.iter().flat_map(|refused| arns(&refused.model.id)))
}

/// The statement that a policy of another kind lacks; `None` where one denies, since no statement that allows helps against it.
pub fn allowing(case: &Case<'_>, denials: &[(RefusedModel<'_>, Denial)]) -> Option<Statement> {
    let denied = denials.iter().any(|(_, denial)| denial.reason.is_some_and(|reason| reason.explicit));
    let models: Vec<_> = denials.iter().map(|(refused, _)| *refused).collect();
    (!denied).then(|| calls(case, &CALLS, &models, |id| statement::resources(case, id)))
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
        // The simulator knows whether the models behind it are allowed. Where it contradicts AWS on the profile itself, it knows nothing.
        let agrees = simulated(case, &resource.arn).any(|one| one.action == denial.action && !one.is_allowed());
        let behind = statement::model_arns(case, &model.id);
        let verdicts: Vec<bool> =
            behind.iter().flat_map(|arn| simulated(case, arn)).map(Simulated::is_allowed).collect();
        if agrees && !verdicts.is_empty() {
            return if verdicts.iter().all(|allowed| *allowed) { Missing::ProfileArn } else { Missing::Invoke };
        }
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
