//! Signature version 4, verified for real: a client that signs wrongly is refused as AWS refuses it.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::account::{Account, BearerToken, KeyPair};
use super::wire::{Auth, Call, pairs, percent_encode};

/// Credential scope and signature of an `Authorization` header.
pub struct Scope {
    /// Access key id.
    pub access_key: String,
    /// `YYYYMMDD`.
    pub date: String,
    /// Region signed for.
    pub region: String,
    /// Service signed for.
    pub service: String,
    signed_headers: Vec<String>,
    signature: String,
}

/// Who calls, once proven.
pub enum Caller {
    /// Somebody with keys.
    Key(KeyPair),
    /// Somebody with a Bedrock API key.
    Bearer(BearerToken),
    /// An operation that needs no signature.
    Nobody,
}

/// Why a caller was not believed. [`super::errors`] words it for each protocol.
pub enum AuthFault {
    /// No `Authorization` at all.
    Missing,
    /// The header cannot be read.
    Malformed,
    /// Access key unknown (here), or the session token does not belong to it.
    Unknown,
    /// The signature does not match.
    Signature,
    /// Signed with a clock that is too far off; the text tells both times.
    Skew(String),
    /// Signed for another region or service than the endpoint.
    Scope(String),
    /// The session is over.
    Expired,
    /// The Bedrock API key is not valid (here).
    BearerInvalid,
    /// It does not even look like one.
    BearerMalformed,
    /// Its time is over.
    BearerExpired,
}

impl Scope {
    /// Reads `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
    pub fn parse(header: &str) -> Option<Self> {
        let rest = header.strip_prefix("AWS4-HMAC-SHA256")?;
        let field = |name: &str| {
            rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
        };
        let credential = field("Credential")?;
        // An access key id holds no slash, so the scope is the last four parts.
        let mut parts = credential.rsplitn(5, '/');
        if parts.next()? != "aws4_request" {
            return None;
        }
        let (service, region, date) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            access_key: parts.next()?.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: field("SignedHeaders")?.split(';').map(str::to_owned).collect(),
            signature: field("Signature")?,
        })
    }
}

/// Believes the caller or says why not. `now` is the server's clock.
pub fn authenticate(call: &Call, account: &Account, now: Timestamp) -> Result<Caller, AuthFault> {
    let open = matches!(call.service.as_str(), "imds" | "container" | "sso" | "oidc" | "signin" | "anthropic")
        || call.operation == "AssumeRoleWithWebIdentity";
    match &call.auth {
        _ if open => Ok(Caller::Nobody),
        Auth::None => Err(AuthFault::Missing),
        Auth::Malformed => Err(AuthFault::Malformed),
        Auth::Bearer(token) => bearer(call, account, token),
        Auth::SigV4(scope) => signature(call, scope, account, now).map(Caller::Key),
    }
}

fn bearer(call: &Call, account: &Account, token: &str) -> Result<Caller, AuthFault> {
    if !call.service.starts_with("bedrock") {
        return Err(AuthFault::Missing); // STS and the others know only signatures.
    }
    if !token.starts_with("ABSK") && !token.starts_with("bedrock-api-key-") {
        return Err(AuthFault::BearerMalformed);
    }
    let here = |known: &&BearerToken| {
        known.token == token && (known.regions.is_empty() || known.regions.contains(&call.region))
    };
    match account.bearer_tokens.iter().find(here) {
        None => Err(AuthFault::BearerInvalid),
        Some(known) if known.expired => Err(AuthFault::BearerExpired),
        Some(known) => Ok(Caller::Bearer(known.clone())),
    }
}

