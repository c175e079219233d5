//! `proxy-needs-auth`: the proxy refuses to pass the request on.

use crate::aws::answer::{Hop, NetworkFailure};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who};
use crate::diagnose::{local, look, words};
use crate::resolve::data;

/// The proxy refuses to pass the request on.
pub const KIND: Kind = Kind {
    name: "proxy-needs-auth",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "The proxy refuses to pass the request on",
    page: PAGE,
    owns: &[
        "dns-failed",
        "connection-refused",
        "no-answer",
        "tls-untrusted",
        "control-plane-unreachable",
        "sign-in-endpoint-unreachable",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

`407 Proxy Authentication Required`, or a 403 of the proxy for the host, or a 502, 503 or 504 of the proxy; in `claude` only `Unable to connect to API`.

## Why

The proxy asks for a name and a password that it is not given (407), or its rules do not let this host through (403), or it cannot reach the host
itself (502, 503, 504). The client does not show which; bedrockup asks the proxy a second time and shows its own words.

## Fix

    export HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT

or use the local authenticating proxy of your company. Where the host is blocked, ask who runs the proxy to allow it; where the proxy fails,
that it looks at its own way out.

## Check

`curl -sS https://sts.amazonaws.com` answers; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let failures = look::failures(case, &[Hop::ProxyAuthentication, Hop::ProxyRefusal]);
    let Some((_, first)) = failures.first() else {
        return Vec::new();
    };
    let needs_auth = first.hop == Hop::ProxyAuthentication;
    let hosts = hosts(case, &failures);
    // No proxy leads to a host that does not exist.
    if !needs_auth && data::region(&case.route.region.name).is_none() {
        return Vec::new();
    }
    let said = look::proxy_said(case, &first.host);
    // A second answer of another kind is shown, and says nothing about the first.
    let status = said.as_ref().and_then(|(look, _)| look.tunnel_status()).filter(|_| !needs_auth);
    let mut found = Found::new(match status {
        _ if needs_auth => format!("The proxy asks for a name and a password before it connects to {hosts}."),
        Some(status @ 500..) => format!("The proxy is not able to connect to {hosts}: it answers {status}."),
        Some(status @ 400..) => format!("The proxy does not let {hosts} through: it answers {status}."),
        _ => format!("The proxy does not let {hosts} through."),
    })
    .severity(look::network_severity(case))
    .explains("control-plane-unreachable")
    .explains("sign-in-endpoint-unreachable");
    for (question, failure) in &failures {
        found = found.evidence(question.clone(), words::failure(failure));
    }
    if let Some((look, said)) = said {
        let proxy = look.proxy.as_deref().unwrap_or_default();
        found = found.evidence(format!("the proxy {proxy}, asked again for {}", look.host), said);
    }
    if let Some((name, value)) = look::proxy(case) {
        found = found.evidence(name, value);
    }
    let name = look::proxy(case).map_or("HTTPS_PROXY", |(name, _)| name);
    let auth = Fix::command(
        "Give the proxy its name and password (or use the local authenticating proxy of your company).",
        words::export(case, name, "http://USER:PASSWORD@HOST:PORT"),
    );
    let allow = Fix::words(Who::OrgAdmin, format!("Allow {hosts} in the proxy."));
    let broken = Fix::words(
        Who::OrgAdmin,
        format!(
            "See why the proxy cannot reach {hosts} (its own name resolution, its way out, its load), and let the requests through."
        ),
    );
    vec![match status {
        _ if needs_auth => found.fix(auth).fix(allow),
        Some(500..) => found
            .fix(broken)
            .fix(Fix::words(Who::You, "Or try another proxy of your network, or none where AWS is reached directly.")),
        _ => found.fix(allow),
    }]
}

/// The hosts that are not let through, that of the model calls first.
fn hosts(case: &Case<'_>, failures: &[(String, &NetworkFailure)]) -> String {
    let runtime = local::host(&case.route.endpoints.runtime);
    let mut hosts: Vec<&str> = failures.iter().map(|(_, failure)| failure.host.as_str()).collect();
    hosts.sort_by_key(|host| *host != runtime);
    hosts.dedup();
    hosts.join(", ")
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Hop, HostLook, NetworkFailure};
    use crate::diagnose::Who;
    use crate::diagnose::testing::*;

    fn unreachable(hop: Hop, detail: &str) -> Scene {
        let mut scene = Scene::healthy();
        let failure = NetworkFailure {
            host: "bedrock-runtime.us-east-1.amazonaws.com".to_owned(),
            hop,
            detail: detail.to_owned(),
        };
        for model in &mut scene.answers.models {
            model.stream = Answer::Unreachable(failure.clone());
        }
        scene.answers.profiles = Answer::Unreachable(failure);
        scene
    }

    #[test]
    fn a_407_is_no_refusal_of_aws() {
        let mut scene = unreachable(Hop::ProxyAuthentication, "407 Proxy Authentication Required");
        scene.set("HTTPS_PROXY", "http://proxy.corp.example:3128");
        let finding = scene.expect_first("proxy-needs-auth");
        assert!(finding.fixes[0].command.as_deref().unwrap_or_default().contains("USER:PASSWORD"));
    }

    #[test]
    fn the_proxys_own_words_tell_a_blocked_host_from_a_broken_proxy() {
        let mut scene = unreachable(Hop::ProxyRefusal, "tunnel error: unsuccessful");
        let mut says = |line: &str| {
            scene.answers.hosts = vec![HostLook {
                host: RUNTIME_HOST.to_owned(),
                proxy: Some("proxy.corp.example:3128".to_owned()),
                addresses: Ok(vec!["192.0.2.8".parse().expect("an address")]),
                tcp: Some(Ok(())),
                tunnel: Some(Ok(line.to_owned())),
                issuer: None,
                cure: None,
            }];
            let finding = scene.expect_first("proxy-needs-auth");
            assert!(finding.evidence.iter().any(|evidence| evidence.what.contains(line)), "{finding:?}");
            (finding.summary.clone(), finding.fixes[0].text.clone())
        };
        let (summary, fix) = says("HTTP/1.1 502 Bad Gateway");
        assert!(
            summary.contains("not able to connect") && fix.contains("why the proxy cannot reach"),
            "{summary} {fix}"
        );
        let (summary, fix) = says("HTTP/1.1 403 Forbidden");
        assert!(summary.contains("does not let") && fix.starts_with("Allow "), "{summary} {fix}");
        let (summary, _) = says("HTTP/1.1 200 Connection established");
        assert!(!summary.contains("200"), "{summary}");
    }

    #[test]
    fn a_blocked_host_is_for_who_runs_the_proxy() {
        let finding = unreachable(Hop::ProxyRefusal, "403 Forbidden").expect_first("proxy-needs-auth");
        assert_eq!(finding.fixes[0].who, Who::OrgAdmin);
    }

    #[test]
    fn all_hosts_are_named_and_that_of_the_models_first() {
        let mut scene = Scene::healthy();
        scene.unreachable(Hop::ProxyRefusal, "403 Forbidden");
        let (host, hop, detail) = (STS_HOST.to_owned(), Hop::ProxyRefusal, "403 Forbidden".to_owned());
        scene.answers.identity = Answer::Unreachable(NetworkFailure { host, hop, detail });
        let text = &scene.expect_first("proxy-needs-auth").fixes[0].text;
        assert_eq!(*text, format!("Allow {RUNTIME_HOST}, {STS_HOST}, {CONTROL_HOST} in the proxy."));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("proxy-needs-auth");
    }
}
