//! CloudWatch's numbers.

use bedrockup::ask::metrics::Tokens;
use bedrockup::aws::answer::{Answer, CheckStatus};

use super::*;
use crate::ask::OPUS;
use crate::support::fake_aws::account::{Day, MetricDay};
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};

const OTHER: &str = "global.anthropic.claude-sonnet-5-5";

fn metrics_only(days: i64) -> EvidenceOptions {
    let now = Timestamp::now();
    let span = Span { since: now - SignedDuration::from_hours(24 * days), until: now + SignedDuration::from_secs(5) };
    EvidenceOptions { span, ..options(Methods { metrics: true, ..Methods::default() }) }
}

fn account() -> Account {
    let day = |ago, model: &str, invocations, input, latency_ms| MetricDay {
        day: Day::Ago(ago),
        model: model.into(),
        invocations,
        input,
        output: input / 10,
        cache_read: 3 * input,
        cache_write: 7,
        latency_ms,
        ..MetricDay::default()
    };
    let refused =
        MetricDay { day: Day::Ago(2), model: "anthropic.claude-x".into(), throttles: 3, ..MetricDay::default() };
    let elsewhere = MetricDay { region: "eu-west-1".into(), ..day(1, "eu.anthropic.claude-opus-5-5", 9, 9, 9.0) };
    let metrics = vec![
        day(1, OPUS, 1, 1000, 1000.0),
        day(3, OPUS, 3, 500, 3000.0),
        MetricDay { client_errors: 2, server_errors: 1, ..day(5, OTHER, 10, 70, 50.0) },
        day(40, OPUS, 100, 1_000_000, 1.0),
        refused,
        elsewhere,
    ];
    Account { metrics, ..patient() }
}

#[test]
fn calls_tokens_and_latency_are_summed_by_model_and_by_day() {
    let aws = FakeAws::with(account());
    let (answers, _) = with_events(&Bed::on(&aws), metrics_only(20));
    let metrics = answers.metrics.got().expect("numbers");
    assert!(metrics.complete && metrics.step == 86_400, "{metrics:?}");
    let names: Vec<_> = metrics.models.iter().map(|model| model.model.as_str()).collect();
    assert_eq!(
        names,
        ["anthropic.claude-x", OTHER, OPUS],
        "also one whose calls were all refused, and none of elsewhere"
    );
    let [refused, other, opus] = &metrics.models[..] else { panic!("three models") };
    assert_eq!((refused.throttles, refused.invocations, refused.latency_mean), (3, 0, None));
    assert_eq!((other.invocations, other.client_errors, other.server_errors), (10, 2, 1));
    assert_eq!(opus.invocations, 4);
    assert_eq!(opus.tokens, Tokens { input: 1500, output: 150, cache_read: 4500, cache_write: 14 });
    let days: Vec<_> = opus.days.values().map(|tokens| tokens.input).collect();
    assert_eq!(days, [500, 1000], "the oldest day first; what is older than the span is not in it");
    assert_eq!((opus.latency_mean, opus.latency_longest), (Some(2500.0), Some(3000.0)));
    let calls = aws.log().entries();
    assert!(calls.iter().filter(|call| call.service == "monitoring").all(|call| call.region == "us-east-1"));
    assert_eq!(aws.log().of("GetMetricData").len(), 1);
}

#[test]
fn short_spans_go_by_the_hour_and_ones_own_calls_are_in_them() {
    let aws = FakeAws::with(patient());
    let bed = Bed::on(&aws);
    bed.answers();
    let (answers, _) = with_events(&bed, metrics_only(1));
    let metrics = answers.metrics.got().expect("numbers");
    assert_eq!((metrics.step, metrics.models.len()), (3600, 3));
    assert!(metrics.models.iter().all(|model| model.invocations == 1 && model.tokens.input > 0), "{metrics:?}");
}

#[test]
fn more_models_than_fit_into_one_question_are_asked_in_several() {
    let models = (0..60).map(|number| MetricDay {
        day: Day::Ago(1),
        model: format!("model-{number:02}"),
        invocations: 1,
        input: number,
        ..MetricDay::default()
    });
    let aws = FakeAws::with(Account { metrics: models.collect(), ..patient() });
    let (answers, _) = with_events(&Bed::on(&aws), metrics_only(5));
    let metrics = answers.metrics.got().expect("numbers");
    assert!(
        metrics.models.iter().enumerate().all(|(number, model)| model.tokens.input == number as u64),
        "{metrics:?}"
    );
    assert_eq!((metrics.models.len(), aws.log().of("GetMetricData").len()), (60, 2));
}

#[test]
fn an_account_without_numbers_is_not_asked_for_them() {
    let aws = FakeAws::with(patient());
    let (answers, _) = with_events(&Bed::on(&aws), metrics_only(5));
    assert_eq!(answers.metrics.got().map(|metrics| (metrics.models.len(), metrics.complete)), Some((0, true)));
    assert!(aws.log().of("GetMetricData").is_empty());
}

#[test]
fn a_denial_or_silence_there_takes_nobody_with_it() {
    let deny = Behaviour::Deny { because: "because no identity-based policy allows it".into(), resource: None };
    let aws = FakeAws::with(account().rule(Rule::on("GetMetricData", deny)));
    let all = EvidenceOptions { methods: Methods { trail: true, metrics: true, ..Methods::default() }, ..trail_only() };
    let (answers, _) = with_events(&Bed::on(&aws), all);
    assert!(answers.metrics.refused().is_some() && answers.trail.complete && answers.identity.got().is_some());
    let aws = FakeAws::with(account().rule(Rule::on("ListMetrics", Behaviour::Hang)));
    let short = EvidenceOptions { timeout: Duration::from_secs(2), ..all };
    let (answers, _) = with_events(&Bed::on(&aws), short);
    assert!(answers.trail.complete && answers.identity.got().is_some());
    assert!(matches!(answers.metrics, Answer::TimedOut | Answer::Unreachable(_)), "{:?}", answers.metrics);
    assert_eq!(status(&answers, "cloudwatch-metrics"), CheckStatus::TimedOut);
}
