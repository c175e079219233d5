//! `aws login`: the keys in its cache, renewed with a proof of possession where they have ended.

use aws_credential_types::Credentials;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use tokio_rustls::rustls::SignatureScheme;
use tokio_rustls::rustls::crypto::aws_lc_rs::sign::any_ecdsa_type;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::{Seeker, made, not_there, of_service, token_file};
use crate::aws::answer::CredentialFailure;
use crate::aws::clients::service_url;
use crate::aws::raw::Raw;

/// Keys are renewed from this time before their end.
const EARLY: SignedDuration = SignedDuration::from_mins(5);

/// The keys of the cached session.
pub async fn credentials(seeker: &Seeker, cache_key: &str) -> Result<Credentials, CredentialFailure> {
    let cached = seeker.machine.aws.login_tokens.get(cache_key);
    let cached = cached.ok_or_else(|| not_there("no cached session of aws login"))?;
    let content = token_file::read(&cached.path)?;
    let keys = content.get("accessToken").cloned().unwrap_or_default();
    let end = token_file::time(&keys["expiresAt"]);
    let now = seeker.now();
    if end.is_none_or(|end| end > now + EARLY) {
        return of_keys(seeker, &keys);
    }
    match renewed(seeker, &content, &cached.path).await {
        Ok(fresh) => of_keys(seeker, &fresh),
        Err(_) if end.is_some_and(|end| end > now) => of_keys(seeker, &keys),
        Err(failure) => Err(failure),
    }
}

fn of_keys(seeker: &Seeker, keys: &Value) -> Result<Credentials, CredentialFailure> {
    let text = |name: &str| keys[name].as_str();
    match (text("accessKeyId"), text("secretAccessKey")) {
        (Some(id), Some(secret)) => {
            Ok(made(&seeker.wire, id, secret, text("sessionToken"), token_file::time(&keys["expiresAt"])))
        }
        _ => Err(not_there("the cached session of aws login holds no keys")),
    }
}

/// `CreateOAuth2Token` with the refresh token, which is good once: the answer goes back into the cache.
async fn renewed(
    seeker: &Seeker,
    content: &Map<String, Value>,
    path: &std::path::Path,
) -> Result<Value, CredentialFailure> {
    let part = |name: &str| {
        let value = content.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
        value.ok_or_else(|| not_there(format!("the cached session of aws login ended and holds no {name}")))
    };
    let (client, refresh, key) = (part("clientId")?, part("refreshToken")?, part("dpopKey")?);
    seeker.wire.keep_secret(refresh);
    let region = &seeker.route.region.name;
    let url =
        format!("{}/v1/token", service_url(&seeker.route.effective, "SIGNIN", &format!("{region}.signin"), region));
    let proof = proof(key, &url, seeker.now().as_second())
        .ok_or_else(|| not_there("the cached session of aws login holds a key that cannot be used"))?;
    let request = Raw {
        method: "POST",
        url,
        headers: vec![("content-type", "application/json".to_owned()), ("dpop", proof)],
        body: json!({ "clientId": client, "grantType": "refresh_token", "refreshToken": refresh }).to_string(),
    };
    let answer = of_service("signin", request.json(&seeker.recorder()).await)?;
    let seconds = answer["expiresIn"].as_i64().unwrap_or_default();
    let mut keys = answer["accessToken"].clone();
    if !keys.is_object() {
        return Err(CredentialFailure::Other("CreateOAuth2Token answered without keys".to_owned()));
    }
    keys["expiresAt"] = json!((seeker.now() + SignedDuration::from_secs(seconds)).to_string());
    if let Some(account) = content.get("accessToken").map(|old| &old["accountId"]).filter(|account| account.is_string())
    {
        keys["accountId"] = account.clone();
    }
    let mut next = content.clone();
    next.insert("accessToken".to_owned(), keys.clone());
    if let Some(token) = answer["refreshToken"].as_str() {
        next.insert("refreshToken".to_owned(), json!(token));
    }
    token_file::renew(path, &next);
    Ok(keys)
}

/// A DPoP proof (RFC 9449) for a POST to `url`, signed with ES256; `None` when the key is not a P-256 key in PEM.
fn proof(pem: &str, url: &str, now: i64) -> Option<String> {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let key = any_ecdsa_type(&PrivateKeyDer::from_pem_slice(pem.replace("\\n", "\n").as_bytes()).ok()?).ok()?;
    let public = key.public_key()?;
    // The public key ends with the uncompressed point: 4, x, y.
    let point = public.len().checked_sub(64).and_then(|start| public.get(start..))?;
    let (x, y) = point.split_at(32);
    let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": { "kty": "EC", "x": encode(x), "y": encode(y), "crv": "P-256" } });
    let mut random = [0; 16];
    tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().secure_random.fill(&mut random).ok()?;
    let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let payload = json!({ "jti": id, "htm": "POST", "htu": url, "iat": now });
    let message = format!("{}.{}", encode(header.to_string().as_bytes()), encode(payload.to_string().as_bytes()));
    let signer = key.choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256])?;
    let signature = fixed(&signer.sign(message.as_bytes()).ok()?)?;
    Some(format!("{message}.{}", encode(&signature)))
}

/// An ECDSA signature as a JWT has it (r and s, 32 bytes each) from its ASN.1 form.
fn fixed(der: &[u8]) -> Option<[u8; 64]> {
    let mut out = [0; 64];
    // SEQUENCE, its length, then two INTEGERs; all lengths of P-256 fit in one byte.
    let mut rest = der.get(2..)?;
    for half in 0..2 {
        let (&[2, length], after) = rest.split_first_chunk::<2>()? else { return None };
        let (number, next) = after.split_at_checked(usize::from(length))?;
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        let start = (half * 32 + 32_usize).checked_sub(number.len())?;
        out.get_mut(start..half * 32 + 32)?.copy_from_slice(number);
        rest = next;
    }
    Some(out)
}
