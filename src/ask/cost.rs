//! What Bedrock cost, by AWS's own bill, in as few requests as can be: each costs 0.01 USD.
//!
//! Claude is sold through AWS Marketplace, each model as a service of its own, `Claude … (Amazon Bedrock Edition)`; the service
//! `Amazon Bedrock` holds little of it. So the names are learned: one request gives the sums of all services of the account,
//! by month and record type, which is nearly always one page. A second asks for the days and usage types of those services
//! alone. Where Bedrock cost nothing there is no second: 0.01 USD; else 0.02 USD, and more only where a page is full.
//!
//! The second request holds what was used. Credits, refunds and taxes have no usage type of their own and would vanish in the
//! same rows; they come from the first request as sums of the span.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::aws::amount::Amount;
use crate::aws::answer::Answer;
use crate::aws::clients::Aws;
use crate::aws::cost_explorer::{self, Days, Group, Page, Question};

/// The price of one request, in dollars.
pub const REQUEST: &str = "0.01";

/// How the services that sell models through Bedrock end.
pub const EDITION: &str = "(Amazon Bedrock Edition)";
/// The service of AWS's own models, and of features.
const BEDROCK: &str = "Amazon Bedrock";
/// Record types of what was used.
const USED: [&str; 3] = ["Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"];

/// What Bedrock cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Costs {
    /// Services of Bedrock that the bill has.
    pub services: Vec<String>,
    /// What was used, by day, service and usage type.
    pub rows: Vec<CostRow>,
    /// Everything else about these services (credits, refunds, taxes): sums of the whole span.
    pub others: Vec<OtherCost>,
    /// The currency of all amounts; `None` where there are none.
    pub currency: Option<String>,
    /// Every page was read.
    pub complete: bool,
}

/// One usage type of one day.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CostRow {
    /// The day (UTC).
    pub day: Date,
    /// The service.
    pub service: String,
    /// The usage type: `USE1-MP:USE1_InputTokenCount-Units`.
    pub usage_type: String,
    /// What it cost, unblended.
    pub amount: Amount,
    /// How much was used, in the unit of the usage type.
    pub quantity: Option<Amount>,
    /// AWS may still change it: so for days after the last invoice.
    pub estimated: bool,
}

/// A sum of another kind than usage.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OtherCost {
    /// The service.
    pub service: String,
    /// `Credit`, `Refund`, `Tax`, `Fee` …
    pub record_type: String,
    /// The sum, negative for a credit.
    pub amount: Amount,
}

/// The costs of Bedrock in these days. `most` is the number of requests that may be made, `made` counts them as they are.
pub async fn costs(aws: &Aws, url: &str, region: &str, days: Days, most: u32, made: &AtomicU32) -> Answer<Costs> {
    let ask = |question: Question, next: Option<String>| {
        made.fetch_add(1, Ordering::Relaxed);
        let (aws, url, region) = (aws.clone(), url.to_owned(), region.to_owned());
        async move { cost_explorer::page(&aws, &url, &region, &question, next.as_deref()).await }
    };
    ask_twice(ask, days, most).await
}

async fn ask_twice<W>(ask: impl Fn(Question, Option<String>) -> W, days: Days, most: u32) -> Answer<Costs>
where
    W: Future<Output = Answer<Page>>,
{
    let mut left = most;
    let sums = Question { days, daily: false, by: ["SERVICE", "RECORD_TYPE"], filter: None };
    let (sums, all_sums) = match pages(&ask, &sums, &mut left).await {
        Answer::Got(read) => read,
        other => return other.without_value("the services were not read"),
    };
    let sums: Vec<_> = sums.into_iter().filter(|group| is_bedrock(&group.keys[0])).collect();
    let services: BTreeSet<_> = sums.iter().map(|group| group.keys[0].clone()).collect();
    let mut costs = Costs {
        services: services.iter().cloned().collect(),
        others: others(&sums),
        currency: currency(&sums),
        complete: all_sums,
        ..Costs::default()
    };
    let used: BTreeSet<_> =
        sums.iter().map(|group| group.keys[1].as_str()).filter(|kind| USED.contains(kind)).collect();
    if used.is_empty() {
        return Answer::Got(costs);
    }
    let mut filter = is_one_of("SERVICE", services.iter().map(String::as_str));
    if !costs.others.is_empty() {
        filter = json!({ "And": [filter, is_one_of("RECORD_TYPE", used)] });
    }
    let rows = Question { days, daily: true, by: ["SERVICE", "USAGE_TYPE"], filter: Some(filter) };
    match pages(&ask, &rows, &mut left).await {
        Answer::Got((groups, all)) => {
            costs.complete &= all;
            costs.rows = groups.into_iter().map(CostRow::from).collect();
            Answer::Got(costs)
        }
        other => other.without_value("the days were not read"),
    }
}

