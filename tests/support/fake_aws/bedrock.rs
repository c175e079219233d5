//! The control plane of Bedrock: lists and single answers about models, profiles and access.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::account::{ACCOUNT_ID, Account, ApplicationProfile};
use super::errors::Fault;
use super::models::{self, Model, Stage};
use super::targets::{self, Profile};
use super::wire::{Call, Reply};

/// Answers one control-plane operation.
pub fn answer(call: &Call, account: &Account) -> Result<Reply, Fault> {
    let id = call.model.as_deref().unwrap_or_default();
    let region = call.region.as_str();
    match call.operation.as_str() {
        "ListInferenceProfiles" => list_profiles(call, account),
        "GetInferenceProfile" => get_profile(account, id, region),
        "ListFoundationModels" => {
            let offered = account.models.iter().filter(|model| listed(account, model, region));
            let summaries: Vec<Value> =
                offered.filter(|model| filters(call, model, region)).map(|model| details(model, region)).collect();
            Ok(Reply::json(&json!({ "modelSummaries": summaries })))
        }
        "GetFoundationModel" => {
            let model = foundation(account, id, region)?;
            Ok(Reply::json(&json!({ "modelDetails": details(model, region) })))
        }
        "GetFoundationModelAvailability" => {
            let model = known(account, id)?;
            let open = &model.availability;
            let here = if listed(account, model, region) { "AVAILABLE" } else { "NOT_AVAILABLE" };
            let mut agreement = json!({ "status": open.agreement });
            if let Some(message) = &open.agreement_error {
                agreement["errorMessage"] = json!(message);
            }
            Ok(Reply::json(&json!({
                "modelId": model.id,
                "agreementAvailability": agreement,
                "authorizationStatus": open.authorization,
                "entitlementAvailability": open.entitlement,
                "regionAvailability": open.region.as_deref().unwrap_or(here),
            })))
        }
        "GetUseCaseForModelAccess" if account.use_case_form => {
            let form = json!({ "companyName": "Example Corp", "companyWebsite": "https://example.com", "intendedUsers": "0", "industryOption": "Education", "useCases": "Coding" });
            Ok(Reply::json(&json!({ "formData": BASE64_STANDARD.encode(form.to_string()) })))
        }
        "GetUseCaseForModelAccess" => {
            Err(Fault::not_found("Use case details have not been submitted for this account."))
        }
        "ListFoundationModelAgreementOffers" => {
            let model = foundation(account, id, region)?;
            Ok(Reply::json(&json!({ "modelId": model.id, "offers": [{
                "offerId": format!("offer-{}", &model.id[model.id.len() - 6..]),
                "offerToken": "b2ZmZXItdG9rZW4tb2YtdGhlLWZha2U",
                "termDetails": {
                    "usageBasedPricingTerm": { "rateCard": [{ "dimension": "InputTokenCount", "price": "0.003", "description": "Input tokens", "unit": "1K tokens" }] },
                    "legalTerm": { "url": "https://aws.amazon.com/legal/bedrock/third-party-models/" },
                    "supportTerm": { "refundPolicyDescription": "No refunds" },
                },
            }] })))
        }
        "GetModelInvocationLoggingConfiguration" => Ok(Reply::json(&match &account.logging {
            Some(config) => json!({ "loggingConfig": config }),
            None => json!({}),
        })),
        _ => Err(Fault::unknown_operation(call)),
    }
}

fn list_profiles(call: &Call, account: &Account) -> Result<Reply, Fault> {
    let region = call.region.as_str();
    // The model's name of the parameter is `type`; without it AWS lists both kinds.
    let wanted = call.parameter("type").or_else(|| call.parameter("typeEquals"));
    let mut all = Vec::new();
    if wanted.as_deref() != Some("APPLICATION") {
        for model in account.models.iter().filter(|model| listed(account, model, region)) {
            let here = model.profiles.iter().filter(|geography| models::offers(geography, region));
            all.extend(here.map(|geography| system_profile(model, geography, region)));
        }
    }
    if wanted.as_deref() != Some("SYSTEM_DEFINED") {
        for profile in account.application_profiles.iter().filter(|profile| profile.region == region) {
            all.push(application_profile(profile));
        }
    }
    let number = |name: &str| call.parameter(name).and_then(|value| value.parse::<usize>().ok());
    let size = number("maxResults").unwrap_or(1000);
    if !(1..=1000).contains(&size) {
        return Err(Fault::validation(
            "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
        ));
    }
    let from = match call.parameter("nextToken") {
        None => 0,
        Some(token) => token
            .strip_prefix("page-")
            .and_then(|at| at.parse().ok())
            .ok_or_else(|| Fault::validation("Invalid nextToken"))?,
    };
    let page: Vec<_> = all.iter().skip(from).take(size).collect();
    let mut body = json!({ "inferenceProfileSummaries": page });
    if from + size < all.len() {
        body["nextToken"] = json!(format!("page-{}", from + size));
    }
    Ok(Reply::json(&body))
}

