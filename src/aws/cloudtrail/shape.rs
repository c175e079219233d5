//! The JSON of LookupEvents, as far as it is read.

use serde::Deserialize;

use crate::aws::loose::{Loose, LooseList, text};

/// A row of LookupEvents.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Row {
    pub(super) event_id: Loose<String>,
    pub(super) event_name: Loose<String>,
    pub(super) access_key_id: Loose<String>,
    /// Seconds since 1970.
    pub(super) event_time: Loose<f64>,
    pub(super) event_source: Loose<String>,
    pub(super) username: Loose<String>,
    pub(super) resources: LooseList<RowResource>,
    pub(super) cloud_trail_event: Loose<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct RowResource {
    pub(super) resource_name: Loose<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Inner {
    #[serde(rename = "eventID")]
    pub(super) event_id: Loose<String>,
    pub(super) event_name: Loose<String>,
    pub(super) event_time: Loose<String>,
    pub(super) event_source: Loose<String>,
    pub(super) aws_region: Loose<String>,
    #[serde(rename = "sourceIPAddress")]
    pub(super) source_ip_address: Loose<String>,
    pub(super) user_agent: Loose<String>,
    pub(super) error_code: Loose<String>,
    pub(super) error_message: Loose<String>,
    #[serde(rename = "requestID")]
    pub(super) request_id: Loose<String>,
    pub(super) request_parameters: Loose<Parameters>,
    pub(super) additional_event_data: Loose<Parameters>,
    pub(super) resources: LooseList<Resource>,
    pub(super) user_identity: Loose<UserIdentity>,
}

/// Fields that may name the model, in the request and beside it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Parameters {
    pub(super) model_id: Loose<String>,
    pub(super) inference_profile_arn: Loose<String>,
    pub(super) inference_profile_id: Loose<String>,
    pub(super) inference_profile_identifier: Loose<String>,
    pub(super) model_arn: Loose<String>,
    pub(super) model_identifier: Loose<String>,
    pub(super) inference_region: Loose<String>,
    pub(super) call_with_bearer_token: Loose<Flag>,
}

/// A switch, as a boolean or as a word.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Flag {
    Is(bool),
    Says(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resource {
    #[serde(rename = "ARN", alias = "arn")]
    pub(super) arn: Loose<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UserIdentity {
    pub(super) r#type: Loose<String>,
    pub(super) principal_id: Loose<String>,
    pub(super) arn: Loose<String>,
    pub(super) account_id: Loose<String>,
    pub(super) access_key_id: Loose<String>,
    pub(super) user_name: Loose<String>,
    pub(super) session_context: Loose<SessionContext>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SessionContext {
    pub(super) session_issuer: Loose<SessionIssuer>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SessionIssuer {
    pub(super) arn: Loose<String>,
}

impl Parameters {
    /// The model that it names, the most telling field first.
    pub(super) fn model(self) -> Option<String> {
        [
            self.model_id,
            self.inference_profile_arn,
            self.inference_profile_id,
            self.inference_profile_identifier,
            self.model_arn,
            self.model_identifier,
        ]
        .into_iter()
        .find_map(text)
    }
}
