//! Hops that fail, each named, and a run that always ends.

use std::time::{Duration, Instant};

use bedrockup::aws::answer::{Answer, CheckStatus, Hop};

use super::*;
use crate::support::dead_ends::{Silence, UNKNOWN_HOST_URL, refused_url};
use crate::support::fake_aws::account::Account;
use crate::support::fake_aws::{Behaviour, Rule};
use crate::support::https_proxy::{HttpsProxy, Mode};

fn hop(answers: &Answers) -> Hop {
    let stream = &answers.model(OPUS).expect("the model").stream;
    stream.unreachable().unwrap_or_else(|| panic!("it was reached: {stream:?}")).hop
}

/// A machine as in the field: no URL is configured, everything goes through this proxy.
fn behind(proxy: &str) -> Bed {
    Bed::at("").unset(&["AWS_ENDPOINT_URL", "ANTHROPIC_BEDROCK_BASE_URL"]).env("HTTPS_PROXY", proxy)
}

#[test]
fn a_name_that_does_not_resolve_and_a_closed_port_are_told_apart() {
    let answers = Bed::at(UNKNOWN_HOST_URL).answers();
    assert_eq!(hop(&answers), Hop::Name);
    let look = answers.hosts.iter().find(|look| look.host == "bedrock.invalid").expect("a second look");
    assert!(look.addresses.is_err() && look.tcp.is_none(), "{look:?}");

    let answers = Bed::at(&refused_url()).answers();
    assert_eq!(hop(&answers), Hop::Refused);
    assert!(matches!(answers.hosts[0].tcp, Some(Err(_))), "{:?}", answers.hosts);
}

#[test]
fn a_base_url_without_a_scheme_is_no_url() {
    let aws = FakeAws::start();
    let answers = Bed::on(&aws).env("ANTHROPIC_BEDROCK_BASE_URL", "gateway.example/bedrock").answers();
    assert_eq!(hop(&answers), Hop::Url);
    assert_eq!(answers.profiles.unreachable().expect("the control plane has the same URL").hop, Hop::Url);
    assert!(answers.identity.got().is_some());
}

#[test]
fn the_path_of_a_base_url_is_kept_and_a_slash_at_its_end_is_harmless() {
    let aws = FakeAws::start();
    Bed::on(&aws).env("ANTHROPIC_BEDROCK_BASE_URL", format!("{}/gateway/", aws.url())).answers();
    let paths: Vec<String> = aws.log().entries().into_iter().map(|entry| entry.path).collect();
    assert!(paths.iter().any(|path| path.starts_with("/gateway/model/us.anthropic.")), "{paths:?}");
    assert!(paths.iter().any(|path| path == "/gateway/inference-profiles"), "{paths:?}");
}

#[test]
fn one_reset_is_nothing_and_two_are_a_fact() {
    let reset = |times| Rule::on("InvokeModelWithResponseStream", Behaviour::Reset).for_model("opus").times(times);
    let aws = FakeAws::with(Account::default().rule(reset(1)));
    let answers = Bed::on(&aws).answers();
    assert!(answers.model(OPUS).expect("the model").stream.got().is_some());
    let entry = check(&answers, &format!("probe:{OPUS}"));
    assert!(entry.reason.as_deref().is_some_and(|reason| reason.contains("second try")), "{entry:?}");

    let aws = FakeAws::with(Account::default().rule(reset(2)));
    assert_eq!(hop(&Bed::on(&aws).answers()), Hop::Reset);
}

#[test]
fn a_server_error_is_asked_twice() {
    let broken = Behaviour::refuse(503, "ServiceUnavailableException", "try later");
    let rule = Rule::on("InvokeModelWithResponseStream", broken).for_model("opus");
    let aws = FakeAws::with(Account::default().rule(rule));
    let answers = Bed::on(&aws).within(Duration::from_secs(8)).answers();
    assert_eq!(answers.model(OPUS).and_then(|model| model.stream.refused()).expect("a refusal").status, 503);
    let asked = aws.log().of("InvokeModelWithResponseStream");
    assert_eq!(asked.iter().filter(|entry| entry.model.as_deref() == Some(OPUS)).count(), 2);
}

#[test]
fn everything_hangs_and_the_run_still_ends() {
    let silence = Silence::start();
    let started = Instant::now();
    let answers = Bed::at(&silence.url()).within(Duration::from_secs(2)).answers();
    // Far from the limit on purpose: this tells an end from none.
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(hop(&answers), Hop::FirstByte);
    let said = answers.identity.unreachable().map(|failure| failure.detail.as_str());
    assert_eq!(said, Some("no byte of an answer within 1.6s"));
    for name in ["sts-identity", "inference-profiles", &format!("probe:{OPUS}")] {
        assert_eq!(status(&answers, name), CheckStatus::TimedOut, "{name}");
    }
}

#[test]
fn one_hanging_question_keeps_nobody_else() {
    let aws = FakeAws::with(Account::default().rule(Rule::on("GetCallerIdentity", Behaviour::Hang)));
    let answers = Bed::on(&aws).within(Duration::from_secs(3)).answers();
    assert!(answers.identity.got().is_none());
    assert!(answers.models.iter().all(|model| model.stream.got().is_some()));
}

