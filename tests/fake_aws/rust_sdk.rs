//! The SDK that the program itself uses, against the fake: operations, encodings, credentials without keys.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_bedrock::types::{EntitlementAvailability, InferenceProfileType};
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::ResponseStream;
use aws_smithy_runtime_api::client::result::SdkError;

use super::*;

async fn config(aws: &FakeAws) -> SdkConfig {
    let keys = aws_credential_types::Credentials::new(GOOD_KEY.0, GOOD_KEY.1, None, None, "test");
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(aws.url())
        .credentials_provider(keys)
        .region(Region::new("us-east-1"))
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .load()
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lists_asks_and_streams() {
    let aws = FakeAws::start();
    let config = config(&aws).await;
    let who = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.expect("an identity");
    assert_eq!(who.account(), Some(ACCOUNT_ID));

    let bedrock = aws_sdk_bedrock::Client::new(&config);
    let listed = bedrock
        .list_inference_profiles()
        .type_equals(InferenceProfileType::SystemDefined)
        .send()
        .await
        .expect("profiles");
    assert!(listed.inference_profile_summaries().iter().any(|profile| profile.inference_profile_id() == HAIKU));
    let open = bedrock.get_foundation_model_availability().model_id(BARE_HAIKU).send().await.expect("availability");
    assert_eq!(open.entitlement_availability(), &EntitlementAvailability::Available);

    let runtime = aws_sdk_bedrockruntime::Client::new(&config);
    let body = Blob::new(messages(100));
    let mut answer =
        runtime.invoke_model_with_response_stream().model_id(HAIKU).body(body).send().await.expect("a stream");
    let mut text = String::new();
    while let Some(event) = answer.body.recv().await.expect("a whole stream") {
        let ResponseStream::Chunk(part) = event else {
            continue;
        };
        let event: Value = serde_json::from_slice(part.bytes().expect("bytes").as_ref()).expect("JSON");
        text.push_str(event["delta"]["text"].as_str().unwrap_or_default());
    }
    assert_eq!(text, "Hello from the fake Bedrock.");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_reads_refusals_before_and_inside_a_stream() {
    let inside = Behaviour::StreamException {
        exception: "throttlingException".into(),
        message: "Too many tokens".into(),
        after_events: 1,
    };
    let deny = Rule::on("InvokeModelWithResponseStream", Behaviour::deny_by_iam()).times(1);
    let aws = FakeAws::with(Account::default().rule(deny).rule(Rule::on("InvokeModelWithResponseStream", inside)));
    let runtime = aws_sdk_bedrockruntime::Client::new(&config(&aws).await);
    let ask = || runtime.invoke_model_with_response_stream().model_id(HAIKU).body(Blob::new(messages(1))).send();

    let Err(SdkError::ServiceError(denied)) = ask().await else { panic!("the first call is denied") };
    assert!(denied.err().is_access_denied_exception());
    assert_eq!(denied.raw().status().as_u16(), 403);
    assert!(denied.err().meta().message().is_some_and(|text| text.contains("no identity-based policy allows")));

    let mut answer = ask().await.expect("the second call opens a stream");
    assert!(answer.body.recv().await.expect("the first event").is_some());
    let Err(SdkError::ServiceError(throttled)) = answer.body.recv().await else {
        panic!("the second event is an exception")
    };
    assert!(throttled.err().is_throttling_exception());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_answer_does_not_hold_the_others() {
    let aws = FakeAws::with(
        Account { latency_ms: 20, ..Account::default() }.rule(Rule::on("ListFoundationModels", Behaviour::Hang)),
    );
    let bedrock = aws_sdk_bedrock::Client::new(&config(&aws).await);
    let hanging = tokio::spawn(bedrock.list_foundation_models().send());
    tokio::task::block_in_place(|| aws.log().wait_for(1, LIMIT));
    bedrock.get_use_case_for_model_access().send().await.expect("an answer beside the hanging one");
    assert!(!hanging.is_finished());
    assert_eq!(aws.log().entries().iter().map(|entry| entry.status).collect::<Vec<_>>(), [None, Some(200)]);
    hanging.abort();
}
