//! `aws login`: a refresh token becomes short-lived keys. The DPoP proof that comes with it is not checked.

use serde_json::json;

use super::account::{ACCOUNT_ID, Account, KeyPair};
use super::errors::Fault;
use super::sts::minted;
use super::wire::{Call, Reply};

/// Answers `CreateOAuth2Token`.
pub fn answer(call: &Call, account: &Account, request_id: &str) -> Result<(Reply, KeyPair), Fault> {
    let body = call.json().unwrap_or_default();
    let offered = body["refreshToken"].as_str().unwrap_or_default();
    if body["grantType"] != "refresh_token" || !account.login_refresh_tokens.iter().any(|known| known == offered) {
        let mut fault = Fault::new(401, "AccessDeniedException", "The refresh token has expired.");
        fault.fields.insert("error".into(), json!("TOKEN_EXPIRED"));
        return Err(fault);
    }
    let key = minted(&format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/Developer/alice@example.com"), request_id);
    let reply = Reply::json(&json!({
        "accessToken": { "accessKeyId": key.id, "secretAccessKey": key.secret, "sessionToken": key.session_token },
        "tokenType": "aws_sigv4",
        "expiresIn": 900,
        "refreshToken": offered,
    }));
    Ok((reply, key))
}
