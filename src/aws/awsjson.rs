//! Calls in `awsJson1.1`, for services that are asked once in a while: a generated crate for each would cost more to build
//! than the rest of the program.

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use serde_json::Value;

use super::answer::Answer;
use super::clients::{Access, Aws, system_time, url_problem};
use super::raw::Raw;

/// Calls `target` (`Service.Operation`) of the service that signs as `service`. Answers with the JSON object of a success.
pub async fn call(aws: &Aws, url: &str, service: &str, target: &str, body: &Value) -> Answer<Value> {
    let Access::Keys(keys) = &aws.access else {
        return Answer::NotAsked(format!("{service} cannot be asked without access keys"));
    };
    if let Some(failure) = url_problem(url) {
        return Answer::Unreachable(failure);
    }
    let url = format!("{}/", url.trim_end_matches('/'));
    let body = body.to_string();
    let mut headers =
        vec![("content-type", "application/x-amz-json-1.1".to_owned()), ("x-amz-target", target.to_owned())];
    let now = system_time(aws.wire.clock.now());
    let identity = Identity::from(keys.clone());
    let signed = v4::SigningParams::builder()
        .identity(&identity)
        .region(&aws.region)
        .name(service)
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| error.to_string())
        .and_then(|params| {
            let shown = headers.iter().map(|(name, value)| (*name, value.as_str()));
            let request = SignableRequest::new("POST", url.as_str(), shown, SignableBody::Bytes(body.as_bytes()))
                .map_err(|error| error.to_string())?;
            let (instructions, _) = sign(request, &params.into()).map_err(|error| error.to_string())?.into_parts();
            Ok(instructions.into_parts().0)
        });
    match signed {
        Ok(signature) => headers.extend(signature.into_iter().map(|header| (header.name(), header.value().to_owned()))),
        Err(error) => return Answer::NotAsked(format!("the request cannot be signed: {error}")),
    }
    Raw { method: "POST", url, headers, body }.json(&aws.recorder()).await
}
