//! CloudTrail's event history: a crowd, odd events, throttling, refusals.

use std::collections::BTreeMap;

use bedrockup::ask::Progress;
use bedrockup::ask::evidence::EvidenceOptions;
use bedrockup::ask::trail::Stop;
use bedrockup::aws::answer::{Answer, CheckStatus, Hop};
use serde_json::{Value, json};

use super::*;
use crate::ask::OPUS;
use crate::support::fake_aws::account::{ACCOUNT_ID, Crowd, TrailEvent};
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};

fn crowded(rules: Vec<Rule>) -> Account {
    Account { trail_crowd: Some(Crowd::default()), rules, ..patient() }
}

#[test]
fn a_crowd_of_twenty_thousand_is_counted_page_by_page() {
    let aws = FakeAws::with(crowded(Vec::new()));
    let (mut agents, mut models, mut people, mut refused) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), 0);
    let mut last = None;
    let visit = |event: &Event| {
        *agents.entry(event.user_agent.clone()).or_insert(0) += 1;
        *models.entry(event.model.clone()).or_insert(0) += 1;
        *people.entry(event.identity.arn.clone()).or_insert(0) += 1;
        refused += usize::from(event.error.is_some());
        assert!(last.is_none() || event.at <= last, "newest first");
        last = event.at;
    };
    let (answers, heard) = asked(&Bed::on(&aws), trail_only(), visit, |_| false);
    let scan = &answers.trail;
    assert!(scan.complete && scan.stopped.is_none() && scan.ended == Answer::Got(()), "{scan:?}");
    assert_eq!((scan.pages, scan.events), (400, 20_000));
    let crowd = Crowd::default();
    assert!(crowd.tools.iter().all(|tool| agents[&Some(tool.clone())] == 4000), "{agents:?}");
    assert!(crowd.models.iter().all(|model| models[&Some(model.clone())] == 4000), "{models:?}");
    assert_eq!(models[&None], 4000, "a list names no model");
    assert!(people.len() == 40 && people.values().all(|count| *count == 500), "{people:?}");
    assert_eq!(refused, 4000);
    let walked: Vec<_> = heard
        .iter()
        .filter_map(|event| if let Progress::Walked(_, seen) = event { Some(seen) } else { None })
        .collect();
    assert_eq!(walked.len(), 400);
    assert!(walked.is_sorted_by(|one, next| one.events < next.events && one.oldest >= next.oldest));
    assert_eq!((scan.newest, scan.oldest_seen), (walked[399].newest, walked[399].oldest));
    let requests = aws.log().of("LookupEvents");
    assert_eq!(requests.len(), 400);
    assert!(requests.iter().all(|entry| entry.service == "cloudtrail" && entry.region == "us-east-1"));
    assert_eq!(status(&answers, "cloudtrail-events"), CheckStatus::Passed);
}

#[test]
fn aws_may_say_that_it_is_too_fast_and_nothing_is_lost() {
    let slow = || Rule { times: Some(4), ..Rule::on("LookupEvents", Behaviour::throttle()) };
    let some = |times| Rule { times: Some(times), ..Rule::on("LookupEvents", Behaviour::Answer) };
    let crowd = Crowd { events: 1000, ..Crowd::default() };
    let rules = vec![some(2), slow(), some(3), slow()];
    let aws = FakeAws::with(Account { trail_crowd: Some(crowd), rules, ..patient() });
    let mut events = 0;
    let (answers, _) = asked(&Bed::on(&aws), trail_only(), |_| events += 1, |_| false);
    assert!(answers.trail.complete, "{:?}", answers.trail);
    assert_eq!((answers.trail.throttled, answers.trail.pages, events), (8, 20, 1000));
}

#[test]
fn the_real_limit_of_two_a_second_is_lived_with() {
    let crowd = Crowd { events: 250, ..Crowd::default() };
    let aws = FakeAws::with(Account { trail_crowd: Some(crowd), ..Account::default() });
    let trail = Bounds { pace: Duration::from_millis(50), ..AT_ONCE };
    let (answers, _) = asked(&Bed::on(&aws), EvidenceOptions { trail, ..trail_only() }, |_| (), |_| false);
    assert!(answers.trail.complete && answers.trail.throttled > 0, "{:?}", answers.trail);
    assert_eq!((answers.trail.pages, answers.trail.events), (5, 250));
}

