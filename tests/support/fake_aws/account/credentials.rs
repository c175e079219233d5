//! Who may call: key pairs, Bedrock API keys, roles, and the services that hand keys out.

use serde::{Deserialize, Serialize};

use super::ACCOUNT_ID;

/// An access key, what it may do and whom it stands for.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyPair {
    /// Access key id, `AKIA…` or `ASIA…`.
    pub id: String,
    /// Secret access key.
    pub secret: String,
    /// Session token that must come with it.
    pub session_token: Option<String>,
    /// Account number.
    pub account: String,
    /// ARN as `GetCallerIdentity` tells it.
    pub arn: String,
    /// The session is over.
    pub expired: bool,
    /// Regions where the key is known; empty: all. Models an opt-in region that is not enabled.
    pub valid_regions: Vec<String>,
}

impl KeyPair {
    /// A long-term key of IAM user `alice`.
    pub fn user((id, secret): (&str, &str)) -> Self {
        Self {
            id: id.into(),
            secret: secret.into(),
            account: ACCOUNT_ID.into(),
            arn: format!("arn:aws:iam::{ACCOUNT_ID}:user/alice"),
            ..Self::default()
        }
    }

    /// A temporary key of role `Developer`, session `alice@example.com`.
    pub fn session((id, secret): (&str, &str), token: &str) -> Self {
        Self {
            session_token: Some(token.into()),
            arn: format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/Developer/alice@example.com"),
            ..Self::user((id, secret))
        }
    }
}

/// A Bedrock API key.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BearerToken {
    /// The token as sent after `Bearer `.
    pub token: String,
    /// Refused with `Bearer Token has expired`.
    pub expired: bool,
    /// Regions where it is accepted; empty: all. Short-term keys are bound to the region that made them.
    pub regions: Vec<String>,
    /// On whose behalf a short-term key acts. None: a long-term key, which has a hidden IAM user of its own.
    pub arn: Option<String>,
}

/// A role that may be assumed.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Role {
    /// `arn:aws:iam::…:role/NAME`.
    pub arn: String,
    /// External id that the trust policy demands.
    pub external_id: Option<String>,
}

/// An access token of IAM Identity Center, with the role it opens and how it is refreshed.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SsoToken {
    /// The access token (header `x-amz-sso_bearer_token`).
    pub access_token: String,
    /// Answers 401 as a signed-out session does.
    pub expired: bool,
    /// `accountId/roleName` pairs that it opens.
    pub roles: Vec<String>,
    /// Refresh token that oidc `CreateToken` accepts for a new access token.
    pub refresh_token: Option<String>,
}

/// What `/container-credentials` answers and the token it asks for.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContainerCredentials {
    /// Key pair handed out.
    pub key: KeyPair,
    /// Value that the `Authorization` header must have.
    pub authorization: Option<String>,
}
