//! STS: who am I, and roles.

use jiff::{SignedDuration, Timestamp};

use super::account::{ACCOUNT_ID, Account, KeyPair};
use super::errors::{Fault, xml};
use super::identity::Identity;
use super::sigv4::Caller;
use super::wire::{Call, Reply};

/// Answers one STS operation. Credentials that it hands out are added to the account by the server.
pub fn answer(
    call: &Call,
    account: &Account,
    caller: &Caller,
    now: Timestamp,
    request_id: &str,
) -> Result<(Reply, Option<KeyPair>), Fault> {
    match (call.operation.as_str(), caller) {
        ("GetCallerIdentity", Caller::Key(key)) => {
            let result = format!(
                "<Arn>{}</Arn>\n    <UserId>{}</UserId>\n    <Account>{}</Account>",
                xml(&key.arn),
                Identity::of(&key.arn).principal_id(),
                xml(&key.account)
            );
            Ok((shape(call, &result, request_id), None))
        }
        ("AssumeRole", Caller::Key(key)) => {
            let arn = call.form("RoleArn").unwrap_or_default();
            let external_id = call.form("ExternalId");
            if !account
                .roles
                .iter()
                .any(|role| role.arn == arn && (role.external_id.is_none() || role.external_id == external_id))
            {
                let text = format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}", key.arn);
                return Err(Fault::new(403, "AccessDenied", text));
            }
            Ok(assume(call, &arn, now, request_id))
        }
        ("AssumeRoleWithWebIdentity", _) => {
            let token = call.form("WebIdentityToken").unwrap_or_default();
            if !account.web_identity_tokens.contains(&token) {
                return Err(Fault::new(
                    400,
                    "InvalidIdentityToken",
                    "No OpenIDConnect provider found in your account for https://oidc.example.com",
                ));
            }
            let arn = call.form("RoleArn").unwrap_or_default();
            if !account.roles.iter().any(|role| role.arn == arn) {
                return Err(Fault::new(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"));
            }
            Ok(assume(call, &arn, now, request_id))
        }
        _ => Err(Fault::unknown_operation(call)),
    }
}

fn assume(call: &Call, role_arn: &str, now: Timestamp, request_id: &str) -> (Reply, Option<KeyPair>) {
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let session = call.form("RoleSessionName").unwrap_or_default();
    let arn = format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/{name}/{session}");
    let key = minted(&arn, request_id);
    let result = format!(
        "<AssumedRoleUser>\n      <Arn>{arn}</Arn>\n      <AssumedRoleId>{}</AssumedRoleId>\n    </AssumedRoleUser>\n    <Credentials>\n      <AccessKeyId>{}</AccessKeyId>\n      <SecretAccessKey>{}</SecretAccessKey>\n      <SessionToken>{}</SessionToken>\n      <Expiration>{}</Expiration>\n    </Credentials>",
        Identity::of(&arn).principal_id(),
        key.id,
        key.secret,
        key.session_token.as_deref().unwrap_or_default(),
        in_an_hour(now)
    );
    (shape(call, &result, request_id), Some(key))
}

/// A fresh temporary key pair, different for every request.
pub fn minted(arn: &str, request_id: &str) -> KeyPair {
    let unique: String = request_id.replace('-', "").to_uppercase().chars().take(12).collect();
    KeyPair {
        id: format!("ASIAMINT{unique}"),
        secret: format!("mintedSecret{unique}mintedSecret0000"),
        session_token: Some(format!("mintedToken{unique}==")),
        account: ACCOUNT_ID.into(),
        arn: arn.into(),
        ..KeyPair::default()
    }
}

/// RFC 3339 time at which credentials handed out now run out.
pub fn in_an_hour(now: Timestamp) -> String {
    (now + SignedDuration::from_hours(1)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn shape(call: &Call, result: &str, request_id: &str) -> Reply {
    let operation = &call.operation;
    let body = format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <{operation}Result>\n    {result}\n  </{operation}Result>\n  <ResponseMetadata>\n    <RequestId>{request_id}</RequestId>\n  </ResponseMetadata>\n</{operation}Response>\n"
    );
    Reply::new(200, "text/xml", body)
}
