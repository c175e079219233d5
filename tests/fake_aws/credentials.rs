//! Who is believed, and how each protocol words a refusal.

use super::*;

#[test]
fn the_cli_gets_an_identity_and_lists_profiles() {
    let aws = FakeAws::start();
    let sandbox = sandbox(&aws);
    let who = cli(&sandbox, &["sts", "get-caller-identity"]).exits(0).json();
    assert_eq!(who["Arn"], format!("arn:aws:iam::{ACCOUNT_ID}:user/alice"));

    let query = "inferenceProfileSummaries[].inferenceProfileId";
    let listed = cli(
        &sandbox,
        &[
            "bedrock",
            "list-inference-profiles",
            "--type-equals",
            "SYSTEM_DEFINED",
            "--max-items",
            "500",
            "--page-size",
            "5",
            "--query",
            query,
        ],
    );
    let listed = listed.exits(0).json();
    let ids: Vec<&str> = listed.as_array().expect("ids").iter().filter_map(Value::as_str).collect();
    assert!(ids.contains(&HAIKU) && ids.contains(&"global.anthropic.claude-opus-5-5"), "{ids:?}");
    assert!(!ids.iter().any(|id| id.starts_with("eu.") || id.starts_with("jp.")), "{ids:?}");
    let pages = aws.log().of("ListInferenceProfiles");
    assert_eq!(pages.len(), ids.len().div_ceil(5), "five to a page");
    assert!(pages.iter().all(|page| page.caller == GOOD_KEY.0 && page.status == Some(200)));
}

#[test]
fn the_cli_understands_refusals_of_both_protocols() {
    let aws = FakeAws::start();
    let wrong = sandbox(&aws).keys((GOOD_KEY.0, "not-the-secret"), None);
    let sts = cli(&wrong, &["sts", "get-caller-identity"]);
    assert!(sts.exits(255).err().contains("(SignatureDoesNotMatch) when calling the GetCallerIdentity"), "{sts:?}");
    let bedrock = cli(&wrong, &["bedrock", "list-inference-profiles"]);
    assert!(
        bedrock.exits(255).err().contains("(InvalidSignatureException) when calling the ListInferenceProfiles"),
        "{bedrock:?}"
    );
}

#[test]
fn each_kind_of_bad_credentials_has_its_code_per_protocol() {
    let aws = FakeAws::start();
    let both = || json!([identity(), profiles()]);
    let cases = [
        ("wrong secret", (GOOD_KEY.0, "x"), None, "SignatureDoesNotMatch", "InvalidSignatureException"),
        ("unknown key", ("AKIAUNKNOWN000000000", "x"), None, "InvalidClientTokenId", "UnrecognizedClientException"),
        ("token of another", SESSION_KEY, Some("another"), "InvalidClientTokenId", "UnrecognizedClientException"),
        ("session over", EXPIRED_KEY, Some(GOOD_SESSION_TOKEN), "ExpiredToken", "ExpiredTokenException"),
    ];
    for (name, key, token, in_sts, in_bedrock) in cases {
        let results = boto3(&sandbox(&aws).keys(key, token), both());
        assert_eq!(refusal(&results[0]), (in_sts, 403), "{name}: {results:?}");
        assert_eq!(refusal(&results[1]), (in_bedrock, 403), "{name}: {results:?}");
    }
    let results = boto3(&sandbox(&aws).keys(SESSION_KEY, Some(GOOD_SESSION_TOKEN)), both());
    assert_eq!(results[0]["answer"]["Account"], ACCOUNT_ID);
    assert!(results[1]["answer"]["inferenceProfileSummaries"].is_array(), "{results:?}");
}

#[test]
fn a_key_is_unknown_where_its_region_is_not_enabled() {
    let mut account = Account::default();
    account.keys[0].valid_regions = vec!["us-east-1".into()];
    let aws = FakeAws::with(account);
    let away = boto3(&sandbox(&aws).env("AWS_DEFAULT_REGION", "ap-southeast-3"), json!([profiles()]));
    assert_eq!(refusal(&away[0]), ("UnrecognizedClientException", 403));
    let home = boto3(&sandbox(&aws), json!([profiles()]));
    assert!(home[0]["answer"].is_object(), "{home:?}");
}

#[test]
fn a_wrong_clock_is_refused_by_bedrock_after_five_minutes_and_by_sts_after_fifteen() {
    let signature = |minutes: i64, calls: Value| {
        let aws = FakeAws::with(Account { date_offset_seconds: minutes * 60, ..Account::default() });
        boto3(&sandbox(&aws), calls)
    };
    let ten = signature(10, json!([identity(), profiles()]));
    assert_eq!(ten[0]["answer"]["Account"], ACCOUNT_ID, "STS allows ten minutes");
    assert_eq!(refusal(&ten[1]), ("InvalidSignatureException", 403));
    let message = ten[1]["error"]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("Signature expired: ") && message.ends_with(" - 5 min.)"), "{message}");
    let twenty = signature(-20, json!([identity()]));
    assert_eq!(refusal(&twenty[0]), ("SignatureDoesNotMatch", 403));
    let message = twenty[0]["error"]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("Signature not yet current: ") && message.ends_with(" + 15 min.)"), "{message}");
}

