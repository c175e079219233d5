//! CloudTrail: calls are found again under the identity that made them, and other people's events are exact.

use std::collections::BTreeMap;

use super::key_sources::{START_URL, sha1_hex};
use super::*;

/// The healthy account, with lookups as fast as anybody likes.
fn fast() -> Account {
    Account { trail_requests_per_second: 10_000, ..Account::default() }
}

fn lookup(parameters: Value) -> Value {
    json!({ "service": "cloudtrail", "operation": "lookup_events", "parameters": parameters })
}

fn by(key: &str, value: &str) -> Value {
    lookup(json!({ "LookupAttributes": [{ "AttributeKey": key, "AttributeValue": value }] }))
}

/// The rows of an answer, each with its record in place of `CloudTrailEvent`.
fn rows(result: &Value) -> Vec<Value> {
    let rows = result["answer"]["Events"].as_array().unwrap_or_else(|| panic!("no events: {result}"));
    let whole = |row: &Value| {
        let mut row = row.clone();
        let record = row["CloudTrailEvent"].as_str().expect("a record as text");
        row["CloudTrailEvent"] = serde_json::from_str(record).expect("a record is JSON");
        row
    };
    rows.iter().map(whole).collect()
}

#[test]
fn a_call_is_found_under_the_identity_that_sts_tells() {
    let aws = FakeAws::with(fast());
    let token = json!({ "startUrl": START_URL, "region": "us-east-1", "accessToken": SSO_TOKEN, "expiresAt": "2099-01-01T00:00:00Z" });
    let profile = format!(
        "[profile p]\nsso_start_url = {START_URL}\nsso_region = us-east-1\nsso_account_id = {ACCOUNT_ID}\nsso_role_name = {SSO_ROLE}\n"
    );
    let portal = sandbox(&aws)
        .unset("AWS_ACCESS_KEY_ID")
        .file(".aws/config", profile)
        .file(format!(".aws/sso/cache/{}.json", sha1_hex(START_URL)), token.to_string())
        .env("AWS_PROFILE", "p");
    let callers = [
        ("IAMUser", "alice", "", sandbox(&aws)),
        (
            "AssumedRole",
            "alice@example.com",
            "role/Developer",
            sandbox(&aws).keys(SESSION_KEY, Some(GOOD_SESSION_TOKEN)),
        ),
        (
            "AssumedRole",
            "alice@example.com",
            "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_BedrockUsers_0123456789abcdef",
            portal,
        ),
    ];
    for (kind, name, issuer, caller) in callers {
        let made = boto3(&caller, json!([identity(), invoke(HAIKU)]));
        let key = aws.log().entries().last().expect("a call").caller.clone();
        let found = boto3(&sandbox(&aws), json!([by("AccessKeyId", &key)]));
        let rows = rows(&found[0]);
        let [invoked, asked] = &rows[..] else { panic!("two events of {key}: {rows:#?}") };
        let (record, log) = (&invoked["CloudTrailEvent"], aws.log().of("InvokeModel").pop().expect("the call"));

        assert_eq!(record["userIdentity"]["type"], kind);
        assert_eq!(record["userIdentity"]["principalId"], made[0]["answer"]["UserId"]);
        assert_eq!(record["userIdentity"]["arn"], made[0]["answer"]["Arn"]);
        assert_eq!(invoked["Username"], name, "{rows:#?}");
        let issued = &record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"];
        assert_eq!(issued.as_str().unwrap_or_default().rsplit(':').next(), Some(issuer));

        assert_eq!(
            (&invoked["EventName"], &invoked["EventSource"]),
            (&json!("InvokeModel"), &json!("bedrock.amazonaws.com"))
        );
        assert_eq!(record["requestID"], made[1]["meta"]["RequestId"]);
        assert_eq!(record["requestParameters"], json!({ "modelId": HAIKU }));
        assert_eq!(record["additionalEventData"], json!({ "inferenceRegion": "us-east-2" }));
        assert_eq!(record["userAgent"], log.user_agent);
        assert_eq!((&record["awsRegion"], &record["readOnly"]), (&json!("us-east-1"), &json!(true)));
        assert_eq!(record["eventID"], invoked["EventId"]);
        assert_eq!(asked["EventSource"], "sts.amazonaws.com");
    }
    let elsewhere = boto3(&sandbox(&aws).env("AWS_DEFAULT_REGION", "us-west-2"), json!([lookup(json!({}))]));
    assert!(rows(&elsewhere[0]).is_empty(), "event histories are regional");
}

