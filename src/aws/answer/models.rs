//! What was asked about models, and what they may use.

use jiff::Timestamp;

use super::{Answer, Refusal};

/// One inference profile of the region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferenceProfile {
    /// `us.anthropic.…`, or the opaque id of an application profile.
    pub id: String,
    /// ARN.
    pub arn: String,
    /// ARNs of the models that it routes to.
    pub model_arns: Vec<String>,
    /// `ACTIVE` or another status.
    pub status: String,
    /// It is a profile of the account (`APPLICATION`).
    pub application: bool,
}

/// `GetFoundationModelAvailability`: four fields, in AWS's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// `agreementAvailability.status`: `AVAILABLE`, `PENDING`, `NOT_AVAILABLE` or `ERROR`.
    pub agreement: String,
    /// `authorizationStatus`: `AUTHORIZED` or `NOT_AUTHORIZED`.
    pub authorization: String,
    /// `entitlementAvailability`: `AVAILABLE` or `NOT_AVAILABLE`.
    pub entitlement: String,
    /// `regionAvailability`: `AVAILABLE` or `NOT_AVAILABLE`.
    pub region: String,
}

/// `GetFoundationModel`, as far as the life of the model goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    /// `ACTIVE` or `LEGACY`.
    pub status: String,
    /// End of life, if announced.
    pub end_of_life: Option<Timestamp>,
}

/// A model call that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelReply {
    /// `x-amzn-RequestId`.
    pub request_id: Option<String>,
    /// It answered only after the client's own fallback (no betas, adaptive thinking), with AWS's words on the first try.
    pub after_fallback: Option<Refusal>,
}

/// Everything that was asked about one model id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelAnswers {
    /// The id as sent.
    pub id: String,
    /// The streaming one-token call, as the client makes it.
    pub stream: Answer<ModelReply>,
    /// Second look: the plain call, made where the streaming one was refused or cut.
    pub invoke: Answer<ModelReply>,
    /// The four fields for the model behind the id.
    pub availability: Answer<Availability>,
    /// The life of the model behind the id.
    pub lifecycle: Answer<Lifecycle>,
    /// `GetInferenceProfile`, where the id is an ARN of a profile.
    pub profile: Answer<InferenceProfile>,
    /// `CountTokens`, asked for the main model alone.
    pub count_tokens: Answer<()>,
}

/// Access to a model in another region than the route's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The region.
    pub region: String,
    /// The id as it was refused in the route's region.
    pub model: String,
    /// The four fields there, for the model behind it.
    pub availability: Answer<Availability>,
}

/// What AWS says to a call with what one variable adds to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureAnswer {
    /// The variable.
    pub variable: String,
    /// The model that was called.
    pub model: String,
    /// What came of it.
    pub answer: Answer<ModelReply>,
}

/// One line of a quota list.
#[derive(Debug, Clone, PartialEq)]
pub struct Quota {
    /// Quota code (`L-…`).
    pub code: String,
    /// Its name.
    pub name: String,
    /// The applied value.
    pub value: f64,
}

impl Availability {
    /// Everything is granted.
    pub fn is_open(&self) -> bool {
        [&self.agreement, &self.entitlement, &self.region].iter().all(|field| *field == "AVAILABLE")
            && self.authorization == "AUTHORIZED"
    }
}
