//! The state of the pretended AWS account: who may call, what exists, and what goes wrong.
//!
//! [`Account::default`] is healthy. A test changes what it is about and nothing else. The same
//! structure read from JSON (every field optional) is the scenario file of the `fake-aws` program.
//! All "secrets" in here are made up; still nothing prints them, so that no test output ever looks like a leak.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::models::{self, Model};
use super::rules::Rule;

mod anthropic;
mod costs;
mod credentials;
mod metrics;
mod simulations;
mod trail;

pub use anthropic::{ADMIN_KEY, API_KEY, ApiKey, DirectUse, Organization};
pub use costs::{CostRow, CostState, Costs, Price};
pub use credentials::{BearerToken, ContainerCredentials, KeyPair, Role, SsoToken};
pub use metrics::{Day, MetricDay, date_of, start_of};
pub use simulations::{Decision, Simulation};
pub use trail::{Action, Crowd, TrailEvent};

/// The account number that everything belongs to unless a test says otherwise.
pub const ACCOUNT_ID: &str = "111122223333";
/// The healthy account's long-term key pair.
pub const GOOD_KEY: (&str, &str) = ("AKIAIOSFODNN7GOODKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYGOODSECRET");
/// A temporary key pair, good together with [`GOOD_SESSION_TOKEN`].
pub const SESSION_KEY: (&str, &str) = ("ASIAIOSFODNN7SESSION", "sessionSecret/K7MDENG/bPxRfiCYSESSECRET0");
/// The session token that belongs to [`SESSION_KEY`].
pub const GOOD_SESSION_TOKEN: &str = "FwoGZXIvYXdzEGoodSessionToken//////////wEaDFakeOnly==";
/// A temporary key pair whose session is over (with [`GOOD_SESSION_TOKEN`]).
pub const EXPIRED_KEY: (&str, &str) = ("ASIAIOSFODNN7EXPIRED", "expiredSecret/K7MDENG/bPxRfiCYEXPSECRET0");
/// A Bedrock API key that works.
pub const GOOD_BEARER: &str = "ABSKQmVkcm9ja0FQSUtleS1mYWtlLWF0LTExMTEyMjIyMzMzMzpmYWtl";
/// An SSO access token that works for [`SSO_ROLE`] in [`ACCOUNT_ID`].
pub const SSO_TOKEN: &str = "fake-sso-access-token-good";
/// A refresh token of `aws login` that works.
pub const LOGIN_REFRESH_TOKEN: &str = "fake-login-refresh-token";
/// The role that [`SSO_TOKEN`] may use.
pub const SSO_ROLE: &str = "BedrockUsers";

/// Everything that the fake knows. See the module text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// Key pairs that exist. An access key that is not here is unknown to every service.
    pub keys: Vec<KeyPair>,
    /// Bedrock API keys that exist.
    pub bearer_tokens: Vec<BearerToken>,
    /// Roles that `sts:AssumeRole` and `AssumeRoleWithWebIdentity` hand out.
    pub roles: Vec<Role>,
    /// Web identity tokens that STS trusts.
    pub web_identity_tokens: Vec<String>,
    /// Access tokens of IAM Identity Center.
    pub sso: Vec<SsoToken>,
    /// Refresh tokens of `aws login` that can still be used.
    pub login_refresh_tokens: Vec<String>,
    /// Key pair that the instance metadata service hands out; none: 404, as on an instance without a role.
    pub imds: Option<KeyPair>,
    /// Key pair of the container credentials endpoint (`/container-credentials`).
    pub container: Option<ContainerCredentials>,
    /// Regions where Bedrock offers Claude. Elsewhere the lists are empty.
    pub regions: Vec<String>,
    /// The region assumed where the wire does not tell one (bearer token through a base URL).
    pub default_region: String,
    /// Foundation models and the geographies of their inference profiles.
    pub models: Vec<Model>,
    /// Application inference profiles.
    pub application_profiles: Vec<ApplicationProfile>,
    /// Whether the Anthropic use-case form has been sent.
    pub use_case_form: bool,
    /// Body of `loggingConfig`; none: model invocation logging is off.
    pub logging: Option<Value>,
    /// Values of the `anthropic-beta` list that Bedrock refuses as `invalid beta flag`.
    pub rejected_betas: Vec<String>,
    /// Service quotas by service code.
    pub quotas: BTreeMap<String, Vec<Quota>>,
    /// How long after a call its event appears in CloudTrail, in milliseconds.
    pub trail_delay_ms: u64,
    /// `LookupEvents` calls answered in one second per region; more are throttled.
    pub trail_requests_per_second: usize,
    /// Events of other people in CloudTrail, made up when they are asked for.
    pub trail_crowd: Option<Crowd>,
    /// Further events in CloudTrail, as they stand there.
    pub trail_events: Vec<TrailEvent>,
    /// What others used, in CloudWatch.
    pub metrics: Vec<MetricDay>,
    /// The bill, in Cost Explorer.
    pub costs: Costs,
    /// The price list.
    pub prices: Vec<Price>,
    /// What IAM's policy simulator says.
    pub simulations: Vec<Simulation>,
    /// Not of AWS: the organization at api.anthropic.com.
    pub anthropic: Organization,
    /// What Claude answers.
    pub answer_text: String,
    /// Scripted behaviour; the first rule that matches decides.
    pub rules: Vec<Rule>,
    /// Pause before every answer, in milliseconds.
    pub latency_ms: u64,
    /// Seconds that the server's clock is ahead of the real one.
    pub date_offset_seconds: i64,
}

