//! `usage --reconcile`: estimate, CloudWatch's count and the bill, side by side.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::json::cost_json;
use super::{kinds, table};
use crate::price::Table;
use crate::report::{Style, tame};
use crate::usage::Sums;
use crate::usage::advice::display_name;
use crate::usage::reconcile::{Reconciliation, Sides, ratio};

/// What there is to tell.
pub struct Report<'a> {
    /// The sides.
    pub result: Reconciliation,
    /// The prices.
    pub prices: &'a Table,
    /// First and last day (UTC).
    pub days: (Date, Date),
    /// The region that CloudWatch was asked in.
    pub region: String,
    /// Requests that were made to Cost Explorer.
    pub requests: u32,
    /// What could not be asked, as sentences.
    pub missing: Vec<String>,
}

/// The sides as text.
pub fn text(report: &Report<'_>, style: Style) -> String {
    let totals = &report.result.totals;
    let (first, last) = report.days;
    let head = match (
        ratio(totals.estimate.as_ref(), totals.billed.as_ref()),
        totals.billed.as_ref().and_then(|sums| sums.cost),
    ) {
        (Some(ratio), Some(bill)) => {
            format!(
                "{} billed; this machine's transcripts explain {} of it",
                style.bold(&bill.to_string()),
                percent(ratio)
            )
        }
        (None, Some(bill)) => format!("{} billed, and no estimate to set beside it", style.bold(&bill.to_string())),
        _ => "No bill to set the estimate beside".to_owned(),
    };
    let about = format!(
        "{first} to {last} (days of UTC), prices as of {}; CloudWatch of {}",
        report.prices.as_of, report.region
    );
    let mut out = format!("{head}\n{}\n\n", style.dim(&style.wrap(&about, "", "")));
    let name = |model: &str| tame(&display_name(report.prices, model));
    let mut rows: Vec<Vec<String>> =
        report.result.models.iter().map(|(model, sides)| line(&name(model), sides)).collect();
    rows.push(line("all", totals));
    let head = ["model", "this machine", "CloudWatch", "bill", "machine / bill", "CloudWatch / bill"];
    out.push_str(&table::lines(&head, 1, &rows, style));
    for missing in &report.missing {
        out.push_str(&format!("\n{}\n", style.yellow(&style.wrap(&tame(missing), "", "  "))));
    }
    out.push_str(&format!("\n{}\n", style.bold("What explains the difference")));
    for explanation in &report.result.explanations {
        out.push_str(&format!("{}\n", style.wrap(&tame(explanation), "- ", "  ")));
    }
    if report.requests > 0 {
        let note = match report.requests {
            1 => "Cost Explorer was asked once, for 0.01 USD.".to_owned(),
            times => format!("Cost Explorer was asked {times} times, for 0.01 USD each."),
        };
        out.push_str(&format!("\n{}\n", style.dim(&note)));
    }
    out
}

fn percent(ratio: f64) -> String {
    format!("{:.0} %", ratio * 100.0)
}

fn line(name: &str, sides: &Sides) -> Vec<String> {
    let cost = |sums: &Option<Sums>| match sums {
        None => "-".to_owned(),
        Some(sums) => match (sums.cost, sums.unpriced) {
            (Some(cost), 0) => cost.to_string().replace(" to $", "-"),
            (Some(cost), _) => format!("{} + ?", cost.to_string().replace(" to $", "-")),
            (None, 0) => "-".to_owned(),
            (None, _) => "no price".to_owned(),
        },
    };
    let share = |one: &Option<Sums>| ratio(one.as_ref(), sides.billed.as_ref()).map_or("-".to_owned(), percent);
    vec![
        name.to_owned(),
        cost(&sides.estimate),
        cost(&sides.counted),
        cost(&sides.billed),
        share(&sides.estimate),
        share(&sides.counted),
    ]
}

/// The sides as a document.
pub fn json(report: &Report<'_>) -> Value {
    let (first, last) = report.days;
    let model = |(model, sides): (&String, &Sides)| {
        let mut value = sides_json(sides);
        value["model"] = json!(model);
        value
    };
    json!({
        "schema": "bedrockup.reconcile/1",
        "version": env!("CARGO_PKG_VERSION"),
        "first_day": first.to_string(),
        "last_day": last.to_string(),
        "time_zone": "UTC",
        "region": report.region,
        "prices_as_of": report.prices.as_of.to_string(),
        "models": report.result.models.iter().map(model).collect::<Vec<_>>(),
        "totals": sides_json(&report.result.totals),
        "explanations": report.result.explanations,
        "could_not_ask": report.missing,
        "cost_explorer_requests": report.requests,
    })
}

fn sides_json(sides: &Sides) -> Value {
    let side = |sums: &Option<Sums>| {
        sums.as_ref().map(|sums| {
            let mut value = json!({ "cost": sums.cost.map(cost_json), "unpriced_messages": sums.unpriced });
            for (name, tokens) in kinds(&sums.tokens) {
                value[name] = json!(tokens);
            }
            value
        })
    };
    let rounded = |ratio: Option<f64>| ratio.map(|ratio| (ratio * 10_000.0).round() / 10_000.0);
    json!({
        "estimate": side(&sides.estimate),
        "cloudwatch": side(&sides.counted),
        "bill": side(&sides.billed),
        "estimate_to_bill": rounded(ratio(sides.estimate.as_ref(), sides.billed.as_ref())),
        "cloudwatch_to_bill": rounded(ratio(sides.counted.as_ref(), sides.billed.as_ref())),
        "estimate_to_cloudwatch": rounded(ratio(sides.estimate.as_ref(), sides.counted.as_ref())),
    })
}
