//! What AWS counted: calls, tokens, errors and latency of each model, for the whole account.

use super::Case;
use super::line::{Line, Method, Nature, Status, Strength};
use super::words::{self, count, quoted};
use crate::ask::metrics::{Metrics, ModelMetrics};

/// What is the same for every find.
pub const NATURE: Nature =
    Nature { name: Method::CloudWatch, delay: "1 to 5 minutes", could_be_faked_by: "anybody in the account" };

/// The line.
pub fn line(case: &Case<'_>) -> Line {
    let Some(metrics) = case.asked.metrics.got() else {
        let (lack, denied) = words::lack(&case.asked.metrics);
        let mut line =
            NATURE.line(Status::CouldNotAsk, Strength::Weak, format!("Not counted: {lack}."), check(case, None));
        line.missing_permission = denied.then(|| words::METRICS.clone());
        return line;
    };
    let mut called: Vec<&ModelMetrics> = metrics.models.iter().filter(|model| model.invocations > 0).collect();
    called.sort_by_key(|model| std::cmp::Reverse(model.invocations));
    let calls = sum_of(&called, |model| model.invocations);
    if calls == 0 {
        let found = format!("No call of a model was counted in {} in this window.", case.route.region.name);
        return NATURE.line(Status::Silent, Strength::Weak, found, check(case, None));
    }
    let sum = |of: fn(&ModelMetrics) -> u64| sum_of(&called, of);
    let mut found = format!(
        "{} in this account and region: {} tokens in, {} out",
        count(calls, "call"),
        sum(words::tokens_in),
        sum(|model| model.tokens.output),
    );
    let (errors, throttles) = (sum(words::errors), sum(|model| model.throttles));
    if errors + throttles > 0 {
        found.push_str(&format!("; {} refused or failed, {throttles} throttled", errors));
    }
    let top: Vec<String> = called.iter().take(3).map(|model| one(model)).collect();
    found.push_str(&format!(". {}{}.", top.join("; "), if called.len() > 3 { "; …" } else { "" }));
    if let Some(mixed) = mixed(case, calls) {
        found.push_str(&mixed);
    }
    if !metrics.complete {
        found.push_str(" AWS did not give all numbers.");
    }
    NATURE.line(Status::Supports, Strength::Weak, found, check(case, Some((metrics, called[0]))))
}

/// A sum that ends where numbers of a document do: what AWS would have to count for that is not of this world.
fn sum_of(models: &[&ModelMetrics], of: fn(&ModelMetrics) -> u64) -> u64 {
    models.iter().copied().map(of).fold(0, u64::saturating_add)
}

fn one(model: &ModelMetrics) -> String {
    let latency = model.latency_mean.map_or_else(String::new, |mean| match mean {
        mean if mean < 100.0 => format!(", {mean:.0} ms on average"),
        mean => format!(", {:.1} s on average", mean / 1000.0),
    });
    format!("{}: {}{latency}", model.model, count(model.invocations, "call"))
}

/// Whether other people's use is in the numbers.
fn mixed(case: &Case<'_>, calls: u64) -> Option<String> {
    let own = case.turns.counts().bedrock;
    if case.trail.others() {
        Some(" Other identities called too (by AWS's log): their use is in these numbers.".to_owned())
    } else if calls > own {
        Some(format!(
            " This machine's transcripts have {}: the rest are start-up probes, other machines, or other people.",
            count(own, "answer")
        ))
    } else {
        None
    }
}

fn check(case: &Case<'_>, seen: Option<(&Metrics, &ModelMetrics)>) -> String {
    let (region, profile) = (quoted(case, &case.route.region.name), words::profile_option(case));
    match seen {
        None => {
            format!(
                "aws cloudwatch list-metrics{profile} --region {region} --namespace AWS/Bedrock --metric-name Invocations"
            )
        }
        Some((metrics, model)) => format!(
            "aws cloudwatch get-metric-statistics{profile} --region {region} --namespace AWS/Bedrock --metric-name Invocations --dimensions \
             Name=ModelId,Value={} --start-time {} --end-time {} --period {} --statistics Sum",
            quoted(case, &model.model),
            words::cli_time(metrics.from),
            words::cli_time(metrics.to),
            metrics.step,
        ),
    }
}