#[test]
fn a_refusal_in_the_middle_keeps_what_was_seen_and_takes_nobody_with_it() {
    let first = Rule { times: Some(3), ..Rule::on("LookupEvents", Behaviour::Answer) };
    let denied = Rule::on(
        "LookupEvents",
        Behaviour::Deny {
            because: "because no identity-based policy allows the {action} action".into(),
            resource: None,
        },
    );
    let aws = FakeAws::with(crowded(vec![first, denied]));
    let (answers, events) = with_events(&Bed::on(&aws), trail_only());
    assert_eq!((answers.trail.pages, answers.trail.events, events.len()), (3, 150, 150));
    assert!(!answers.trail.complete && answers.trail.stopped.is_none());
    let refusal = answers.trail.ended.refused().expect("a refusal");
    assert!(refusal.message.contains("cloudtrail:LookupEvents"), "{refusal:?}");
    assert_eq!(status(&answers, "cloudtrail-events"), CheckStatus::Failed);
    assert!(answers.identity.got().is_some());
}

#[test]
fn failures_that_pass_are_tried_again_once() {
    let once = |then| Rule { times: Some(1), ..Rule::on("LookupEvents", then) };
    let server = Behaviour::Refuse {
        status: 500,
        code: "InternalFailure".into(),
        message: "The request processing has failed.".into(),
        fields: serde_json::Map::new(),
    };
    let crowd = Crowd { events: 100, ..Crowd::default() };
    let account = |rules| Account { trail_crowd: Some(crowd.clone()), rules, ..patient() };
    let aws = FakeAws::with(account(vec![once(server), once(Behaviour::Answer), once(Behaviour::Reset)]));
    let (answers, _) = with_events(&Bed::on(&aws), trail_only());
    assert!(answers.trail.complete, "{:?}", answers.trail);
    let aws = FakeAws::with(account(vec![once(Behaviour::Answer), Rule::on("LookupEvents", Behaviour::Reset)]));
    let (answers, events) = with_events(&Bed::on(&aws), trail_only());
    assert_eq!(answers.trail.ended.unreachable().map(|failure| failure.hop), Some(Hop::Reset));
    assert_eq!(events.len(), 50);
}

#[test]
fn a_walk_ends_when_the_watcher_has_seen_enough_or_its_bounds_are_reached() {
    let aws = FakeAws::with(crowded(Vec::new()));
    let bed = Bed::on(&aws);
    let (answers, _) = asked(&bed, trail_only(), |_| (), |seen| seen.events >= 120);
    assert_eq!((answers.trail.pages, answers.trail.stopped), (3, Some(Stop::Enough)));
    let few = EvidenceOptions { trail: Bounds { pages: 2, ..AT_ONCE }, ..trail_only() };
    let (answers, _) = asked(&bed, few, |_| (), |_| false);
    assert_eq!((answers.trail.pages, answers.trail.stopped, answers.trail.complete), (2, Some(Stop::Pages), false));
    let silent = FakeAws::with(crowded(vec![Rule::on("LookupEvents", Behaviour::Hang)]));
    let short = EvidenceOptions { trail: Bounds { time: Duration::from_secs(1), ..AT_ONCE }, ..trail_only() };
    let (answers, _) = asked(&Bed::on(&silent), short, |_| (), |_| false);
    assert_eq!((answers.trail.stopped, &answers.trail.ended), (Some(Stop::Time), &Answer::TimedOut));
    assert_eq!(status(&answers, "cloudtrail-events"), CheckStatus::TimedOut);
    assert!(answers.identity.got().is_some());
}

