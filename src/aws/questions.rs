//! The questions about identity, profiles and access: one small function each.

use aws_sdk_bedrock::types::{InferenceProfileModel, InferenceProfileType};
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{CountTokensInput, InvokeModelTokensRequest};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Availability, Identity, InferenceProfile, Lifecycle, Quota};
use super::awsjson::{Service, Version};
use super::clients::{Aws, not_an_answer, settle, settle_error, url_problem};

/// Prefixes of inference profiles, as far as ids are taken apart at all; the list of profiles is the better source.
const PREFIXES: [&str; 8] = ["us-gov.", "us.", "eu.", "apac.", "jp.", "au.", "in.", "global."];

/// Pages of quotas that are read at most; Bedrock has about a dozen.
const QUOTA_PAGES: usize = 30;

/// `GetCallerIdentity`, at this URL and signed for this region.
pub async fn identity(aws: &Aws, url: &str, region: &str) -> Answer<Identity> {
    if let Some(failure) = url_problem(url) {
        return Answer::Unreachable(failure);
    }
    let recorder = aws.recorder();
    let result = aws.sts(&recorder, url, region).get_caller_identity().send().await;
    settle(&recorder, result, |output| {
        Some(Identity { account: output.account?, arn: output.arn?, user_id: output.user_id.unwrap_or_default() })
    })
}

/// URL and region of the STS that knows every long-lived key of the partition. A configured endpoint stays the same.
pub fn global_sts(regional: &str, region: &str) -> (String, &'static str) {
    let (global, host) = if region.starts_with("cn-") {
        ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn")
    } else if region.starts_with("us-gov-") {
        ("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com")
    } else {
        ("us-east-1", "sts.us-east-1.amazonaws.com")
    };
    if regional.contains(".amazonaws.com") {
        (format!("https://{host}"), global)
    } else {
        (regional.to_owned(), global)
    }
}

/// The partition whose credentials people have beside those of this region's.
pub fn other_partition(region: &str) -> &'static str {
    if region.starts_with("cn-") || region.starts_with("us-gov-") { "aws" } else { "aws-us-gov" }
}

/// [`global_sts`] of that other partition.
pub fn other_partitions_sts(regional: &str, region: &str) -> (String, &'static str) {
    global_sts(regional, if other_partition(region) == "aws" { "us-east-1" } else { "us-gov-west-1" })
}

/// `ListInferenceProfiles`, all pages of one kind.
pub async fn profiles(aws: &Aws, application: bool) -> Answer<Vec<InferenceProfile>> {
    if let Some(failure) = url_problem(&aws.control) {
        return Answer::Unreachable(failure);
    }
    let recorder = aws.recorder();
    let kind = if application { InferenceProfileType::Application } else { InferenceProfileType::SystemDefined };
    let mut pages =
        aws.bedrock(&recorder).list_inference_profiles().type_equals(kind).max_results(1000).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => found.extend(page.inference_profile_summaries.unwrap_or_default().into_iter().map(|profile| {
                InferenceProfile {
                    id: profile.inference_profile_id,
                    arn: profile.inference_profile_arn,
                    model_arns: model_arns(profile.models),
                    status: profile.status.as_str().to_owned(),
                    application: profile.r#type == InferenceProfileType::Application,
                }
            })),
            Err(error) => return settle_error(&recorder, &error),
        }
    }
    let from_aws = recorder.last().is_some_and(|exchange| exchange.request_id().is_some());
    if found.is_empty() && !from_aws {
        not_an_answer(&recorder, "no list, and no request id of AWS")
    } else {
        Answer::Got(found)
    }
}

/// `GetInferenceProfile`.
pub async fn profile(aws: &Aws, id: &str) -> Answer<InferenceProfile> {
    if let Some(failure) = url_problem(&aws.control) {
        return Answer::Unreachable(failure);
    }
    let recorder = aws.recorder();
    let result = aws.bedrock(&recorder).get_inference_profile().inference_profile_identifier(id).send().await;
    settle(&recorder, result, |output| {
        (!output.inference_profile_arn.is_empty()).then(|| InferenceProfile {
            id: output.inference_profile_id,
            arn: output.inference_profile_arn,
            model_arns: model_arns(output.models),
            status: output.status.as_str().to_owned(),
            application: output.r#type == InferenceProfileType::Application,
        })
    })
}

/// `GetFoundationModelAvailability` for a foundation model id.
pub async fn availability(aws: &Aws, model: &str) -> Answer<Availability> {
    if let Some(failure) = url_problem(&aws.control) {
        return Answer::Unreachable(failure);
    }
    let recorder = aws.recorder();
    let result = aws.bedrock(&recorder).get_foundation_model_availability().model_id(model).send().await;
    settle(&recorder, result, |output| {
        Some(Availability {
            agreement: output.agreement_availability?.status.as_str().to_owned(),
            authorization: output.authorization_status.as_str().to_owned(),
            entitlement: output.entitlement_availability.as_str().to_owned(),
            region: output.region_availability.as_str().to_owned(),
        })
    })
}

/// `GetFoundationModel`: the life of a foundation model.
pub async fn lifecycle(aws: &Aws, model: &str) -> Answer<Lifecycle> {
    if let Some(failure) = url_problem(&aws.control) {
        return Answer::Unreachable(failure);
    }
    let recorder = aws.recorder();
    let result = aws.bedrock(&recorder).get_foundation_model().model_identifier(model).send().await;
    settle(&recorder, result, |output| {
        let life = output.model_details?.model_lifecycle?;
        Some(Lifecycle {
            status: life.status.as_str().to_owned(),
            end_of_life: life.end_of_life_time.as_ref().and_then(timestamp),
        })
    })
}