/// All pages of an answer, as far as requests are left, and whether that was all.
async fn pages<W: Future<Output = Answer<Page>>>(
    ask: &impl Fn(Question, Option<String>) -> W,
    question: &Question,
    left: &mut u32,
) -> Answer<(Vec<Group>, bool)> {
    let mut groups = Vec::new();
    let mut next: Option<String> = None;
    while *left > 0 {
        *left -= 1;
        match ask(question.clone(), next).await {
            Answer::Got(page) => {
                groups.extend(page.groups);
                next = page.next;
            }
            other => return other.without_value("the page was not read"),
        }
        if next.is_none() {
            return Answer::Got((groups, true));
        }
    }
    Answer::Got((groups, false))
}

fn is_bedrock(service: &str) -> bool {
    service == BEDROCK || service.ends_with(EDITION)
}

fn is_one_of<'a>(dimension: &str, values: impl IntoIterator<Item = &'a str>) -> Value {
    json!({ "Dimensions": { "Key": dimension, "Values": values.into_iter().collect::<Vec<_>>() } })
}

fn currency(groups: &[Group]) -> Option<String> {
    groups.iter().map(|group| &group.currency).find(|currency| !currency.is_empty()).cloned()
}

/// The sums of what is not usage, one for each service and record type.
fn others(sums: &[Group]) -> Vec<OtherCost> {
    let mut others: Vec<OtherCost> = Vec::new();
    for Group { keys: [service, record_type], amount, .. } in sums {
        if USED.contains(&record_type.as_str()) {
            continue;
        }
        match others.iter_mut().find(|other| other.service == *service && other.record_type == *record_type) {
            Some(other) => other.amount += *amount,
            None => {
                others.push(OtherCost { service: service.clone(), record_type: record_type.clone(), amount: *amount })
            }
        }
    }
    others
}

