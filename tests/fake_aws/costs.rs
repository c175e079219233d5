//! Cost Explorer and the price list.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::*;
use crate::support::fake_aws::account::{CostRow, CostState, Costs, Day, date_of};

const SONNET: &str = "Claude Sonnet 4.5 (Amazon Bedrock Edition)";
const OUTPUT: &str = "USE1-MP:USE1_OutputTokenCount-Units";

/// The first of this month, and so many days later.
fn date(offset: i64) -> Date {
    date_of(Timestamp::now()).first_of_month().saturating_add(Span::new().days(offset))
}

/// Three days of two months: Claude's tokens, a credit, and Bedrock's own models.
fn bill() -> Account {
    let row = |offset, amount, quantity| CostRow { day: Day::On(date(offset)), amount, quantity, ..CostRow::default() };
    let rows = vec![
        row(-2, 1.25, 0.4),
        row(-1, 3.0, 1.0),
        CostRow { usage_type: OUTPUT.into(), ..row(-1, 7.5, 0.5) },
        CostRow { record_type: "Credit".into(), ..row(-1, -2.0, 0.0) },
        CostRow {
            service: "Amazon Bedrock".into(),
            usage_type: "USE1-NovaLite-input-tokens".into(),
            ..row(1, 0.06, 1_000.0)
        },
    ];
    Account { costs: Costs { rows, ..Costs::default() }, ..Account::default() }
}

fn cost(end: i64, more: Value) -> Value {
    let mut parameters = json!({ "TimePeriod": { "Start": date(-2), "End": date(end) }, "Granularity": "DAILY", "Metrics": ["UnblendedCost"] });
    parameters.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    json!({ "service": "ce", "operation": "get_cost_and_usage", "parameters": parameters })
}

/// The amounts of an answer without groups, by period.
fn totals(result: &Value) -> Vec<&str> {
    let periods = result["answer"]["ResultsByTime"].as_array().unwrap_or_else(|| panic!("no results: {result}"));
    periods.iter().map(|period| period["Total"]["UnblendedCost"]["Amount"].as_str().expect("an amount")).collect()
}

fn is(key: &str, values: &[&str]) -> Value {
    json!({ "Dimensions": { "Key": key, "Values": values } })
}

#[test]
fn costs_are_summed_by_period_group_and_filter() {
    let aws = FakeAws::with(bill());
    let no_credit = json!({ "Not": is("RECORD_TYPE", &["Credit", "Refund"]) });
    let claude = json!({ "And": [is("BILLING_ENTITY", &["AWS Marketplace"]), no_credit] });
    let results = boto3(
        &sandbox(&aws),
        json!([
            cost(1, json!({})),
            cost(2, json!({ "Granularity": "MONTHLY", "Filter": claude })),
            cost(0, json!({ "Filter": is("SERVICE", &["Amazon Bedrock"]) })),
            cost(
                0,
                json!({
                    "Metrics": ["UnblendedCost", "UsageQuantity"],
                    "GroupBy": [{ "Type": "DIMENSION", "Key": "SERVICE" }, { "Type": "DIMENSION", "Key": "USAGE_TYPE" }],
                    "Filter": no_credit,
                })
            ),
        ]),
    );
    assert_eq!(totals(&results[0]), ["1.25", "8.5", "0"], "the end is exclusive, the credit is counted");
    assert_eq!(totals(&results[1]), ["11.75", "0"], "{:#?}", results[1]);
    assert_eq!(results[1]["answer"]["ResultsByTime"][0]["TimePeriod"], json!({ "Start": date(-2), "End": date(0) }));
    assert_eq!(totals(&results[2]), ["0", "0"], "Claude is not sold by Amazon Bedrock");
    let groups = &results[3]["answer"]["ResultsByTime"][1]["Groups"];
    assert_eq!(groups[1]["Keys"], json!([SONNET, OUTPUT]), "{groups:#?}");
    assert_eq!(groups[1]["Metrics"]["UsageQuantity"], json!({ "Amount": "0.5", "Unit": "N/A" }));
    assert_eq!(groups.as_array().map(Vec::len), Some(2));
}

#[test]
fn every_page_is_a_request_that_costs_a_cent() {
    let aws = FakeAws::with(Account { costs: Costs { page_size: 2, ..bill().costs }, ..Account::default() });
    let mut more =
        json!({ "GroupBy": [{ "Type": "DIMENSION", "Key": "SERVICE" }, { "Type": "DIMENSION", "Key": "USAGE_TYPE" }] });
    let mut groups = 0;
    loop {
        let page = boto3(&sandbox(&aws), json!([cost(2, more.clone())])).remove(0);
        let periods = page["answer"]["ResultsByTime"].as_array().unwrap_or_else(|| panic!("no results: {page}"));
        groups += periods.iter().filter_map(|period| period["Groups"].as_array()).map(Vec::len).sum::<usize>();
        let Some(token) = page["answer"].get("NextPageToken") else { break };
        more["NextPageToken"] = token.clone();
    }
    assert_eq!((groups, aws.log().of("GetCostAndUsage").len()), (4, 2));
    let changed = boto3(&sandbox(&aws), json!([cost(3, more)])).remove(0);
    assert_eq!(refusal(&changed), ("RequestChangedException", 400));
}

