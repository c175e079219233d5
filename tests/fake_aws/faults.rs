//! Scripted trouble arrives at the client as what it is meant to be.

use super::*;

#[test]
fn streams_break_and_carry_exceptions_as_told() {
    let cut = Rule::on("InvokeModelWithResponseStream", Behaviour::CutStream { after_events: 3 }).times(1);
    let exception = Behaviour::StreamException {
        exception: "throttlingException".into(),
        message: "Too many tokens".into(),
        after_events: 1,
    };
    let aws = FakeAws::with(Account::default().rule(cut).rule(Rule::on("InvokeModelWithResponseStream", exception)));
    let results = boto3(&sandbox(&aws), json!([stream(HAIKU), stream(HAIKU)]));
    assert_eq!(results[0]["answer"]["events"].as_array().map(Vec::len), Some(3), "{results:?}");
    assert!(results[0]["answer"]["broken"].is_string(), "{results:?}");
    assert_eq!(results[1]["answer"]["events"].as_array().map(Vec::len), Some(1));
    assert_eq!(results[1]["answer"]["broken"], "throttlingException");
}

#[test]
fn throttling_and_denials_are_scripted_per_operation_model_and_count() {
    let account = Account::default()
        .rule(Rule::on("InvokeModel", Behaviour::throttle()).for_model("haiku").times(1))
        .rule(Rule::on("InvokeModelWithResponseStream", Behaviour::deny_by_scp()))
        .rule(Rule::on("GetCallerIdentity", Behaviour::refuse(400, "Throttling", "Rate exceeded")));
    let aws = FakeAws::with(account);
    let results = boto3(&sandbox(&aws), json!([invoke(HAIKU), invoke(HAIKU), stream(HAIKU), identity()]));
    assert_eq!(refusal(&results[0]), ("ThrottlingException", 429));
    assert!(results[1]["answer"].is_object(), "the rule was spent: {}", results[1]);
    assert_eq!(refusal(&results[2]), ("AccessDeniedException", 403));
    let message = results[2]["error"]["message"].as_str().unwrap_or_default();
    let expected = format!(
        "User: arn:aws:iam::{ACCOUNT_ID}:user/alice is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:inference-profile/{HAIKU} with an explicit deny in a service control policy"
    );
    assert_eq!(message, expected);
    assert!(
        results[2]["error"]["headers"]["x-amzn-errortype"]
            .as_str()
            .is_some_and(|code| code.starts_with("AccessDeniedException"))
    );
    assert_eq!(refusal(&results[3]), ("Throttling", 400));
}

#[test]
fn connections_fail_as_told() {
    let account = Account::default().rule(Rule::on("ListInferenceProfiles", Behaviour::Reset)).rule(Rule::on(
        "GetCallerIdentity",
        Behaviour::Html { status: 200, body: "<html><br>Sign in to the hotel".into() },
    ));
    let aws = FakeAws::with(account);
    let results = boto3(&sandbox(&aws), json!([profiles(), identity()]));
    assert_eq!(refusal(&results[0]).0, "ConnectionClosedError", "{results:?}");
    assert_eq!(refusal(&results[1]).0, "ResponseParserError", "{results:?}");
    let entries = aws.log().entries();
    assert_eq!((entries[0].status, entries[1].status), (None, Some(200)));
}

#[test]
fn a_hanging_answer_holds_its_client_and_is_seen_in_the_log() {
    let aws = FakeAws::with(Account::default().rule(Rule::always(Behaviour::Hang)));
    let sandbox = sandbox(&aws);
    let mut command = sandbox.program(PythonTools::get().python());
    command.args(PythonTools::get().aws()).args(["sts", "get-caller-identity", "--cli-read-timeout", "0"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the AWS CLI starts");
    let seen = aws.log().wait_for(1, LIMIT);
    assert_eq!((seen[0].operation.as_str(), seen[0].status), ("GetCallerIdentity", None));
    assert!(child.try_wait().expect("a child can be asked").is_none(), "the client is still waiting");
    child.kill().and_then(|()| child.wait()).expect("the client can be ended");
}

#[test]
fn the_account_survives_the_trip_through_a_scenario_file() {
    let account = Account::default()
        .rule(
            Rule::on(
                "InvokeModel",
                Behaviour::StreamException { exception: "x".into(), message: "y".into(), after_events: 2 },
            )
            .times(3),
        )
        .rule(Rule::always(Behaviour::deny_by_iam()).for_region("eu-west-1"));
    let text = serde_json::to_value(&account).expect("an account is JSON");
    let again: Account = serde_json::from_value(text.clone()).expect("and back");
    assert_eq!(serde_json::to_value(&again).expect("an account is JSON"), text);
    let short: Account = serde_json::from_str(
        r#"{"use_case_form": false, "rules": [{"operation": "InvokeModel", "then": {"do": "hang"}}]}"#,
    )
    .expect("a short scenario");
    assert!(
        !short.use_case_form
            && short.keys.len() == account.keys.len()
            && matches!(short.rules[0].then, Behaviour::Hang)
    );
    let typo = serde_json::from_str::<Account>(
        r#"{"rules": [{"then": {"do": "html", "status": 200, "body": "", "statsu": 1}}]}"#,
    );
    assert!(typo.is_err_and(|error| error.to_string().contains("statsu")));
}

#[test]
fn a_scenario_file_may_tell_what_evidence_there_is() {
    let text = r#"{
        "trail_delay_ms": 300000,
        "trail_crowd": { "events": 8, "actions": [{ "name": "InvokeModel", "error": "AccessDenied" }] },
        "trail_events": [{ "seconds_ago": 5, "record": { "eventName": "InvokeModel" } }],
        "metrics": [{ "day": 3, "invocations": 2 }, { "day": "2026-11-02", "hour": 9 }],
        "costs": { "rows": [{ "day": "2026-11-02", "amount": 1.5 }], "state": "no-data" },
        "prices": [{ "service_code": "AmazonBedrock", "usd": "0.1", "unit": "1K tokens" }],
        "simulations": [{ "action": "bedrock:*", "decision": "explicitDeny" }],
        "anthropic": { "usage": [{ "day": 1, "email": "alice@example.com", "input": 10 }] }
    }"#;
    let account: Account = serde_json::from_str(text).expect("a scenario");
    let whole = serde_json::to_value(&account).expect("an account is JSON");
    assert_eq!(whole["trail_crowd"]["users"], 40, "what is not told is as usual");
    assert_eq!([&whole["metrics"][0]["day"], &whole["metrics"][1]["day"]], [&json!(3), &json!("2026-11-02")]);
    let again: Account = serde_json::from_value(whole.clone()).expect("and back");
    assert_eq!(serde_json::to_value(&again).expect("an account is JSON"), whole);
    let typo = serde_json::from_str::<Account>(r#"{ "trail_crowd": { "event": 8 } }"#);
    assert!(typo.is_err_and(|error| error.to_string().contains("`event`")));
}