fn get_profile(account: &Account, id: &str, region: &str) -> Result<Reply, Fault> {
    let target = targets::resolve(account, id, region)?;
    match target.profile {
        Some(Profile::System(geography)) if target.model.listed() => {
            Ok(Reply::json(&system_profile(target.model, geography, region)))
        }
        Some(Profile::Application(profile)) => Ok(Reply::json(&application_profile(profile))),
        _ => Err(Fault::not_found(format!("Could not find an inference profile for {id}"))),
    }
}

fn system_profile(model: &Model, geography: &str, region: &str) -> Value {
    let id = format!("{geography}.{}", model.id);
    let place = match geography {
        "global" => "Global".to_owned(),
        other => other.to_uppercase(),
    };
    profile(
        &id,
        &format!("{place} {}", model.name),
        &format!("arn:{}:bedrock:{region}:{ACCOUNT_ID}:inference-profile/{id}", models::partition(region)),
        models::routes(geography, &model.id, region),
        "SYSTEM_DEFINED",
    )
}

fn application_profile(own: &ApplicationProfile) -> Value {
    let partition = models::partition(&own.region);
    profile(
        &own.id,
        &own.name,
        &format!("arn:{partition}:bedrock:{}:{ACCOUNT_ID}:application-inference-profile/{}", own.region, own.id),
        vec![format!("arn:{partition}:bedrock:{}::foundation-model/{}", own.region, own.model)],
        "APPLICATION",
    )
}

fn profile(id: &str, name: &str, arn: &str, routes: Vec<String>, kind: &str) -> Value {
    json!({
        "inferenceProfileId": id,
        "inferenceProfileName": name,
        "description": format!("Routes requests to {name}."),
        "inferenceProfileArn": arn,
        "models": routes.iter().map(|arn| json!({ "modelArn": arn })).collect::<Vec<_>>(),
        "status": "ACTIVE",
        "type": kind,
        "createdAt": "2026-09-01T00:00:00Z",
        "updatedAt": "2026-09-01T00:00:00Z",
    })
}

fn listed(account: &Account, model: &Model, region: &str) -> bool {
    account.regions.iter().any(|known| known == region) && model.offered_in(region)
}

fn filters(call: &Call, model: &Model, region: &str) -> bool {
    let provider = call.parameter("byProvider").is_none_or(|wanted| wanted.eq_ignore_ascii_case("anthropic"));
    let kind = call
        .parameter("byInferenceType")
        .is_none_or(|wanted| inference_types(model, region).contains(&wanted.as_str()));
    provider && kind
}

fn inference_types(model: &Model, region: &str) -> Vec<&'static str> {
    if model.on_demand_in.iter().any(|home| home == region) {
        vec!["ON_DEMAND", "INFERENCE_PROFILE"]
    } else {
        vec!["INFERENCE_PROFILE"]
    }
}

/// Access questions take a model id or its ARN; a profile id is not one.
fn known<'a>(account: &'a Account, id: &str) -> Result<&'a Model, Fault> {
    let bare = id.rsplit('/').next().unwrap_or(id);
    account.model(bare).ok_or_else(|| Fault::validation("The provided model identifier is invalid."))
}

fn foundation<'a>(account: &'a Account, id: &str, region: &str) -> Result<&'a Model, Fault> {
    known(account, id).and_then(|model| {
        let here = listed(account, model, region);
        here.then_some(model).ok_or_else(|| {
            Fault::not_found("Could not resolve the foundation model from the provided model identifier.")
        })
    })
}

fn details(model: &Model, region: &str) -> Value {
    let mut lifecycle = json!({ "status": if model.lifecycle.stage == Stage::Active { "ACTIVE" } else { "LEGACY" } });
    for (name, date) in [
        ("legacyTime", &model.lifecycle.legacy),
        ("publicExtendedAccessTime", &model.lifecycle.extended),
        ("endOfLifeTime", &model.lifecycle.end),
    ] {
        if let Some(date) = date {
            lifecycle[name] = json!(date);
        }
    }
    json!({
        "modelArn": format!("arn:{}:bedrock:{region}::foundation-model/{}", models::partition(region), model.id),
        "modelId": model.id,
        "modelName": model.name,
        "providerName": "Anthropic",
        "inputModalities": ["TEXT", "IMAGE"],
        "outputModalities": ["TEXT"],
        "responseStreamingSupported": true,
        "customizationsSupported": [],
        "inferenceTypesSupported": inference_types(model, region),
        "modelLifecycle": lifecycle,
    })
}
