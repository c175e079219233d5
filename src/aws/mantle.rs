//! The one-token call through Bedrock's second door, Mantle, shaped like the client's own (2.1.330, measured).

use serde_json::json;

use super::answer::{Answer, ModelReply};
use super::clients::{Aws, not_an_answer, url_problem};
use super::signed::Unsigned;

/// Calls a model at Mantle, of which this is the base URL.
pub async fn call(aws: &Aws, base: &str, id: &str) -> Answer<ModelReply> {
    if let Some(failure) = url_problem(base) {
        return Answer::Unreachable(failure);
    }
    let body = json!({ "model": id, "max_tokens": 1, "messages": [{ "role": "user", "content": "." }] });
    let request = Unsigned {
        method: "POST",
        url: format!("{}/v1/messages", base.trim_end_matches('/')),
        service: "bedrock-mantle",
        region: &aws.region,
        headers: vec![("content-type", "application/json".to_owned()), ("anthropic-version", "2023-06-01".to_owned())],
        body: body.to_string(),
    };
    let request = match request.sign(aws) {
        Ok(request) => request,
        Err(error) => return Answer::NotAsked(format!("the request cannot be signed: {error}")),
    };
    let recorder = aws.recorder();
    match request.json(&recorder).await {
        Answer::Got(message) if message["type"] == "message" => {
            let request_id = recorder.last().and_then(|exchange| exchange.request_id().map(str::to_owned));
            Answer::Got(ModelReply { request_id, after_fallback: None })
        }
        Answer::Got(_) => not_an_answer(&recorder, "the answer is no message"),
        other => other.without_value("the answer was not read"),
    }
}