#[test]
fn bearer_tokens_open_bedrock_and_nothing_else() {
    let aws = FakeAws::start();
    // boto3 sends a bearer token over TLS only.
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let bearer = |token: &str| through(&proxy, Sandbox::new()).env("AWS_BEARER_TOKEN_BEDROCK", token);
    let results = boto3(&bearer(GOOD_BEARER), json!([profiles(), stream(HAIKU), identity()]));
    assert!(results[0]["answer"].is_object() && results[1]["answer"]["broken"].is_null(), "{results:?}");
    assert_eq!(refusal(&results[2]).0, "NoCredentialsError", "{results:?}");
    assert!(aws.log().entries().iter().all(|entry| entry.caller == "bearer" && entry.region == "us-east-1"));

    let results = boto3(&bearer("ABSKanother"), json!([profiles()]));
    assert_eq!(refusal(&results[0]), ("AccessDeniedException", 403));
    assert!(
        results[0]["error"]["message"].as_str().is_some_and(|text| text.starts_with("Authentication failed:")),
        "{results:?}"
    );
    aws.change(|account| account.bearer_tokens[0].expired = true);
    let results = boto3(&bearer(GOOD_BEARER), json!([profiles()]));
    assert_eq!(results[0]["error"]["message"], "Bearer Token has expired");
}

#[test]
fn the_log_names_callers_and_keeps_no_secret() {
    let aws = FakeAws::start();
    boto3(&sandbox(&aws).keys(SESSION_KEY, Some(GOOD_SESSION_TOKEN)), json!([identity(), profiles(), invoke(HAIKU)]));
    let log = serde_json::to_string(&aws.log().entries()).expect("a log is JSON");
    assert_eq!(log.matches(SESSION_KEY.0).count(), 3, "{log}");
    for secret in [SESSION_KEY.1, GOOD_SESSION_TOKEN, "Signature="] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn the_policy_simulator_knows_users_and_roles_but_no_sessions() {
    let deny = Simulation {
        action: "bedrock:InvokeModel".into(),
        resource: "arn:aws:bedrock:*::foundation-model/*opus*".into(),
        decision: Decision::ExplicitDeny,
        policies: vec!["NoOpus".into()],
        ..Simulation::default()
    };
    let allow = Simulation { action: "bedrock:*".into(), ..Simulation::default() };
    let aws = FakeAws::with(Account { simulations: vec![deny, allow], ..Account::default() });
    let [opus, haiku] = ["opus-5-5", "haiku-5-5"]
        .map(|model| format!("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-{model}"));
    let simulate = |source: String| {
        json!({ "service": "iam", "operation": "simulate_principal_policy", "parameters": {
            "PolicySourceArn": source,
            "ActionNames": ["bedrock:InvokeModel", "s3:GetObject"],
            "ResourceArns": [opus, haiku],
        } })
    };
    let iam = |resource: &str| format!("arn:aws:iam::{ACCOUNT_ID}:{resource}");
    let session = format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/Developer/alice@example.com");
    let results = boto3(
        &sandbox(&aws),
        json!([
            simulate(iam("user/alice")),
            simulate(iam("role/Developer")),
            simulate(iam("role/Nobody")),
            simulate(session.clone())
        ]),
    );
    for result in &results[..2] {
        let found = result["answer"]["EvaluationResults"].as_array().unwrap_or_else(|| panic!("no results: {result}"));
        let decisions: Vec<_> = found.iter().map(|action| &action["EvalDecision"]).collect();
        assert_eq!(decisions, ["explicitDeny", "implicitDeny"], "one for each action: {found:#?}");
        let each = found[0]["ResourceSpecificResults"].as_array().expect("one for each resource");
        let each: Vec<_> = each.iter().map(|one| (&one["EvalResourceName"], &one["EvalResourceDecision"])).collect();
        assert_eq!(each, [(&json!(opus), &json!("explicitDeny")), (&json!(haiku), &json!("allowed"))]);
        assert_eq!(found[0]["MatchedStatements"][0]["SourcePolicyId"], "NoOpus", "{found:#?}");
        assert_eq!(found[0]["MatchedStatements"].as_array().map(Vec::len), Some(1), "only what decided");
    }
    assert_eq!(refusal(&results[2]), ("NoSuchEntity", 404));
    assert_eq!(refusal(&results[3]), ("InvalidInput", 400));
    let expected = format!("Invalid Entity Arn: {session} does not clearly define entity type and name.");
    assert_eq!(results[3]["error"]["message"], expected);

    // The CLI's paginator puts the pages together.
    let alice = iam("user/alice");
    let arguments =
        ["iam", "simulate-principal-policy", "--policy-source-arn", &alice, "--page-size", "2", "--action-names"];
    let actions = ["bedrock:InvokeModel", "bedrock:CountTokens", "s3:GetObject"];
    let paged = cli(&sandbox(&aws), &[&arguments[..], &actions].concat()).exits(0).json();
    assert_eq!(paged["EvaluationResults"].as_array().map(Vec::len), Some(3), "{paged}");
}