impl From<Group> for CostRow {
    fn from(group: Group) -> Self {
        let Group { day, keys: [service, usage_type], amount, quantity, estimated, .. } = group;
        Self { day, service, usage_type, amount, quantity, estimated }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::aws::answer::Refusal;

    const OPUS: &str = "Claude Opus 5.5 (Amazon Bedrock Edition)";

    fn group(keys: [&str; 2], amount: &str) -> Group {
        Group {
            day: Date::constant(2026, 11, 1),
            keys: keys.map(str::to_owned),
            amount: amount.parse().expect("an amount"),
            currency: "USD".to_owned(),
            quantity: None,
            estimated: true,
        }
    }

    fn page(groups: &[([&str; 2], &str)], next: Option<&str>) -> Answer<Page> {
        let groups = groups.iter().map(|(keys, amount)| group(*keys, amount)).collect();
        Answer::Got(Page { groups, next: next.map(str::to_owned) })
    }

    /// Asks over these answers; what was asked, and what came of it.
    async fn asked(answers: Vec<Answer<Page>>, most: u32) -> (Vec<String>, Answer<Costs>) {
        let answers = RefCell::new(answers.into_iter());
        let log = RefCell::new(Vec::new());
        let days = Days { from: Date::constant(2026, 11, 1), to: Date::constant(2026, 11, 25) };
        let ask = async |question: Question, next: Option<String>| {
            let filter = question.filter.unwrap_or_default();
            log.borrow_mut().push(format!("{:?} {next:?} {filter}", question.by));
            answers.borrow_mut().next().expect("another request")
        };
        let costs = ask_twice(ask, days, most).await;
        (log.into_inner(), costs)
    }

    #[tokio::test]
    async fn an_account_without_bedrock_costs_one_request() {
        let groups = [(["Amazon Simple Storage Service", "Usage"], "3"), (["Bedrock Rubble Inc.", "Usage"], "1")];
        let (log, costs) = asked(vec![page(&groups, None)], 9).await;
        assert_eq!(log.len(), 1);
        assert_eq!(costs, Answer::Got(Costs { complete: true, ..Costs::default() }));
    }

    #[tokio::test]
    async fn the_services_are_learned_and_their_days_asked_once() {
        let sums =
            [([OPUS, "Usage"], "12.5"), (["Amazon Bedrock", "Usage"], "0.1"), (["AmazonCloudWatch", "Usage"], "1")];
        let rows = [([OPUS, "USE1-MP:USE1_InputTokenCount-Units"], "12.5")];
        let (log, costs) = asked(vec![page(&sums, None), page(&rows, None)], 9).await;
        let filter = format!(r#"{{"Dimensions":{{"Key":"SERVICE","Values":["Amazon Bedrock","{OPUS}"]}}}}"#);
        assert_eq!(
            log,
            [
                "[\"SERVICE\", \"RECORD_TYPE\"] None null".to_owned(),
                format!("[\"SERVICE\", \"USAGE_TYPE\"] None {filter}")
            ]
        );
        let costs = costs.got().expect("costs");
        assert_eq!((costs.rows.len(), costs.others.len(), costs.complete), (1, 0, true));
        assert_eq!(costs.currency.as_deref(), Some("USD"));
    }

    #[tokio::test]
    async fn credits_and_taxes_are_kept_apart_from_what_was_used() {
        let sums =
            [([OPUS, "Usage"], "12.5"), ([OPUS, "Credit"], "-2.25"), ([OPUS, "Tax"], "1"), ([OPUS, "Credit"], "-0.25")];
        let (log, costs) = asked(vec![page(&sums, None), page(&[], None)], 9).await;
        assert!(log[1].contains(r#"{"Dimensions":{"Key":"RECORD_TYPE","Values":["Usage"]}}"#), "{log:?}");
        let others = &costs.got().expect("costs").others;
        let amounts: Vec<_> =
            others.iter().map(|other| (other.record_type.as_str(), other.amount.to_string())).collect();
        assert_eq!(amounts, [("Credit", "-2.5".to_owned()), ("Tax", "1".to_owned())]);
    }

    #[tokio::test]
    async fn pages_are_followed_as_far_as_requests_may_be_made() {
        let sums = [([OPUS, "Usage"], "1")];
        let row = |amount| [([OPUS, "USE1-MP:x"], amount)];
        let answers = || vec![page(&sums, None), page(&row("1"), Some("2")), page(&row("2"), None)];
        let (log, costs) = asked(answers(), 9).await;
        assert!(log[2].contains("Some(\"2\")"), "{log:?}");
        assert_eq!(costs.got().map(|costs| (costs.rows.len(), costs.complete)), Some((2, true)));
        let (log, costs) = asked(answers(), 2).await;
        assert_eq!(log.len(), 2);
        assert_eq!(costs.got().map(|costs| (costs.rows.len(), costs.complete)), Some((1, false)));
    }

    #[tokio::test]
    async fn a_refusal_is_the_answer() {
        let refusal = Refusal {
            status: 400,
            code: "AccessDeniedException".to_owned(),
            message: "no".to_owned(),
            request_id: Some("r".to_owned()),
            content_type: None,
        };
        let (log, costs) = asked(vec![Answer::Refused(refusal.clone())], 9).await;
        assert_eq!((log.len(), costs), (1, Answer::Refused(refusal)));
    }
}