#[test]
fn a_bedrock_api_key_is_a_hidden_user_or_whoever_made_it() {
    let mut account = fast();
    let maker = format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/Developer/alice@example.com");
    let short =
        BearerToken { token: "bedrock-api-key-short".into(), arn: Some(maker.clone()), ..BearerToken::default() };
    account.bearer_tokens.push(short);
    let aws = FakeAws::with(account);
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    for token in [GOOD_BEARER, "bedrock-api-key-short"] {
        boto3(&through(&proxy, Sandbox::new()).env("AWS_BEARER_TOKEN_BEDROCK", token), json!([stream(HAIKU)]));
    }
    let found = boto3(&sandbox(&aws), json!([by("EventName", "InvokeModelWithResponseStream")]));
    let rows = rows(&found[0]);
    let [short, long] = &rows[..] else { panic!("two events: {rows:#?}") };
    assert_eq!(short["CloudTrailEvent"]["userIdentity"]["arn"], maker);
    assert!(long["Username"].as_str().is_some_and(|name| name.starts_with("BedrockAPIKey-")), "{rows:#?}");
    for record in rows.iter().map(|row| &row["CloudTrailEvent"]) {
        assert_eq!(record["additionalEventData"]["callWithBearerToken"], true);
        assert_eq!(record["userIdentity"].get("accessKeyId"), None);
    }
}

#[test]
fn refused_calls_are_in_the_trail_with_their_model_and_code() {
    let deny = Rule::on("InvokeModelWithResponseStream", Behaviour::deny_by_iam());
    let throttle = Rule::on("InvokeModel", Behaviour::throttle()).times(1);
    let aws = FakeAws::with(fast().rule(deny).rule(throttle));
    boto3(&sandbox(&aws), json!([stream(HAIKU), invoke(HAIKU), invoke(BARE_HAIKU)]));
    boto3(&sandbox(&aws).keys((GOOD_KEY.0, "wrong"), None), json!([invoke(HAIKU)]));
    let found = boto3(&sandbox(&aws), json!([by("EventSource", "bedrock.amazonaws.com")]));
    let told: Vec<Value> = rows(&found[0])
        .iter()
        .map(|row| &row["CloudTrailEvent"])
        .map(|record| {
            json!([record["errorCode"], record["requestParameters"]["modelId"], record["additionalEventData"]])
        })
        .collect();
    let expected = [
        json!(["ValidationException", BARE_HAIKU, null]),
        json!(["ThrottlingException", HAIKU, null]),
        json!(["AccessDenied", HAIKU, null]),
    ];
    assert_eq!(told, expected, "newest first, and nothing of a caller who was not believed");
}

#[test]
fn an_event_appears_when_its_delay_is_over() {
    let actions = vec![Action { name: "Converse".into(), error: None }];
    let crowd = Crowd { events: 8, actions, ..Crowd::default() };
    let aws = FakeAws::with(Account { trail_delay_ms: 900_000, trail_crowd: Some(crowd), ..fast() });
    let user = json!([{ "role": "user", "content": [{ "text": "hi" }] }]);
    let converse = json!({ "service": "bedrock-runtime", "operation": "converse", "parameters": { "modelId": HAIKU, "messages": user } });
    let before = boto3(&sandbox(&aws), json!([converse, by("EventName", "Converse")]));
    let text = &before[0]["answer"]["output"]["message"]["content"][0]["text"];
    assert_eq!(text, "Hello from the fake Bedrock.", "{before:?}");
    assert!(rows(&before[1]).is_empty(), "{before:?}");
    aws.change(|account| account.trail_delay_ms = 0);
    let after = rows(&boto3(&sandbox(&aws), json!([by("EventName", "Converse")]))[0]);
    assert_eq!((after.len(), &after[0]["Username"]), (9, &json!("alice")));
}

