//! Scripted behaviour: which requests go wrong, and how.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wire::Call;

/// Matches requests by every field that is set, and says what happens to them.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// Service as in the log: `sts`, `bedrock`, `bedrock-runtime`, `servicequotas`, `sso`, `oidc`, `imds`, …
    pub service: Option<String>,
    /// API operation, e.g. `InvokeModel`. `Invoke*` matches by prefix.
    pub operation: Option<String>,
    /// Part of the model or profile id.
    pub model: Option<String>,
    /// Region of the request.
    pub region: Option<String>,
    /// Access key id of the caller.
    pub access_key: Option<String>,
    /// Text that the body must contain.
    pub body_contains: Option<String>,
    /// How often the rule applies before it is spent; none: always.
    pub times: Option<u32>,
    /// Pause before the behaviour, on top of the account's latency.
    pub delay_ms: u64,
    /// What happens.
    pub then: Behaviour,
}

/// What happens to a matching request.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Behaviour {
    /// The normal answer (useful with `delay_ms`, or before a wider rule).
    #[default]
    Answer,
    /// A service error, shaped for the service's protocol, given to callers who are authenticated.
    Refuse {
        /// HTTP status.
        status: u16,
        /// Error code, e.g. `ThrottlingException`; STS drops the suffix by itself only if told so here.
        code: String,
        /// Message as AWS words it.
        message: String,
        /// Further members of the error body.
        #[serde(default)]
        fields: Map<String, Value>,
    },
    /// An IAM denial `User: … is not authorized to perform: … on resource: … BECAUSE`.
    Deny {
        /// The clause after the resource, e.g. `with an explicit deny in a service control policy`.
        because: String,
        /// Resource named; none: the ARN of what was asked for.
        #[serde(default)]
        resource: Option<String>,
    },
    /// Accepts the request and never answers.
    Hang,
    /// Resets the TCP connection after reading the request.
    Reset,
    /// What a captive portal or gateway answers: any status with an HTML body.
    Html {
        /// HTTP status.
        status: u16,
        /// The page.
        body: String,
    },
    /// A 200 with a JSON body of the test's own.
    Json {
        /// The body.
        body: Value,
    },
    /// A response stream that breaks off after so many events.
    CutStream {
        /// Events sent before the connection is dropped.
        after_events: usize,
    },
    /// A response stream that carries an exception frame after so many events.
    StreamException {
        /// Member name, e.g. `throttlingException`.
        exception: String,
        /// Message as AWS words it.
        message: String,
        /// Events sent before it.
        #[serde(default)]
        after_events: usize,
    },
}

impl Rule {
    /// A rule for one operation (all regions, all models).
    pub fn on(operation: &str, then: Behaviour) -> Self {
        Self { operation: Some(operation.into()), then, ..Self::default() }
    }

    /// A rule for every request.
    pub fn always(then: Behaviour) -> Self {
        Self { then, ..Self::default() }
    }

    /// Narrows the rule to ids that contain this text.
    pub fn for_model(mut self, part: &str) -> Self {
        self.model = Some(part.into());
        self
    }

    /// Narrows the rule to a service.
    pub fn for_service(mut self, service: &str) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Narrows the rule to a region.
    pub fn for_region(mut self, region: &str) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The rule is spent after so many requests.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Waits before the behaviour.
    pub fn after_ms(mut self, delay_ms: u64) -> Self {
        self.delay_ms = delay_ms;
        self
    }

    /// Whether the rule is about this request.
    pub fn matches(&self, call: &Call) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        let operation = self.operation.as_deref().is_none_or(|wanted| match wanted.strip_suffix('*') {
            Some(prefix) => call.operation.starts_with(prefix),
            None => call.operation == wanted,
        });
        let body =
            || self.body_contains.as_deref().is_none_or(|part| String::from_utf8_lossy(&call.body).contains(part));
        operation
            && self.times != Some(0)
            && is(&self.service, &call.service)
            && is(&self.region, &call.region)
            && self.model.as_deref().is_none_or(|part| call.model.as_deref().is_some_and(|model| model.contains(part)))
            && self.access_key.as_deref().is_none_or(|key| call.access_key() == Some(key))
            && body()
    }
}

impl Behaviour {
    /// A service error without further members.
    pub fn refuse(status: u16, code: &str, message: &str) -> Self {
        Self::Refuse { status, code: code.into(), message: message.into(), fields: Map::new() }
    }

    /// Bedrock's throttling answer.
    pub fn throttle() -> Self {
        Self::refuse(429, "ThrottlingException", "Too many requests, please wait before trying again.")
    }

    /// The denial of a caller whose policies do not mention the action.
    pub fn deny_by_iam() -> Self {
        Self::Deny { because: "because no identity-based policy allows the {action} action".into(), resource: None }
    }

    /// The denial by a service control policy.
    pub fn deny_by_scp() -> Self {
        Self::Deny { because: "with an explicit deny in a service control policy".into(), resource: None }
    }
}
