//! The one-token model calls, shaped like the client's own.

use std::sync::Arc;

use aws_sdk_bedrockruntime::error::ProvideErrorMetadata;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::ResponseStream;
use aws_sdk_bedrockruntime::types::error::ResponseStreamError;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::SdkError;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Hop, ModelReply, NetworkFailure, Refusal, STALLED};
use super::clients::{Aws, not_an_answer, settle, settle_error, url_problem};
use super::failure;
use super::wire::Recorder;

/// The beta that the client sends with every request.
const BETA: &str = "claude-code-20250219";

/// How a call is shaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The client's betas are in the body.
    pub betas: bool,
    /// `thinking` is `adaptive`.
    pub adaptive_thinking: bool,
}

impl Shape {
    /// What the client sends first. `CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS` leaves the betas out.
    pub fn first(betas: bool) -> Self {
        Self { betas, adaptive_thinking: false }
    }

    /// What the client sends after a 400 about betas or thinking; `None` when it would not try again.
    fn after(self, refusal: &Refusal) -> Option<Self> {
        let says = |words: &str| refusal.message.contains(words);
        let next = if refusal.status != 400 {
            return None;
        } else if says("thinking") {
            Self { adaptive_thinking: true, ..self }
        } else if says("beta") || says("Extra inputs are not permitted") {
            Self { betas: false, ..self }
        } else {
            return None;
        };
        (next != self).then_some(next)
    }

    fn body(self) -> Blob {
        self.body_with(&Map::new())
    }

    /// The body with further members; betas among them are added to the client's own, or left out with them.
    fn body_with(self, further: &Map<String, Value>) -> Blob {
        let mut body = json!({
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 1,
            "messages": [{ "role": "user", "content": "." }],
        });
        for (name, value) in further.iter().filter(|(name, _)| *name != "anthropic_beta") {
            body[name] = value.clone();
        }
        if self.betas {
            let own = further.get("anthropic_beta").and_then(Value::as_array).into_iter().flatten().cloned();
            body["anthropic_beta"] = Value::Array(std::iter::once(json!(BETA)).chain(own).collect());
        }
        if self.adaptive_thinking {
            body["thinking"] = json!({ "type": "adaptive" });
        }
        Blob::new(body.to_string())
    }
}

/// The streaming call, read to its end, repeated once as the client would.
pub async fn stream(aws: &Aws, id: &str, shape: Shape) -> Answer<ModelReply> {
    stream_with(aws, id, shape, &Map::new()).await
}

/// The same call with further members in its body.
pub async fn stream_with(aws: &Aws, id: &str, shape: Shape, further: &Map<String, Value>) -> Answer<ModelReply> {
    let first = stream_once(aws, id, shape.body_with(further)).await;
    match fallback(shape, &first) {
        Some((refusal, next)) => after(refusal, stream_once(aws, id, next.body_with(further)).await),
        None => first,
    }
}

/// The plain call, repeated once as the client would.
pub async fn invoke(aws: &Aws, id: &str, shape: Shape) -> Answer<ModelReply> {
    let first = invoke_once(aws, id, shape).await;
    match fallback(shape, &first) {
        Some((refusal, next)) => after(refusal, invoke_once(aws, id, next).await),
        None => first,
    }
}

fn fallback(shape: Shape, first: &Answer<ModelReply>) -> Option<(Refusal, Shape)> {
    let refusal = first.refused()?;
    Some((refusal.clone(), shape.after(refusal)?))
}

fn after(refusal: Refusal, second: Answer<ModelReply>) -> Answer<ModelReply> {
    match second {
        Answer::Got(reply) => Answer::Got(ModelReply { after_fallback: Some(refusal), ..reply }),
        other => other,
    }
}

async fn invoke_once(aws: &Aws, id: &str, shape: Shape) -> Answer<ModelReply> {
    if let Some(failure) = url_problem(&aws.runtime) {
        return Answer::Unreachable(failure);
    }
    let recorder = aws.recorder();
    let call = aws.runtime(&recorder).invoke_model().model_id(id).content_type("application/json").body(shape.body());
    let result = call.customize().mutate_request(with_headers(aws)).send().await;
    settle(&recorder, result, |output| {
        let message: Value = serde_json::from_slice(output.body.as_ref()).ok()?;
        (message["type"] == "message" || message["content"].is_array()).then(|| reply(&recorder))
    })
}

