//! Networks of companies: proxies, inspection, endpoints of their own, names that do not resolve.

use super::*;

const SSO: &str = "[default]\nregion = us-east-1\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = BedrockUsers\n\
                   [sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-nowhere-1\n";

/// Bedrock at its own host names behind a proxy whose CA is known.
fn behind(machine: Machine, mode: impl FnOnce(std::net::SocketAddr) -> Mode) -> Machine {
    let proxy = HttpsProxy::start(mode(machine.aws_address()));
    let authority = proxy.ca_pem_path().display().to_string();
    machine.behind(proxy).env("NODE_EXTRA_CA_CERTS", authority)
}

/// Signed in by IAM Identity Center, in a region whose portal no name server knows.
fn signed_in(machine: Machine) -> Machine {
    let name = format!("{:x}", <sha1::Sha1 as sha1::Digest>::digest(b"corp"));
    let token = format!(
        r#"{{"startUrl": "https://corp.awsapps.com/start", "region": "eu-nowhere-1", "accessToken": "{SSO_TOKEN}", "expiresAt": "2099-01-01T00:00:00Z"}}"#
    );
    machine.aws_files(SSO, "").file(&format!(".aws/sso/cache/{name}.json"), token).secret(SSO_TOKEN)
}

#[test]
fn base_url_region_mismatch() {
    let machine = behind(healthy().region("us-west-2"), Mode::Intercept);
    let url = "https://bedrock-runtime.eu-west-1.amazonaws.com";
    let report = machine.env("ANTHROPIC_BEDROCK_BASE_URL", url).diagnose();
    report.error("endpoint-region-mismatch").fix("unset ANTHROPIC_BEDROCK_BASE_URL").shows("eu-west-1");
}

#[test]
fn openai_compatible_gateway() {
    let gateway = OddServer::of_openai_format();
    let report = healthy().env("ANTHROPIC_BEDROCK_BASE_URL", format!("{}/v1", gateway.url())).diagnose();
    report
        .error("endpoint-not-bedrock")
        .fix("Go to AWS directly")
        .shows("Not Found")
        .and()
        .never_says("model-id-invalid");
}

#[test]
fn a_gateway_of_anthropics_format_where_bedrocks_is_meant() {
    let body = r#"{"type":"error","error":{"type":"not_found_error","message":"Not found"}}"#;
    let gateway = OddServer::answering("404 Not Found", "Content-Type: application/json\r\n", body);
    healthy().env("ANTHROPIC_BEDROCK_BASE_URL", gateway.url()).diagnose().error("endpoint-not-bedrock");
}

#[test]
fn a_web_server_that_takes_no_posts() {
    let page = OddServer::answering("405 Not Allowed", "Content-Type: text/html\r\n", "<html>405 Not Allowed</html>");
    healthy().env("ANTHROPIC_BEDROCK_BASE_URL", page.url()).diagnose().error("endpoint-not-bedrock");
}

#[test]
fn a_base_url_without_its_scheme() {
    let report = healthy().env("ANTHROPIC_BEDROCK_BASE_URL", "bedrock-runtime.us-east-1.amazonaws.com").diagnose();
    report.error("endpoint-not-bedrock").fix("https://bedrock-runtime.us-east-1.amazonaws.com");
}

#[test]
fn the_vpc_endpoint_of_the_control_plane() {
    let machine = behind(healthy(), Mode::Intercept).rule(Rule {
        operation: Some("InvokeModel*".into()),
        then: Behaviour::refuse(404, "UnknownOperationException", ""),
        ..Rule::default()
    });
    let url = "https://vpce-0a1b2c3d.bedrock.us-east-1.vpce.amazonaws.com";
    let report = machine.env("ANTHROPIC_BEDROCK_BASE_URL", url).diagnose();
    report.error("endpoint-not-bedrock").by("aws-admin").fix("com.amazonaws.us-east-1.bedrock-runtime");
}

#[test]
fn the_vpc_endpoint_of_the_runtime_is_no_fault_though_it_knows_no_lists() {
    let unknown = || Behaviour::refuse(404, "UnknownOperationException", "");
    let machine = behind(healthy(), Mode::Intercept).rule(Rule::always(unknown()).for_service("bedrock"));
    let url = "https://vpce-0a1b2c3d.bedrock-runtime.us-east-1.vpce.amazonaws.com";
    machine.env("ANTHROPIC_BEDROCK_BASE_URL", url).diagnose().stays_quiet();
}

