//! The real `claude` against the fake AWS: what the fake answers is what the client understands.

use std::collections::BTreeSet;

use crate::support::claude_client::{ClaudeClient, VERSION};
use crate::support::fake_aws::account::{Account, GOOD_BEARER, GOOD_KEY};
use crate::support::fake_aws::log::Entry;
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};
use crate::support::https_proxy::{HttpsProxy, Mode};
use crate::support::sandbox::Sandbox;

const OPUS: &str = "us.anthropic.claude-opus-5-5";

#[test]
fn the_client_is_the_version_that_was_measured() {
    let version = ClaudeClient::get().run(&Sandbox::new(), &["--version"]);
    assert_eq!(version.exits(0).out().trim(), format!("{VERSION} (Claude Code)"));
}

#[test]
fn it_answers_through_a_base_url_and_asks_in_the_known_order() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::new().bedrock("us-east-1").env("ANTHROPIC_BEDROCK_BASE_URL", aws.url()).keys(GOOD_KEY, None);
    let answer = ClaudeClient::get().print(&sandbox, "say hi");
    assert_eq!(answer.exits(0).out().trim(), "Hello from the fake Bedrock.");

    let log = aws.log().entries();
    assert_sequence(&log);
    assert!(log.iter().all(|entry| entry.status == Some(200)), "{log:#?}");
    assert!(log.iter().all(|entry| entry.region == "us-east-1" && entry.caller == GOOD_KEY.0), "{log:#?}");
    let turn = log.last().expect("the turn itself");
    assert_eq!(turn.model.as_deref(), Some(OPUS));
    assert!(turn.user_agent.starts_with(&format!("claude-cli/{VERSION}")), "{}", turn.user_agent);
}

#[test]
fn only_two_variables_and_it_dials_the_two_hosts_of_bedrock() {
    let aws = FakeAws::start();
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let sandbox = Sandbox::new().bedrock("eu-west-1").keys(GOOD_KEY, None).env("HTTPS_PROXY", proxy.url()).env("NODE_EXTRA_CA_CERTS", proxy.ca_pem_path());
    let client = ClaudeClient::get();
    let answer = client.print(&sandbox, "say hi");
    assert_eq!(answer.exits(0).out().trim(), "Hello from the fake Bedrock.");

    let hosts: BTreeSet<_> = proxy.dialled().into_iter().collect();
    let expected = ["bedrock-runtime.eu-west-1.amazonaws.com:443", "bedrock.eu-west-1.amazonaws.com:443"];
    assert_eq!(hosts, expected.map(str::to_owned).into());
    let log = aws.log().entries();
    assert_sequence(&log);
    assert!(log.iter().all(|entry| entry.region == "eu-west-1"), "{log:#?}");
    assert_eq!(log.last().and_then(|turn| turn.model.as_deref()), Some("eu.anthropic.claude-opus-5-5"));

    let before = proxy.dialled().len();
    let status = client.auth_status(&sandbox).exits(0).json();
    assert_eq!(status["apiProvider"], "bedrock", "{status}");
    assert_eq!(proxy.dialled().len(), before, "auth status needs no network");
}

#[test]
fn a_bearer_token_is_used_instead_of_keys() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::new().bedrock("us-east-1").endpoint(&aws).env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER);
    ClaudeClient::get().print(&sandbox, "say hi").exits(0);
    let log = aws.log().entries();
    assert!(log.iter().all(|entry| entry.caller == "bearer" && entry.status == Some(200)), "{log:#?}");
}

#[test]
fn a_denied_stream_reaches_the_user_in_awss_words() {
    let aws = FakeAws::with(Account::default().rule(Rule::on("InvokeModelWithResponseStream", Behaviour::deny_by_iam())));
    let sandbox = Sandbox::new().bedrock("us-east-1").point_at(&aws);
    let answer = ClaudeClient::get().print(&sandbox, "say hi");
    let text = answer.exits(1).out();
    assert!(text.contains("is not authorized to perform: bedrock:InvokeModelWithResponseStream"), "{answer:?}");
}

#[test]
fn a_broken_stream_is_asked_for_again_without_streaming() {
    let cut = Rule::on("InvokeModelWithResponseStream", Behaviour::CutStream { after_events: 3 });
    let aws = FakeAws::with(Account::default().rule(cut));
    let sandbox = Sandbox::new().bedrock("us-east-1").point_at(&aws);
    let answer = ClaudeClient::get().print(&sandbox, "say hi");
    assert_eq!(answer.exits(0).out().trim(), "Hello from the fake Bedrock.");
    let whole = aws.log().of("InvokeModel").into_iter().filter(|entry| !is_probe(entry)).count();
    assert_eq!(whole, 1, "{:#?}", aws.log().entries());
}

/// One list, the one-token probes of the three defaults, one streamed turn.
fn assert_sequence(log: &[Entry]) {
    let operations: Vec<&str> = log.iter().map(|entry| entry.operation.as_str()).collect();
    let expected = ["ListInferenceProfiles", "InvokeModel", "InvokeModel", "InvokeModel", "InvokeModelWithResponseStream"];
    assert_eq!(operations, expected, "{log:#?}");
    assert!(log[1..4].iter().all(is_probe), "{log:#?}");
}

fn is_probe(entry: &Entry) -> bool {
    entry.operation == "InvokeModel" && entry.body.as_ref().is_some_and(|body| body["max_tokens"] == 1)
}