fn signature(call: &Call, scope: &Scope, account: &Account, now: Timestamp) -> Result<KeyPair, AuthFault> {
    if call.host_region.as_ref().is_some_and(|host| *host != scope.region) {
        return Err(AuthFault::Scope("Credential should be scoped to a valid region.".into()));
    }
    let homes = home_regions(&scope.service);
    if !homes.is_empty() && !homes.contains(&scope.region.as_str()) {
        let text = format!("Credential should be scoped to a valid region, not '{}'.", scope.region);
        return Err(AuthFault::Scope(text));
    }
    let key = account
        .keys
        .iter()
        .find(|key| {
            key.id == scope.access_key && (key.valid_regions.is_empty() || key.valid_regions.contains(&scope.region))
        })
        .ok_or(AuthFault::Unknown)?;
    let stamp = call.header("x-amz-date").ok_or(AuthFault::Malformed)?;
    check_clock(stamp, now, if scope.service == "sts" { 15 } else { 5 })?;
    if expected(call, scope, &key.secret, stamp).as_deref() != Some(scope.signature.as_str()) {
        return Err(AuthFault::Signature);
    }
    if call.header("x-amz-security-token") != key.session_token.as_deref() {
        return Err(AuthFault::Unknown);
    }
    if key.expired { Err(AuthFault::Expired) } else { Ok(key.clone()) }
}

/// Regions of a service that is not everywhere; none: it is.
fn home_regions(service: &str) -> &'static [&'static str] {
    match service {
        "ce" => &["us-east-1"],
        "iam" => &["us-east-1", "us-gov-west-1"],
        "pricing" => &["us-east-1", "eu-central-1", "ap-south-1"],
        _ => &[],
    }
}

fn check_clock(stamp: &str, now: Timestamp, minutes: i64) -> Result<(), AuthFault> {
    let signed = DateTime::strptime("%Y%m%dT%H%M%SZ", stamp)
        .ok()
        .and_then(|time| TimeZone::UTC.to_timestamp(time).ok())
        .ok_or(AuthFault::Malformed)?;
    let show = |second: i64| {
        Timestamp::from_second(second).map(|time| time.strftime("%Y%m%dT%H%M%SZ").to_string()).unwrap_or_default()
    };
    let (now_s, window) = (now.as_second(), minutes * 60);
    if signed.as_second() < now_s - window {
        let text = format!(
            "Signature expired: {stamp} is now earlier than {} ({} - {minutes} min.)",
            show(now_s - window),
            show(now_s)
        );
        return Err(AuthFault::Skew(text));
    }
    if signed.as_second() > now_s + window {
        let text = format!(
            "Signature not yet current: {stamp} is still later than {} ({} + {minutes} min.)",
            show(now_s + window),
            show(now_s)
        );
        return Err(AuthFault::Skew(text));
    }
    Ok(())
}

/// The signature that this request must carry; `None` when a signed header or the body hash is not as sent.
fn expected(call: &Call, scope: &Scope, secret: &str, stamp: &str) -> Option<String> {
    let actual = hex(&Sha256::digest(&call.body));
    let payload = match call.header("x-amz-content-sha256") {
        Some("UNSIGNED-PAYLOAD") => "UNSIGNED-PAYLOAD".to_owned(),
        Some(claimed) if claimed != actual => return None,
        _ => actual,
    };
    if !scope.signed_headers.iter().any(|name| name == "host") {
        return None;
    }
    let mut headers = String::new();
    for name in &scope.signed_headers {
        let mut values = Vec::new();
        for value in call.headers.get_all(name.as_str()) {
            values.push(value.to_str().ok()?.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        if values.is_empty() {
            return None;
        }
        headers.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    let mut query: Vec<_> = pairs(&call.query)
        .map(|(key, value)| format!("{}={}", percent_encode(&key, b""), percent_encode(&value, b"")))
        .collect();
    query.sort();
    // Every service but S3 encodes the path of the wire once more.
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{}\n{payload}",
        call.method,
        percent_encode(&call.path, b"/"),
        query.join("&"),
        scope.signed_headers.join(";"),
    );
    let Scope { date, region, service, .. } = scope;
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{stamp}\n{date}/{region}/{service}/aws4_request\n{}",
        hex(&Sha256::digest(canonical))
    );
    let mut key = mac(format!("AWS4{secret}").as_bytes(), date);
    for part in [region.as_str(), service, "aws4_request"] {
        key = mac(&key, part);
    }
    Some(hex(&mac(&key, &to_sign)))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
