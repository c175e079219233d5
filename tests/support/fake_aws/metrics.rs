//! Samples of the namespace `AWS/Bedrock`: of the calls that were made, and of [`Account::metrics`].

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::account::Account;
use super::ledger::{Ledger, Tokens, Use};

/// What was measured at one moment for one metric and model.
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// `MetricName`.
    pub metric: &'static str,
    /// Value of the dimension `ModelId`.
    pub model: String,
    /// Number of values.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

/// All samples of a region, in no order.
///
/// `Invocations` counts calls that were answered, as AWS's older text says; the newer one counts also some that failed later.
pub fn samples(account: &Account, ledger: &Ledger, region: &str, now: Timestamp) -> Vec<Sample> {
    let mut samples = Vec::new();
    for made in ledger.uses().iter().filter(|made| made.region == region) {
        samples.extend(of_call(made));
    }
    for day in account.metrics.iter().filter(|day| day.region == region) {
        let at = day.day.start(now) + SignedDuration::from_hours(day.hour.into());
        let times = |metric, number: u64| Sample::new(at, metric, &day.model, number, number as f64);
        let each = |metric, sum: f64| Sample::new(at, metric, &day.model, day.invocations, sum);
        let all = [
            times("Invocations", day.invocations),
            times("InvocationClientErrors", day.client_errors),
            times("InvocationServerErrors", day.server_errors),
            times("InvocationThrottles", day.throttles),
            each("InvocationLatency", day.latency_ms * day.invocations as f64),
            each("InputTokenCount", day.input as f64),
            each("OutputTokenCount", day.output as f64),
            each("CacheReadInputTokenCount", day.cache_read as f64),
            each("CacheWriteInputTokenCount", day.cache_write as f64),
        ];
        samples.extend(all.into_iter().filter(|sample| sample.count > 0.0 && sample.sum > 0.0 && at <= now));
    }
    samples
}

/// Metrics and models that have samples since a moment; a metric without a model stands for all models.
pub fn known(samples: &[Sample], since: Timestamp) -> BTreeSet<(&'static str, Option<&str>)> {
    let recent = samples.iter().filter(|sample| sample.at >= since);
    recent.flat_map(|sample| [(sample.metric, None), (sample.metric, Some(sample.model.as_str()))]).collect()
}

fn of_call(made: &Use) -> Vec<Sample> {
    // The dimension holds an id also where an ARN was called.
    let model = made.model.rsplit('/').next().unwrap_or_default();
    let one = |metric, value: u64| Sample::new(made.at, metric, model, 1, value as f64);
    let Tokens { input, output, cache_read, cache_write } = made.tokens;
    match made.status {
        200 => {
            let cached = [("CacheReadInputTokenCount", cache_read), ("CacheWriteInputTokenCount", cache_write)];
            let cached =
                cached.into_iter().filter(|(_, tokens)| *tokens > 0).map(|(metric, tokens)| one(metric, tokens));
            let always = [
                one("Invocations", 1),
                one("InvocationLatency", 42), // what the answers' headers say
                one("InputTokenCount", input),
                one("OutputTokenCount", output),
            ];
            always.into_iter().chain(cached).collect()
        }
        429 => vec![one("InvocationThrottles", 1)],
        500.. => vec![one("InvocationServerErrors", 1)],
        _ => vec![one("InvocationClientErrors", 1)],
    }
}

impl Sample {
    /// So many values that are all alike.
    fn new(at: Timestamp, metric: &'static str, model: &str, count: u64, sum: f64) -> Self {
        let count = count as f64;
        let each = if count > 0.0 { sum / count } else { 0.0 };
        Self { at, metric, model: model.to_owned(), count, sum, min: each, max: each }
    }
}
