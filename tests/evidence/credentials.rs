//! Who asks: the route's own credentials, others where those cannot, nobody where there are none.

use bedrockup::aws::answer::{Answer, CheckStatus};
use bedrockup::resolve::CredentialKind;
use serde_json::json;

use super::*;
use crate::support::fake_aws::account::{GOOD_BEARER, GOOD_KEY, GOOD_SESSION_TOKEN, SESSION_KEY};
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};

#[test]
fn a_session_asks_as_itself() {
    let aws = FakeAws::with(patient());
    let bed = Bed::on(&aws)
        .env("AWS_ACCESS_KEY_ID", SESSION_KEY.0)
        .env("AWS_SECRET_ACCESS_KEY", SESSION_KEY.1)
        .env("AWS_SESSION_TOKEN", GOOD_SESSION_TOKEN);
    let (answers, events) = with_events(&bed, trail_only());
    assert!(answers.asked_as.of_route);
    assert_eq!(answers.asked_as.obtained.got().expect("keys").key_id, SESSION_KEY.0);
    let identity = answers.identity.got().expect("an identity");
    assert!(identity.user_id.ends_with(":alice@example.com"), "{identity:?}");
    assert!(answers.trail.complete && events.is_empty(), "{events:?}");
    assert!(answers.clock_offset.is_some());
}

#[test]
fn beside_a_bearer_token_the_hidden_keys_ask_and_the_answers_say_so() {
    let aws = FakeAws::with(patient());
    let (answers, _) = with_events(&Bed::on(&aws).env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER), trail_only());
    assert!(!answers.asked_as.of_route);
    assert!(
        matches!(&answers.asked_as.kind, Some(CredentialKind::EnvironmentKeys { key_id, .. }) if key_id == GOOD_KEY.0)
    );
    assert!(answers.trail.complete && answers.identity.got().is_some());
    assert!(aws.log().entries().iter().all(|entry| entry.caller == GOOD_KEY.0));
}

#[test]
fn a_bearer_token_alone_asks_nothing_and_the_reason_is_said() {
    let aws = FakeAws::start();
    let bed = Bed::on(&aws)
        .unset(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
        .env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER);
    let (answers, _) = with_events(&bed, options(Methods::ALL));
    let why = |answer: Option<&String>| answer.is_some_and(|why| why.contains("Bedrock API key"));
    assert!(matches!(&answers.trail.ended, Answer::NotAsked(text) if why(Some(text))), "{:?}", answers.trail);
    assert!(matches!(&answers.cost, Answer::NotAsked(text) if why(Some(text))));
    let skipped = [
        "credentials",
        "sts-identity",
        "cloudtrail-events",
        "cloudwatch-metrics",
        "cost-explorer",
        "invocation-logging",
    ];
    for name in skipped {
        assert_eq!(status(&answers, name), CheckStatus::Skipped, "{name}");
    }
    assert!(aws.log().entries().is_empty(), "{:?}", aws.log().operations());
}

#[test]
fn what_nobody_asked_for_is_not_asked() {
    let aws = FakeAws::with(patient());
    let (answers, _) = with_events(&Bed::on(&aws), options(Methods::default()));
    assert_eq!(aws.log().operations(), ["GetCallerIdentity"]);
    assert_eq!(answers.log.len(), 2, "{:?}", answers.log);
    assert!(matches!(answers.trail.ended, Answer::NotAsked(_)) && matches!(answers.metrics, Answer::NotAsked(_)));
}

#[test]
fn the_place_of_invocation_logs_is_told_and_off_is_an_answer() {
    let only = options(Methods { logging: true, ..Methods::default() });
    let aws = FakeAws::with(patient());
    let (answers, _) = with_events(&Bed::on(&aws), only);
    assert_eq!(answers.logging.got().map(|logging| logging.on), Some(false));
    let config = json!({
        "s3Config": { "bucketName": "logs", "keyPrefix": "bedrock" },
        "cloudWatchConfig": { "logGroupName": "/bedrock", "roleArn": "arn:aws:iam::111122223333:role/logs" },
        "textDataDeliveryEnabled": false,
    });
    let aws = FakeAws::with(Account { logging: Some(config), ..patient() });
    let (answers, _) = with_events(&Bed::on(&aws), only);
    let logging = answers.logging.got().expect("a configuration");
    assert_eq!((logging.bucket.as_deref(), logging.log_group.as_deref()), (Some("logs/bedrock"), Some("/bedrock")));
    assert!(logging.on && !logging.texts);
    let denied =
        Behaviour::Deny { because: "with an explicit deny in a service control policy".into(), resource: None };
    let rule = Rule::on("GetModelInvocationLoggingConfiguration", denied);
    let (answers, _) = with_events(&Bed::on(&FakeAws::with(patient().rule(rule))), only);
    assert!(answers.logging.refused().is_some_and(|refusal| refusal.is_access_denied()));
}