#[test]
fn a_fips_host_as_base_url_is_no_fault() {
    let machine = behind(healthy(), Mode::Intercept);
    let url = "https://bedrock-runtime-fips.us-east-1.amazonaws.com";
    machine.env("ANTHROPIC_BEDROCK_BASE_URL", url).diagnose().stays_quiet();
}

#[test]
fn fips_for_the_control_plane_is_dialled_by_its_own_name() {
    let ready = behind(healthy(), Mode::Intercept).env("AWS_USE_FIPS_ENDPOINT", "true").ready();
    ready.diagnose().stays_quiet();
    let hosts: Vec<_> = ready.aws.log().entries().into_iter().map(|call| call.host).collect();
    assert!(hosts.iter().any(|host| host == "bedrock-fips.us-east-1.amazonaws.com"), "{hosts:?}");
}

#[test]
fn proxy_ignored_bedrock() {
    let machine = signed_in(behind(healthy().client("1.0.35"), Mode::Intercept));
    let report = machine.diagnose();
    report.error("sign-in-endpoint-unreachable").fix("claude update").shows("portal.sso.eu-nowhere-1");
}

#[test]
fn a_present_client_asks_the_portal_through_the_proxy() {
    signed_in(behind(healthy(), Mode::Intercept)).diagnose().stays_quiet();
}

