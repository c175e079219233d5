//! Everything per model: answers here, calls in AWS's log, AWS's own numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Case, words};

/// Whole numbers up to here are the same in every reader of JSON.
const MOST_EXACT: u64 = (1 << 53) - 1;

/// One model, by the id that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ModelRow {
    /// Profile id, model id or ARN.
    pub model: String,
    /// Answers on this machine.
    pub answers: u64,
    /// Those of them that stand in AWS's own log.
    pub joined: u64,
    /// Answered calls in the log by who asks here, joined or not, start-up probes among them.
    pub in_log: u64,
    /// Answered calls in the log by others.
    pub in_log_by_others: u64,
    /// Calls by CloudWatch, of the whole account; `null` where it was not asked.
    pub invocations: Option<u64>,
    /// Tokens in, those of the cache among them, of the whole account.
    pub input_tokens: Option<u64>,
    /// Tokens out, of the whole account.
    pub output_tokens: Option<u64>,
    /// Refused and failed calls, of the whole account.
    pub errors: Option<u64>,
    /// Refused for a quota, of the whole account.
    pub throttles: Option<u64>,
    /// Mean latency in whole milliseconds.
    pub latency_milliseconds: Option<u64>,
}

/// A row for each model that any line knows, the most used here first.
pub fn rows(case: &Case<'_>) -> Vec<ModelRow> {
    let mut rows: BTreeMap<String, ModelRow> = BTreeMap::new();
    let mut row = |model: &str, fill: &mut dyn FnMut(&mut ModelRow)| {
        let row =
            rows.entry(model.to_owned()).or_insert_with(|| ModelRow { model: model.to_owned(), ..ModelRow::default() });
        fill(row);
    };
    for (model, answers) in &case.turns.models {
        row(model, &mut |row| row.answers += answers);
    }
    for caller in case.trail.rows() {
        let answered = caller.streaming + caller.plain;
        row(&caller.model, &mut |row| {
            row.joined += caller.joined;
            *if caller.relation.is_ours() { &mut row.in_log } else { &mut row.in_log_by_others } += answered;
        });
    }
    for metrics in case.asked.metrics.got().into_iter().flat_map(|metrics| &metrics.models) {
        row(&metrics.model, &mut |row| {
            let exact = |number: u64| Some(number.min(MOST_EXACT));
            row.invocations = exact(metrics.invocations);
            row.input_tokens = exact(words::tokens_in(metrics));
            row.output_tokens = exact(metrics.tokens.output);
            row.errors = exact(words::errors(metrics));
            row.throttles = exact(metrics.throttles);
            // Whole milliseconds: the document has no fractions, so that its canonical text is one.
            row.latency_milliseconds = metrics.latency_mean.and_then(|mean| exact(mean.round().max(0.0) as u64));
        });
    }
    let mut rows: Vec<ModelRow> = rows.into_values().collect();
    rows.retain(|row| row.answers + row.in_log + row.in_log_by_others + row.invocations.unwrap_or_default() > 0);
    rows.sort_by_key(|row| std::cmp::Reverse((row.answers, row.in_log, row.invocations)));
    rows
}
