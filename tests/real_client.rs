//! The real `claude` against the fake AWS: what the fake answers is what the client understands.

use std::collections::BTreeSet;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::claude_client::{ClaudeClient, VERSION};
use crate::support::fake_aws::account::{ACCOUNT_ID, Account, GOOD_BEARER, GOOD_KEY, LOGIN_REFRESH_TOKEN};
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
    let sandbox = Sandbox::new()
        .bedrock("eu-west-1")
        .keys(GOOD_KEY, None)
        .env("HTTPS_PROXY", proxy.url())
        .env("NODE_EXTRA_CA_CERTS", proxy.ca_pem_path());
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
    let aws =
        FakeAws::with(Account::default().rule(Rule::on("InvokeModelWithResponseStream", Behaviour::deny_by_iam())));
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

#[test]
fn an_aws_login_session_is_refreshed_by_the_client() {
    let aws = FakeAws::start();
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let session = format!("arn:aws:iam::{ACCOUNT_ID}:user/alice");
    let key = rcgen::KeyPair::generate().expect("a P-256 key").serialize_pem();
    let cached = json!({
        "accessToken": { "accessKeyId": "ASIAOLD", "secretAccessKey": "old", "sessionToken": "old", "accountId": ACCOUNT_ID, "expiresAt": "2020-01-01T00:00:00Z" },
        "tokenType": "aws_sigv4",
        "refreshToken": LOGIN_REFRESH_TOKEN,
        "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": key,
    });
    let name: String = Sha256::digest(&session).iter().map(|byte| format!("{byte:02x}")).collect();
    let sandbox = Sandbox::new()
        .bedrock("us-east-1")
        .file(".aws/config", format!("[profile p]\nlogin_session = {session}\nregion = us-east-1\n"))
        .file(format!(".aws/login/cache/{name}.json"), cached.to_string())
        .env("AWS_PROFILE", "p")
        .env("HTTPS_PROXY", proxy.url())
        .env("NODE_EXTRA_CA_CERTS", proxy.ca_pem_path());
    let answer = ClaudeClient::get().print(&sandbox, "say hi");
    assert_eq!(answer.exits(0).out().trim(), "Hello from the fake Bedrock.", "{:?}", proxy.dialled());
    assert!(!aws.log().of("CreateOAuth2Token").is_empty());
    let turn = aws.log().of("InvokeModelWithResponseStream");
    assert_eq!(turn.len(), 1, "{turn:#?}");
    assert!(turn[0].caller.starts_with("ASIAMINT"), "{turn:#?}");
}

/// What the client makes of the fake's refusals is what it was seen to make of AWS's.
#[test]
fn refusals_reach_the_user_as_they_do_on_the_real_thing() {
    let streams = |then: Behaviour| Account::default().rule(Rule::on("Invoke*", then));
    let no_form = Account { use_case_form: false, ..Account::default() };
    let mut no_agreement = Account::default();
    for model in &mut no_agreement.models {
        model.availability.agreement = "NOT_AVAILABLE".into();
    }
    let portal = Behaviour::Html { status: 200, body: "<html>Sign in".into() };
    let cases = [
        (no_form, "is not available on your bedrock deployment"),
        (no_agreement, "aws-marketplace:Subscribe"),
        (streams(Behaviour::throttle()), "Request rejected (429)"),
        (streams(portal), "expected \"application/vnd.amazon.eventstream\""),
        (streams(Behaviour::deny_by_scp()), "with an explicit deny in a service control policy"),
        (streams(Behaviour::Reset), "ECONNRESET"),
        (Account { date_offset_seconds: 600, ..Account::default() }, "Signature expired: "),
        (Account { keys: Vec::new(), ..Account::default() }, "The security token included in the request is invalid."),
    ];
    for (account, expected) in cases {
        let aws = FakeAws::with(account);
        let answer = ClaudeClient::get().print(&Sandbox::new().bedrock("us-east-1").point_at(&aws), "say hi");
        assert!(answer.exits(1).out().contains(expected), "wanted {expected:?}: {answer:?}");
    }
}

/// One list, the one-token probes of the three defaults, one streamed turn.
fn assert_sequence(log: &[Entry]) {
    let operations: Vec<&str> = log.iter().map(|entry| entry.operation.as_str()).collect();
    let expected =
        ["ListInferenceProfiles", "InvokeModel", "InvokeModel", "InvokeModel", "InvokeModelWithResponseStream"];
    assert_eq!(operations, expected, "{log:#?}");
    assert!(log[1..4].iter().all(is_probe), "{log:#?}");
}

fn is_probe(entry: &Entry) -> bool {
    entry.operation == "InvokeModel" && entry.body.as_ref().is_some_and(|body| body["max_tokens"] == 1)
}

#[test]
fn the_proxy_is_one_for_all_schemes_and_its_exemptions_are_read_in_two_ways() {
    let client = ClaudeClient::get();
    let proxy = HttpsProxy::start(Mode::Refuse(502));
    let dialled = |sandbox: Sandbox| {
        let before = proxy.dialled().len();
        client.print(&sandbox, "say hi").exits(1);
        proxy.dialled()[before..].iter().cloned().collect::<BTreeSet<_>>()
    };
    let here = || Sandbox::new().bedrock("us-east-1").keys(GOOD_KEY, None).env("HTTPS_PROXY", proxy.url());
    let hosts = dialled(here().env("NO_PROXY", "amazonaws.com"));
    assert_eq!(hosts, BTreeSet::from(["bedrock.us-east-1.amazonaws.com:443".to_owned()]));
    let hosts = dialled(here().env("ANTHROPIC_BEDROCK_BASE_URL", "http://gateway.invalid"));
    assert!(hosts.iter().any(|host| host.starts_with("http://gateway.invalid/model/")), "{hosts:?}");
}

#[test]
fn files_of_certificates_count_in_the_shell_and_one_of_them_in_the_settings() {
    let aws = FakeAws::start();
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let client = ClaudeClient::get();
    let behind = || Sandbox::new().bedrock("us-east-1").keys(GOOD_KEY, None).env("HTTPS_PROXY", proxy.url());
    let authority = proxy.ca_pem_path();
    let settings = |name: &str| {
        let text = json!({ "env": { name: authority } }).to_string();
        behind().file(".claude/settings.json", text)
    };
    client.print(&behind().env("SSL_CERT_FILE", &authority), "say hi").exits(0);
    client.print(&settings("NODE_EXTRA_CA_CERTS"), "say hi").exits(0);
    client.print(&settings("SSL_CERT_FILE"), "say hi").exits(1);
    client.print(&behind().env("AWS_CA_BUNDLE", &authority), "say hi").exits(1);
}
