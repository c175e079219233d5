//! The answer of `why` as a JSON document.

use serde_json::{Value, json};

use super::{Running, switch_winner};
use crate::observe::Machine;
use crate::report::words;
use crate::resolve::confirmation::{Confirmation, confirm};
use crate::resolve::{CredentialKind, Model, Route, Setting, Variable};
use crate::variables::{REGION, is_secret};

/// The answer as a document.
pub fn json(route: &Route, machine: &Machine, running: Option<&Running>) -> Value {
    let variables: Vec<Value> = route.variables.iter().chain(&route.companions).map(variable_json).collect();
    let mut document = head(machine, running);
    let credentials = &route.credentials;
    document["route"] = json!({
        "provider": {"value": route.provider.name(), "from": switch_source(route)},
        "mantle": route.mantle(),
        "region": {
            "value": route.region.name,
            "as_written": route.region.as_written,
            "from": words::source_json(&route.region.source),
            "skipped": route.region.skipped.iter().map(|setting| setting_json(REGION, setting)).collect::<Vec<_>>(),
        },
        "profile": route.profile,
        "credentials": {
            "kind": credentials.kind.name(),
            "what": words::credentials(&credentials.kind),
            "from": words::source_json(&credentials.source),
            "hidden": credentials.hidden.iter().map(CredentialKind::name).collect::<Vec<_>>(),
        },
        "endpoints": {
            "runtime": words::value("", &route.endpoints.runtime),
            "control": words::value("", &route.endpoints.control),
            "sts": words::value("", &route.endpoints.sts),
        },
        "models": route.models.iter().map(model_json).collect::<Vec<_>>(),
    });
    document["confirmation"] = confirmation_json(&confirm(route, machine));
    document["variables"] = variables.into();
    document
}

/// One variable alone as a document; `variables` is empty when nothing sets it.
pub fn variable_document(
    name: &str,
    variable: Option<&Variable>,
    machine: &Machine,
    running: Option<&Running>,
) -> Value {
    let mut document = head(machine, running);
    document["variable"] = name.into();
    document["variables"] = variable.map(variable_json).into_iter().collect::<Vec<_>>().into();
    document
}

fn head(machine: &Machine, running: Option<&Running>) -> Value {
    let mut document = json!({
        "schema": "bedrockup.why/1",
        "version": env!("CARGO_PKG_VERSION"),
        "directory": machine.directory.display().to_string(),
    });
    if let Some(running) = running {
        document["session"] = running.json();
    }
    document
}

fn switch_source(route: &Route) -> Value {
    switch_winner(route).map_or(Value::Null, |(_, winner)| words::source_json(&winner.source))
}

fn variable_json(variable: &Variable) -> Value {
    json!({
        "name": variable.name,
        "winner": variable.winner.as_ref().map(|setting| setting_json(variable.name, setting)),
        "losers": variable.losers.iter().map(|setting| setting_json(variable.name, setting)).collect::<Vec<_>>(),
    })
}

fn setting_json(name: &str, setting: &Setting) -> Value {
    json!({
        "value": if setting.value.is_empty() { String::new() } else { words::value(name, &setting.value) },
        "secret": is_secret(name),
        "from": words::source_json(&setting.source),
    })
}

fn model_json(model: &Model) -> Value {
    json!({
        "role": model.role.name(),
        "id": model.id,
        "from": words::source_json(&model.source),
        "pinned_by": model.pinned_by,
    })
}

fn confirmation_json(confirmation: &Confirmation) -> Value {
    match confirmation {
        Confirmation::Agrees => json!({"status": "agrees"}),
        Confirmation::Disagrees { client } => json!({"status": "disagrees", "client": client}),
        Confirmation::OlderEnvironment { client } => json!({"status": "older-environment", "client": client}),
        Confirmation::NotAsked(reason) => json!({"status": "not-asked", "reason": reason}),
    }
}
