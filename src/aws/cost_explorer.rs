//! Cost Explorer: GetCostAndUsage, one page. Each page is a request, and each request costs 0.01 USD.

use std::str::FromStr;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::amount::Amount;
use super::answer::Answer;
use super::awsjson::{Service, Version};
use super::clients::Aws;
use super::loose::{Loose, LooseList, text};

/// Days, the first included and the last not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
}

/// What is asked for: costs of these days in groups of two dimensions.
#[derive(Debug, Clone)]
pub struct Question {
    /// The days.
    pub days: Days,
    /// One group for each day, or one for each month.
    pub daily: bool,
    /// The dimensions: `SERVICE`, `USAGE_TYPE`, `RECORD_TYPE` …
    pub by: [&'static str; 2],
    /// An `Expression` of the API.
    pub filter: Option<Value>,
}

/// One group of one day or month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The day, or the first day of the month's part.
    pub day: Date,
    /// The values of the two dimensions.
    pub keys: [String; 2],
    /// `UnblendedCost`, in [`Group::currency`].
    pub amount: Amount,
    /// `USD`; `CNY` in China.
    pub currency: String,
    /// `UsageQuantity`: it has a meaning only where the group is one usage type.
    pub quantity: Option<Amount>,
    /// AWS may still change it.
    pub estimated: bool,
}

/// A page of groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The groups.
    pub groups: Vec<Group>,
    /// What to ask for the next page with.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Output {
    results_by_time: LooseList<Period>,
    next_page_token: Loose<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Period {
    time_period: Loose<Interval>,
    groups: LooseList<Row>,
    estimated: Loose<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Interval {
    start: Loose<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Row {
    keys: Loose<[String; 2]>,
    metrics: Loose<Metrics>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Metrics {
    unblended_cost: Loose<Metric>,
    usage_quantity: Loose<Metric>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Metric {
    amount: Loose<String>,
    unit: Loose<String>,
}

/// The host and the signing region of the one Cost Explorer of a region's partition; `None` where there is none (botocore's
/// endpoint data): the bill of an account in GovCloud shows in the commercial account that it belongs to.
pub fn home(region: &str) -> Option<(&'static str, &'static str)> {
    if region.starts_with("us-gov-") || region.starts_with("eusc-") {
        None
    } else if region.starts_with("cn-") {
        Some(("ce.cn-northwest-1", "cn-northwest-1"))
    } else {
        Some(("ce.us-east-1", "us-east-1"))
    }
}

/// One page of an answer, signed for `region`.
pub async fn page(aws: &Aws, url: &str, region: &str, question: &Question, next: Option<&str>) -> Answer<Page> {
    let groups: Vec<_> = question.by.iter().map(|key| json!({ "Type": "DIMENSION", "Key": key })).collect();
    let mut body = json!({
        "TimePeriod": { "Start": question.days.from.to_string(), "End": question.days.to.to_string() },
        "Granularity": if question.daily { "DAILY" } else { "MONTHLY" },
        "Metrics": ["UnblendedCost", "UsageQuantity"],
        "GroupBy": groups,
    });
    if let Some(filter) = &question.filter {
        body["Filter"] = filter.clone();
    }
    if let Some(token) = next {
        body["NextPageToken"] = json!(token);
    }
    let service = Service { url, name: "ce", region, version: Version::V1_1 };
    match service.call::<Output>(aws, "AWSInsightsIndexService.GetCostAndUsage", &body).await {
        Answer::Got(output) => Answer::Got(output.into()),
        other => other.without_value("the page was not read"),
    }
}

impl From<Output> for Page {
    fn from(output: Output) -> Self {
        let groups = output.results_by_time.members().flat_map(|period| {
            let day = text(period.time_period.or_empty().start).and_then(|day| Date::from_str(&day).ok());
            let estimated = period.estimated.read().unwrap_or(false);
            period.groups.members().filter_map(move |row| row.group(day?, estimated))
        });
        Self { groups: groups.collect(), next: text(output.next_page_token) }
    }
}

impl Row {
    fn group(self, day: Date, estimated: bool) -> Option<Group> {
        let metrics = self.metrics.or_empty();
        let cost = metrics.unblended_cost.or_empty();
        Some(Group {
            day,
            keys: self.keys.read()?,
            amount: text(cost.amount)?.parse().ok()?,
            currency: text(cost.unit).unwrap_or_default(),
            quantity: text(metrics.usage_quantity.or_empty().amount).and_then(|amount| amount.parse().ok()),
            estimated,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Page {
        serde_json::from_str::<Output>(text).expect("an object").into()
    }

    #[test]
    fn groups_are_read_with_their_exact_amounts() {
        let page = read(
            r#"{
              "GroupDefinitions": [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
              "ResultsByTime": [
                {"TimePeriod": {"Start": "2026-11-23", "End": "2026-11-24"}, "Total": {}, "Estimated": false, "Groups": [
                  {"Keys": ["Claude Opus 5.5 (Amazon Bedrock Edition)", "USE1-MP:USE1_InputTokenCount-Units"],
                   "Metrics": {"UnblendedCost": {"Amount": "0.0000123456", "Unit": "USD"}, "UsageQuantity": {"Amount": "3.0864", "Unit": "N/A"}}}
                ]},
                {"TimePeriod": {"Start": "2026-11-24", "End": "2026-11-25"}, "Total": {}, "Groups": [], "Estimated": true}
              ],
              "NextPageToken": "t", "DimensionValueAttributes": []
            }"#,
        );
        let amount = |text: &str| text.parse::<Amount>().expect("an amount");
        let expected = Group {
            day: Date::constant(2026, 11, 23),
            keys: [
                "Claude Opus 5.5 (Amazon Bedrock Edition)".to_owned(),
                "USE1-MP:USE1_InputTokenCount-Units".to_owned(),
            ],
            amount: amount("0.0000123456"),
            currency: "USD".to_owned(),
            quantity: Some(amount("3.0864")),
            estimated: false,
        };
        assert_eq!((page.groups, page.next.as_deref()), (vec![expected], Some("t")));
    }

    #[test]
    fn a_group_without_a_day_keys_or_an_amount_is_none() {
        let group = |day: &str, keys: &str, cost: &str| {
            let text = format!(
                r#"{{"ResultsByTime":[{{"TimePeriod":{{"Start":{day}}},"Groups":[{{"Keys":{keys},"Metrics":{{"UnblendedCost":{cost}}}}}]}},7]}}"#
            );
            read(&text).groups.len()
        };
        let (day, keys, cost) = (r#""2026-11-23""#, r#"["a","b"]"#, r#"{"Amount":"1"}"#);
        assert_eq!(group(day, keys, cost), 1);
        for (day, keys, cost) in [
            ("null", keys, cost),
            (r#""2026-02-31""#, keys, cost),
            (day, r#"["a"]"#, cost),
            (day, r#"["a","b","c"]"#, cost),
            (day, "{}", cost),
            (day, keys, r#"{"Amount":1}"#),
            (day, keys, r#"{"Amount":"much"}"#),
            (day, keys, "[]"),
        ] {
            assert_eq!(group(day, keys, cost), 0, "{day} {keys} {cost}");
        }
        assert_eq!(read("{}"), Page::default());
    }

    #[test]
    fn each_partition_has_its_own_cost_explorer_or_none() {
        assert_eq!(home("eu-west-1"), Some(("ce.us-east-1", "us-east-1")));
        assert_eq!(home("cn-north-1"), Some(("ce.cn-northwest-1", "cn-northwest-1")));
        assert_eq!(home("us-gov-west-1"), None);
    }
}
