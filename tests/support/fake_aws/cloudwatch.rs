//! CloudWatch (JSON 1.0, as boto3 and the AWS CLI speak it): what namespace `AWS/Bedrock` measured.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::account::Account;
use super::errors::Fault;
use super::ledger::Ledger;
use super::metrics::{self, Sample};
use super::wire::{Call, Reply};

const NAMESPACE: &str = "AWS/Bedrock";
const LISTED: usize = 500;
const QUERIES: usize = 500;
const DATAPOINTS: usize = 100_800;
const STATISTICS_POINTS: i64 = 1_440;

/// Answers one operation.
pub fn answer(call: &Call, account: &Account, ledger: &Ledger, now: Timestamp) -> Result<Reply, Fault> {
    let asked = call.json().unwrap_or_default();
    let samples = metrics::samples(account, ledger, &call.region, now);
    let body = match call.operation.as_str() {
        "ListMetrics" => list(&asked, &samples, now),
        "GetMetricData" => data(&asked, &samples),
        "GetMetricStatistics" => statistics(&asked, &samples),
        _ => Err(Fault::unknown_operation(call)),
    }?;
    Ok(Reply::new(200, "application/x-amz-json-1.0", body.to_string()))
}

fn list(asked: &Value, samples: &[Sample], now: Timestamp) -> Result<Value, Fault> {
    let hours = if asked["RecentlyActive"] == "PT3H" { 3 } else { 14 * 24 };
    let is = |wanted: &Value, found: &str| wanted.as_str().is_none_or(|wanted| wanted == found);
    let all = metrics::known(samples, now - SignedDuration::from_hours(hours)).into_iter().filter(|(metric, model)| {
        let mut dimensions = asked["Dimensions"].as_array().into_iter().flatten();
        is(&asked["Namespace"], NAMESPACE)
            && is(&asked["MetricName"], metric)
            && dimensions
                .all(|wanted| wanted["Name"] == "ModelId" && model.is_some_and(|model| is(&wanted["Value"], model)))
    });
    let all: Vec<Value> = all
        .map(|(metric, model)| {
            let dimensions: Vec<_> = model.iter().map(|model| json!({ "Name": "ModelId", "Value": model })).collect();
            json!({ "Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions })
        })
        .collect();
    let from = start_of_page(asked)?;
    let mut body = json!({ "Metrics": all.iter().skip(from).take(LISTED).collect::<Vec<_>>() });
    if from + LISTED < all.len() {
        body["NextToken"] = json!(format!("page-{}", from + LISTED));
    }
    Ok(body)
}

fn data(asked: &Value, samples: &[Sample]) -> Result<Value, Fault> {
    let refuse = |text: String| Err(Fault::new(400, "ValidationError", text));
    let (start, end) = times(asked)?;
    if start >= end {
        return refuse("The parameter StartTime must be less than the parameter EndTime.".into());
    }
    let queries = asked["MetricDataQueries"].as_array().map_or(&[][..], Vec::as_slice);
    if queries.len() > QUERIES {
        return refuse(format!("The collection MetricDataQueries must not have a size greater than {QUERIES}."));
    }
    let mut ids = BTreeSet::new();
    let mut lines = Vec::new();
    for (at, query) in queries.iter().enumerate() {
        let place = format!("MetricDataQueries.member.{}", at + 1);
        let id = query["Id"].as_str().unwrap_or_default();
        let rest = id.strip_prefix(|first: char| first.is_ascii_lowercase());
        if !rest.is_some_and(|rest| rest.chars().all(|other| other.is_ascii_alphanumeric() || other == '_')) {
            return refuse(format!("The value {id} for parameter {place}.Id is not matched by ^[a-z][a-zA-Z0-9_]*$."));
        }
        if !ids.insert(id) {
            return refuse(format!("The values for parameter Id in MetricDataQueries are not unique: {id}."));
        }
        let Some(wanted) = query.get("MetricStat") else {
            return refuse(format!("The fake AWS evaluates no expressions: {place}."));
        };
        let metric = &wanted["Metric"];
        let name = metric["MetricName"].as_str().unwrap_or_default();
        let points = points(&of_metric(metric, samples), start, end, period(wanted)?);
        let stat = wanted["Stat"].as_str().unwrap_or_default();
        let mut line = Vec::new();
        for (time, point) in points {
            let value = point.statistic(stat);
            let value = value.ok_or_else(|| {
                Fault::new(
                    400,
                    "ValidationError",
                    format!("The value {stat} for parameter {place}.MetricStat.Stat is not supported."),
                )
            })?;
            line.push((time, value));
        }
        if asked["ScanBy"] != "TimestampAscending" {
            line.reverse();
        }
        lines.push((id, query["Label"].as_str().unwrap_or(name), line));
    }

    // Pages cut through the datapoints of all queries, one query after the other.
    let size = asked["MaxDatapoints"].as_u64().map_or(DATAPOINTS, |wanted| (wanted as usize).clamp(1, DATAPOINTS));
    let (mut skip, mut room) = (start_of_page(asked)?, size);
    let next = skip + size;
    let total: usize = lines.iter().map(|(_, _, line)| line.len()).sum();
    let mut results = Vec::new();
    for (id, label, line) in &lines {
        let passed = skip.min(line.len());
        let here = &line[passed..];
        let here = &here[..room.min(here.len())];
        (skip, room) = (skip - passed, room - here.len());
        let whole = passed + here.len() == line.len();
        results.push(json!({
            "Id": id,
            "Label": label,
            "Timestamps": here.iter().map(|(time, _)| time).collect::<Vec<_>>(),
            "Values": here.iter().map(|(_, value)| value).collect::<Vec<_>>(),
            "StatusCode": if whole { "Complete" } else { "PartialData" },
        }));
    }
    let mut body = json!({ "MetricDataResults": results, "Messages": [] });
    if next < total {
        body["NextToken"] = json!(format!("page-{next}"));
    }
    Ok(body)
}

fn statistics(asked: &Value, samples: &[Sample]) -> Result<Value, Fault> {
    let (start, end) = times(asked)?;
    let period = period(asked)?;
    let wanted: Vec<&str> = asked["Statistics"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let refuse = |text: String| Err(Fault::new(400, "InvalidParameterCombinationException", text));
    if wanted.is_empty() {
        return refuse("At least one of the parameters Statistics and ExtendedStatistics must be specified.".into());
    }
    if start >= end {
        let text = "The parameter StartTime must be less than the parameter EndTime.";
        return Err(Fault::new(400, "InvalidParameterValueException", text));
    }
    let number = (end - start) / period;
    if number > STATISTICS_POINTS {
        return refuse(format!(
            "You have requested up to {number} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        ));
    }
    let points = points(&of_metric(asked, samples), start, end, period);
    let unit = match asked["MetricName"].as_str().unwrap_or_default() {
        "InvocationLatency" => "Milliseconds",
        _ => "Count",
    };
    let mut shown: Vec<Value> = points
        .iter()
        .map(|(time, point)| {
            let mut shape = json!({ "Timestamp": time, "Unit": unit });
            for name in &wanted {
                shape[*name] = json!(point.statistic(name));
            }
            shape
        })
        .collect();
    // AWS promises no order, and gives none.
    let middle = shown.len() / 2;
    shown.rotate_left(middle);
    Ok(json!({ "Label": asked["MetricName"], "Datapoints": shown }))
}

/// The samples of one metric, of one model or (without a dimension) of all.
fn of_metric<'a>(metric: &Value, samples: &'a [Sample]) -> Vec<&'a Sample> {
    let dimensions = metric["Dimensions"].as_array().map_or(&[][..], Vec::as_slice);
    let model = match dimensions {
        [] => None,
        [one] if one["Name"] == "ModelId" => one["Value"].as_str(),
        _ => return Vec::new(),
    };
    let fits = |sample: &&Sample| {
        metric["Namespace"] == NAMESPACE
            && metric["MetricName"] == sample.metric
            && model.is_none_or(|model| model == sample.model)
    };
    samples.iter().filter(fits).collect()
}

/// Values of one period, put together.
#[derive(Default)]
struct Point {
    count: f64,
    sum: f64,
    min: f64,
    max: f64,
}

impl Point {
    fn statistic(&self, name: &str) -> Option<f64> {
        match name {
            "Sum" => Some(self.sum),
            "SampleCount" => Some(self.count),
            "Average" => Some(self.sum / self.count),
            "Minimum" => Some(self.min),
            "Maximum" => Some(self.max),
            _ => None,
        }
    }
}

/// Points by the second in which their period begins, oldest first; periods are counted from the start. Empty ones are left out.
fn points(samples: &[&Sample], start: i64, end: i64, period: i64) -> BTreeMap<i64, Point> {
    let mut points = BTreeMap::new();
    for sample in samples {
        let second = sample.at.as_second();
        if (start..end).contains(&second) {
            let point = points.entry(start + (second - start) / period * period).or_insert_with(|| Point {
                min: f64::INFINITY,
                max: f64::NEG_INFINITY,
                ..Point::default()
            });
            point.count += sample.count;
            point.sum += sample.sum;
            point.min = point.min.min(sample.min);
            point.max = point.max.max(sample.max);
        }
    }
    points
}

/// Start and end in seconds; the start is taken to the minute.
fn times(asked: &Value) -> Result<(i64, i64), Fault> {
    let time = |name: &str| {
        let told = asked[name].as_f64();
        let missing =
            || Fault::new(400, "MissingRequiredParameterException", format!("The parameter {name} is required."));
        told.map(|second| second as i64).ok_or_else(missing)
    };
    Ok((time("StartTime")? / 60 * 60, time("EndTime")?))
}

fn period(asked: &Value) -> Result<i64, Fault> {
    let period = asked["Period"].as_i64().unwrap_or_default();
    if period < 60 || period % 60 != 0 {
        let text = format!("The parameter Period must be a multiple of 60: {period}.");
        return Err(Fault::new(400, "InvalidParameterValueException", text));
    }
    Ok(period)
}

fn start_of_page(asked: &Value) -> Result<usize, Fault> {
    match asked["NextToken"].as_str() {
        None => Ok(0),
        Some(token) => token
            .strip_prefix("page-")
            .and_then(|at| at.parse().ok())
            .ok_or_else(|| Fault::new(400, "InvalidNextToken", "The next token specified is invalid.")),
    }
}
