//! What AWS's records and the transcripts show: no cause of a failure, and what people look for in vain.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::machine::{Machine, healthy};
use crate::support::fake_aws::Rule;
use crate::support::fake_aws::account::TrailEvent;
use crate::support::fake_aws::rules::Behaviour;
use crate::usage::{Answer, answer};

/// A call of a model that CloudTrail recorded an hour ago.
fn recorded(machine: Machine) -> Machine {
    let call = json!({ "eventSource": "bedrock.amazonaws.com", "eventName": "InvokeModelWithResponseStream", "awsRegion": "us-east-1" });
    machine.account(|account| account.trail_events.push(TrailEvent::ago(3600, call)))
}

/// Makes an answer another one.
type Change = fn(Answer) -> Answer;

/// The machine with these answers in a transcript, each so many minutes old.
fn answered(machine: Machine, answers: &[(i64, Change)]) -> Machine {
    let now = Timestamp::now();
    let line = |(number, (minutes, change)): (usize, &(i64, Change))| {
        let at = now - SignedDuration::from_mins(*minutes);
        change(answer(u32::try_from(number).expect("few"), &at.to_string())).text()
    };
    let text: String = answers.iter().enumerate().map(line).collect();
    machine.file(".claude/projects/-work-api/11111111-0000-4000-8000-000000000001.jsonl", text)
}

#[test]
fn cloudtrail_wrong_source_region() {
    let report = recorded(healthy()).here("AWS_DEFAULT_REGION", "us-west-2").diagnose();
    let told = report.note("trail-looked-in-wrong-place");
    told.shows("us-west-2").shows("us-east-1").fix("--region us-east-1").fix("15 minutes");
    report.check("cloudtrail-events:us-west-2", "passed");
}

#[test]
fn a_region_of_the_settings_is_not_that_of_the_aws_cli() {
    let machine = recorded(healthy()).aws_files(
        "[default]\nregion = eu-west-1\n",
        "[default]\naws_access_key_id = AKIAIOSFODNN7GOODKEY\naws_secret_access_key = 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\n",
    );
    machine.diagnose().note("trail-looked-in-wrong-place").shows("eu-west-1");
}

#[test]
fn a_log_that_shows_the_calls_is_no_news() {
    recorded(healthy()).diagnose().stays_quiet().never_says("trail-looked-in-wrong-place");
}

#[test]
fn a_log_that_may_not_be_read_lowers_no_verdict() {
    let report = healthy().rule(Rule::on("LookupEvents", Behaviour::deny_by_iam())).diagnose();
    report.note("evidence-denied").by("aws-admin").fix("bedrockup iam --for verify").shows("cloudtrail:LookupEvents");
    assert_eq!(report.text("/verdict"), "healthy");
}

#[test]
fn a_log_that_does_not_come_is_not_waited_for() {
    let report = healthy().rule(Rule::on("LookupEvents", Behaviour::Hang)).diagnose();
    report.stays_quiet().check("cloudtrail-events:us-east-1", "skipped");
}

#[test]
fn a_log_that_does_not_come_keeps_nobody_from_the_quotas() {
    let throttled =
        Rule::on("InvokeModel*", Behaviour::refuse(429, "ThrottlingException", "Too many tokens, please wait."));
    let report = healthy().rule(throttled).rule(Rule::on("LookupEvents", Behaviour::Hang)).diagnose();
    report.check("quotas", "passed").check("cloudtrail-events:us-east-1", "skipped");
}

#[test]
fn cached_1h_ttl() {
    let again: Change = |answer| Answer { write_5m: 120_000, ..answer };
    let coffee = [(100, again), (70, again), (45, again), (15, again)];
    let report = answered(healthy(), &coffee).diagnose();
    let told = report.note("cache-short-lived");
    told.fix("export ENABLE_PROMPT_CACHING_1H=1")
        .fix("bedrockup usage")
        .shows("3 pauses")
        .shows("30 minutes")
        .shows("360,000");
    answered(healthy().env("ENABLE_PROMPT_CACHING_1H", "1"), &coffee).diagnose().never_says("cache-short-lived");
}

#[test]
fn a_cache_that_is_read_is_no_news() {
    let first: Change = |answer| Answer { write_5m: 120_000, ..answer };
    let next: Change = |answer| Answer { write_5m: 900, read: 120_000, ..answer };
    answered(healthy(), &[(100, first), (97, next), (94, next)])
        .diagnose()
        .stays_quiet()
        .never_says("cache-short-lived");
}
