//! Roles: assumed with keys, or with a web identity token.

use std::path::Path;

use aws_credential_types::Credentials;
use aws_smithy_types::DateTime;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use super::{Seeker, fit_for_headers, made, not_there, of_service};
use crate::aws::answer::{Answer, CredentialFailure};
use crate::aws::clients::{Access, settle, url_problem};

/// The role that is wanted.
pub struct Wanted<'a> {
    /// ARN.
    pub arn: &'a str,
    /// External id that its trust policy may ask for.
    pub external_id: Option<&'a str>,
    /// Name of the session; the client makes one up otherwise.
    pub session: Option<&'a str>,
}

/// The session name where none is given: it shows in CloudTrail.
const SESSION: &str = "bedrockup";

/// `AssumeRole` with these keys.
pub async fn assumed(
    seeker: &Seeker,
    base: Credentials,
    wanted: &Wanted<'_>,
) -> Result<Credentials, CredentialFailure> {
    fit_for_headers(&base)?;
    let aws = seeker.aws(Access::Keys(base));
    let recorder = aws.recorder();
    let answer = match url_problem(&aws.sts) {
        Some(failure) => Answer::Unreachable(failure),
        None => {
            let call = aws.sts(&recorder, &aws.sts, &aws.region).assume_role().role_arn(wanted.arn);
            let call = call.role_session_name(wanted.session.unwrap_or(SESSION));
            settle(&recorder, call.set_external_id(wanted.external_id.map(str::to_owned)).send().await, |output| {
                output.credentials
            })
        }
    };
    of_service("sts", answer).map(|keys| of_sts(seeker, &keys))
}

/// `AssumeRoleWithWebIdentity` with the token in a file.
pub async fn by_web_identity(
    seeker: &Seeker,
    file: &Path,
    arn: &str,
    session: Option<&str>,
) -> Result<Credentials, CredentialFailure> {
    let token = std::fs::read_to_string(file).map_err(|error| not_there(format!("{}: {error}", file.display())))?;
    let token = token.trim();
    if token.is_empty() {
        return Err(not_there(format!("{} is empty", file.display())));
    }
    seeker.wire.keep_secret(token);
    if let Some(end) = end(token).filter(|end| *end <= seeker.now()) {
        return Err(not_there(format!("{} holds a token that ended at {end}", file.display())));
    }
    let aws = seeker.aws(Access::Unsigned);
    let recorder = aws.recorder();
    let answer = match url_problem(&aws.sts) {
        Some(failure) => Answer::Unreachable(failure),
        None => {
            let call = aws.sts(&recorder, &aws.sts, &aws.region).assume_role_with_web_identity().role_arn(arn);
            let call = call.role_session_name(session.unwrap_or(SESSION)).web_identity_token(token);
            settle(&recorder, call.send().await, |output| output.credentials)
        }
    };
    of_service("sts", answer).map(|keys| of_sts(seeker, &keys))
}

/// When a web identity token ends, as it says itself (`exp` of its second part).
fn end(token: &str) -> Option<Timestamp> {
    let claims = token.split('.').nth(1)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    Timestamp::from_second(serde_json::from_slice::<Value>(&claims).ok()?["exp"].as_i64()?).ok()
}

fn of_sts(seeker: &Seeker, keys: &aws_sdk_sts::types::Credentials) -> Credentials {
    let expires = |time: &DateTime| Timestamp::from_second(time.secs()).ok();
    let end = expires(&keys.expiration);
    made(&seeker.wire, &keys.access_key_id, &keys.secret_access_key, Some(&keys.session_token), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_identity_token_tells_its_end() {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"sub":"pod","exp":1700000000}"#);
        assert_eq!(end(&format!("e30.{claims}.x")), Timestamp::from_second(1_700_000_000).ok());
        for token in ["fake.web.identity", "", "a.b"] {
            assert_eq!(end(token), None, "{token}");
        }
    }
}
