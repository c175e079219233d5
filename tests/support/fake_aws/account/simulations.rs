//! What IAM's policy simulator finds.

use serde::{Deserialize, Serialize};

/// A decision about actions on resources; of several that fit, the first decides. What none fits is `implicitDeny`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Simulation {
    /// ARN of the user, role or group; none: any.
    pub principal: Option<String>,
    /// E.g. `bedrock:InvokeModel*`; case does not matter.
    pub action: String,
    /// E.g. `arn:aws:bedrock:*:*:inference-profile/*`.
    pub resource: String,
    /// What comes out.
    pub decision: Decision,
    /// Ids of the policies whose statements matched.
    pub policies: Vec<String>,
}

/// `EvalDecision`, from the mildest to the strictest.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Decision {
    /// Some statement allows it, none denies it.
    #[default]
    Allowed,
    /// No statement allows it.
    ImplicitDeny,
    /// A statement denies it.
    ExplicitDeny,
}

impl Decision {
    /// As IAM spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ImplicitDeny => "implicitDeny",
            Self::ExplicitDeny => "explicitDeny",
        }
    }
}

impl Default for Simulation {
    fn default() -> Self {
        Self {
            principal: None,
            action: "*".into(),
            resource: "*".into(),
            decision: Decision::Allowed,
            policies: vec!["user_alice_ClaudeCode".into()],
        }
    }
}
