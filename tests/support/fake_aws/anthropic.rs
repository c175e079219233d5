//! api.anthropic.com: messages for keys of the organization, whole and streamed, and its door for the reports.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{Account, ApiKey, Day, DirectUse, date_of};
use super::errors::Fault;
use super::ledger::{Ledger, Tokens};
use super::wire::{Auth, Call, Reply};
use super::{reports, runtime};

/// Answers one request.
pub fn answer(
    call: &Call,
    account: &Account,
    ledger: &Ledger,
    now: Timestamp,
    request_id: &str,
) -> Result<Reply, Fault> {
    if call.operation == "Hello" {
        return Ok(Reply::json(&json!({ "message": "hello" })));
    }
    let offered = match &call.auth {
        Auth::Bearer(token) => Some(token.as_str()),
        _ => call.header("x-api-key"),
    };
    let Some(offered) = offered else {
        return Err(Fault::new(401, "authentication_error", "x-api-key header is required"));
    };
    let stranger = || Fault::new(401, "authentication_error", "invalid x-api-key");
    let organization = &account.anthropic;
    match call.operation.as_str() {
        "Messages" | "CountMessageTokens" => {
            let key = organization.api_keys.iter().find(|key| key.key == offered).ok_or_else(stranger)?;
            check_version(call)?;
            messages(call, account, ledger, key, now, request_id)
        }
        "UsageReportMessages" | "UsageReportClaudeCode" | "CostReport" => {
            if !organization.admin_keys.iter().any(|key| key == offered) {
                return Err(stranger());
            }
            check_version(call)?;
            let mut usage = organization.usage.clone();
            usage.extend(ledger.direct().iter().cloned());
            reports::answer(call, organization, &usage, now)
        }
        _ => Err(Fault::new(404, "not_found_error", format!("Not found: {} {}", call.method, call.path))),
    }
}

fn check_version(call: &Call) -> Result<(), Fault> {
    match call.header("anthropic-version") {
        Some("2023-06-01") => Ok(()),
        Some(other) => Err(invalid(format!("anthropic-version: {other} is not a valid version"))),
        None => Err(invalid("anthropic-version: header is required")),
    }
}

fn messages(
    call: &Call,
    account: &Account,
    ledger: &Ledger,
    key: &ApiKey,
    now: Timestamp,
    request_id: &str,
) -> Result<Reply, Fault> {
    let body = call.json().ok_or_else(|| invalid("The request body is not valid JSON"))?;
    let Some(model) = body["model"].as_str() else {
        return Err(invalid("model: Field required"));
    };
    if !body["messages"].is_array() {
        return Err(invalid("messages: Field required"));
    }
    if call.operation == "CountMessageTokens" {
        return Ok(Reply::json(&json!({ "input_tokens": runtime::input_tokens(&body) })));
    }
    if body["max_tokens"].as_u64().is_none_or(|tokens| tokens < 1) {
        return Err(invalid("max_tokens: Field required"));
    }
    let id = request_id.replacen("req_", "msg_", 1);
    let mut message = runtime::message(account, &id, &body);
    message["model"] = json!(model);
    let tokens = Tokens::of(&message["usage"]);
    ledger.used_directly(DirectUse {
        day: Day::On(date_of(now)),
        api_key: key.name.clone(),
        model: model.to_owned(),
        claude_code: call.header("user-agent").is_some_and(|agent| agent.starts_with("claude-cli/")),
        input: tokens.input,
        output: tokens.output,
        cache_read: tokens.cache_read,
        cache_write_5m: tokens.cache_write,
        cents: 1.0,
        ..DirectUse::default()
    });
    if body["stream"] != true {
        return Ok(Reply::json(&message));
    }
    let mut text = String::new();
    for mut event in runtime::events(&message) {
        if let Some(fields) = event.as_object_mut() {
            fields.shift_remove("amazon-bedrock-invocationMetrics");
        }
        text.push_str(&format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default()));
    }
    Ok(Reply::new(200, "text/event-stream; charset=utf-8", text))
}

/// Anthropic's 400.
pub fn invalid(text: impl Into<String>) -> Fault {
    Fault::new(400, "invalid_request_error", text)
}

/// An error in Anthropic's shape.
pub fn error(fault: &Fault, request_id: &str) -> Value {
    json!({ "type": "error", "error": { "type": fault.code, "message": fault.message }, "request_id": request_id })
}
