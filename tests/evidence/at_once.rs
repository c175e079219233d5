//! All questions together.

use bedrockup::aws::answer::{Answer, CheckStatus};
use tokio::sync::Notify;

use super::*;
use crate::support::fake_aws::account::{CostRow, Costs, Crowd, Day, MetricDay};
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};

const QUESTIONS: [&str; 6] =
    ["credentials", "sts-identity", "cloudtrail-events", "cloudwatch-metrics", "cost-explorer", "invocation-logging"];

fn account() -> Account {
    let costs =
        Costs { rows: vec![CostRow { day: Day::Ago(2), amount: 1.0, ..CostRow::default() }], ..Costs::default() };
    let metrics = vec![MetricDay { day: Day::Ago(1), invocations: 1, ..MetricDay::default() }];
    let crowd = Crowd { events: 200, ..Crowd::default() };
    Account { costs, metrics, trail_crowd: Some(crowd), ..patient() }
}

/// What came of each question, with this rule.
fn outcomes(rule: Option<Rule>) -> Vec<CheckStatus> {
    let account = account();
    let aws = FakeAws::with(match rule {
        Some(rule) => account.rule(rule),
        None => account,
    });
    let options = EvidenceOptions { timeout: Duration::from_secs(5), ..options(Methods::ALL) };
    let (answers, _) = asked(&Bed::on(&aws), options, |_| (), |_| false);
    assert!(matches!(answers.anthropic, Answer::NotAsked(_)));
    QUESTIONS.map(|name| status(&answers, name)).to_vec()
}

#[test]
fn everything_is_answered_and_what_fails_fails_alone() {
    assert_eq!(outcomes(None), [CheckStatus::Passed; 6]);
    let operations = [
        (1, "GetCallerIdentity"),
        (2, "LookupEvents"),
        (3, "GetMetricData"),
        (4, "GetCostAndUsage"),
        (5, "GetModelInvocationLoggingConfiguration"),
    ];
    for (place, operation) in operations {
        let outcomes = outcomes(Some(Rule::on(operation, Behaviour::Html { status: 403, body: "<p>no</p>".into() })));
        for (at, outcome) in outcomes.iter().enumerate() {
            let expected = if at == place { CheckStatus::Failed } else { CheckStatus::Passed };
            assert_eq!(*outcome, expected, "{operation}: {}", QUESTIONS[at]);
        }
    }
}

#[test]
fn dropping_the_questions_ends_them() {
    let aws = FakeAws::with(Account { trail_crowd: Some(Crowd::default()), ..patient() });
    let bed = Bed::on(&aws);
    let (world, route) = (world(bed.home.path(), bed.machine.environment.clone()), resolve(&bed.machine));
    let far_enough = Notify::new();
    let progress = |event| {
        if matches!(event, Progress::Walked(_, seen) if seen.pages == 3) {
            far_enough.notify_one();
        }
    };
    // With a thread of its own, on which whatever was left behind would go on.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let pace = Bounds { pace: Duration::from_millis(10), ..AT_ONCE };
    let options = EvidenceOptions { trail: pace, ..trail_only() };
    runtime.block_on(async {
        let mut witness = Witness { identified: &mut |_, _| (), visit: &mut |_| (), stop: &mut |_| false };
        tokio::select! {
            answers = evidence(&world, &bed.machine, &route, options, &progress, &mut witness) => panic!("{answers:?}"),
            () = far_enough.notified() => {}
        }
    });
    // One page and the question who asks may be on their way; of the 397 other pages none comes.
    let known = aws.log().entries().len();
    let later = aws.log().entries_after(known + 2, Duration::from_millis(300));
    assert!(later.is_empty(), "{later:?}");
}

#[test]
fn each_service_is_where_its_own_variable_says() {
    let main = FakeAws::with(account());
    let elsewhere = ["CLOUDTRAIL", "CLOUDWATCH", "COST_EXPLORER"].map(|service| (service, FakeAws::with(account())));
    let bed = elsewhere
        .iter()
        .fold(Bed::on(&main), |bed, (service, aws)| bed.env(&format!("AWS_ENDPOINT_URL_{service}"), aws.url()));
    asked(&bed, options(Methods::ALL), |_| (), |_| false);
    let services = |aws: &FakeAws| aws.log().entries().into_iter().map(|entry| entry.service).collect::<Vec<_>>();
    for ((_, aws), service) in elsewhere.iter().zip(["cloudtrail", "monitoring", "ce"]) {
        let asked = services(aws);
        assert!(!asked.is_empty() && asked.iter().all(|asked| asked == service), "{service}: {asked:?}");
    }
    let mut rest = services(&main);
    rest.sort_unstable();
    assert_eq!(rest, ["bedrock", "sts"]);
}
