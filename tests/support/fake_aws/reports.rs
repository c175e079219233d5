//! The Admin API's reports: tokens and costs by day, and Claude Code by person.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::account::{DirectUse, Organization, date_of, start_of};
use super::anthropic::invalid;
use super::errors::Fault;
use super::wire::{Call, Reply, pairs};

/// Answers one report over everything that was used.
pub fn answer(call: &Call, organization: &Organization, usage: &[DirectUse], now: Timestamp) -> Result<Reply, Fault> {
    if call.operation == "UsageReportClaudeCode" {
        return claude_code(call, organization, usage, now);
    }
    if call.parameter("bucket_width").is_some_and(|width| width != "1d") {
        return Err(invalid("bucket_width: the fake only knows 1d"));
    }
    let groups: Vec<String> =
        pairs(&call.query).filter(|(key, _)| key == "group_by[]").map(|(_, value)| value).collect();
    let start = moment(call, "starting_at")?.ok_or_else(|| invalid("starting_at: Field required"))?;
    let end = moment(call, "ending_at")?.unwrap_or(now);
    let mut buckets = Vec::new();
    let mut day = date_of(start);
    while start_of(day) < end {
        let next = day.saturating_add(Span::new().days(1));
        let here: Vec<&DirectUse> = usage.iter().filter(|used| used.day.date(now) == day).collect();
        let results = if call.operation == "CostReport" { costs(&here, &groups) } else { tokens(&here, &groups) };
        buckets.push(json!({ "starting_at": rfc3339(day), "ending_at": rfc3339(next), "results": results }));
        day = next;
    }
    page(call, &buckets, 7, 31)
}

fn claude_code(call: &Call, organization: &Organization, usage: &[DirectUse], now: Timestamp) -> Result<Reply, Fault> {
    let told = call.parameter("starting_at").ok_or_else(|| invalid("starting_at: Field required"))?;
    let day: Date = told.parse().map_err(|_| invalid("starting_at: Input should be a valid date (YYYY-MM-DD)"))?;
    let mut actors: BTreeMap<(Option<&str>, &str), Vec<&DirectUse>> = BTreeMap::new();
    for used in usage.iter().filter(|used| used.claude_code && used.day.date(now) == day) {
        let key = if used.email.is_some() { "" } else { used.api_key.as_str() };
        actors.entry((used.email.as_deref(), key)).or_default().push(used);
    }
    let record = |((email, key), used): (&(Option<&str>, &str), &Vec<&DirectUse>)| {
        let actor = match email {
            Some(email) => json!({ "type": "user_actor", "email_address": email }),
            None => json!({ "type": "api_actor", "api_key_name": key }),
        };
        let models: Vec<Value> = by_model(used).iter().map(|(model, used)| {
            let sum = |field: fn(&DirectUse) -> u64| used.iter().map(|used| field(used)).sum::<u64>();
            json!({
                "model": model,
                "tokens": {
                    "input": sum(|used| used.input),
                    "output": sum(|used| used.output),
                    "cache_read": sum(|used| used.cache_read),
                    "cache_creation": sum(|used| used.cache_write_5m + used.cache_write_1h),
                },
                "estimated_cost": { "currency": "USD", "amount": used.iter().map(|used| used.cents).sum::<f64>().round() as u64 },
            })
        }).collect();
        let tool = json!({ "accepted": 0, "rejected": 0 });
        json!({
            "date": rfc3339(day),
            "actor": actor,
            "organization_id": organization.id,
            "customer_type": "api",
            "terminal_type": "xterm-256color",
            "core_metrics": {
                "num_sessions": 1,
                "lines_of_code": { "added": 0, "removed": 0 },
                "commits_by_claude_code": 0,
                "pull_requests_by_claude_code": 0,
            },
            "tool_actions": { "edit_tool": tool, "multi_edit_tool": tool, "write_tool": tool, "notebook_edit_tool": tool },
            "model_breakdown": models,
        })
    };
    let records: Vec<Value> = actors.iter().map(record).collect();
    page(call, &records, 20, 1_000)
}

fn tokens(used: &[&DirectUse], groups: &[String]) -> Vec<Value> {
    let result = |model: Value, used: &[&DirectUse]| {
        let sum = |field: fn(&DirectUse) -> u64| used.iter().map(|used| field(used)).sum::<u64>();
        json!({
            "uncached_input_tokens": sum(|used| used.input),
            "cache_creation": {
                "ephemeral_1h_input_tokens": sum(|used| used.cache_write_1h),
                "ephemeral_5m_input_tokens": sum(|used| used.cache_write_5m),
            },
            "cache_read_input_tokens": sum(|used| used.cache_read),
            "output_tokens": sum(|used| used.output),
            "server_tool_use": { "web_search_requests": 0 },
            "api_key_id": null,
            "workspace_id": null,
            "model": model,
            "service_tier": null,
            "context_window": null,
        })
    };
    match groups.iter().any(|group| group == "model") {
        _ if used.is_empty() => Vec::new(),
        true => by_model(used).iter().map(|(model, used)| result(json!(model), used)).collect(),
        false => vec![result(Value::Null, used)],
    }
}

fn costs(used: &[&DirectUse], groups: &[String]) -> Vec<Value> {
    let result = |description: Value, model: Value, used: &[&DirectUse]| {
        json!({
            "currency": "USD",
            "amount": used.iter().map(|used| used.cents).sum::<f64>().to_string(),
            "workspace_id": null,
            "description": description,
            "cost_type": if model.is_null() { Value::Null } else { json!("tokens") },
            "context_window": null,
            "model": model,
            "service_tier": null,
            "token_type": null,
        })
    };
    match groups.iter().any(|group| group == "description") {
        _ if used.is_empty() => Vec::new(),
        true => by_model(used)
            .iter()
            .map(|(model, used)| result(json!(format!("{model} Usage")), json!(model), used))
            .collect(),
        false => vec![result(Value::Null, Value::Null, used)],
    }
}

fn by_model<'a>(used: &[&'a DirectUse]) -> BTreeMap<&'a str, Vec<&'a DirectUse>> {
    let mut models: BTreeMap<&str, Vec<&DirectUse>> = BTreeMap::new();
    for used in used {
        models.entry(&used.model).or_default().push(used);
    }
    models
}

fn page(call: &Call, all: &[Value], usual: usize, most: usize) -> Result<Reply, Fault> {
    let size = match call.parameter("limit") {
        None => usual,
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| (1..=most).contains(size))
            .ok_or_else(|| invalid(format!("limit: Input should be between 1 and {most}")))?,
    };
    let from = match call.parameter("page") {
        None => 0,
        Some(token) => token
            .strip_prefix("page_")
            .and_then(|at| at.parse::<usize>().ok())
            .ok_or_else(|| invalid("page: Invalid page token"))?,
    };
    let data: Vec<&Value> = all.iter().skip(from).take(size).collect();
    let next = (from + size < all.len()).then(|| format!("page_{}", from + size));
    Ok(Reply::json(&json!({ "data": data, "has_more": next.is_some(), "next_page": next })))
}

fn moment(call: &Call, name: &str) -> Result<Option<Timestamp>, Fault> {
    let told = call.parameter(name);
    told.map(|text| text.parse().map_err(|_| invalid(format!("{name}: Input should be a valid datetime")))).transpose()
}

fn rfc3339(day: Date) -> String {
    format!("{day}T00:00:00Z")
}
