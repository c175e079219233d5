//! From a broken machine to the finding that names it: the questions and the diagnosis together.

use std::time::Duration;

use bedrockup::diagnose::proof::Proof;
use bedrockup::diagnose::{Case, Layer, Severity, diagnose};
use bedrockup::resolve::models::with_profiles;

use super::*;
use crate::support::dead_ends::{Silence, UNKNOWN_HOST_URL, refused_url};
use crate::support::fake_aws::account::{Account, EXPIRED_KEY, GOOD_SESSION_TOKEN};
use crate::support::fake_aws::{Behaviour, Rule};
use crate::support::https_proxy::{HttpsProxy, Mode};

const STREAM: &str = "InvokeModelWithResponseStream";

/// The first finding above a note that AWS's answers led to. The bed has no shell and no client: those layers are left out.
fn first(bed: &Bed) -> String {
    let (route, answers) = bed.ask();
    let models = answers.profiles.got().map(|list| with_profiles(&route, &bed.machine, list));
    let models = models.unwrap_or_else(|| route.models.clone());
    let case =
        Case { machine: &bed.machine, route: &route, models: &models, answers: &answers, proof: Proof::nothing() };
    let (findings, crashed) = diagnose(&case);
    assert!(crashed.is_empty(), "{crashed:?}");
    let counts = |layer, severity| !matches!(layer, Layer::Shell | Layer::Client) && severity != Severity::Note;
    let found = findings.iter().find(|finding| counts(finding.layer, finding.severity));
    found.map_or_else(|| "healthy".to_owned(), |finding| finding.name.to_owned())
}

fn with(rule: Rule) -> FakeAws {
    FakeAws::with(Account::default().rule(rule))
}

#[test]
fn credentials() {
    let aws = FakeAws::start();
    assert_eq!(first(&Bed::on(&aws)), "healthy");
    let expired = Bed::on(&aws).env("AWS_ACCESS_KEY_ID", EXPIRED_KEY.0).env("AWS_SECRET_ACCESS_KEY", EXPIRED_KEY.1);
    assert_eq!(first(&expired.env("AWS_SESSION_TOKEN", GOOD_SESSION_TOKEN)), "keys-expired");
    let wrong = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYGOODSECREX";
    assert_eq!(first(&Bed::on(&aws).env("AWS_SECRET_ACCESS_KEY", wrong)), "secret-wrong");
    assert_eq!(first(&Bed::on(&aws).env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7NOBODY1")), "keys-unknown");
    assert_eq!(first(&Bed::on(&aws).env("AWS_PROFILE", "nowhere")), "profile-not-found");
    for (command, finding) in [
        ("echo login first >&2; exit 2", "credential-process-failed"),
        ("no-such-helper", "credential-process-missing"),
        ("sleep 600", "credential-process-slow"),
    ] {
        let bed = Bed::on(&aws).profile(&[("credential_process", command)]).within(Duration::from_secs(3));
        assert_eq!(first(&bed), finding);
    }
    let role = [("role_arn", "arn:aws:iam::111122223333:role/Another"), ("source_profile", "base")];
    let mut bed = Bed::on(&aws).profile(&role);
    bed.section("base", &[("aws_access_key_id", GOOD_KEY.0), ("aws_secret_access_key", GOOD_KEY.1)]);
    assert_eq!(first(&bed), "assume-role-denied");
    let skewed = FakeAws::with(Account { date_offset_seconds: 600, ..Account::default() });
    assert_eq!(first(&Bed::on(&skewed)), "clock-skew");
}

#[test]
fn access_and_quota() {
    let tokens = "Too many tokens, please wait before trying again.";
    let inside =
        Behaviour::StreamException { exception: "throttlingException".into(), message: tokens.into(), after_events: 1 };
    for (operation, behaviour, finding) in [
        (STREAM, Behaviour::deny_by_iam(), "iam-stream-denied"),
        ("InvokeModel*", Behaviour::deny_by_iam(), "iam-invoke-denied"),
        ("InvokeModel*", Behaviour::deny_by_scp(), "scp-denied"),
        ("InvokeModel*", Behaviour::refuse(429, "ThrottlingException", tokens), "quota-tokens-per-minute"),
        (STREAM, inside, "quota-tokens-per-minute"),
        (STREAM, Behaviour::CutStream { after_events: 2 }, "stream-broken"),
    ] {
        assert_eq!(first(&Bed::on(&with(Rule::on(operation, behaviour)))), finding);
    }
    let without_form = FakeAws::with(Account { use_case_form: false, ..Account::default() });
    assert_eq!(first(&Bed::on(&without_form)), "use-case-form-missing");
    let aws = FakeAws::start();
    for (id, finding) in [
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", "model-end-of-life"),
        ("anthropic.claude-opus-5-5", "model-needs-profile"),
    ] {
        assert_eq!(first(&Bed::on(&aws).env("ANTHROPIC_DEFAULT_OPUS_MODEL", id)), finding);
    }
}

#[test]
fn network() {
    let aws = FakeAws::start();
    assert_eq!(first(&Bed::at(UNKNOWN_HOST_URL)), "dns-failed");
    assert_eq!(first(&Bed::at(&refused_url())), "connection-refused");
    assert_eq!(first(&Bed::at(&Silence::start().url()).within(Duration::from_secs(3))), "no-answer");
    let page = Behaviour::Html { status: 200, body: "<html>Sign in to the Wi-Fi</html>".into() };
    assert_eq!(first(&Bed::on(&with(Rule::always(page)))), "answer-not-from-aws");
    let behind =
        |proxy: &str| Bed::at("").unset(&["AWS_ENDPOINT_URL", "ANTHROPIC_BEDROCK_BASE_URL"]).env("HTTPS_PROXY", proxy);
    let inspecting = HttpsProxy::start(Mode::Intercept(aws.address()));
    assert_eq!(first(&behind(&inspecting.url())), "tls-untrusted");
    assert_eq!(first(&behind(&refused_url())), "proxy-unreachable");
    let asking = HttpsProxy::with_password(Mode::Intercept(aws.address()), "alice", "password");
    assert_eq!(first(&behind(&asking.url())), "proxy-needs-auth");
}
