//! Cost Explorer (`awsJson1.1`): `GetCostAndUsage` over [`Account::costs`]. Each request costs 0.01 USD; the log has them all.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::account::{ACCOUNT_ID, Account, CostRow, CostState, date_of};
use super::errors::Fault;
use super::sigv4::hex;
use super::wire::{Call, Reply};

const MONTHS: i64 = 14;

/// Answers one operation.
pub fn answer(call: &Call, account: &Account, now: Timestamp) -> Result<Reply, Fault> {
    match account.costs.state {
        CostState::On => {}
        CostState::NoData => {
            let text = "Data is not available. Please try to adjust the time period. If just enabled Cost Explorer, data might not be ingested yet";
            return Err(Fault::new(400, "DataUnavailableException", text));
        }
        CostState::NotEnabled => {
            return Err(Fault::new(400, "AccessDeniedException", "User not enabled for cost explorer access"));
        }
    }
    if call.operation != "GetCostAndUsage" {
        return Err(Fault::unknown_operation(call));
    }
    let asked = call.json().unwrap_or_default();
    let body = cost_and_usage(&asked, account, now)?;
    Ok(Reply::new(200, "application/x-amz-json-1.1", body.to_string()))
}

fn cost_and_usage(asked: &Value, account: &Account, now: Timestamp) -> Result<Value, Fault> {
    let today = date_of(now);
    let (start, end) = (date(asked, "Start")?, date(asked, "End")?);
    if start >= end {
        return Err(invalid("Start date (and hour) should be before end date (and hour)"));
    }
    if start < today.saturating_sub(Span::new().months(MONTHS)) {
        return Err(invalid("You haven't enabled historical data beyond 14 months"));
    }
    let monthly = match asked["Granularity"].as_str() {
        Some("DAILY") => false,
        Some("MONTHLY") => true,
        other => return Err(invalid(format!("The fake AWS does not know granularity {other:?}"))),
    };
    let metrics: Vec<&str> = asked["Metrics"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if metrics.is_empty() {
        return Err(invalid("Metrics must not be empty"));
    }
    let by: Vec<&Value> = asked["GroupBy"].as_array().into_iter().flatten().collect();
    if by.len() > 2 || by.iter().any(|by| by["Type"] != "DIMENSION") {
        return Err(invalid("You can group by at most two keys, and the fake AWS only by dimensions"));
    }
    let groups: Vec<&str> = by.iter().filter_map(|by| by["Key"].as_str()).collect();

    // One line per period and group; without groups one line per period, empty ones too.
    let mut lines: BTreeMap<(Date, Vec<String>), Vec<&CostRow>> = BTreeMap::new();
    let mut periods = Vec::new();
    let mut day = start;
    while day < end {
        let next = if monthly {
            day.last_of_month().saturating_add(Span::new().days(1))
        } else {
            day.saturating_add(Span::new().days(1))
        };
        periods.push((day, next.min(end)));
        if groups.is_empty() {
            lines.insert((day, Vec::new()), Vec::new());
        }
        day = next;
    }
    let filter = asked.get("Filter");
    for row in &account.costs.rows {
        let day = row.day.date(now);
        let period = periods.iter().find(|(from, to)| (*from..*to).contains(&day));
        let fits = filter.map_or(Ok(true), |filter| fits(filter, row))?;
        if let (Some((from, _)), true) = (period, fits) {
            let keys: Vec<String> = groups.iter().map(|key| dimension(key, row)).collect::<Result<_, _>>()?;
            lines.entry((*from, keys)).or_default().push(row);
        }
    }

    let from = page_start(asked)?;
    let size = account.costs.page_size.max(1);
    let mut results: Vec<Value> = Vec::new();
    let page: Vec<_> = lines.iter().skip(from).take(size).collect();
    for (period, until) in &periods {
        let here: Vec<_> = page.iter().filter(|((from, _), _)| from == period).collect();
        // A period without groups is told on the first page.
        if here.is_empty() && (from > 0 || lines.keys().any(|(from, _)| from == period)) {
            continue;
        }
        let mut result = json!({
            "TimePeriod": { "Start": period.to_string(), "End": until.to_string() },
            "Total": {},
            "Groups": [],
            "Estimated": *until > today.saturating_sub(Span::new().days(account.costs.estimated_days)),
        });
        for ((_, keys), rows) in here {
            let sums = sums(&metrics, rows)?;
            if groups.is_empty() {
                result["Total"] = sums;
            } else if let Some(list) = result["Groups"].as_array_mut() {
                list.push(json!({ "Keys": keys, "Metrics": sums }));
            }
        }
        results.push(result);
    }
    let mut body = json!({ "ResultsByTime": results, "DimensionValueAttributes": [] });
    if !groups.is_empty() {
        body["GroupDefinitions"] = asked["GroupBy"].clone();
    }
    if from + size < lines.len() {
        body["NextPageToken"] = json!(BASE64_URL_SAFE_NO_PAD.encode(format!("{} {}", fingerprint(asked), from + size)));
    }
    Ok(body)
}

fn sums(metrics: &[&str], rows: &[&CostRow]) -> Result<Value, Fault> {
    let amount: f64 = rows.iter().map(|row| row.amount).sum();
    let quantity: f64 = rows.iter().map(|row| row.quantity).sum();
    let mut sums = json!({});
    for metric in metrics {
        let (number, unit) = match *metric {
            "UnblendedCost" | "BlendedCost" | "AmortizedCost" | "NetUnblendedCost" | "NetAmortizedCost" => {
                (amount, "USD")
            }
            "UsageQuantity" => (quantity, "N/A"),
            other => return Err(invalid(format!("Metric {other} is not supported"))),
        };
        let text = format!("{number:.10}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        sums[*metric] = json!({ "Amount": if text == "-0" { "0" } else { text }, "Unit": unit });
    }
    Ok(sums)
}

/// Whether a filter lets a row through.
fn fits(filter: &Value, row: &CostRow) -> Result<bool, Fault> {
    let fields = filter.as_object().filter(|fields| fields.len() == 1);
    let Some((kind, inner)) = fields.and_then(|fields| fields.iter().next()) else {
        return Err(invalid("Expression must have exactly one root operator"));
    };
    match kind.as_str() {
        "Not" => fits(inner, row).map(|fits| !fits),
        "And" | "Or" => {
            let parts = inner.as_array().filter(|parts| parts.len() > 1);
            let parts = parts.ok_or_else(|| invalid(format!("{kind} must have at least two operands")))?;
            let each = parts.iter().map(|part| fits(part, row)).collect::<Result<Vec<_>, _>>()?;
            Ok(if kind == "And" { each.iter().all(|fits| *fits) } else { each.iter().any(|fits| *fits) })
        }
        "Dimensions" => {
            let exact = |option: &Value| option == "EQUALS" || option == "CASE_SENSITIVE";
            if inner["MatchOptions"].as_array().is_some_and(|options| !options.iter().all(exact)) {
                return Err(invalid("GetCostAndUsage only supports the match options EQUALS and CASE_SENSITIVE"));
            }
            let value = dimension(inner["Key"].as_str().unwrap_or_default(), row)?;
            Ok(inner["Values"].as_array().is_some_and(|wanted| wanted.iter().any(|wanted| *wanted == value.as_str())))
        }
        other => Err(invalid(format!("The fake AWS does not know filters of kind {other}"))),
    }
}

fn dimension(key: &str, row: &CostRow) -> Result<String, Fault> {
    Ok(match key {
        "SERVICE" => row.service.clone(),
        "USAGE_TYPE" => row.usage_type.clone(),
        "RECORD_TYPE" => row.record_type.clone(),
        "BILLING_ENTITY" => row.billing_entity.clone().unwrap_or_else(|| {
            let sold_by_others = row.service.ends_with("(Amazon Bedrock Edition)");
            (if sold_by_others { "AWS Marketplace" } else { "AWS" }).to_owned()
        }),
        "LINKED_ACCOUNT" => ACCOUNT_ID.to_owned(),
        other => return Err(invalid(format!("The fake AWS does not know dimension {other}"))),
    })
}

fn date(asked: &Value, name: &str) -> Result<Date, Fault> {
    let told = asked["TimePeriod"][name].as_str().unwrap_or_default();
    told.parse().map_err(|_| invalid(format!("{name} time {told} is invalid. Valid format is: yyyy-MM-dd.")))
}

fn page_start(asked: &Value) -> Result<usize, Fault> {
    let Some(token) = asked["NextPageToken"].as_str() else {
        return Ok(0);
    };
    let text = BASE64_URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = text.as_deref().and_then(|text| text.split_once(' '));
    let read = parts.and_then(|(print, at)| Some((print, at.parse().ok()?)));
    match read {
        None => Err(Fault::new(
            400,
            "InvalidNextTokenException",
            "The pagination token is invalid. Try again without a pagination token.",
        )),
        Some((print, _)) if print != fingerprint(asked) => {
            let text = "Your request parameters changed between pages. Try again with the old parameters or without a pagination token.";
            Err(Fault::new(400, "RequestChangedException", text))
        }
        Some((_, at)) => Ok(at),
    }
}

/// Stands for everything that must stay the same from page to page.
fn fingerprint(asked: &Value) -> String {
    let mut rest = asked.clone();
    if let Some(fields) = rest.as_object_mut() {
        fields.shift_remove("NextPageToken");
    }
    hex(&Sha256::digest(rest.to_string()))[..16].to_owned()
}

fn invalid(text: impl Into<String>) -> Fault {
    Fault::validation(text)
}
