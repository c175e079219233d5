//! What is proof, what is none, and what could not be asked.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::bed::SESSION;
use super::{Bed, answer, first_party, line};
use crate::support::fake_aws::account::{
    Account, Crowd, GOOD_BEARER, GOOD_KEY, GOOD_SESSION_TOKEN, KeyPair, SESSION_KEY, TrailEvent,
};
use crate::support::fake_aws::{Behaviour, Rule};

const REQUEST: &str = "3fceefbd-e1a6-4c42-9840-328cc3cfa24c";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const CLIENT: &str = "claude-cli/2.1.330 (external, cli)";

/// An event as AWS writes it down, half a minute ago.
fn event(name: &str, arn: &str, user_agent: &str, request_id: &str) -> Value {
    json!({
        "eventName": name,
        "eventSource": "bedrock.amazonaws.com",
        "userIdentity": { "type": "IAMUser", "arn": arn, "accountId": "111122223333" },
        "userAgent": user_agent,
        "requestID": request_id,
        "requestParameters": { "modelId": "us.anthropic.claude-opus-5-5" },
    })
}

fn with_events(events: &[Value]) -> Account {
    let trail_events = events.iter().map(|event| TrailEvent::ago(30, event.clone())).collect();
    Account { trail_events, ..Account::default() }
}

fn ours() -> Value {
    event("InvokeModelWithResponseStream", ALICE, CLIENT, REQUEST)
}

fn bedrock_answer() -> String {
    answer("msg_bdrk_013fceefbde1a64c42984032", REQUEST)
}

#[test]
fn an_answer_in_awss_log_proves_and_a_refused_call_does_not() {
    let bed = Bed::new(with_events(&[ours()])).transcript(&[bedrock_answer()]);
    let (report, output) = bed.verify(&[]);
    output.exits(0);
    assert_eq!(report["verdict"], "proven", "{report:#}");

    let mut refused = ours();
    refused["errorCode"] = json!("AccessDenied");
    let bed = Bed::new(with_events(&[refused])).transcript(&[bedrock_answer()]);
    let (report, _) = bed.verify(&[]);
    assert_eq!(report["verdict"], "likely", "{report:#}");
    assert_eq!(report["joined"]["in_cloudtrail"], 0);
}

#[test]
fn what_awss_log_does_not_show_yet_is_likely_and_becomes_proven() {
    let bed = Bed::new(Account { trail_delay_ms: 3_600_000, ..with_events(&[ours()]) }).transcript(&[bedrock_answer()]);
    let (report, output) = bed.verify(&[]);
    output.exits(0);
    assert_eq!(report["verdict"], "likely", "{report:#}");
    assert_eq!(report["joined"]["too_young"], 1);
    assert_eq!(line(&report, "cloudtrail")["status"], "silent");
    bed.aws.change(|account| account.trail_delay_ms = 0);
    assert_eq!(bed.verify(&[]).0["verdict"], "proven");
}

#[test]
fn calls_of_others_and_of_other_tools_prove_nothing() {
    let other = event("InvokeModelWithResponseStream", "arn:aws:iam::111122223333:user/bob", CLIENT, REQUEST);
    // The transcript says that this request was its own; the log says that somebody else made it.
    let bed = Bed::new(with_events(std::slice::from_ref(&other))).transcript(&[bedrock_answer()]);
    assert_eq!(bed.verify(&[]).0["verdict"], "likely");
    for events in [
        vec![other],
        vec![event(
            "InvokeModelWithResponseStream",
            ALICE,
            "Boto3/1.44.5 md/Botocore",
            "a3b8e9f0-0000-4000-8000-000000000001",
        )],
        // The client's start-up probes: plain calls that no answer belongs to.
        vec![event("InvokeModel", ALICE, CLIENT, "a3b8e9f0-0000-4000-8000-000000000002")],
    ] {
        let (report, output) = Bed::new(with_events(&events)).verify(&[]);
        output.exits(3);
        assert_eq!(report["verdict"], "unproven", "{report:#}");
        assert_ne!(line(&report, "cloudtrail")["status"], "supports", "{report:#}");
    }
}

#[test]
fn a_turn_by_this_identity_without_a_transcript_is_likely() {
    let (report, output) = Bed::new(with_events(&[ours()])).verify(&[]);
    output.exits(0);
    assert_eq!(report["verdict"], "likely", "{report:#}");
    assert_eq!(line(&report, "cloudtrail")["strength"], "medium");
}

#[test]
fn a_plain_call_that_repeats_a_broken_stream_is_an_answer() {
    let plain = event("InvokeModel", ALICE, CLIENT, REQUEST);
    let bed = Bed::new(with_events(&[plain])).transcript(&[bedrock_answer()]);
    assert_eq!(bed.verify(&[]).0["verdict"], "proven");
}

