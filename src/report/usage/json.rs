//! The document `bedrockup.usage/1`.

use serde_json::{Map, Value, json};

use super::{Report, kinds};
use crate::price::Cost;
use crate::usage::advice::Advice;
use crate::usage::{By, Provider, Row, Source, Sums, provider_name};

/// The answer as a document.
pub fn json(report: &Report<'_>) -> Value {
    let rows = report.usage.rows(report.by);
    json!({
        "schema": "bedrockup.usage/1",
        "version": env!("CARGO_PKG_VERSION"),
        "source": report.source.name(),
        "since": report.since.map(|moment| moment.to_string()),
        "until": report.until.to_string(),
        "time_zone": report.zone_name(),
        "prices_as_of": report.prices.as_of.to_string(),
        "by": report.by.name(),
        "rows": rows.iter().map(|row| row_json(report, row)).collect::<Vec<_>>(),
        "totals": sums_json(&report.source, &report.usage.totals(None)),
        "bedrock": sums_json(&report.source, &report.usage.totals(Some(Provider::Bedrock))),
        "advice": report.advice.iter().map(advice_json).collect::<Vec<_>>(),
        "notes": report.gaps,
    })
}

fn row_json(report: &Report<'_>, row: &Row) -> Value {
    let mut object = Map::new();
    if let Some(key) = &row.key {
        object.insert(report.by.name().to_owned(), json!(key));
        if report.by == By::Session {
            object.insert("project".to_owned(), json!(report.usage.project_of(key)));
        }
    }
    object.insert("provider".to_owned(), json!(provider_name(row.provider)));
    object.insert("model".to_owned(), json!(row.asked.model));
    object.insert("profile".to_owned(), json!(row.asked.profile));
    object.insert("routing".to_owned(), json!(row.asked.routing.name()));
    add_sums(&mut object, &report.source, &row.sums);
    if let Some(reason) = &row.no_price {
        object.insert("no_price".to_owned(), json!(format!("no price for {reason}")));
    }
    object.into()
}

fn sums_json(source: &Source, sums: &Sums) -> Value {
    let mut object = Map::new();
    add_sums(&mut object, source, sums);
    object.into()
}

fn add_sums(object: &mut Map<String, Value>, source: &Source, sums: &Sums) {
    // A bill counts no answers.
    let messages = (*source != Source::Bill).then_some(sums.messages);
    object.insert("messages".to_owned(), json!(messages));
    for (name, tokens) in kinds(&sums.tokens) {
        object.insert(name.to_owned(), json!(tokens));
    }
    object.insert("cost".to_owned(), sums.cost.map_or(Value::Null, cost_json));
    object.insert("unpriced_messages".to_owned(), json!(sums.unpriced));
    object.insert("incomplete_messages".to_owned(), json!(sums.incomplete));
}

/// Dollars, rounded once, to a millionth.
pub(super) fn cost_json(cost: Cost) -> Value {
    json!({ "low": cost.low.dollars(), "high": cost.high.dollars() })
}

fn advice_json(advice: &Advice) -> Value {
    json!({
        "name": advice.name,
        "saves": cost_json(advice.saves),
        "what": advice.what,
        "arithmetic": advice.arithmetic,
        "catch": advice.catch,
        "command": advice.command,
    })
}