#[test]
fn the_clis_paginator_reads_the_whole_crowd_and_the_counts_are_exact() {
    let crowd = Crowd { events: 4_000, ..Crowd::default() };
    let aws = FakeAws::with(Account { trail_crowd: Some(crowd.clone()), ..fast() });
    let sandbox = sandbox(&aws);
    let mine = boto3(&sandbox, json!([invoke(HAIKU)])).remove(0);
    let listed = cli(
        &sandbox,
        &[
            "cloudtrail",
            "lookup-events",
            "--lookup-attributes",
            "AttributeKey=EventSource,AttributeValue=bedrock.amazonaws.com",
        ],
    );
    let rows = rows(&json!({ "answer": listed.exits(0).json() }));
    assert_eq!(rows.len(), 4_001);
    assert_eq!(aws.log().of("LookupEvents").len(), 81, "fifty to a page");
    assert_eq!(rows[0]["CloudTrailEvent"]["requestID"], mine["meta"]["RequestId"], "the newest comes first");

    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for record in rows[1..].iter().map(|row| &row["CloudTrailEvent"]) {
        let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
        for value in [
            &record["userAgent"],
            &record["requestParameters"]["modelId"],
            &record["userIdentity"]["principalId"],
            &record["eventName"],
            &record["errorCode"],
        ] {
            *counts.entry(text(value)).or_default() += 1;
        }
    }
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    assert!(crowd.tools.iter().all(|tool| count(tool) == 800), "{counts:#?}");
    assert!(crowd.models.iter().all(|model| count(model) == 800), "{counts:#?}");
    assert_eq!(
        counts.iter().filter(|(name, count)| name.starts_with("A") && **count == 100).count(),
        40,
        "{counts:#?}"
    );
    assert_eq!(
        [count("InvokeModel"), count("InvokeModelWithResponseStream"), count("AccessDenied")],
        [800, 1_600, 800]
    );
    let times: Vec<_> = rows.iter().map(|row| row["CloudTrailEvent"]["eventTime"].as_str().expect("a time")).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
}

#[test]
fn lookups_are_narrowed_by_each_attribute_and_by_time() {
    let aws = FakeAws::with(Account { trail_crowd: Some(Crowd { events: 4_000, ..Crowd::default() }), ..fast() });
    let first = rows(&boto3(&sandbox(&aws), json!([lookup(json!({ "MaxResults": 1 }))]))[0]).remove(0);
    let at = first["CloudTrailEvent"]["eventTime"].as_str().expect("a time").to_owned();
    let text = |key: &str| first[key].as_str().expect("a value").to_owned();
    let results = boto3(
        &sandbox(&aws),
        json!([
            by("EventId", &text("EventId")),
            by("Username", &text("Username")),
            by("AccessKeyId", &text("AccessKeyId")),
            by("Username", "Developer"),
            lookup(json!({ "StartTime": at, "EndTime": at })),
            lookup(json!({ "EndTime": "2020-01-01T00:00:00Z" })),
        ]),
    );
    let counts: Vec<usize> = results.iter().map(|result| rows(result).len()).collect();
    assert_eq!(counts, [1, 50, 50, 0, 1, 0]);
    assert!(rows(&results[2]).iter().all(|row| row["Username"] == text("Username").as_str()));
}

