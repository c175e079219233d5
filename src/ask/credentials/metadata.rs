//! Credentials that the place hands out: the container's endpoint and the instance's metadata service.

use std::sync::Arc;

use aws_credential_types::Credentials;
use jiff::Timestamp;
use serde_json::Value;

use super::{METADATA_LIMIT, Seeker, made, not_there, of_service};
use crate::aws::answer::{Answer, CredentialFailure, Refusal};
use crate::aws::raw::Raw;
use crate::aws::trust::Trust;
use crate::aws::wire::{Limits, Recorder, Wire};
use crate::world::Env;

/// Where the metadata service is, on every instance.
const INSTANCE: &str = "http://169.254.169.254";
const INSTANCE_V6: &str = "http://[fd00:ec2::254]";
/// Where relative container URIs lead.
const CONTAINER: &str = "http://169.254.170.2";

/// The container's endpoint: ECS, EKS Pod Identity, CloudShell, or a local broker.
pub async fn container(seeker: &Seeker, uri: &str) -> Result<Credentials, CredentialFailure> {
    let env = &seeker.route.effective;
    let url = if uri.starts_with('/') { format!("{CONTAINER}{uri}") } else { uri.to_owned() };
    if !may_hold_credentials(&url) {
        return Err(not_there(format!(
            "{url}: over plain http only the machine itself and the container hosts are asked"
        )));
    }
    let mut request = Raw::get(url);
    let recorder = recorder(seeker);
    if let Some(token) = container_token(env)? {
        recorder.wire().keep_secret(&token);
        seeker.wire.keep_secret(&token);
        request.headers.push(("authorization", token));
    }
    let answer = bounded(request.json(&recorder)).await;
    keys(seeker, "container", &of_service("container", answer)?)
}

/// The client's own rule: a token for this place is not sent over plain http to anybody else.
fn may_hold_credentials(url: &str) -> bool {
    const PLAIN: [&str; 5] = ["localhost", "127.0.0.1", "[::1]", "169.254.170.2", "169.254.170.23"];
    match url.parse::<http::Uri>() {
        Ok(uri) if uri.scheme_str() == Some("http") => {
            uri.host().is_some_and(|host| PLAIN.contains(&host) || host == "[fd00:ec2::23]")
        }
        // What is no URL is told as one that is none.
        _ => true,
    }
}

fn container_token(env: &Env) -> Result<Option<String>, CredentialFailure> {
    if let Some(file) = env.non_empty("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        let token = std::fs::read_to_string(file).map_err(|error| not_there(format!("{file}: {error}")))?;
        return Ok(Some(token.trim().to_owned()));
    }
    Ok(env.non_empty("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(str::to_owned))
}

/// The instance's metadata service, version 2.
pub async fn instance(seeker: &Seeker) -> Result<Credentials, CredentialFailure> {
    let env = &seeker.route.effective;
    let disabled = env.non_empty("AWS_EC2_METADATA_DISABLED").is_some_and(|value| !value.eq_ignore_ascii_case("false"));
    if disabled {
        return Err(not_there("the metadata service is switched off by AWS_EC2_METADATA_DISABLED"));
    }
    let v6 =
        env.non_empty("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").is_some_and(|mode| mode.eq_ignore_ascii_case("ipv6"));
    let base = env.non_empty("AWS_EC2_METADATA_SERVICE_ENDPOINT").unwrap_or(if v6 { INSTANCE_V6 } else { INSTANCE });
    let base = base.trim_end_matches('/');
    let recorder = recorder(seeker);
    let token = Raw {
        method: "PUT",
        url: format!("{base}/latest/api/token"),
        headers: vec![("x-aws-ec2-metadata-token-ttl-seconds", "21600".to_owned())],
        body: String::new(),
    };
    let token = match bounded(token.text(&recorder)).await {
        Answer::Got(token) => token,
        // Something else than an instance: no route, or nobody who answers.
        Answer::Unreachable(_) | Answer::TimedOut => return Err(CredentialFailure::NoMetadata),
        other => return Err(of_service("imds", other).err().unwrap_or(CredentialFailure::NoMetadata)),
    };
    let get = |path: &str| {
        let mut request = Raw::get(format!("{base}/latest/meta-data/iam/security-credentials/{path}"));
        request.headers.push(("x-aws-ec2-metadata-token", token.clone()));
        request
    };
    let role = of_service("imds", bounded(get("").text(&recorder)).await)?;
    let role = role.lines().next().unwrap_or_default().trim().to_owned();
    keys(seeker, "imds", &of_service("imds", bounded(get(&role).json(&recorder)).await)?)
}

fn keys(seeker: &Seeker, service: &'static str, answer: &Value) -> Result<Credentials, CredentialFailure> {
    let text = |name: &str| answer[name].as_str().filter(|value| !value.is_empty());
    let (Some(id), Some(secret)) = (text("AccessKeyId"), text("SecretAccessKey")) else {
        let code = text("Code").or_else(|| text("code")).unwrap_or_default().to_owned();
        let message = text("Message").or_else(|| text("message")).unwrap_or("the answer holds no keys").to_owned();
        let refusal = Refusal { status: 200, code, message, request_id: None, content_type: None };
        return Err(CredentialFailure::Service { service, refusal });
    };
    let expires = text("Expiration").and_then(|end| end.parse::<Timestamp>().ok());
    Ok(made(&seeker.wire, id, secret, text("Token"), expires))
}

async fn bounded<T>(asking: impl Future<Output = Answer<T>>) -> Answer<T> {
    tokio::time::timeout(METADATA_LIMIT, asking).await.unwrap_or(Answer::TimedOut)
}

/// Link-local places are never asked through a proxy, and get one second.
fn recorder(seeker: &Seeker) -> Recorder {
    let limits = Limits { connect: METADATA_LIMIT, read: METADATA_LIMIT };
    Recorder::new(Arc::new(Wire::new(&Env::default(), &Trust::default(), seeker.wire.clock, limits)))
}
