//! `proxy-unreachable`: the proxy cannot be reached.

use crate::aws::answer::Hop;
use crate::diagnose::Fix;
use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{look, words};

/// The proxy cannot be reached.
pub const KIND: Kind = Kind {
    name: "proxy-unreachable",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "The proxy cannot be reached",
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

`Connection refused — a firewall or proxy may be blocking it (ECONNREFUSED)`, after three minutes; or `getaddrinfo ENOTFOUND` with the name of the proxy.

## Why

`HTTPS_PROXY` (or `https_proxy`) names a proxy whose name does not resolve, or that refuses or drops the connection, or takes it and never answers: left over from another network, or its local helper is not running.

## Fix

Unset it where no proxy is needed, or correct it:

    unset HTTPS_PROXY

Where AWS is reached directly, add `.amazonaws.com` to `NO_PROXY`.

## Check

`curl -sS https://sts.amazonaws.com` answers; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut failures = look::failures(case, &[Hop::Proxy]);
    failures.retain(|(_, failure)| !look::proxy_holds(case, failure));
    let Some((_, first)) = failures.first() else {
        return Vec::new();
    };

    let said = look::proxy_said(case, &first.host).filter(|(look, _)| look.tunnel.as_ref().is_some_and(Result::is_err));
    let proxy = shown(case, &first.host);
    let summary = match &said {
        Some(_) => format!("The proxy {proxy} takes the connection and does not lead on."),
        None => format!("The proxy {proxy} cannot be reached."),
    };
    let mut found = Found::new(summary)
        .severity(look::network_severity(case))
        .explains("control-plane-unreachable")
        .explains("sign-in-endpoint-unreachable");
    for (question, failure) in &failures {
        found = found.evidence(question.clone(), words::failure(failure));
    }
    if let Some((look, said)) = said {
        found = found.evidence(format!("the proxy, asked again for {}", look.host), said);
    }
    let mut names = Vec::new();
    if let Some((name, value)) = look::proxy(case) {
        let place = words::set_by(case, name).unwrap_or_else(|| "environment".to_owned());
        found = found.evidence(format!("{name}, {place}"), value);
        names.push(name);
    }
    if names.is_empty() {
        names.push("HTTPS_PROXY");
    }
    found = match names.as_slice() {
        [name] if case.route.variable(name).is_some() => found.fix(hand::remove(case, name)),
        names => {
            found.fix(Fix::command("Unset it where no proxy is needed, or correct it.", words::unset(case, names)))
        }
    };
    // What goes past the proxy already keeps doing so.
    let direct = match case.route.value("NO_PROXY").or_else(|| case.route.value("no_proxy")) {
        Some(hosts) => format!("{hosts},.amazonaws.com"),
        None => ".amazonaws.com".to_owned(),
    };
    vec![found.fix(Fix::command("Or go to AWS directly, where that works.", words::export(case, "NO_PROXY", &direct)))]
}

/// The proxy as it is set, without user and password; else the host that was tried.
fn shown(case: &Case<'_>, host: &str) -> String {
    look::proxy(case).map_or_else(|| host.to_owned(), |(_, value)| value)
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Hop, NetworkFailure};
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
    fn a_proxy_that_refuses() {
        let mut scene = unreachable(Hop::Proxy, "Connection refused (os error 111)");
        scene.set("HTTPS_PROXY", "http://ada:geheim@proxy.corp.example:3128");
        let finding = scene.expect_first("proxy-unreachable");
        assert!(finding.summary.contains("proxy.corp.example:3128"));
        assert!(!format!("{finding:?}").contains("geheim"), "the password of the proxy is not shown");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset HTTPS_PROXY"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("proxy-unreachable");
    }
}