#[test]
fn lookups_are_refused_in_cloudtrails_words() {
    let aws = FakeAws::with(Account { trail_crowd: Some(Crowd::default()), ..fast() });
    let two = json!([{ "AttributeKey": "EventName", "AttributeValue": "a" }, { "AttributeKey": "EventName", "AttributeValue": "b" }]);
    let backwards = lookup(json!({ "StartTime": "2026-11-02T00:00:00Z", "EndTime": "2026-11-01T00:00:00Z" }));
    let page = boto3(&sandbox(&aws), json!([lookup(json!({ "MaxResults": 10 }))])).remove(0);
    let token = &page["answer"]["NextToken"];
    let results = boto3(
        &sandbox(&aws),
        json!([
            lookup(json!({ "LookupAttributes": two })),
            backwards,
            lookup(json!({ "MaxResults": 51 })),
            lookup(json!({ "MaxResults": 11, "NextToken": token })),
            lookup(json!({ "MaxResults": 10, "NextToken": token })),
        ]),
    );
    let expected = [
        ("InvalidLookupAttributesException", 400),
        ("InvalidTimeRangeException", 400),
        ("InvalidMaxResultsException", 400),
        ("InvalidNextTokenException", 400),
    ];
    assert_eq!(results[..4].iter().map(refusal).collect::<Vec<_>>(), expected, "{results:#?}");
    let (one, two) = (rows(&page), rows(&results[4]));
    assert!(two.len() == 10 && two.iter().all(|row| !one.contains(row)), "the next page is another page");

    let ask = || lookup(json!({ "MaxResults": 1 }));
    aws.change(|account| account.trail_requests_per_second = 0);
    let throttled = boto3(&sandbox(&aws), json!([ask()])).remove(0);
    assert_eq!(refusal(&throttled), ("ThrottlingException", 400));
    assert_eq!(throttled["error"]["message"], "Rate exceeded");

    aws.change(|account| account.rules.push(Rule::on("LookupEvents", Behaviour::deny_by_iam())));
    let denied = boto3(&sandbox(&aws), json!([ask()])).remove(0);
    assert_eq!(refusal(&denied), ("AccessDeniedException", 400));
    let expected = format!(
        "User: arn:aws:iam::{ACCOUNT_ID}:user/alice is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action"
    );
    assert_eq!(denied["error"]["message"], expected);
}

#[test]
fn a_test_may_put_odd_events_into_the_trail() {
    let odd = |seconds_ago, record| TrailEvent::ago(seconds_ago, record);
    let torn =
        TrailEvent { text: Some("{\"eventName\": \"Inv".into()), ..odd(30, json!({ "eventName": "InvokeModel" })) };
    let events = vec![
        odd(10, json!({ "eventName": "InvokeModel" })),
        odd(
            20,
            json!({ "eventName": "InvokeModel", "userIdentity": { "principalId": "AROAX:bob" }, "resources": [{ "type": "AWS::Bedrock::Model", "ARN": "arn:x" }] }),
        ),
        torn,
        odd(100 * 24 * 3600, json!({ "eventName": "InvokeModel" })),
    ];
    let aws = FakeAws::with(Account { trail_events: events, ..fast() });
    let results = boto3(
        &sandbox(&aws),
        json!([by("EventName", "InvokeModel"), by("Username", "bob"), by("ResourceName", "arn:x")]),
    );
    let seen = results[0]["answer"]["Events"].as_array().expect("events");
    assert_eq!(seen.len(), 3, "one is older than ninety days: {seen:#?}");
    assert_eq!(seen[2]["CloudTrailEvent"], "{\"eventName\": \"Inv");
    for result in &results[1..] {
        let rows = rows(result);
        assert_eq!(rows[0]["Username"], "bob", "{rows:#?}");
        assert_eq!(rows[0]["Resources"], json!([{ "ResourceType": "AWS::Bedrock::Model", "ResourceName": "arn:x" }]));
    }
}
