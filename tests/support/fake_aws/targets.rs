//! From an id or ARN to the model it stands for, with Bedrock's refusals on the way.

use super::account::{ACCOUNT_ID, Account, ApplicationProfile};
use super::errors::Fault;
use super::models::{self, Model, Stage};
use super::wire::Call;

/// What an id or ARN stands for, seen from one region.
pub struct Target<'a> {
    /// The foundation model behind it.
    pub model: &'a Model,
    /// The profile that was named, if one was.
    pub profile: Option<Profile<'a>>,
}

/// An inference profile.
pub enum Profile<'a> {
    /// `us.`, `global.`, …
    System(&'a str),
    /// Somebody's own.
    Application(&'a ApplicationProfile),
}

const INVALID: &str = "The provided model identifier is invalid.";

/// Resolves `id` (id or ARN, profile or model) for `region`. Unknown there: 400.
pub fn resolve<'a>(account: &'a Account, id: &str, region: &str) -> Result<Target<'a>, Fault> {
    let id = match id.strip_prefix("arn:") {
        None => id,
        Some(arn) => {
            let parts: Vec<&str> = arn.splitn(5, ':').collect();
            let [_, "bedrock", arn_region, owner, resource] = parts[..] else {
                return Err(Fault::validation(INVALID));
            };
            let Some((_, id)) = resource.split_once('/') else {
                return Err(Fault::validation(INVALID));
            };
            if arn_region != region || !(owner.is_empty() || owner == ACCOUNT_ID) {
                return Err(Fault::validation(INVALID));
            }
            id
        }
    };
    let invalid = || Fault::validation(INVALID);
    if let Some(profile) =
        account.application_profiles.iter().find(|profile| profile.id == id && profile.region == region)
    {
        let model = account.model(&profile.model).ok_or_else(invalid)?;
        return Ok(Target { model, profile: Some(Profile::Application(profile)) });
    }
    if let Some(model) = account.model(id) {
        return Ok(Target { model, profile: None });
    }
    let (prefix, bare) = id.split_once('.').ok_or_else(invalid)?;
    let model = account.model(bare).ok_or_else(invalid)?;
    let geography = model.profiles.iter().find(|geography| *geography == prefix).ok_or_else(invalid)?;
    if !account.regions.iter().any(|known| known == region) || !models::offers(geography, region) {
        return Err(invalid());
    }
    Ok(Target { model, profile: Some(Profile::System(geography)) })
}

/// Whether the model answers this account here; the checks come in the order in which AWS makes them.
pub fn check_access(account: &Account, target: &Target, id: &str, region: &str) -> Result<(), Fault> {
    let model = target.model;
    if model.lifecycle.stage == Stage::EndOfLife {
        return Err(Fault::not_found(
            "This model version has reached the end of its life. Please refer to the AWS documentation for more details.",
        ));
    }
    let known = account.regions.iter().any(|known| known == region);
    if target.profile.is_none() && !(known && model.on_demand_in.iter().any(|home| home == region)) {
        if !known || !model.offered_in(region) {
            return Err(Fault::validation(INVALID));
        }
        return Err(Fault::validation(format!(
            "Invocation of model ID {id} with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model."
        )));
    }
    let open = &model.availability;
    if open.region.as_deref() == Some("NOT_AVAILABLE") {
        return Err(Fault::validation(INVALID));
    }
    if !account.use_case_form {
        return Err(Fault::not_found(
            "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model. If you have already filled out the form, try again in 15 minutes.",
        ));
    }
    if open.authorization == "NOT_AUTHORIZED" || open.entitlement == "NOT_AVAILABLE" {
        return Err(Fault::denied("You don't have access to the model with the specified model ID."));
    }
    if open.agreement != "AVAILABLE" {
        return Err(Fault::denied(
            "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. Refer to the Amazon Bedrock documentation for further details. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 15 minutes.",
        ));
    }
    if model.idle_legacy {
        return Err(Fault::not_found(
            "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 15 days. Please upgrade to an active model on Amazon Bedrock",
        ));
    }
    Ok(())
}

/// The resource that an IAM denial names for a call; none: the service names no resource in its denials.
pub fn denied_resource(call: &Call, account: &Account) -> Option<String> {
    match call.service.as_str() {
        "cloudtrail" | "monitoring" | "pricing" => None,
        "ce" => Some(format!("arn:aws:ce:{}:{ACCOUNT_ID}:/{}", call.region, call.operation)),
        "iam" => Some(call.form("PolicySourceArn").unwrap_or_else(|| "*".into())),
        _ => Some(resource_arn(account, call.model.as_deref(), &call.region)),
    }
}

/// The ARN that an IAM denial names for a call on this id.
fn resource_arn(account: &Account, id: Option<&str>, region: &str) -> String {
    let partition = models::partition(region);
    match id {
        None => format!("arn:{partition}:bedrock:{region}:{ACCOUNT_ID}:*"),
        Some(id) if id.starts_with("arn:") => id.to_owned(),
        Some(id) if account.application_profiles.iter().any(|profile| profile.id == id) => {
            format!("arn:{partition}:bedrock:{region}:{ACCOUNT_ID}:application-inference-profile/{id}")
        }
        Some(id) if id.starts_with("anthropic.") => {
            format!("arn:{partition}:bedrock:{region}::foundation-model/{id}")
        }
        Some(id) => format!("arn:{partition}:bedrock:{region}:{ACCOUNT_ID}:inference-profile/{id}"),
    }
}