/// An application inference profile: an opaque id in one region that stands for a system profile or a model.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApplicationProfile {
    /// Twelve characters, as in its ARN.
    pub id: String,
    /// Name that its owner gave.
    pub name: String,
    /// The region that it lives in.
    pub region: String,
    /// Foundation model id behind it.
    pub model: String,
}

/// One service quota.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quota {
    /// `L-XXXXXXXX`.
    pub code: String,
    /// As the console shows it.
    pub name: String,
    /// Applied value.
    pub value: f64,
    /// Whether an increase can be asked for.
    pub adjustable: bool,
}

impl Default for Account {
    fn default() -> Self {
        let quota =
            |code: &str, name: &str, value| Quota { code: code.into(), name: name.into(), value, adjustable: true };
        Self {
            keys: vec![
                KeyPair::user(GOOD_KEY),
                KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN),
                KeyPair { expired: true, ..KeyPair::session(EXPIRED_KEY, GOOD_SESSION_TOKEN) },
            ],
            bearer_tokens: vec![BearerToken { token: GOOD_BEARER.into(), ..BearerToken::default() }],
            roles: vec![Role { arn: format!("arn:aws:iam::{ACCOUNT_ID}:role/Developer"), external_id: None }],
            web_identity_tokens: vec!["fake.web.identity".into()],
            sso: vec![SsoToken {
                access_token: SSO_TOKEN.into(),
                expired: false,
                roles: vec![format!("{ACCOUNT_ID}/{SSO_ROLE}")],
                refresh_token: Some("fake-sso-refresh-token".into()),
            }],
            login_refresh_tokens: vec![LOGIN_REFRESH_TOKEN.into()],
            imds: None,
            container: None,
            regions: models::REGIONS.split_whitespace().map(str::to_owned).collect(),
            default_region: "us-east-1".into(),
            models: models::table(),
            application_profiles: Vec::new(),
            use_case_form: true,
            logging: None,
            rejected_betas: Vec::new(),
            quotas: BTreeMap::from([(
                "bedrock".to_owned(),
                vec![
                    quota(
                        "L-59759B4A",
                        "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1",
                        200_000.0,
                    ),
                    quota(
                        "L-4A6BFAB1",
                        "Cross-region model inference requests per minute for Anthropic Claude Sonnet 4.5 V1",
                        200.0,
                    ),
                    quota(
                        "L-22F701C5",
                        "Model invocation max tokens per day for Anthropic Claude Sonnet 4.5 V1 (doubled for cross-region calls)",
                        144_000_000.0,
                    ),
                ],
            )]),
            trail_delay_ms: 0,
            trail_requests_per_second: 2,
            trail_crowd: None,
            trail_events: Vec::new(),
            metrics: Vec::new(),
            costs: Costs::default(),
            prices: costs::price_list(),
            simulations: vec![Simulation::default()],
            anthropic: Organization::default(),
            answer_text: "Hello from the fake Bedrock.".into(),
            rules: Vec::new(),
            latency_ms: 0,
            date_offset_seconds: 0,
        }
    }
}

impl Account {
    /// Adds a rule; rules added first win.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The foundation model with this id.
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.id == id)
    }

    /// The same, to change it. Panics when a test names a model that the table does not have.
    pub fn model_mut(&mut self, id: &str) -> &mut Model {
        let known = self.models.iter().position(|model| model.id == id);
        &mut self.models[known.unwrap_or_else(|| panic!("the fake knows no model {id}"))]
    }
}
