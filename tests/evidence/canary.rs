//! The tagged call and its event.

use std::sync::Mutex;

use bedrockup::ask::canary::{Canary, CanaryOptions, Pace, canary};
use bedrockup::aws::answer::{Answer, CheckStatus};
use bedrockup::resolve::{CredentialKind, resolve};

use super::*;
use crate::ask::OPUS;
use crate::support::fake_aws::account::{Crowd, GOOD_BEARER, GOOD_KEY};
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};

/// As fast as can be, for as long as it takes.
const QUICK: CanaryOptions = CanaryOptions {
    timeout: Duration::from_secs(30),
    wait: Duration::from_secs(30),
    pace: Pace { first: Duration::from_millis(5), longest: Duration::from_millis(50), page: Duration::ZERO },
};

fn sent(bed: &Bed, options: CanaryOptions) -> Canary {
    let world = world(bed.home.path(), bed.machine.environment.clone());
    let route = resolve(&bed.machine);
    let heard = Mutex::new(Vec::new());
    let progress = |event| heard.lock().expect("nobody panics while it is locked").push(event);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let canary = runtime.block_on(canary(&world, &bed.machine, &route, options, &progress));
    runtime.shutdown_background();
    let shown = format!("{canary:?}");
    assert!(CANARIES.iter().all(|secret| !shown.contains(secret)));
    let begun = |event: &&Progress| matches!(event, Progress::Started(_));
    let heard = heard.into_inner().expect("nobody panicked while it was locked");
    assert_eq!(heard.iter().filter(begun).count(), canary.log.len());
    canary
}

fn check(canary: &Canary, name: &str) -> CheckStatus {
    canary.log.iter().find(|asked| asked.name == name).map(|asked| asked.status).expect(name)
}

#[test]
fn the_event_of_the_call_is_found_by_its_request_id_among_a_crowd() {
    let crowd = Crowd { newest_seconds_ago: 0, ..Crowd::default() };
    let aws = FakeAws::with(Account { trail_crowd: Some(crowd), trail_delay_ms: 300, ..patient() });
    let canary = sent(&Bed::on(&aws), QUICK);
    let reply = canary.reply.got().expect("a reply");
    let event = canary.event.got().expect("the event");
    assert!(event.request_id.is_some() && event.request_id == reply.request_id);
    assert_eq!((canary.model.as_str(), event.model.as_deref()), (OPUS, Some(OPUS)));
    assert_eq!((canary.region.as_str(), event.region.as_deref()), ("us-east-1", Some("us-east-1")));
    assert_eq!(event.user_agent.as_deref(), Some(canary.user_agent.as_str()));
    assert_eq!(canary.user_agent, format!("bedrockup/{} canary/{}", env!("CARGO_PKG_VERSION"), canary.nonce));
    assert!(canary.sent <= canary.answered && canary.looks > 1, "{canary:?}");
    assert_eq!(
        (check(&canary, "canary-event"), check(&canary, &format!("canary:{OPUS}"))),
        (CheckStatus::Passed, CheckStatus::Passed)
    );
    let tagged = aws.log().entries().into_iter().filter(|entry| entry.user_agent.contains("canary/"));
    assert_eq!(tagged.map(|entry| entry.operation).collect::<Vec<_>>(), ["InvokeModelWithResponseStream"]);
}

#[test]
fn the_event_is_found_where_the_clocks_differ() {
    for date_offset_seconds in [-280, 280] {
        let aws = FakeAws::with(Account { date_offset_seconds, ..patient() });
        let canary = sent(&Bed::on(&aws), QUICK);
        assert!(canary.event.got().is_some(), "{canary:?}");
    }
}

#[test]
fn an_event_that_does_not_come_in_time_is_late_and_not_missing() {
    let aws = FakeAws::with(Account { trail_delay_ms: 3_600_000, ..patient() });
    let canary = sent(&Bed::on(&aws), CanaryOptions { wait: Duration::from_millis(200), ..QUICK });
    assert!(canary.reply.got().is_some() && canary.looks > 0);
    assert_eq!(canary.event, Answer::TimedOut);
    assert_eq!(check(&canary, "canary-event"), CheckStatus::TimedOut);
}

#[test]
fn a_refused_call_waits_for_nothing() {
    let aws = FakeAws::with(patient().rule(Rule::on("InvokeModel*", Behaviour::throttle())));
    let canary = sent(&Bed::on(&aws), QUICK);
    assert!(canary.reply.refused().is_some_and(|refusal| refusal.status == 429));
    assert!(matches!(canary.event, Answer::NotAsked(_)), "{:?}", canary.event);
    assert!(aws.log().of("LookupEvents").is_empty());
}

#[test]
fn throttling_and_failures_of_the_history_are_waited_out_and_a_denial_is_not() {
    let times = |times, then| Rule { times: Some(times), ..Rule::on("LookupEvents", then) };
    let aws = FakeAws::with(patient().rule(times(9, Behaviour::throttle())).rule(times(3, Behaviour::Reset)));
    assert!(sent(&Bed::on(&aws), QUICK).event.got().is_some());
    let because = "because no identity-based policy allows the {action} action".to_owned();
    let denied = Rule::on("LookupEvents", Behaviour::Deny { because, resource: None });
    let aws = FakeAws::with(patient().rule(denied));
    let canary = sent(&Bed::on(&aws), QUICK);
    assert!(canary.reply.got().is_some() && canary.event.refused().is_some());
    assert_eq!(canary.looks, 1);
}

#[test]
fn a_bearer_token_calls_and_the_hidden_keys_look() {
    let aws = FakeAws::with(patient());
    let canary = sent(&Bed::on(&aws).env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER), QUICK);
    let event = canary.event.got().expect("the event");
    assert!(event.bearer && !canary.asked_as.of_route);
    assert!(
        matches!(&canary.asked_as.kind, Some(CredentialKind::EnvironmentKeys { key_id, .. }) if key_id == GOOD_KEY.0)
    );
    let alone = Bed::on(&aws)
        .unset(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
        .env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER);
    let canary = sent(&alone, QUICK);
    assert!(canary.reply.got().is_some_and(|reply| reply.request_id.is_some()));
    assert!(matches!(&canary.event, Answer::NotAsked(why) if why.contains("Bedrock API key")), "{:?}", canary.event);
}

#[test]
fn without_a_pin_the_model_is_that_of_the_regions_list() {
    let aws = FakeAws::with(patient());
    let names = ["ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"];
    let canary = sent(&Bed::on(&aws).unset(&names), QUICK);
    assert_eq!(canary.model, OPUS);
    assert!(canary.event.got().is_some());
}