#[test]
fn proxy_startup_block() {
    let report = behind(healthy().client("2.1.200"), Mode::Intercept)
        .env("AWS_ENDPOINT_URL_STS", "https://sts.invalid")
        .file(".claude/settings.json", r#"{"awsAuthRefresh": "aws sso login"}"#)
        .diagnose();
    report.error("sign-in-endpoint-unreachable").fix("claude update").fix("allow sts.invalid in the proxy");
}

#[test]
fn the_check_of_a_present_client_uses_the_proxy() {
    let report = behind(healthy(), Mode::Intercept)
        .env("AWS_ENDPOINT_URL_STS", "https://sts.invalid")
        .file(".claude/settings.json", r#"{"awsAuthRefresh": "aws sso login"}"#)
        .diagnose();
    report.never_says("sign-in-endpoint-unreachable");
}

#[test]
fn a_proxy_that_lets_everything_through_but_the_portal() {
    let machine = signed_in(behind(healthy(), |to| Mode::InterceptBut(to, "portal.sso")));
    machine.diagnose().error("proxy-needs-auth").by("org-admin").fix("portal.sso.eu-nowhere-1");
}

#[test]
fn a_proxy_that_lets_everything_through_but_the_control_plane() {
    let machine = behind(healthy(), |to| Mode::InterceptBut(to, "bedrock.us-east-1"));
    let report = machine.diagnose();
    report.warning("proxy-needs-auth").fix("bedrock.us-east-1").and().says_as_consequence("control-plane-unreachable");
}

#[test]
fn a_proxy_that_keeps_sts_away_harms_no_client() {
    behind(healthy(), |to| Mode::InterceptBut(to, "sts.us-east-1")).diagnose().stays_quiet();
}

#[test]
fn only_the_control_plane_cannot_be_reached() {
    let machine = healthy().rule(Rule::always(Behaviour::Reset).for_service("bedrock"));
    machine.diagnose().warning("control-plane-unreachable").by("aws-admin").fix("com.amazonaws.us-east-1.bedrock");
}

#[test]
fn a_proxy_with_a_password() {
    let machine = healthy();
    let proxy = HttpsProxy::with_password(Mode::Intercept(machine.aws_address()), "ada", "canary-password");
    let url = proxy.url();
    let authority = proxy.ca_pem_path().display().to_string();
    let machine = machine.behind(proxy).env("NODE_EXTRA_CA_CERTS", authority).secret("canary-password");
    machine.env("HTTPS_PROXY", url.replace("://", "://ada:canary-password@")).diagnose().stays_quiet();
}

#[test]
fn a_proxy_that_asks_for_a_password() {
    let machine = healthy();
    let proxy = HttpsProxy::with_password(Mode::Intercept(machine.aws_address()), "ada", "lovelace");
    machine.behind(proxy).diagnose().error("proxy-needs-auth").fix("USER:PASSWORD");
}

#[test]
fn a_proxy_that_the_client_cannot_speak_to() {
    let report = healthy().no_endpoints().env("HTTPS_PROXY", "socks5://127.0.0.1:1080").diagnose();
    report.error("proxy-unreachable").shows("SOCKS").fix("HTTPS_PROXY");
}

#[test]
fn a_proxy_for_plain_http_serves_https_too() {
    let machine = healthy();
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let (url, authority) = (proxy.url(), proxy.ca_pem_path().display().to_string());
    let machine = machine.behind(proxy).env("HTTPS_PROXY", "").env("http_proxy", url);
    machine.env("NODE_EXTRA_CA_CERTS", authority).diagnose().stays_quiet();
}

#[test]
fn a_proxy_in_the_settings_that_is_dead() {
    let settings = format!(r#"{{"env": {{"HTTPS_PROXY": "{}"}}}}"#, dead_ends::refused_url());
    let report = healthy().no_endpoints().file(".claude/settings.json", settings).diagnose();
    report.error("proxy-unreachable").shows("settings.json");
}

#[test]
fn a_portal_that_redirects_every_plain_request() {
    let portal = OddServer::portal();
    let report =
        healthy().here("ANTHROPIC_BEDROCK_BASE_URL", portal.url()).here("AWS_ENDPOINT_URL", portal.url()).diagnose();
    report.error("answer-not-from-aws").shows("302");
}

#[test]
fn a_portal_with_a_certificate_of_its_own() {
    // It answers for every name with the one certificate that it has.
    let machine = healthy();
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let report = machine.here("ANTHROPIC_BEDROCK_BASE_URL", proxy.https_url()).diagnose();
    report.error("tls-untrusted").shows("bedrockup test CA");
}

#[test]
fn a_proxy_that_fails_once_for_each_host_is_no_fault() {
    for once in [Once::ResetConnect, Once::Refuse(503), Once::ResetHandshake, Once::CloseHandshake] {
        behind(healthy(), |to| Mode::InterceptAfter(to, once)).diagnose().stays_quiet();
    }
}

#[cfg(target_os = "linux")]
mod confined {
    use super::*;
    use crate::support::confined::Network;

    #[test]
    fn a_single_name_that_does_not_resolve() {
        let ready = healthy().not_here("ANTHROPIC_BEDROCK_BASE_URL").ready();
        let report = ready.diagnose_confined("127.0.0.1 localhost\n", Network::Machine);
        let told = report.error("dns-failed");
        told.shows("bedrock-runtime.us-east-1.amazonaws.com").by("aws-admin").fix("private DNS");
    }

    const HOSTS: &str = "192.0.2.7 bedrock-runtime.us-east-1.amazonaws.com\n192.0.2.7 bedrock.us-east-1.amazonaws.com\n\
                         192.0.2.7 sts.us-east-1.amazonaws.com\n";

    #[test]
    fn a_network_where_nothing_resolves() {
        let ready = healthy().no_endpoints().ready();
        let report = ready.diagnose_confined("127.0.0.1 localhost\n", Network::Ipv6);
        report.error("dns-failed").fix("HTTPS_PROXY").shows("No name of AWS resolves here");
    }

    #[test]
    fn a_machine_that_is_not_connected() {
        let ready = healthy().no_endpoints().ready();
        let report = ready.diagnose_confined("127.0.0.1 localhost\n", Network::None);
        report.error("dns-failed").by("you").fix("network").shows("none to the internet");
        let report = ready.diagnose_confined(HOSTS, Network::None);
        report.could_not_tell();
        report.warning("no-answer").by("you").fix("network").shows("This machine has no way out");
    }

    #[test]
    fn a_network_without_ipv4() {
        let ready = healthy().no_endpoints().ready();
        let report = ready.diagnose_confined(HOSTS, Network::Ipv6);
        report.could_not_tell();
        report.warning("no-answer").fix("NAT64").shows("192.0.2.7");
    }

    #[test]
    fn only_the_control_planes_name_is_unknown() {
        // Before 2.0.71 the base URL moved model calls alone.
        let ready = healthy().client("2.0.60").not_here("AWS_ENDPOINT_URL").ready();
        let report = ready.diagnose_confined("127.0.0.1 localhost\n", Network::Machine);
        report
            .error("claude-too-old")
            .and()
            .also_says("control-plane-unreachable", "does not resolve")
            .never_says("dns-failed");
    }
}

#[test]
fn a_proxy_that_cannot_reach_the_host_itself() {
    for status in [502, 503, 504] {
        let report = healthy().no_endpoints().behind(HttpsProxy::start(Mode::Refuse(status))).diagnose();
        let told = report.error("proxy-needs-auth");
        told.by("org-admin").shows(&format!("{status} ")).fix("why the proxy cannot reach");
    }
}

#[test]
fn a_proxy_that_takes_the_request_and_never_answers() {
    let report = healthy().no_endpoints().behind(HttpsProxy::start(Mode::Hang)).timeout("4s").diagnose();
    report.error("proxy-unreachable").shows("CONNECT: no answer in time").fix("HTTPS_PROXY");
}
