//! The way to AWS, hop by hop.

use super::*;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

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
fn streams_that_are_reset_before_their_first_byte_beside_plain_calls_that_answer() {
    let machine = healthy().rule(Rule::on("InvokeModelWithResponseStream", Behaviour::Reset));
    machine.diagnose().error("stream-broken").by("org-admin").and().never_says("no-answer");
}

#[test]
fn one_stream_that_is_cut_is_nothing() {
    let cut = Behaviour::CutStream { after_events: 1 };
    healthy().rule(Rule::on("InvokeModelWithResponseStream", cut).times(1)).diagnose().stays_quiet();
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
    let report = machine.behind(proxy).env("AWS_CA_BUNDLE", &authority).diagnose();
    report.error("ca-not-seen-by-client").fix(&format!("NODE_EXTRA_CA_CERTS='{authority}'")).shows("bedrockup test CA");
}

#[test]
fn a_ca_that_only_the_aws_files_name() {
    let machine = healthy();
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let config = format!("[default]\nregion = us-east-1\nca_bundle = {}\n", proxy.ca_pem_path().display());
    let report = machine.behind(proxy).file(".aws/config", config).diagnose();
    report.error("ca-not-seen-by-client").shows("ca_bundle of the profile default");
}

#[test]
fn ca_in_settings_not_effective() {
    let machine = healthy().client("2.0.60");
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let settings = format!(r#"{{"env": {{"NODE_EXTRA_CA_CERTS": "{}"}}}}"#, proxy.ca_pem_path().display());
    let report = machine.behind(proxy).file(".claude/settings.json", settings).diagnose();
    report.error("ca-not-seen-by-client").fix("Export it in the shell").shows("settings.json");
}

#[test]
fn a_ca_in_the_settings_of_a_present_client_is_no_fault() {
    let machine = healthy();
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let settings = format!(r#"{{"env": {{"NODE_EXTRA_CA_CERTS": "{}"}}}}"#, proxy.ca_pem_path().display());
    machine.behind(proxy).file(".claude/settings.json", settings).diagnose().stays_quiet();
}

#[test]
fn the_systems_variable_in_settings_is_read_by_no_client() {
    let machine = healthy();
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let settings = format!(r#"{{"env": {{"SSL_CERT_FILE": "{}"}}}}"#, proxy.ca_pem_path().display());
    let report = machine.behind(proxy).file(".claude/settings.json", settings).diagnose();
    report.error("ca-not-seen-by-client").shows("SSL_CERT_FILE");
}

#[test]
fn ca_file_missing_or_not_pem() {
    let machine = healthy();
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let pem = std::fs::read(proxy.ca_pem_path()).expect("the CA is there");
    let der = CertificateDer::from_pem_slice(&pem).expect("one certificate");
    let machine = machine.behind(proxy).file("corp/root.cer", &der);
    let path = machine.path("corp/root.cer").display().to_string();
    let report = machine.env("NODE_EXTRA_CA_CERTS", &path).diagnose();
    report
        .error("ca-file-unusable")
        .fix("openssl x509 -inform der")
        .shows("DER")
        .and()
        .says_as_consequence("tls-untrusted");
}

#[test]
fn a_file_of_certificates_that_is_gone() {
    let machine = healthy();
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let report = machine.behind(proxy).env("NODE_EXTRA_CA_CERTS", "/nowhere/corp.pem").diagnose();
    report.error("ca-file-unusable").shows("No such file");
}

#[test]
fn a_file_of_certificates_that_is_gone_and_not_needed() {
    let report = healthy().env("NODE_EXTRA_CA_CERTS", "/nowhere/corp.pem").diagnose();
    report.warning("ca-file-unusable").shows("/nowhere/corp.pem");
    healthy().env("SSL_CERT_FILE", "/nowhere/corp.pem").flags(&["--offline"]).diagnose().could_not_tell();
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

#[test]
fn one_document_in_the_place_of_a_stream() {
    let message = serde_json::json!({ "type": "message", "content": [{ "type": "text", "text": "." }] });
    let machine = healthy().rule(Rule::on("InvokeModelWithResponseStream", Behaviour::Json { body: message }));
    machine.diagnose().error("answer-not-from-aws").shows("application/json").and().never_says("aws-refused");
}

#[test]
fn a_gateway_that_wants_a_key_of_its_own() {
    let body =
        r#"{"error":{"message":"Authentication Error, No api key passed in.","type":"auth_error","code":"401"}}"#;
    let gateway = OddServer::answering("401 Unauthorized", "Content-Type: application/json\r\n", body);
    let report = healthy().env("ANTHROPIC_BEDROCK_BASE_URL", gateway.url()).diagnose();
    report.error("aws-refused").by("org-admin").fix("key").shows("The gateway answers 401");
}

#[test]
fn a_gateway_without_sts_whose_models_answer() {
    let page = Behaviour::Html { status: 404, body: "<html>404 Not Found</html>".to_owned() };
    healthy().rule(Rule::on("GetCallerIdentity", page)).diagnose().stays_quiet();
}
