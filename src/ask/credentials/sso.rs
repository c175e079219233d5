//! IAM Identity Center: the cached token, renewed where it can be, against the keys of a role.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Seeker, made, not_there, of_service, token_file};
use crate::aws::answer::CredentialFailure;
use crate::aws::clients::service_url;
use crate::aws::raw::{Raw, encoded};

/// Tokens are renewed from this time before their end.
const EARLY: SignedDuration = SignedDuration::from_mins(5);

/// What is asked for.
pub struct Asked<'a> {
    /// The profile names a session, whose token can be renewed.
    pub renewable: bool,
    /// Region of Identity Center, not of Bedrock.
    pub region: &'a str,
    /// Account id.
    pub account: &'a str,
    /// Permission set.
    pub role: &'a str,
    /// Name of the cache file.
    pub cache_key: &'a str,
}

/// The keys of the role.
pub async fn credentials(
    seeker: &Seeker,
    asked: &Asked<'_>,
) -> Result<aws_credential_types::Credentials, CredentialFailure> {
    let token = access_token(seeker, asked).await?;
    seeker.wire.keep_secret(&token);
    let portal = service_url(&seeker.route.effective, "SSO", &format!("portal.sso.{}", asked.region), asked.region);
    let query = format!("role_name={}&account_id={}", encoded(asked.role), encoded(asked.account));
    let mut request = Raw::get(format!("{portal}/federation/credentials?{query}"));
    request.headers.push(("x-amz-sso_bearer_token", token));
    let answer = of_service("sso", request.json(&seeker.recorder()).await)?;
    let keys = &answer["roleCredentials"];
    let text = |name: &str| keys[name].as_str();
    let (Some(id), Some(secret)) = (text("accessKeyId"), text("secretAccessKey")) else {
        return Err(CredentialFailure::Other("GetRoleCredentials answered without keys".to_owned()));
    };
    let expires = keys["expiration"].as_i64().and_then(|end| Timestamp::from_millisecond(end).ok());
    Ok(made(&seeker.wire, id, secret, text("sessionToken"), expires))
}

async fn access_token(seeker: &Seeker, asked: &Asked<'_>) -> Result<String, CredentialFailure> {
    let cached = seeker.machine.aws.sso_tokens.get(asked.cache_key);
    let cached = cached.ok_or_else(|| not_there("no cached token: never signed in for this session"))?;
    if let Some(why) = &cached.unusable {
        return Err(not_there(format!("the cached token cannot be used: {why}")));
    }
    let content = token_file::read(&cached.path)?;
    let token = content.get("accessToken").and_then(Value::as_str).map(str::to_owned);
    let token = token.ok_or_else(|| not_there("the cached sign-in holds no access token"))?;
    let Some(end) = content.get("expiresAt").and_then(token_file::time) else {
        return Ok(token);
    };
    let now = seeker.now();
    if end > now + EARLY {
        return Ok(token);
    }
    if !(asked.renewable && cached.refreshable && cached.registration_expires_at.is_none_or(|end| end > now)) {
        return if end > now { Ok(token) } else { Err(not_there(format!("the cached token ended at {end}"))) };
    }
    match renewed(seeker, asked, content, &cached.path).await {
        Ok(fresh) => Ok(fresh),
        // As the client does: a token that still lives is used when it cannot be renewed.
        Err(_) if end > now => Ok(token),
        Err(failure) => Err(failure),
    }
}

async fn renewed(
    seeker: &Seeker,
    asked: &Asked<'_>,
    mut content: serde_json::Map<String, Value>,
    path: &std::path::Path,
) -> Result<String, CredentialFailure> {
    let oidc = service_url(&seeker.route.effective, "SSO_OIDC", &format!("oidc.{}", asked.region), asked.region);
    let part = |name: &str| content.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (secret, refresh) = (part("clientSecret"), part("refreshToken"));
    seeker.wire.keep_secret(&secret);
    seeker.wire.keep_secret(&refresh);
    let body = json!({
        "clientId": part("clientId"), "clientSecret": secret, "grantType": "refresh_token", "refreshToken": refresh,
    });
    let request = Raw {
        method: "POST",
        url: format!("{oidc}/token"),
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.to_string(),
    };
    let answer = of_service("sso-oidc", request.json(&seeker.recorder()).await)?;
    let Some(fresh) = answer["accessToken"].as_str() else {
        return Err(CredentialFailure::Other("CreateToken answered without a token".to_owned()));
    };
    let seconds = answer["expiresIn"].as_i64().unwrap_or_default();
    content.insert("accessToken".to_owned(), json!(fresh));
    content.insert("expiresAt".to_owned(), json!((seeker.now() + SignedDuration::from_secs(seconds)).to_string()));
    if let Some(next) = answer["refreshToken"].as_str() {
        content.insert("refreshToken".to_owned(), json!(next));
    }
    token_file::renew(path, &content);
    Ok(fresh.to_owned())
}
