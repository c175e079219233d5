//! Models, profiles and bodies: what is answered and what is refused.

use super::*;

#[test]
fn models_answer_whole_and_streamed() {
    let aws = FakeAws::start();
    let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:inference-profile/{HAIKU}");
    let results = boto3(&sandbox(&aws), json!([invoke(HAIKU), stream(&arn)]));

    let whole: Value = serde_json::from_str(results[0]["answer"]["body"].as_str().expect("a body")).expect("JSON");
    assert_eq!(whole["content"][0]["text"], "Hello from the fake Bedrock.");
    assert!(whole["id"].as_str().is_some_and(|id| id.starts_with("msg_bdrk_")), "{whole}");
    let request_id = results[0]["meta"]["RequestId"].as_str().expect("a request id");
    assert_eq!(aws.log().entries()[0].request_id, request_id);

    let streamed = &results[1]["answer"];
    assert_eq!(streamed["broken"], Value::Null);
    let events = streamed["events"].as_array().expect("events");
    let text: String = events.iter().filter_map(|event| event["delta"]["text"].as_str()).collect();
    assert_eq!(text, "Hello from the fake Bedrock.");
    assert_eq!(events[0]["type"], "message_start");
    assert_eq!(events.last().map(|event| &event["type"]), Some(&json!("message_stop")));
    let seen = &aws.log().entries()[1];
    assert_eq!(seen.model.as_deref(), Some(arn.as_str()), "decoded from {}", seen.path);
}

#[test]
fn model_ids_are_refused_in_bedrocks_words() {
    let aws = FakeAws::start();
    aws.change(|account| {
        account.model_mut("anthropic.claude-opus-4-8").availability.entitlement = "NOT_AVAILABLE".into()
    });
    aws.change(|account| {
        account.model_mut("anthropic.claude-opus-4-7").availability.agreement = "NOT_AVAILABLE".into()
    });
    let cases = [
        (BARE_HAIKU, ("ValidationException", 400), "with on-demand throughput isn\u{2019}t supported"),
        ("eu.anthropic.claude-opus-5-5", ("ValidationException", 400), "The provided model identifier is invalid."),
        ("us.anthropic.claude-typo", ("ValidationException", 400), "The provided model identifier is invalid."),
        (
            "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
            ("ResourceNotFoundException", 404),
            "reached the end of its life",
        ),
        ("us.anthropic.claude-opus-4-8", ("AccessDeniedException", 403), "You don't have access to the model"),
        ("us.anthropic.claude-opus-4-7", ("AccessDeniedException", 403), "aws-marketplace:Subscribe"),
    ];
    let results = boto3(&sandbox(&aws), cases.iter().map(|(id, _, _)| invoke(id)).collect());
    for ((id, code, text), result) in cases.iter().zip(&results) {
        assert_eq!(refusal(result), *code, "{id}: {result}");
        assert!(result["error"]["message"].as_str().is_some_and(|message| message.contains(text)), "{id}: {result}");
    }
    aws.change(|account| account.use_case_form = false);
    let form = json!({ "service": "bedrock", "operation": "get_use_case_for_model_access" });
    let results = boto3(&sandbox(&aws), json!([invoke(HAIKU), form]));
    assert_eq!(refusal(&results[0]), ("ResourceNotFoundException", 404));
    assert_eq!(refusal(&results[1]), ("ResourceNotFoundException", 404));
}

#[test]
fn control_plane_answers_are_what_botocore_expects() {
    let mut account = Account::default();
    account.application_profiles.push(ApplicationProfile {
        id: "a1b2c3d4e5f6".into(),
        name: "team".into(),
        region: "us-east-1".into(),
        model: BARE_HAIKU.into(),
    });
    let aws = FakeAws::with(account);
    let bedrock = |operation: &str, parameters: Value| json!({ "service": "bedrock", "operation": operation, "parameters": parameters });
    let results = boto3(
        &sandbox(&aws),
        json!([
            bedrock("get_inference_profile", json!({ "inferenceProfileIdentifier": format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:application-inference-profile/a1b2c3d4e5f6") })),
            bedrock("list_foundation_models", json!({ "byProvider": "Anthropic" })),
            bedrock("get_foundation_model", json!({ "modelIdentifier": "anthropic.claude-opus-4-1-20250805-v1:0" })),
            bedrock("get_foundation_model_availability", json!({ "modelId": BARE_HAIKU })),
            bedrock("list_foundation_model_agreement_offers", json!({ "modelId": BARE_HAIKU })),
            bedrock("get_use_case_for_model_access", json!({})),
            bedrock("get_model_invocation_logging_configuration", json!({})),
            { "service": "bedrock-runtime", "operation": "count_tokens", "parameters": { "modelId": BARE_HAIKU, "input": { "invokeModel": { "body": messages(1) } } } },
            { "service": "service-quotas", "operation": "list_service_quotas", "parameters": { "ServiceCode": "bedrock", "MaxResults": 2 } },
            { "service": "service-quotas", "operation": "get_service_quota", "parameters": { "ServiceCode": "bedrock", "QuotaCode": "L-00000000" } },
        ]),
    );
    let answer = |at: usize| &results[at]["answer"];
    assert_eq!(answer(0)["type"], "APPLICATION", "{}", results[0]);
    assert!(answer(1)["modelSummaries"].as_array().is_some_and(|list| list.len() > 10), "{}", results[1]);
    assert_eq!(answer(2)["modelDetails"]["modelLifecycle"]["status"], "LEGACY", "{}", results[2]);
    assert_eq!(answer(3)["authorizationStatus"], "AUTHORIZED", "{}", results[3]);
    assert!(answer(4)["offers"][0]["offerToken"].is_string(), "{}", results[4]);
    assert!(answer(5)["formData"].as_str().is_some_and(|form| form.contains("companyName")), "{}", results[5]);
    assert_eq!(answer(6), &json!({}), "logging is off");
    assert!(answer(7)["inputTokens"].as_u64().is_some_and(|tokens| tokens > 0), "{}", results[7]);
    assert_eq!(answer(8)["Quotas"].as_array().map(Vec::len), Some(2), "{}", results[8]);
    assert_eq!(answer(8)["NextToken"], "page-2");
    assert_eq!(refusal(&results[9]), ("NoSuchResourceException", 400));
}

#[test]
fn bodies_are_checked_as_bedrock_checks_them() {
    let aws = FakeAws::with(Account { rejected_betas: vec!["future-beta".into()], ..Account::default() });
    let with = |body: Value| json!({ "service": "bedrock-runtime", "operation": "invoke_model", "parameters": { "modelId": HAIKU, "body": body.to_string() } });
    let user = json!([{ "role": "user", "content": "hi" }]);
    let version = "bedrock-2023-05-31";
    let results = boto3(
        &sandbox(&aws),
        json!([
            with(json!({ "max_tokens": 1, "messages": user })),
            with(json!({ "anthropic_version": version, "messages": user })),
            with(json!({ "anthropic_version": version, "max_tokens": 1 })),
            with(json!({ "anthropic_version": version, "max_tokens": 1, "messages": user, "stream": true })),
            with(
                json!({ "anthropic_version": version, "max_tokens": 1, "messages": user, "anthropic_beta": ["future-beta"] })
            ),
        ]),
    );
    let texts: Vec<&str> = results.iter().filter_map(|result| result["error"]["message"].as_str()).collect();
    let expected = [
        "anthropic_version: Field required",
        "max_tokens: Field required",
        "messages: Field required",
        "stream: Extra inputs are not permitted",
        "invalid beta flag",
    ];
    assert_eq!(texts, expected);
}