#[test]
fn ones_own_calls_are_found_by_request_id_and_by_who_made_them() {
    let aws = FakeAws::with(patient());
    for bed in
        [Bed::on(&aws), Bed::on(&aws).env("AWS_BEARER_TOKEN_BEDROCK", crate::support::fake_aws::account::GOOD_BEARER)]
    {
        let reply = bed.answers().model(OPUS).and_then(|model| model.stream.got().cloned()).expect("a reply");
        let (answers, events) = with_events(&bed, trail_only());
        let bearer = bed.machine.environment.get("AWS_BEARER_TOKEN_BEDROCK").is_some();
        let own = events.iter().find(|event| event.request_id == reply.request_id).expect("the event of the call");
        assert_eq!((own.model.as_deref(), own.region.as_deref()), (Some(OPUS), Some("us-east-1")));
        assert_eq!((own.name.as_deref(), own.bearer), (Some("InvokeModelWithResponseStream"), bearer));
        assert!(own.user_agent.as_deref().is_some_and(|agent| agent.starts_with("bedrockup/")), "{own:?}");
        assert!(own.error.is_none() && own.inference_region.is_some(), "{own:?}");
        let identity = answers.identity.got().expect("an identity");
        assert_eq!(own.identity.principal.as_deref() == Some(&identity.user_id), !bearer, "{own:?} {identity:?}");
        assert_eq!(own.identity.account.as_deref(), Some(ACCOUNT_ID));
    }
}

#[test]
fn refused_calls_carry_their_code_and_what_was_asked_for() {
    let aws = FakeAws::with(patient().rule(Rule::on("InvokeModel*", Behaviour::throttle())));
    let bed = Bed::on(&aws);
    bed.answers();
    let (_, events) = with_events(&bed, trail_only());
    let refused: Vec<_> = events.iter().filter(|event| event.error.is_some()).collect();
    assert!(!refused.is_empty());
    let code = |event: &&Event| event.error.as_ref().is_some_and(|(code, _)| code == "ThrottlingException");
    assert!(refused.iter().all(|event| code(event) && event.model.is_some()), "{refused:?}");
}

#[test]
fn odd_and_hostile_events_are_read_as_far_as_they_go() {
    let source = |mut record: Value| {
        record["eventSource"] = json!("bedrock.amazonaws.com");
        record
    };
    let hostile = "\u{1b}]0;x\u{7}claude-cli/2.1.330\u{202e}";
    let profile = format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:application-inference-profile/abcdefghijkl");
    let given = vec![
        TrailEvent { text: Some("{".into()), ..TrailEvent::ago(1, source(json!({ "eventName": "InvokeModel" }))) },
        TrailEvent { text: Some("[1]".into()), ..TrailEvent::ago(2, source(json!({ "eventName": "Converse" }))) },
        TrailEvent::ago(
            3,
            source(json!({ "userAgent": hostile, "userIdentity": "root", "requestParameters": "modelId" })),
        ),
        TrailEvent::ago(
            4,
            source(json!({ "userAgent": { "x": 1 }, "additionalEventData": { "inferenceProfileArn": profile } })),
        ),
        TrailEvent::ago(5, source(json!({ "resources": [{ "type": "x", "ARN": profile }], "errorCode": 7 }))),
    ];
    let aws = FakeAws::with(Account { trail_events: given, ..patient() });
    let (answers, events) = with_events(&Bed::on(&aws), trail_only());
    assert_eq!((events.len(), answers.trail.complete), (5, true));
    let names: Vec<_> = events.iter().map(|event| event.name.as_deref()).collect();
    assert_eq!(names[..2], [Some("InvokeModel"), Some("Converse")], "the row tells what the record does not");
    assert_eq!((events[2].user_agent.as_deref(), &events[2].model), (Some(hostile), &None));
    assert_eq!((events[3].model.as_deref(), &events[3].user_agent), (Some(profile.as_str()), &None));
    assert_eq!((events[4].model.as_deref(), &events[4].error), (Some(profile.as_str()), &None));
    assert!(events.iter().all(|event| event.at.is_some()), "{events:?}");
}

#[test]
fn what_is_not_awss_answer_is_no_empty_history() {
    for then in [
        Behaviour::Html { status: 200, body: "<html>Sign in</html>".into() },
        Behaviour::Html { status: 200, body: "{}".into() },
    ] {
        let aws = FakeAws::with(patient().rule(Rule::on("LookupEvents", then)));
        let (answers, _) = with_events(&Bed::on(&aws), trail_only());
        assert!(answers.trail.ended.refused().is_some() && !answers.trail.complete, "{:?}", answers.trail);
    }
}
