//! The way to AWS, hop by hop.

use super::*;

#[test]
fn dns_enotfound_region() {
    let machine = healthy().here("ANTHROPIC_BEDROCK_BASE_URL", dead_ends::UNKNOWN_HOST_URL);
    machine.diagnose().error("dns-failed").shows("bedrock.invalid");
}

#[test]
fn a_gateway_that_is_not_running() {
    let url = dead_ends::refused_url();
    let report = healthy().env("ANTHROPIC_BEDROCK_BASE_URL", &url).diagnose();
    report.error("connection-refused").fix("ANTHROPIC_BEDROCK_BASE_URL").shows(url.trim_start_matches("http://"));
}

#[test]
fn a_gateway_that_takes_the_call_and_says_nothing() {
    let silence = Silence::start();
    let machine = healthy().here("ANTHROPIC_BEDROCK_BASE_URL", silence.url()).timeout("3s");
    machine.diagnose().error("no-answer").shows(silence.url().trim_start_matches("http://"));
}

#[test]
fn one_reset_is_nothing() {
    let machine = healthy().rule(Rule::on("InvokeModelWithResponseStream", Behaviour::Reset).times(1));
    machine.diagnose().stays_quiet();
}

#[test]
fn resets_that_do_not_end() {
    let machine = healthy().rule(Rule::on("InvokeModel*", Behaviour::Reset));
    machine.diagnose().error("no-answer");
}

#[test]
fn tls_intercept_no_ca() {
    let machine = healthy();
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    machine.behind(proxy).diagnose().error("tls-untrusted").fix("NODE_EXTRA_CA_CERTS");
}

#[test]
fn a_ca_that_only_the_aws_cli_is_told_of() {
    let machine = healthy();
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let authority = proxy.ca_pem_path().display().to_string();
    let report = machine.behind(proxy).env("AWS_CA_BUNDLE", authority).diagnose();
    report.error("tls-untrusted").fix("NODE_EXTRA_CA_CERTS");
}

#[test]
fn a_company_proxy_whose_authority_is_known_is_healthy() {
    for variable in ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] {
        let machine = healthy();
        let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
        let authority = proxy.ca_pem_path().display().to_string();
        let ready = machine.behind(proxy).env(variable, authority).ready();
        ready.diagnose().stays_quiet();
        let hosts: std::collections::BTreeSet<_> =
            ready.aws.log().entries().into_iter().map(|call| call.host).collect();
        assert!(hosts.contains("bedrock-runtime.us-east-1.amazonaws.com"), "{hosts:?}");
        assert!(hosts.iter().all(|host| host.ends_with(".amazonaws.com")), "{hosts:?}");
    }
}

#[test]
fn a_proxy_that_is_not_running() {
    let url = dead_ends::refused_url();
    let report = healthy().no_endpoints().env("HTTPS_PROXY", &url).diagnose();
    report.error("proxy-unreachable").shows("HTTPS_PROXY").shows(url.trim_start_matches("http://"));
    report.never_says("connection-refused").never_says("dns-failed");
}

#[test]
fn a_proxy_whose_name_no_resolver_knows() {
    let report = healthy().no_endpoints().env("https_proxy", "http://proxy.invalid:3128").diagnose();
    report.error("proxy-unreachable").shows("proxy.invalid").and().never_says("dns-failed");
}

#[test]
fn a_dead_proxy_that_is_not_on_the_way_is_no_fault() {
    healthy().env("HTTPS_PROXY", dead_ends::refused_url()).env("NO_PROXY", "127.0.0.1").diagnose().stays_quiet();
}

#[test]
fn only_the_control_plane_is_silent() {
    // The models answer, so the route is proven; what the list would have said is not known.
    let machine = healthy().rule(Rule::always(Behaviour::Hang).for_service("bedrock")).timeout("4s");
    let report = machine.diagnose();
    report.check("inference-profiles", "timed-out");
    assert!(report.list("/route/models").iter().all(|model| model["probe"] == "answered"), "{report:?}");
    assert_ne!(report.text("/verdict"), "broken", "{report:?}");
}

#[test]
fn a_captive_portal_is_not_taken_for_aws() {
    let portal = Behaviour::Html { status: 200, body: "<html><title>Hotel</title>Please sign in".into() };
    let report = healthy().rule(Rule::always(portal)).diagnose();
    for name in ["keys-unknown", "iam-invoke-denied", "no-credentials"] {
        report.never_says(name);
    }
    assert_ne!(report.text("/verdict"), "healthy", "{report:?}");
}