#[test]
fn sessions_of_roles_and_of_identity_center_are_known_again() {
    let identity_center =
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/alice@example.com";
    let role = "arn:aws:sts::111122223333:assumed-role/Developer/alice@example.com";
    for arn in [role, identity_center] {
        let mut account = with_events(&[event("InvokeModelWithResponseStream", arn, CLIENT, REQUEST)]);
        account.keys = vec![KeyPair { arn: arn.into(), ..KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN) }];
        let bed = Bed::new(account)
            .sandbox(|sandbox| sandbox.keys(SESSION_KEY, Some(GOOD_SESSION_TOKEN)))
            .transcript(&[bedrock_answer()]);
        let (report, _) = bed.verify(&[]);
        assert_eq!(report["verdict"], "proven", "{arn}: {report:#}");
        assert_eq!(report["chain"]["identity"], arn);
        // Another person of the same permission set is somebody else.
        let colleague = arn.replace("alice@", "bob@");
        bed.aws.change(|account| {
            account.trail_events =
                vec![TrailEvent::ago(30, event("InvokeModelWithResponseStream", &colleague, CLIENT, REQUEST))];
        });
        assert_ne!(bed.verify(&[]).0["verdict"], "proven", "{colleague}");
    }
}

#[test]
fn an_api_key_is_looked_for_by_its_hidden_user_with_the_credentials_beside_it() {
    let mut by_key = ours();
    by_key["userIdentity"] = json!({
        "type": "IAMUser", "userName": "BedrockAPIKey-fake", "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:user/BedrockAPIKey-fake",
    });
    let bed = Bed::new(with_events(&[by_key]))
        .sandbox(|sandbox| sandbox.env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER))
        .transcript(&[bedrock_answer()]);
    let (report, output) = bed.verify(&[]);
    assert_eq!(report["verdict"], "proven", "{report:#}");
    assert_eq!(report["asked_as"], ALICE);
    assert!(!output.out().contains(GOOD_BEARER));
}

#[test]
fn a_missing_permission_degrades_one_line_and_names_the_statement() {
    for (operation, name, action) in [
        ("LookupEvents", "cloudtrail", "cloudtrail:LookupEvents"),
        ("ListMetrics", "cloudwatch", "cloudwatch:ListMetrics"),
    ] {
        let account = with_events(&[ours()]).rule(Rule::on(operation, Behaviour::deny_by_iam()));
        let bed = Bed::new(account).transcript(&[bedrock_answer()]);
        let (report, output) = bed.verify(&[]);
        output.exits(0);
        let denied = line(&report, name);
        assert_eq!(denied["status"], "could-not-ask", "{denied:#}");
        assert_eq!(denied["missing_permission"]["actions"][0], action);
        let others = report["lines"].as_array().into_iter().flatten().filter(|line| line["status"] == "could-not-ask");
        assert_eq!(others.count(), 1, "{report:#}");
        let finding = &report["findings"][0];
        assert_eq!((&finding["name"], &finding["severity"]), (&json!("evidence-denied"), &json!("warning")));
        assert_eq!(finding["fixes"][0]["policy"]["Action"][0], action);
        let text = bed.sandbox.run(["verify"]).out();
        assert!(text.contains(&format!("\"{action}\"")) && text.contains("bedrockup iam --for verify"), "{text}");
    }
}

#[test]
fn an_answer_of_minutes_ago_is_waited_for() {
    let bed = Bed::new(Account::default()).transcript(&[bedrock_answer()]);
    let (report, _) = bed.verify(&[]);
    let finding = &report["findings"][0];
    assert_eq!(finding["name"], "trail-looked-in-wrong-place", "{report:#}");
    assert_eq!(finding["fixes"][0]["who"], "wait");
    assert!(bed.sandbox.run(["verify"]).out().contains("Wait 15 minutes"));
    // What is there needs no reason.
    let found = Bed::new(with_events(&[ours()])).transcript(&[bedrock_answer()]).verify(&[]).0;
    assert_eq!(found["findings"], json!([]));
}

#[test]
fn answers_of_others_come_first_with_session_and_directory() {
    let bed = Bed::new(with_events(&[ours()])).transcript(&[bedrock_answer(), first_party()]);
    let (report, output) = bed.verify(&[]);
    output.exits(1);
    let against = &report["contradictions"][0];
    assert_eq!(against["session"], SESSION);
    assert_eq!(against["directory"], "/home/alice/work");
    let text = bed.sandbox.run(["verify"]).out();
    assert!(text.find(SESSION) < text.find("✓ configuration"), "{text}");
}

#[test]
fn answers_from_before_the_setup_are_history() {
    let hours = |hours| Timestamp::now() - SignedDuration::from_hours(hours);
    let receipt =
        json!({ "schema": "bedrockup.receipt/1", "region": "us-east-1", "written": hours(2).to_string() }).to_string();
    let old = |line: String, at: Timestamp| {
        let mut line: Value = serde_json::from_str(&line).expect("a line of a transcript");
        line["timestamp"] = json!(at.to_string());
        line.to_string()
    };
    let bed = Bed::new(with_events(&[ours()]))
        .sandbox(|sandbox| sandbox.file(".local/state/bedrockup/receipt.json", &receipt))
        .transcript(&[old(first_party(), hours(3)), bedrock_answer()]);
    assert_eq!(bed.verify(&[]).0["verdict"], "proven");
    let bed = bed.transcript(&[old(first_party(), hours(1)), bedrock_answer()]);
    assert_eq!(bed.verify(&[]).0["verdict"], "contradicted");
}