#[test]
fn young_results_say_that_they_are_estimates() {
    let row = |ago| CostRow { day: Day::Ago(ago), amount: 1.0, ..CostRow::default() };
    let aws = FakeAws::with(Account {
        costs: Costs { rows: vec![row(1), row(9)], ..Costs::default() },
        ..Account::default()
    });
    let date = |ago: i64| Day::Ago(ago).date(Timestamp::now());
    let period = json!({ "TimePeriod": { "Start": date(9), "End": date(0) } });
    let results = boto3(&sandbox(&aws), json!([cost(0, period)]));
    let days = results[0]["answer"]["ResultsByTime"].as_array().expect("days");
    let told = [&days[0], days.last().expect("a day")]
        .map(|day| (&day["Total"]["UnblendedCost"]["Amount"], &day["Estimated"]));
    assert_eq!(told, [(&json!("1"), &json!(false)), (&json!("1"), &json!(true))]);
}

#[test]
fn cost_explorer_refuses_in_its_own_words() {
    let aws = FakeAws::with(bill());
    let ask = || cost(2, json!({}));
    let away = boto3(&sandbox(&aws).env("AWS_DEFAULT_REGION", "eu-west-1"), json!([ask()]));
    assert_eq!(refusal(&away[0]), ("InvalidSignatureException", 400), "it lives in us-east-1 only");
    let early = json!({ "TimePeriod": { "Start": date(-800), "End": date(-770) } });
    let results = boto3(&sandbox(&aws), json!([cost(-31, json!({})), cost(0, early)]));
    assert_eq!(results.iter().map(refusal).collect::<Vec<_>>(), [("ValidationException", 400); 2], "{results:#?}");
    for (state, code) in
        [(CostState::NoData, "DataUnavailableException"), (CostState::NotEnabled, "AccessDeniedException")]
    {
        aws.change(|account| account.costs.state = state);
        assert_eq!(refusal(&boto3(&sandbox(&aws), json!([ask()]))[0]), (code, 400));
    }
    aws.change(|account| account.rules.push(Rule::on("GetCostAndUsage", Behaviour::deny_by_iam())));
    let denied = boto3(&sandbox(&aws), json!([ask()])).remove(0);
    let text = denied["error"]["message"].as_str().unwrap_or_default();
    assert!(
        text.contains(&format!("on resource: arn:aws:ce:us-east-1:{ACCOUNT_ID}:/GetCostAndUsage because no")),
        "{text}"
    );
}

#[test]
fn the_cli_reads_the_price_list_page_by_page() {
    let aws = FakeAws::start();
    let products = |code: &str, filters: &[&str], more: &[&str]| -> Vec<Value> {
        let arguments = [&["pricing", "get-products", "--service-code", code, "--filters"][..], filters, more].concat();
        let listed = cli(&sandbox(&aws), &arguments).exits(0).json();
        let texts = listed["PriceList"].as_array().expect("products").clone();
        texts
            .iter()
            .map(|text| serde_json::from_str(text.as_str().expect("JSON as text")).expect("a product"))
            .collect()
    };
    let claude = "AmazonBedrockFoundationModels";
    let (region, sonnet) = (
        "Type=TERM_MATCH,Field=regionCode,Value=us-east-1",
        format!("Type=TERM_MATCH,Field=servicename,Value={SONNET}"),
    );
    let found = products(claude, &[region, &sonnet], &["--page-size", "4"]);
    assert_eq!((found.len(), aws.log().of("GetProducts").len()), (10, 3));
    let price = |usage_type: &str| {
        let product = found
            .iter()
            .find(|product| product["product"]["attributes"]["usagetype"] == usage_type)
            .expect("a usage type");
        let sku = product["product"]["sku"].as_str().expect("a SKU");
        let term = &product["terms"]["OnDemand"][format!("{sku}.JRTCKXETXF")];
        let dimension = &term["priceDimensions"][format!("{sku}.JRTCKXETXF.6YS6EN2CT7")];
        [&dimension["pricePerUnit"]["USD"], &dimension["unit"]].map(|text| text.as_str().expect("text").to_owned())
    };
    assert_eq!(price(OUTPUT), ["16.5000000000", "1M tokens"]);
    assert_eq!(price("USE1-MP:USE1_OutputTokenCount_Global-Units"), ["15.0000000000", "1M tokens"]);
    assert_eq!(products("AmazonBedrock", &[region], &[]).len(), 2);
    let unknown = cli(&sandbox(&aws), &["pricing", "get-products", "--service-code", "AmazonBedrok"]);
    assert!(unknown.exits(255).err().contains("(NotFoundException)"), "{unknown:?}");
}
