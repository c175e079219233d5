//! Credentials without a signature: the instance metadata service and the containers' endpoint.

use jiff::Timestamp;
use serde_json::json;

use super::account::{Account, KeyPair};
use super::sts::in_an_hour;
use super::wire::{Call, Reply};

const ROLE: &str = "BedrockInstanceRole";

/// Answers one metadata request.
pub fn answer(call: &Call, account: &Account, now: Timestamp) -> Reply {
    let nothing = || Reply::new(404, "text/plain", "");
    if call.service == "container" {
        return match &account.container {
            None => nothing(),
            Some(given)
                if given.authorization.is_some() && given.authorization.as_deref() != call.header("authorization") =>
            {
                Reply::json(&json!({ "code": "AccessDenied", "message": "Unauthorized" })).with_status(401)
            }
            Some(given) => Reply::json(&credentials(&given.key, now)),
        };
    }
    let (Some(key), list) = (&account.imds, "/latest/meta-data/iam/security-credentials/") else {
        return nothing();
    };
    match (call.method.as_str(), call.path.as_str()) {
        ("PUT", "/latest/api/token") => {
            let mut reply = Reply::new(200, "text/plain", "fake-imds-token");
            reply.headers.push(("x-aws-ec2-metadata-token-ttl-seconds", "21600".into()));
            reply
        }
        ("GET", _) if call.header("x-aws-ec2-metadata-token") != Some("fake-imds-token") => {
            Reply::new(401, "text/plain", "")
        }
        ("GET", path) if path == list || Some(path) == list.strip_suffix('/') => Reply::new(200, "text/plain", ROLE),
        ("GET", path) if path.strip_prefix(list) == Some(ROLE) => Reply::json(&credentials(key, now)),
        ("GET", "/latest/meta-data/placement/region") => Reply::new(200, "text/plain", account.default_region.clone()),
        _ => nothing(),
    }
}

fn credentials(key: &KeyPair, now: Timestamp) -> serde_json::Value {
    json!({
        "Code": "Success",
        "Type": "AWS-HMAC",
        "LastUpdated": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "AccessKeyId": key.id,
        "SecretAccessKey": key.secret,
        "Token": key.session_token,
        "Expiration": in_an_hour(now),
    })
}
