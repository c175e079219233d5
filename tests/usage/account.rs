//! CloudWatch, the bill, and both beside the transcripts, by the fake AWS.

use std::collections::BTreeSet;

use super::*;
use crate::support::fake_aws::account::{Account, CostRow, Costs, Day, MetricDay};
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};

const OPUS: &str = "us.anthropic.claude-opus-5-5";
const EDITION: &str = "Claude Opus 5.5 (Amazon Bedrock Edition)";

fn account() -> Account {
    let metrics = vec![
        MetricDay {
            day: Day::Ago(3),
            model: OPUS.into(),
            invocations: 5,
            input: 2_000_000,
            output: 1_000_000,
            cache_write: 1_000_000,
            cache_read: 0,
            ..MetricDay::default()
        },
        MetricDay {
            day: Day::Ago(3),
            model: "us.amazon.nova-lite-v1:0".into(),
            invocations: 9,
            input: 9,
            ..MetricDay::default()
        },
    ];
    let bill = |kind: &str, amount, quantity| CostRow {
        day: Day::Ago(3),
        service: EDITION.into(),
        usage_type: format!("USE1-MP:USE1_{kind}_standard-Units"),
        amount,
        quantity,
        ..CostRow::default()
    };
    let rows = vec![
        bill("input_tokens", 8.8, 2.0),
        bill("output_tokens", 22.0, 1.0),
        bill("cache_write_tokens", 5.5, 1.0),
        CostRow { record_type: "Credit".into(), ..bill("input_tokens", -3.0, 0.0) },
    ];
    Account { metrics, costs: Costs { rows, ..Costs::default() }, ..Account::default() }
}

/// A home with half of what the account used.
fn with(aws: &FakeAws) -> Sandbox {
    let half = Answer { input: 1_000_000, output: 500_000, write_5m: 500_000, ..answer(1, &ago(3)) };
    home(&[half]).point_at(aws).bedrock("us-east-1")
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn cloudwatchs_count_is_priced_as_a_range_where_it_does_not_tell_enough() {
    let aws = FakeAws::with(account());
    let document = json_of(&run(&with(&aws), &["usage", "--source", "cloudwatch", "--json", "--since", "10d"]));
    assert_eq!((&document["source"], &document["time_zone"]), (&json!("cloudwatch"), &json!("UTC")));
    assert_eq!(document["rows"].as_array().map(Vec::len), Some(1), "Nova is not Claude: {document:#}");
    let row = row(&document, "model", "claude-opus-5-5");
    assert_eq!((&row["messages"], &row["input"], &row["routing"]), (&json!(5), &json!(2_000_000), &json!("geo")));
    // 8.80 + 22.00, and 5.50 for five minutes or 8.80 for an hour.
    assert_eq!(row["cost"], json!({ "low": 36.3, "high": 39.6 }));
}

#[test]
fn the_bill_is_asked_for_with_a_yes_only_and_told_exactly() {
    let aws = FakeAws::with(account());
    let sandbox = with(&aws);
    for words in [&["usage", "--source", "cost-explorer"][..], &["usage", "--reconcile"]] {
        let refused = run(&sandbox, words);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("0.01 USD"), "{refused:?}");
    }
    assert!(aws.log().entries().is_empty(), "nothing is asked before the yes");
    let document =
        json_of(&run(&sandbox, &["usage", "--source", "cost-explorer", "--yes", "--json", "--since", "10d"]));
    let row = row(&document, "model", "claude-opus-5-5");
    assert_eq!(
        (&row["messages"], &row["input"], &row["cache_write_5m"]),
        (&Value::Null, &json!(2_000_000), &json!(1_000_000))
    );
    assert_eq!(row["cost"], json!({ "low": 36.3, "high": 36.3 }));
    assert!(document["notes"].to_string().contains("Credit"), "{document:#}");
    let words = ["usage", "--source", "cost-explorer", "--yes", "--since", "10d", "--html", "bill.html"];
    let text = String::from_utf8(run(&sandbox, &words).stdout).expect("text");
    let line = text.lines().find(|line| line.starts_with("Opus 5.5")).expect("a row");
    assert_eq!(line.split_whitespace().nth(3), Some("-"), "a bill counts no answers: {text}");
    let page = std::fs::read_to_string(sandbox.path("bill.html")).expect("the page");
    assert!(page.contains("$36.30") && !page.contains("0 answers") && !page.contains(": nothing, "), "{page}");
}

#[test]
fn estimate_count_and_bill_stand_side_by_side_with_what_explains_the_difference() {
    let aws = FakeAws::with(account());
    let sandbox = with(&aws);
    let document = json_of(&run(&sandbox, &["usage", "--reconcile", "--yes", "--json", "--since", "10d"]));
    assert_eq!(document["schema"], "bedrockup.reconcile/1");
    let totals = &document["totals"];
    assert_eq!(totals["estimate"]["cost"], json!({ "low": 18.15, "high": 18.15 }));
    assert_eq!(totals["bill"]["cost"]["low"], json!(36.3));
    assert_eq!(totals["estimate_to_bill"], json!(0.5));
    let said = document["explanations"].to_string();
    for part in ["50 % of the tokens", "Marketplace lines", "Credit: -3", "probes at start"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let text = run(&sandbox, &["usage", "--reconcile", "--yes", "--since", "10d"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.starts_with("$36.30 billed; this machine's transcripts explain 50 % of it"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn the_policy_for_usage_allows_what_is_asked_and_nothing_else() {
    let aws = FakeAws::with(account());
    let sandbox = with(&aws);
    run(&sandbox, &["usage", "--reconcile", "--yes", "--since", "10d"]).exits(0);
    // `models` looks at more; of AWS's price list it needs this one.
    run(&sandbox, &["models", "--refresh"]).exits(0);
    let prefix = |service: &str| match service {
        "monitoring" => Some("cloudwatch"),
        "ce" => Some("ce"),
        "pricing" => Some("pricing"),
        _ => None,
    };
    let asked: BTreeSet<String> = aws
        .log()
        .entries()
        .iter()
        .filter_map(|entry| prefix(&entry.service).map(|service| format!("{service}:{}", entry.operation)))
        .chain(["bedrock:ListInferenceProfiles".to_owned()])
        .collect();
    let policy = json_of(&run(&sandbox, &["iam", "--for", "usage"]));
    let statements = policy["Statement"].as_array().expect("statements");
    let actions = statements.iter().flat_map(|statement| match &statement["Action"] {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    });
    let allowed: BTreeSet<String> =
        actions.map(|action| action.as_str().expect("a name of an action").to_owned()).collect();
    assert_eq!(allowed, asked);
}

#[test]
fn what_cannot_be_asked_is_said_and_the_rest_stands() {
    let rule = Rule::on("GetCostAndUsage", Behaviour::refuse(400, "AccessDeniedException", "User is not authorized"));
    let aws = FakeAws::with(Account { rules: vec![rule], ..account() });
    let output = run(&with(&aws), &["usage", "--reconcile", "--yes", "--json", "--since", "10d"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let document = json_of(&output);
    assert!(document["could_not_ask"].to_string().contains("Cost Explorer"), "{document:#}");
    assert_eq!(document["totals"]["bill"], Value::Null);
    assert!(document["totals"]["cloudwatch"]["cost"].is_object(), "{document:#}");
}
