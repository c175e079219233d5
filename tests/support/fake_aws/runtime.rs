//! `bedrock-runtime`: the Anthropic messages API behind Invoke, whole and streamed, Converse (whole), and CountTokens.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::body::Bytes;
use serde_json::{Value, json};

use super::account::Account;
use super::errors::Fault;
use super::event_stream;
use super::ledger::Tokens;
use super::rules::Behaviour;
use super::targets;
use super::wire::{Call, Payload, Reply};

/// Answers one runtime operation; `behaviour` may break the stream.
pub fn answer(call: &Call, account: &Account, behaviour: &Behaviour, request_id: &str) -> Result<Reply, Fault> {
    let id = call.model.as_deref().unwrap_or_default();
    let target = targets::resolve(account, id, &call.region)?;
    match call.operation.as_str() {
        "InvokeModel" => {
            targets::check_access(account, &target, id, &call.region)?;
            let body = message_body(&call.body, account)?;
            let message = of_bedrock(account, &target.model.id, &body, request_id);
            Ok(counted(Reply::json(&message), &message))
        }
        "InvokeModelWithResponseStream" => {
            targets::check_access(account, &target, id, &call.region)?;
            let body = message_body(&call.body, account)?;
            Ok(stream(&of_bedrock(account, &target.model.id, &body, request_id), behaviour))
        }
        "Converse" => {
            targets::check_access(account, &target, id, &call.region)?;
            let asked = call.json().unwrap_or_default();
            let body = json!({
                "messages": asked["messages"],
                "max_tokens": asked["inferenceConfig"]["maxTokens"].as_u64().unwrap_or(4_096),
            });
            let message = message(account, "", &body);
            let tokens = Tokens::of(&message["usage"]);
            let mut reply = Reply::json(&json!({
                "output": { "message": { "role": "assistant", "content": [{ "text": message["content"][0]["text"] }] } },
                "stopReason": message["stop_reason"],
                "usage": { "inputTokens": tokens.input, "outputTokens": tokens.output, "totalTokens": tokens.input + tokens.output },
                "metrics": { "latencyMs": 42 },
            }));
            reply.tokens = tokens;
            Ok(reply)
        }
        "CountTokens" => {
            // It takes a foundation model, not a profile, and not every model supports it.
            if target.profile.is_some() || !target.model.count_tokens {
                return Err(Fault::validation("The provided model doesn't support counting tokens."));
            }
            let asked = call.json().unwrap_or_default();
            let inner =
                asked["input"]["invokeModel"]["body"].as_str().and_then(|text| BASE64_STANDARD.decode(text).ok());
            let inner = inner
                .ok_or_else(|| Fault::validation("1 validation error detected: Value at 'input' failed to satisfy constraint: Member must not be null"))?;
            let body = message_body(&inner, account)?;
            Ok(Reply::json(&json!({ "inputTokens": input_tokens(&body) })))
        }
        _ => Err(Fault::unknown_operation(call)),
    }
}