async fn stream_once(aws: &Aws, id: &str, body: Blob) -> Answer<ModelReply> {
    if let Some(failure) = url_problem(&aws.runtime) {
        return Answer::Unreachable(failure);
    }
    let recorder = aws.recorder();
    let call = aws
        .runtime(&recorder)
        .invoke_model_with_response_stream()
        .model_id(id)
        .content_type("application/json")
        .body(body);
    let mut events = match call.customize().mutate_request(with_headers(aws)).send().await {
        Ok(output) => output.body,
        Err(error) => return settle_error(&recorder, &error),
    };
    if !recorder.last().is_some_and(|exchange| exchange.is_event_stream()) {
        return not_an_answer(&recorder, "the answer is not a stream of events");
    }
    let limit = aws.wire.limits.read;
    let mut ended = false;
    loop {
        match tokio::time::timeout(limit, events.recv()).await {
            // The message is whole: how the connection ends is of no account to the client.
            Err(_) if ended => return Answer::Got(reply(&recorder)),
            Err(_) => return cut(&recorder, format!("the stream {STALLED}")),
            Ok(Ok(Some(ResponseStream::Chunk(chunk)))) => {
                let event = chunk
                    .bytes
                    .and_then(|bytes| serde_json::from_slice::<Value>(bytes.as_ref()).ok())
                    .unwrap_or_default();
                match event["type"].as_str() {
                    Some("message_stop") => ended = true,
                    Some("error") => {
                        return in_stream(
                            &recorder,
                            event["error"]["type"].as_str(),
                            event["error"]["message"].as_str(),
                            "",
                        );
                    }
                    _ => {}
                }
            }
            Ok(Ok(Some(_))) => {}
            Ok(Ok(None)) if ended => return Answer::Got(reply(&recorder)),
            Ok(Ok(None)) => return cut(&recorder, "the stream ended before the message did".to_owned()),
            Ok(Err(SdkError::ServiceError(error))) => {
                let error = error.into_err();
                return in_stream(&recorder, name_of(&error), error.message(), &failure::chain(&error));
            }
            Ok(Err(_)) if ended => return Answer::Got(reply(&recorder)),
            Ok(Err(error)) => return cut(&recorder, failure::chain(&error)),
        }
    }
}

/// Adds the client's further headers before the request is signed.
fn with_headers(aws: &Aws) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
    let headers = Arc::clone(&aws.headers);
    move |request| {
        for (name, value) in headers.iter() {
            // Only what can be sent came into the list.
            let _ = request.headers_mut().try_insert(name.clone(), value.clone());
        }
    }
}

fn reply(recorder: &Recorder) -> ModelReply {
    ModelReply {
        request_id: recorder.last().and_then(|exchange| exchange.request_id().map(str::to_owned)),
        after_fallback: None,
    }
}

/// An exception inside of the stream: AWS's own refusal after a 200.
fn in_stream(recorder: &Recorder, code: Option<&str>, message: Option<&str>, otherwise: &str) -> Answer<ModelReply> {
    let code = code.unwrap_or_default().to_owned();
    let message = recorder.wire().scrub(message.unwrap_or(otherwise));
    match not_an_answer(recorder, "") {
        Answer::Refused(refusal) => Answer::Refused(Refusal { status: status_of(&code), code, message, ..refusal }),
        other => other,
    }
}

/// The name of an exception; the SDK keeps it in its type only.
fn name_of(error: &ResponseStreamError) -> Option<&str> {
    match error {
        ResponseStreamError::InternalServerException(_) => Some("InternalServerException"),
        ResponseStreamError::ModelStreamErrorException(_) => Some("ModelStreamErrorException"),
        ResponseStreamError::ValidationException(_) => Some("ValidationException"),
        ResponseStreamError::ThrottlingException(_) => Some("ThrottlingException"),
        ResponseStreamError::ModelTimeoutException(_) => Some("ModelTimeoutException"),
        ResponseStreamError::ServiceUnavailableException(_) => Some("ServiceUnavailableException"),
        other => other.code(),
    }
}

/// The status that AWS's model of the service gives to an exception, which has none of its own inside of a stream.
fn status_of(code: &str) -> u16 {
    match code {
        "ThrottlingException" | "rate_limit_error" => 429,
        "ValidationException" | "invalid_request_error" => 400,
        "ModelStreamErrorException" => 424,
        "ModelTimeoutException" => 408,
        "ServiceUnavailableException" | "overloaded_error" => 503,
        _ => 500,
    }
}

fn cut(recorder: &Recorder, detail: String) -> Answer<ModelReply> {
    let host = recorder.last().map(|exchange| exchange.host).unwrap_or_default();
    Answer::Unreachable(NetworkFailure { host, hop: Hop::Stream, detail: recorder.wire().scrub(&detail) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_is_repeated_only_where_the_client_would_repeat_it() {
        let refusal = |status, message: &str| Refusal {
            status,
            code: "ValidationException".into(),
            message: message.into(),
            request_id: None,
            content_type: None,
        };
        let first = Shape::first(true);
        assert_eq!(
            first.after(&refusal(400, "invalid beta flag")),
            Some(Shape { betas: false, adaptive_thinking: false })
        );
        assert_eq!(
            first.after(&refusal(400, "context_management: Extra inputs are not permitted")),
            Some(Shape { betas: false, ..first })
        );
        assert_eq!(
            first.after(&refusal(400, "\"thinking.type.enabled\" is not supported for this model.")),
            Some(Shape { adaptive_thinking: true, ..first })
        );
        assert_eq!(Shape::first(false).after(&refusal(400, "invalid beta flag")), None);
        assert_eq!(first.after(&refusal(400, "The provided model identifier is invalid.")), None);
        assert_eq!(first.after(&refusal(403, "beta")), None);
    }
}
