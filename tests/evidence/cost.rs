//! The bill.

use bedrockup::aws::answer::{Answer, CheckStatus};

use super::*;
use crate::support::fake_aws::account::{CostRow, CostState, Costs, Day};
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};

const OPUS_EDITION: &str = "Claude Opus 5.5 (Amazon Bedrock Edition)";

fn cost_only() -> EvidenceOptions {
    let now = Timestamp::now();
    let span = Span { since: now - SignedDuration::from_hours(24 * 9), until: now };
    EvidenceOptions { span, ..options(Methods { cost: true, ..Methods::default() }) }
}

fn row(ago: i64, service: &str, usage_type: &str, amount: f64) -> CostRow {
    CostRow {
        day: Day::Ago(ago),
        service: service.into(),
        usage_type: usage_type.into(),
        amount,
        quantity: 2.5,
        ..CostRow::default()
    }
}

fn bill() -> Vec<CostRow> {
    vec![
        row(1, OPUS_EDITION, "USE1-MP:USE1_input_tokens_standard-Units", 0.123_456_789_1),
        row(8, OPUS_EDITION, "USE1-MP:USE1_output_tokens_standard-Units", 10.0),
        row(2, "Amazon Bedrock", "USE1-NovaLite-input-tokens", 0.5),
        row(2, "Amazon Simple Storage Service", "TimedStorage-ByteHrs", 99.0),
        row(30, "Claude Opus 4.1 (Amazon Bedrock Edition)", "USE1-MP:x", 7.0),
    ]
}

fn with(costs: Costs) -> FakeAws {
    FakeAws::with(Account { costs, ..patient() })
}

#[test]
fn the_days_of_bedrock_are_billed_in_two_requests_to_the_one_cost_explorer() {
    let aws = with(Costs { rows: bill(), ..Costs::default() });
    let (answers, _) = with_events(&Bed::on(&aws).env("AWS_REGION", "eu-west-1"), cost_only());
    let costs = answers.cost.got().unwrap_or_else(|| panic!("{:?}", answers.cost));
    assert_eq!(costs.services, ["Amazon Bedrock", OPUS_EDITION]);
    let rows: Vec<_> = costs.rows.iter().map(|row| (row.usage_type.as_str(), row.amount.to_string())).collect();
    assert_eq!(
        rows,
        [
            ("USE1-MP:USE1_output_tokens_standard-Units", "10".to_owned()),
            ("USE1-NovaLite-input-tokens", "0.5".to_owned()),
            ("USE1-MP:USE1_input_tokens_standard-Units", "0.1234567891".to_owned()),
        ]
    );
    let estimated: Vec<_> = costs.rows.iter().map(|row| row.estimated).collect();
    assert_eq!(estimated, [false, true, true]);
    assert_eq!(costs.rows[0].quantity.map(|quantity| quantity.to_string()).as_deref(), Some("2.5"));
    assert!(costs.complete && costs.others.is_empty() && costs.currency.as_deref() == Some("USD"));
    let requests = aws.log().of("GetCostAndUsage");
    assert_eq!((requests.len(), answers.cost_requests), (2, 2));
    assert!(requests.iter().all(|entry| entry.service == "ce" && entry.region == "us-east-1"));
}

#[test]
fn credits_and_taxes_are_told_apart_from_what_was_used() {
    let other = |record_type: &str, amount| CostRow {
        record_type: record_type.into(),
        ..row(1, OPUS_EDITION, "USE1-MP:USE1_input_tokens_standard-Units", amount)
    };
    let mut rows = bill();
    rows.extend([other("Credit", -4.0), other("Tax", 1.25), other("Refund", -0.5)]);
    let aws = with(Costs { rows, ..Costs::default() });
    let (answers, _) = with_events(&Bed::on(&aws), cost_only());
    let costs = answers.cost.got().expect("costs");
    let others: Vec<_> =
        costs.others.iter().map(|other| (other.record_type.as_str(), other.amount.to_string())).collect();
    assert_eq!(others, [("Credit", "-4".to_owned()), ("Refund", "-0.5".to_owned()), ("Tax", "1.25".to_owned())]);
    let used: bedrockup::aws::amount::Amount = costs.rows.iter().map(|row| row.amount).sum();
    assert_eq!((used.to_string().as_str(), answers.cost_requests), ("10.6234567891", 2));
}

#[test]
fn nothing_of_bedrock_on_the_bill_costs_one_request() {
    let rows = vec![row(2, "Amazon Simple Storage Service", "TimedStorage-ByteHrs", 99.0)];
    let aws = with(Costs { rows, ..Costs::default() });
    let (answers, _) = with_events(&Bed::on(&aws), cost_only());
    let costs = answers.cost.got().expect("costs");
    assert!(costs.services.is_empty() && costs.rows.is_empty() && costs.complete);
    assert_eq!((aws.log().of("GetCostAndUsage").len(), answers.cost_requests), (1, 1));
}

#[test]
fn pages_are_counted_and_no_more_are_read_than_may_be_paid_for() {
    let aws = with(Costs { rows: bill(), page_size: 2, ..Costs::default() });
    let bed = Bed::on(&aws);
    let (answers, _) = with_events(&bed, cost_only());
    let costs = answers.cost.got().expect("costs");
    // Three sums (four where a month ends among them) and three rows, two to a page.
    assert_eq!(answers.cost_requests, 4);
    assert_eq!((costs.rows.len(), costs.complete), (3, true));
    let (answers, _) = with_events(&bed, EvidenceOptions { cost_requests: 1, ..cost_only() });
    assert_eq!(answers.cost_requests, 1);
    assert_eq!(answers.cost.got().map(|costs| costs.complete), Some(false));
}

#[test]
fn a_refusal_is_told_and_a_failure_is_not_paid_for_twice() {
    for state in [CostState::NotEnabled, CostState::NoData] {
        let aws = with(Costs { state, ..Costs::default() });
        let (answers, _) = with_events(&Bed::on(&aws), cost_only());
        assert!(answers.cost.refused().is_some_and(|refusal| refusal.status == 400 && !refusal.message.is_empty()));
        assert_eq!((answers.cost_requests, status(&answers, "cost-explorer")), (1, CheckStatus::Failed));
    }
    let aws = FakeAws::with(patient().rule(Rule::on("GetCostAndUsage", Behaviour::Reset)));
    let (answers, _) = with_events(&Bed::on(&aws), cost_only());
    assert!(answers.cost.unreachable().is_some());
    assert_eq!((answers.cost_requests, aws.log().of("GetCostAndUsage").len()), (1, 1));
    let aws = FakeAws::with(patient().rule(Rule::on("GetCostAndUsage", Behaviour::Hang)));
    let (answers, _) = with_events(&Bed::on(&aws), EvidenceOptions { timeout: Duration::from_secs(1), ..cost_only() });
    assert!(matches!(answers.cost, Answer::TimedOut | Answer::Unreachable(_)) && answers.cost_requests == 1);
}

#[test]
fn govcloud_has_no_cost_explorer_to_ask() {
    let aws = FakeAws::with(patient());
    let (answers, _) = with_events(&Bed::on(&aws).env("AWS_REGION", "us-gov-west-1"), cost_only());
    assert!(matches!(&answers.cost, Answer::NotAsked(why) if why.contains("GovCloud")), "{:?}", answers.cost);
    assert!(aws.log().of("GetCostAndUsage").is_empty() && answers.cost_requests == 0);
}