/// `GetUseCaseForModelAccess`: the form is in. A 404 of AWS is the answer "no".
pub async fn use_case_form(aws: &Aws) -> Answer<bool> {
    if let Some(failure) = url_problem(&aws.control) {
        return Answer::Unreachable(failure);
    }
    let recorder = aws.recorder();
    let result = aws.bedrock(&recorder).get_use_case_for_model_access().send().await;
    match settle(&recorder, result, |output| Some(!output.form_data.into_inner().is_empty())) {
        Answer::Refused(refusal) if refusal.status == 404 && refusal.code == "ResourceNotFoundException" => {
            Answer::Got(false)
        }
        other => other,
    }
}

/// `GetAccountDataRetention`: the account's mode in this region, in AWS's word.
pub async fn data_retention(aws: &Aws) -> Answer<String> {
    if let Some(failure) = url_problem(&aws.control) {
        return Answer::Unreachable(failure);
    }
    let recorder = aws.recorder();
    let result = aws.bedrock(&recorder).get_account_data_retention().send().await;
    settle(&recorder, result, |output| Some(output.mode.as_str().to_owned()).filter(|mode| !mode.is_empty()))
}

/// `CountTokens` for a foundation model id: costs nothing.
pub async fn count_tokens(aws: &Aws, model: &str) -> Answer<()> {
    if let Some(failure) = url_problem(&aws.runtime) {
        return Answer::Unreachable(failure);
    }
    let body = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 1,
        "messages": [{ "role": "user", "content": "." }],
    });
    let recorder = aws.recorder();
    let request = match InvokeModelTokensRequest::builder().body(Blob::new(body.to_string())).build() {
        Ok(request) => CountTokensInput::InvokeModel(request),
        Err(error) => return Answer::NotAsked(error.to_string()),
    };
    let result = aws.runtime(&recorder).count_tokens().model_id(model).input(request).send().await;
    settle(&recorder, result, |_| Some(()))
}

/// `ListServiceQuotas` of Bedrock: the applied values.
pub async fn quotas(aws: &Aws, url: &str) -> Answer<Vec<Quota>> {
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..QUOTA_PAGES {
        let mut body = json!({ "ServiceCode": "bedrock", "MaxResults": 100 });
        if let Some(token) = &next {
            body["NextToken"] = json!(token);
        }
        let service = Service { url, name: "servicequotas", region: &aws.region, version: Version::V1_1 };
        let page: Value = match service.call(aws, "ServiceQuotasV20190624.ListServiceQuotas", &body).await {
            Answer::Got(page) => page,
            other => return other.without_value("the page was not read"),
        };
        let rows = page["Quotas"].as_array().map(Vec::as_slice).unwrap_or_default();
        found.extend(rows.iter().filter_map(|row| {
            Some(Quota {
                code: row["QuotaCode"].as_str()?.to_owned(),
                name: row["QuotaName"].as_str()?.to_owned(),
                value: row["Value"].as_f64()?,
            })
        }));
        next = page["NextToken"].as_str().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    Answer::Got(found)
}

/// The foundation model behind an id: by the list where it has the id, else by the shape of the id.
/// `None` for an application profile that is in no list: its id says nothing.
pub fn foundation_model(id: &str, profiles: &[InferenceProfile]) -> Option<String> {
    let tail = |arn: &str| arn.rsplit_once("foundation-model/").map(|(_, model)| model.to_owned());
    if let Some(known) = profiles.iter().find(|profile| profile.id == id || profile.arn == id) {
        return known.model_arns.first().and_then(|arn| tail(arn));
    }
    if let Some(model) = tail(id) {
        return Some(model);
    }
    if is_application_profile(id) {
        return None;
    }
    let bare = id.rsplit('/').next().unwrap_or(id);
    Some(PREFIXES.iter().find_map(|prefix| bare.strip_prefix(prefix)).unwrap_or(bare).to_owned())
}

/// Whether an id is the ARN of a profile, of the account or of AWS.
pub fn is_profile_arn(id: &str) -> bool {
    id.starts_with("arn:") && id.contains("inference-profile/")
}

/// Whether an id is the ARN of a profile that the account made itself.
pub fn is_application_profile(id: &str) -> bool {
    id.starts_with("arn:") && id.contains(":application-inference-profile/")
}

fn model_arns(models: Vec<InferenceProfileModel>) -> Vec<String> {
    models.into_iter().filter_map(|model| model.model_arn).collect()
}

fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_behind_an_id_comes_from_the_list_or_from_the_shape_of_the_id() {
        let arn = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abcdefghijkl";
        let list = [InferenceProfile {
            id: "abcdefghijkl".into(),
            arn: arn.into(),
            model_arns: vec!["arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-x".into()],
            status: "ACTIVE".into(),
            application: true,
        }];
        let table = [
            (arn, &list[..], Some("anthropic.claude-x")),
            (arn, &[], None),
            ("us.anthropic.claude-opus-5-5", &[], Some("anthropic.claude-opus-5-5")),
            ("us-gov.anthropic.claude-opus-5-5", &[], Some("anthropic.claude-opus-5-5")),
            ("anthropic.claude-opus-5-5", &[], Some("anthropic.claude-opus-5-5")),
            (
                "arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.anthropic.claude-x-v1:0",
                &[],
                Some("anthropic.claude-x-v1:0"),
            ),
            ("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-x", &[], Some("anthropic.claude-x")),
        ];
        for (id, profiles, model) in table {
            assert_eq!(foundation_model(id, profiles).as_deref(), model, "{id}");
        }
    }
}