/// Checks an Anthropic messages body the way Bedrock does.
fn message_body(bytes: &[u8], account: &Account) -> Result<Value, Fault> {
    let body: Value = serde_json::from_slice(bytes)
        .map_err(|_| Fault::validation("Malformed input request, please reformat your input and try again."))?;
    match body["anthropic_version"].as_str() {
        Some("bedrock-2023-05-31") => {}
        Some(_) => return Err(Fault::validation("Invalid API version")),
        None => return Err(Fault::validation("anthropic_version: Field required")),
    }
    for name in ["model", "stream"] {
        if body.get(name).is_some() {
            return Err(Fault::validation(format!("{name}: Extra inputs are not permitted")));
        }
    }
    match body.get("max_tokens") {
        None => return Err(Fault::validation("max_tokens: Field required")),
        Some(value) if value.as_i64().is_none_or(|value| value < 1) => {
            return Err(Fault::validation("max_tokens: must be greater than or equal to 1"));
        }
        Some(_) => {}
    }
    match body.get("messages").and_then(Value::as_array) {
        None => return Err(Fault::validation("messages: Field required")),
        Some(list) if list.is_empty() => {
            return Err(Fault::validation("messages: at least one message is required"));
        }
        Some(list) => {
            for (at, message) in list.iter().enumerate() {
                if !matches!(message["role"].as_str(), Some("user" | "assistant" | "system")) {
                    return Err(Fault::validation(format!(
                        "messages.{at}.role: Input should be 'user' or 'assistant'"
                    )));
                }
                if message.get("content").is_none() {
                    return Err(Fault::validation(format!("messages.{at}.content: Field required")));
                }
            }
        }
    }
    let betas = body["anthropic_beta"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if betas.into_iter().any(|beta| account.rejected_betas.iter().any(|rejected| rejected == beta)) {
        return Err(Fault::validation("invalid beta flag"));
    }
    Ok(body)
}

/// Tokens of a body, counted roughly.
pub fn input_tokens(body: &Value) -> usize {
    (body["messages"].to_string().len() + body.get("system").map_or(0, |system| system.to_string().len())) / 4 + 1
}

/// The answer with the id and the model name that Bedrock gives.
fn of_bedrock(account: &Account, model: &str, body: &Value, request_id: &str) -> Value {
    let unique: String = request_id.replace('-', "").chars().take(22).collect();
    let mut message = message(account, &format!("msg_bdrk_01{unique}"), body);
    message["model"] = json!(model.trim_start_matches("anthropic.").trim_end_matches("-v1:0"));
    message
}

/// The answer as one message, its model left open. The text is cut to `max_tokens` words, as a token is about a word here.
pub fn message(account: &Account, id: &str, body: &Value) -> Value {
    let limit = body["max_tokens"].as_u64().unwrap_or(1) as usize;
    let words: Vec<&str> = account.answer_text.split_inclusive(' ').collect();
    let text: String = words.iter().take(limit).copied().collect();
    json!({
        "model": null,
        "id": id,
        "type": "message",
        "role": "assistant",
        "content": [{ "type": "text", "text": text }],
        "stop_reason": if limit < words.len() { "max_tokens" } else { "end_turn" },
        "stop_sequence": null,
        "usage": {
            "input_tokens": input_tokens(body),
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": words.len().min(limit),
        },
    })
}

fn counted(mut reply: Reply, message: &Value) -> Reply {
    for (header, field) in
        [("x-amzn-bedrock-input-token-count", "input_tokens"), ("x-amzn-bedrock-output-token-count", "output_tokens")]
    {
        reply.headers.push((header, message["usage"][field].to_string()));
    }
    reply.headers.push(("x-amzn-bedrock-invocation-latency", "42".into()));
    reply.tokens = Tokens::of(&message["usage"]);
    reply
}

fn stream(message: &Value, behaviour: &Behaviour) -> Reply {
    let events = events(message);
    let whole = events.len();
    let (sent, exception, cut) = match behaviour {
        Behaviour::CutStream { after_events } => (*after_events, None, true),
        Behaviour::StreamException { exception, message, after_events } => {
            (*after_events, Some(event_stream::exception(exception, message)), false)
        }
        _ => (whole, None, false),
    };
    let mut frames: Vec<Bytes> = events.iter().take(sent).map(event_stream::chunk).collect();
    frames.extend(exception);
    Reply {
        status: 200,
        content_type: "application/vnd.amazon.eventstream",
        headers: vec![("x-amzn-bedrock-content-type", "application/json".into())],
        body: Payload::Frames { frames, cut },
        tokens: Tokens::of(&message["usage"]),
    }
}

/// The events of a stream that tells a message.
pub fn events(message: &Value) -> Vec<Value> {
    let text = message["content"][0]["text"].as_str().unwrap_or_default();
    let mut start = message.clone();
    start["content"] = json!([]);
    start["stop_reason"] = Value::Null;
    start["usage"]["output_tokens"] = json!(1);
    let mut events = vec![
        json!({ "type": "message_start", "message": start }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
    ];
    for word in text.split_inclusive(' ') {
        events.push(
            json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": word } }),
        );
    }
    let usage = &message["usage"];
    events.extend([
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": message["stop_reason"], "stop_sequence": null }, "usage": { "output_tokens": usage["output_tokens"] } }),
        json!({ "type": "message_stop", "amazon-bedrock-invocationMetrics": {
            "inputTokenCount": usage["input_tokens"], "outputTokenCount": usage["output_tokens"], "invocationLatency": 42, "firstByteLatency": 21,
        } }),
    ]);
    events
}
