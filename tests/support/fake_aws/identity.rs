//! Whom an ARN stands for, told in the same way by STS, by CloudTrail and by IAM.

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::account::{ACCOUNT_ID, BearerToken};
use super::sigv4::{Caller, hex};

/// A caller behind an ARN.
pub enum Identity<'a> {
    /// `arn:aws:iam::…:user/NAME`, a path before the name allowed.
    User(&'a str),
    /// `arn:aws:sts::…:assumed-role/ROLE/SESSION`.
    Session {
        /// Name of the role.
        role: &'a str,
        /// Name of the session.
        session: &'a str,
    },
    /// `arn:aws:sts::…:federated-user/NAME`.
    Federated(&'a str),
    /// `arn:aws:iam::…:root`.
    Root,
}

impl<'a> Identity<'a> {
    /// Reads an ARN as `GetCallerIdentity` tells it.
    pub fn of(arn: &'a str) -> Self {
        let resource = arn.rsplit(':').next().unwrap_or_default();
        match resource.split_once('/') {
            Some(("assumed-role", rest)) => {
                let (role, session) = rest.split_once('/').unwrap_or((rest, ""));
                Self::Session { role, session }
            }
            Some(("federated-user", name)) => Self::Federated(name),
            Some((_, path)) => Self::User(path.rsplit('/').next().unwrap_or(path)),
            None => Self::Root,
        }
    }

    /// `UserId` of STS and `principalId` of CloudTrail.
    pub fn principal_id(&self) -> String {
        match self {
            Self::User(name) => unique("AIDA", name),
            Self::Session { role, session } => format!("{}:{session}", unique("AROA", role)),
            Self::Federated(name) => format!("{ACCOUNT_ID}:{name}"),
            Self::Root => ACCOUNT_ID.into(),
        }
    }

    /// The name by which `LookupEvents` knows the caller: of a session it is the session's, not the role's.
    pub fn user_name(&self) -> &'a str {
        match self {
            Self::User(name) | Self::Federated(name) => name,
            Self::Session { session, .. } => session,
            Self::Root => "root",
        }
    }
}

/// ARN of the role behind a session. Roles of IAM Identity Center have a path that the session's ARN does not tell.
pub fn role_arn(account: &str, role: &str) -> String {
    let path = if role.starts_with("AWSReservedSSO_") { "aws-reserved/sso.amazonaws.com/" } else { "" };
    format!("arn:aws:iam::{account}:role/{path}{role}")
}

/// ARN of the caller of a Bedrock API key.
pub fn bearer_arn(token: &BearerToken) -> String {
    token.arn.clone().unwrap_or_else(|| {
        let suffix = &hex(&Sha256::digest(&token.token))[..4];
        format!("arn:aws:iam::{ACCOUNT_ID}:user/BedrockAPIKey-{suffix}")
    })
}

/// ARN of a caller; none for an operation that needs no signature.
pub fn caller_arn(caller: &Caller) -> Option<String> {
    match caller {
        Caller::Key(key) => Some(key.arn.clone()),
        Caller::Bearer(token) => Some(bearer_arn(token)),
        Caller::Nobody => None,
    }
}

/// `userIdentity` of CloudTrail. A session's credentials are taken to be as old as the event.
pub fn user_identity(arn: &str, account: &str, access_key: Option<&str>, at: Timestamp) -> Value {
    let who = Identity::of(arn);
    let kind = match who {
        Identity::User(_) => "IAMUser",
        Identity::Session { .. } => "AssumedRole",
        Identity::Federated(_) => "FederatedUser",
        Identity::Root => "Root",
    };
    let mut identity = json!({ "type": kind, "principalId": who.principal_id(), "arn": arn, "accountId": account });
    if let Some(key) = access_key {
        identity["accessKeyId"] = json!(key);
    }
    let created = json!({ "creationDate": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), "mfaAuthenticated": "false" });
    match who {
        Identity::User(name) => {
            identity["userName"] = json!(name);
            if access_key.is_some_and(|key| key.starts_with("ASIA")) {
                identity["sessionContext"] = json!({ "attributes": created });
            }
        }
        Identity::Session { role, .. } => {
            identity["sessionContext"] = json!({
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": unique("AROA", role),
                    "arn": role_arn(account, role),
                    "accountId": account,
                    "userName": role,
                },
                "attributes": created,
            });
        }
        Identity::Federated(_) | Identity::Root => {}
    }
    identity
}

/// A unique id as IAM makes them, always the same for the same name.
fn unique(prefix: &str, name: &str) -> String {
    format!("{prefix}{}", &hex(&Sha256::digest(name)).to_uppercase()[..17])
}