#[test]
fn the_real_hosts_are_dialled_through_the_proxy_and_its_ca_is_trusted_when_named() {
    let aws = FakeAws::start();
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let answers = behind(&proxy.url()).env("NODE_EXTRA_CA_CERTS", proxy.ca_pem_path().to_string_lossy()).answers();
    assert!(answers.identity.got().is_some() && answers.profiles.got().is_some(), "{:#?}", answers.log);
    assert!(answers.models.iter().all(|model| model.stream.got().is_some()), "{:#?}", answers.log);
    let mut hosts = proxy.dialled();
    hosts.sort();
    hosts.dedup();
    let region = "us-east-1.amazonaws.com:443";
    assert_eq!(
        hosts,
        ["bedrock-runtime", "bedrock", "cloudtrail", "servicequotas", "sts"].map(|name| format!("{name}.{region}"))
    );
    assert_eq!(answers.ca_files[0].problem, None);
}

#[test]
fn an_unknown_ca_is_untrusted_and_its_issuer_is_told() {
    let aws = FakeAws::start();
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    // The variable that other tools read and the client does not.
    let answers = behind(&proxy.url()).env("AWS_CA_BUNDLE", proxy.ca_pem_path().to_string_lossy()).answers();
    assert_eq!(hop(&answers), Hop::Trust);
    let look = answers.hosts.iter().find(|look| look.host.starts_with("bedrock-runtime.")).expect("a second look");
    assert_eq!(look.issuer.as_deref(), Some("bedrockup test CA"), "{look:?}");
}

#[test]
fn a_file_without_certificates_is_a_fact_and_no_crash() {
    let aws = FakeAws::start();
    let bed = Bed::on(&aws);
    let path = bed.home.path().join("ca.der");
    std::fs::write(&path, b"\x30\x82").expect("the file is written");
    let broken = bed.home.path().join("broken.pem");
    std::fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .expect("the file is written");
    let bed = bed.env("NODE_EXTRA_CA_CERTS", path.to_string_lossy()).env("SSL_CERT_FILE", broken.to_string_lossy());
    let answers = bed.answers();
    assert!(
        answers.ca_files.len() == 2 && answers.ca_files.iter().all(|file| file.problem.is_some()),
        "{:?}",
        answers.ca_files
    );
    assert!(answers.identity.got().is_some());
}

#[test]
fn each_way_in_which_a_proxy_fails_has_its_hop() {
    let aws = FakeAws::start();
    assert_eq!(hop(&behind(&refused_url()).answers()), Hop::Proxy);
    assert_eq!(hop(&behind("http://proxy.invalid:3128").answers()), Hop::Proxy);
    assert_eq!(hop(&behind("http://[half a url").answers()), Hop::Proxy);
    let closed = refused_url().replace("http://", "http://alice:hunter22hunter22@");
    let answers = behind(&closed).answers();
    assert_eq!(hop(&answers), Hop::Proxy);
    assert!(!format!("{answers:?}").contains("hunter22"), "the password of the proxy shows");
    let silent = HttpsProxy::start(Mode::Hang);
    assert_eq!(hop(&behind(&silent.url()).within(Duration::from_secs(3)).answers()), Hop::Proxy);
    let resetting = HttpsProxy::start(Mode::Reset);
    assert_eq!(hop(&behind(&resetting.url()).answers()), Hop::Proxy);
    let refusing = HttpsProxy::start(Mode::Refuse(403));
    assert_eq!(hop(&behind(&refusing.url()).answers()), Hop::ProxyRefusal);
    let asking = HttpsProxy::with_password(Mode::Intercept(aws.address()), "alice", "hunter22hunter22");
    assert_eq!(hop(&behind(&asking.url()).answers()), Hop::ProxyAuthentication);
    let with_password = asking.url().replace("http://", "http://alice:hunter22hunter22@");
    let answers = behind(&with_password).env("NODE_EXTRA_CA_CERTS", asking.ca_pem_path().to_string_lossy()).answers();
    assert!(answers.models.iter().all(|model| model.stream.got().is_some()), "{:#?}", answers.log);
    assert!(!format!("{answers:?}").contains("hunter22"), "the password of the proxy shows");
}

#[test]
fn hosts_in_no_proxy_are_asked_directly() {
    let aws = FakeAws::start();
    let bed =
        Bed::on(&aws).env("HTTPS_PROXY", refused_url()).env("HTTP_PROXY", refused_url()).env("NO_PROXY", "127.0.0.1");
    assert!(bed.answers().identity.got().is_some());
    // The client sends plain URLs through the proxy for https too (measured).
    assert_eq!(hop(&Bed::on(&aws).env("HTTPS_PROXY", refused_url()).answers()), Hop::Proxy);
}

#[test]
fn settings_that_make_the_sdk_panic_mean_nothing_here() {
    let aws = FakeAws::start();
    let bed = Bed::on(&aws).env("AWS_RETRY_MODE", "legacy").env("AWS_MAX_ATTEMPTS", "x");
    assert!(!bed.answers().log.iter().any(|asked| asked.status == CheckStatus::Crashed));
    assert!(matches!(bed.answers().identity, Answer::Got(_)));
}
