//! IAM Identity Center: role credentials from the portal, fresh access tokens from oidc.

use jiff::Timestamp;
use serde_json::json;

use super::account::{ACCOUNT_ID, Account, KeyPair};
use super::errors::Fault;
use super::sts::minted;
use super::wire::{Call, Reply};

/// What changed in the account by an answer.
pub enum Effect {
    /// Nothing.
    None,
    /// Credentials were handed out.
    Minted(KeyPair),
    /// The access token of this place in [`Account::sso`] was replaced.
    Refreshed(usize, String),
}

/// Answers one operation of the portal or of oidc.
pub fn answer(call: &Call, account: &Account, now: Timestamp, request_id: &str) -> Result<(Reply, Effect), Fault> {
    match call.operation.as_str() {
        "GetRoleCredentials" => role_credentials(call, account, now, request_id),
        "ListAccountRoles" => account_roles(call, account),
        "CreateToken" => create_token(call, account, request_id),
        _ => Err(Fault::unknown_operation(call)),
    }
}

fn role_credentials(
    call: &Call,
    account: &Account,
    now: Timestamp,
    request_id: &str,
) -> Result<(Reply, Effect), Fault> {
    let token = call.header("x-amz-sso_bearer_token").unwrap_or_default();
    let session = account.sso.iter().find(|session| session.access_token == token && !session.expired);
    let session =
        session.ok_or_else(|| Fault::new(401, "UnauthorizedException", "Session token not found or invalid"))?;
    let asked = |name: &str| call.parameter(name).unwrap_or_default();
    let (number, role) = (asked("account_id"), asked("role_name"));
    if !session.roles.contains(&format!("{number}/{role}")) {
        return Err(Fault::new(403, "ForbiddenException", "No access"));
    }
    let arn =
        format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/AWSReservedSSO_{role}_0123456789abcdef/alice@example.com");
    let key = minted(&arn, request_id);
    let body = json!({ "roleCredentials": {
        "accessKeyId": key.id,
        "secretAccessKey": key.secret,
        "sessionToken": key.session_token,
        "expiration": (now.as_second() + 3600) * 1000,
    } });
    Ok((Reply::json(&body), Effect::Minted(key)))
}

fn account_roles(call: &Call, account: &Account) -> Result<(Reply, Effect), Fault> {
    let token = call.header("x-amz-sso_bearer_token").unwrap_or_default();
    let session = account.sso.iter().find(|session| session.access_token == token && !session.expired);
    let session =
        session.ok_or_else(|| Fault::new(401, "UnauthorizedException", "Session token not found or invalid"))?;
    let number = call.parameter("account_id").unwrap_or_default();
    let names = session.roles.iter().filter_map(|role| role.strip_prefix(&format!("{number}/")).map(str::to_owned));
    let roles: Vec<_> = names.map(|name| json!({ "accountId": number, "roleName": name })).collect();
    Ok((Reply::json(&json!({ "roleList": roles })), Effect::None))
}

fn create_token(call: &Call, account: &Account, request_id: &str) -> Result<(Reply, Effect), Fault> {
    let body = call.json().unwrap_or_default();
    let offered = body["refreshToken"].as_str();
    let place = account.sso.iter().position(|session| offered.is_some() && session.refresh_token.as_deref() == offered);
    let Some(place) = place else {
        let mut fault = Fault::new(400, "InvalidGrantException", "Invalid grant provided");
        fault.fields.insert("error".into(), json!("invalid_grant"));
        fault.fields.insert("error_description".into(), json!("Invalid grant provided"));
        return Err(fault);
    };
    let fresh = format!("fake-sso-access-token-{request_id}");
    let answer = json!({ "accessToken": fresh, "expiresIn": 28800, "tokenType": "Bearer", "refreshToken": offered });
    Ok((Reply::json(&answer), Effect::Refreshed(place, fresh)))
}
