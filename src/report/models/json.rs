//! The document `bedrockup.models/1`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Entry, Listing, Used};
use crate::aws::answer::Answer;
use crate::price::{Rate, Rates, Row, model_name};
use crate::value::ModelId;

/// The listing as a document.
pub fn json(listing: &Listing) -> Value {
    let pins = |pins: &Option<BTreeMap<&'static str, ModelId>>| {
        pins.as_ref().map(|pins| {
            pins.iter().map(|(name, id)| ((*name).to_owned(), json!(id.as_str()))).collect::<serde_json::Map<_, _>>()
        })
    };
    let used = |used: &Used| {
        json!({
            "role": used.model.role.name(),
            "id": used.model.id,
            "pinned_by": used.model.pinned_by,
            "why": used.why,
            "probe": used.probe.as_ref().map(|probe| match probe {
                Ok(()) => json!({ "status": "answered" }),
                Err(why) => json!({ "status": "refused", "why": why }),
            }),
        })
    };
    json!({
        "schema": "bedrockup.models/1",
        "version": env!("CARGO_PKG_VERSION"),
        "region": listing.region,
        "prices": {
            "as_of": listing.prices.table.as_of.to_string(),
            "refreshed": listing.prices.refreshed.map(|(day, _)| day.to_string()),
            "age_days": listing.prices.age,
            "problem": listing.prices.problem,
        },
        "models": listing.entries.iter().map(entry_json).collect::<Vec<_>>(),
        "used": listing.used.iter().map(used).collect::<Vec<_>>(),
        "pins": { "geo": pins(&listing.pins[0]), "global": pins(&listing.pins[1]) },
    })
}

fn entry_json(entry: &Entry) -> Value {
    let access = match &entry.availability {
        Some(Answer::Got(access)) => json!({
            "agreement": access.agreement,
            "authorization": access.authorization,
            "entitlement": access.entitlement,
            "region": access.region,
        }),
        _ => Value::Null,
    };
    json!({
        "id": entry.profile.id,
        "arn": entry.profile.arn,
        "routes_to": entry.profile.model_arns,
        "status": entry.profile.status,
        "model": model_name(&entry.model),
        "foundation_model": entry.model,
        "routing": entry.routing.name(),
        "access": access,
        "lifecycle": {
            "legacy": entry.legacy,
            "end_of_life": entry.ends.map(|day| day.to_string()),
            "successor": entry.successor,
        },
        "prices": entry.rows.iter().map(row_json).collect::<Vec<_>>(),
    })
}

fn row_json(row: &Row) -> Value {
    let rates = |rates: &Rates| {
        let [input, output, short, long, read] = rates.list().map(|rate| rate.map(Rate::per_million));
        json!({ "input": input, "output": output, "cache_write_5m": short, "cache_write_1h": long, "cache_read": read })
    };
    let mut value = rates(&row.rates);
    value["routing"] = json!(row.class.name());
    value["since"] = json!(row.from.map(|day| day.to_string()));
    let batch =
        row.batch.map(|(input, output)| json!({ "input": input.per_million(), "output": output.per_million() }));
    value["batch"] = json!(batch);
    let step = |step: &crate::price::Step| json!({ "above_prompt_tokens": step.above, "rates": rates(&step.rates) });
    value["steps"] = row.steps.iter().map(step).collect();
    value["checked_on"] = json!(row.checked_on.to_string());
    value["source"] = json!(row.source);
    value
}