#[test]
fn the_first_page_proves_among_twenty_thousand_events() {
    let account = Account { trail_crowd: Some(Crowd::default()), ..with_events(&[ours()]) };
    let bed = Bed::new(account).transcript(&[bedrock_answer()]);
    let (report, _) = bed.verify(&[]);
    assert_eq!(report["verdict"], "proven", "{report:#}");
    assert_eq!(report["joined"]["complete"], false);
    assert_eq!(bed.aws.log().of("LookupEvents").len(), 1);
    // Their user agents hold what moves a cursor.
    let text = bed.sandbox.run(["verify"]);
    assert!(!text.out().contains('\u{1b}') && !bed.verify(&[]).1.out().contains("\\u001b"), "{text:?}");
}

#[test]
fn what_costs_is_asked_for_first() {
    let bed = Bed::new(Account::default());
    let output = bed.sandbox.run(["verify", "--method", "cost-explorer"]);
    output.exits(2);
    assert!(output.err().contains("0.01"), "{output:?}");
    assert!(bed.aws.log().of("GetCostAndUsage").is_empty());
    let (report, _) = bed.verify(&["--method", "cost-explorer", "--yes"]);
    assert_ne!(line(&report, "cost-explorer")["status"], "skipped");
    assert!(!bed.aws.log().of("GetCostAndUsage").is_empty());
    let (report, _) = bed.verify(&[]);
    assert_eq!(line(&report, "cost-explorer")["status"], "skipped");
    // Beside everything else.
    let (report, _) = bed.verify(&["--cost", "--yes"]);
    assert_ne!(line(&report, "cost-explorer")["status"], "skipped");
    assert_ne!(line(&report, "cloudtrail")["status"], "skipped");
}

#[test]
fn what_this_machine_tells_is_weighed_whatever_records_are_asked() {
    let bed = Bed::new(with_events(&[ours()])).transcript(&[bedrock_answer(), first_party()]);
    let (report, output) = bed.verify(&["--method", "cloudtrail"]);
    output.exits(1);
    assert_eq!(report["verdict"], "contradicted", "{report:#}");
    assert_eq!(line(&report, "cloudwatch")["status"], "skipped");
    assert!(bed.aws.log().of("ListMetrics").is_empty());
}

#[test]
fn a_window_that_is_yet_to_come_is_wrong_usage() {
    let bed = Bed::new(Account::default());
    let output = bed.sandbox.run(["verify", "--since", "2999-01-01"]);
    output.exits(2);
    assert!(output.err().contains("yet to come") && bed.aws.log().entries().is_empty(), "{output:?}");
}

#[test]
fn a_log_that_was_read_whole_and_has_no_answer_of_this_machine_proves_nothing() {
    let long_ago = (Timestamp::now() - SignedDuration::from_hours(2)).to_string();
    let mut old: Value = serde_json::from_str(&bedrock_answer()).expect("a line of a transcript");
    old["timestamp"] = json!(long_ago);
    let bed = Bed::new(Account::default()).transcript(&[old.to_string()]);
    let (report, output) = bed.verify(&[]);
    output.exits(3);
    assert_eq!(report["verdict"], "unproven", "{report:#}");
    assert_eq!(report["joined"]["missing"], 1);
}

#[test]
fn an_answer_proves_only_by_a_call_of_claude_at_its_time() {
    let other_tool = event("InvokeModelWithResponseStream", ALICE, "Boto3/1.40.0", REQUEST);
    let bed = Bed::new(with_events(&[other_tool])).transcript(&[bedrock_answer()]);
    assert_ne!(bed.verify(&[]).0["verdict"], "proven");
    let mut account = with_events(&[]);
    account.trail_events = vec![TrailEvent::ago(5 * 3600, ours())];
    let bed = Bed::new(account).transcript(&[bedrock_answer()]);
    assert_ne!(bed.verify(&[]).0["verdict"], "proven", "five hours passed between the call and its answer");
}

#[test]
fn no_secret_and_no_word_of_a_prompt_is_in_what_it_says() {
    let bed = Bed::new(with_events(&[ours()])).transcript(&[bedrock_answer()]);
    for arguments in [&["verify"][..], &["verify", "--json"], &["verify", "--evidence", "proof.json"]] {
        let output = bed.sandbox.run(arguments);
        let page = std::fs::read_to_string(bed.sandbox.path("work/proof.html")).unwrap_or_default();
        let document = std::fs::read_to_string(bed.sandbox.path("work/proof.json")).unwrap_or_default();
        for secret in [GOOD_KEY.1, "a canary of a prompt"] {
            let said = format!("{}{}{page}{document}", output.out(), output.err());
            assert!(!said.contains(secret), "{arguments:?} tells {secret}");
        }
    }
}
