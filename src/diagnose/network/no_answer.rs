//! `no-answer`: no answer comes from AWS.

use std::net::IpAddr;

use crate::aws::answer::{Answer, Hop, HostLook};
use crate::diagnose::hand;
use crate::diagnose::network::way_out;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, local, look, words};
use crate::variables::BASE_URL;

/// No answer comes from AWS.
pub const KIND: Kind = Kind {
    name: "no-answer",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "No answer comes from AWS",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`claude` is silent for minutes, then `Request timed out`.

## Why

The name resolves, and the connection does not open in time, or it opens and no byte of an answer comes, or it is reset before one: a firewall that drops packets, or an inspection box or gateway that holds the request. Also a proxy that lets other hosts
through and holds the request for this one, TLS that fails after the connection is open, and a network of IPv6 only, where hosts with IPv4 addresses alone
need NAT64. bedrockup names the hop, and looks a second time.

`Network is unreachable`: this machine itself has no route to the address, since it is not connected, is a container or sandbox without a network, or has IPv6 alone.

## Fix

Have the network opened to the hosts shown on port 443; try with the VPN or proxy on or off. Behind `ANTHROPIC_BEDROCK_BASE_URL` ask who runs the gateway, or unset it.

## Check

`curl -sS https://bedrock-runtime.REGION.amazonaws.com` answers at once; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let answers = case.answers;
    let hops = [Hop::Proxy, Hop::Connect, Hop::FirstByte, Hop::Reset, Hop::Stream, Hop::Tls, Hop::Other];
    let mut failures = look::failures(case, &hops);
    // The list of models has a finding of its own where models answer.
    let heard_control = look::runtime_heard(case).then(|| local::host(&case.route.endpoints.control));
    failures.retain(|(_, failure)| {
        failure.hop != Hop::Proxy || look::proxy_holds(case, failure) && heard_control != Some(failure.host.as_str())
    });
    let silent_models =
        answers.models.iter().filter(|model| model.stream == Answer::TimedOut && model.invoke.got().is_none());
    let mut silent: Vec<(String, &str)> =
        silent_models.map(|model| (look::call(model), case.route.endpoints.runtime.as_str())).collect();
    // What a model call was answered without has a finding of its own, where it matters.
    let heard = look::runtime_heard(case);
    if answers.identity == Answer::TimedOut && !heard {
        silent.push(("STS GetCallerIdentity".to_owned(), case.route.endpoints.sts.as_str()));
    }
    if answers.profiles == Answer::TimedOut && !heard {
        silent.push(("list of inference profiles".to_owned(), case.route.endpoints.control.as_str()));
    }
    if failures.is_empty() && silent.is_empty() {
        return Vec::new();
    }
    let mut hosts: Vec<&str> = failures.iter().map(|(_, failure)| failure.host.as_str()).collect();
    hosts.extend(silent.iter().map(|(_, url)| url.strip_prefix("https://").unwrap_or(url)));
    hosts.sort_unstable();
    hosts.dedup();
    let hosts = hosts.join(", ");
    // Where nothing at all answered, this machine may just be offline: that is not proven to be the network's fault.
    let severity = if look::anything_answered(case) { look::network_severity(case) } else { Severity::Warning };
    let offline = way_out::is_missing(case)
        && silent.is_empty()
        && failures.iter().all(|(_, failure)| failure.hop == Hop::Connect && !is_here(&failure.host));
    let mut found = Found::new(match offline {
        true => format!("This machine has no way out: no answer comes from {hosts}."),
        false => format!("No answer comes from {hosts}."),
    })
    .severity(severity);
    if offline {
        found = way_out::shown(case, found);
    }
    let mut no_route = false;
    for (question, failure) in failures {
        if let Some(look) = look::host_look(case, &failure.host) {
            no_route |= lacks_ipv4(look);
            found = found.evidence(format!("second look at {}", look.host), look::seen(look));
        }
        if let Some((look, said)) = look::proxy_said(case, &failure.host).filter(|_| failure.hop == Hop::Proxy) {
            let proxy = look.proxy.as_deref().unwrap_or_default();
            found = found.evidence(format!("the proxy {proxy}, asked again for {}", look.host), said);
        }
        let hop = match failure.hop {
            Hop::Proxy => "the proxy takes the connection and does not lead on",
            Hop::Connect => "the connection does not open",
            Hop::FirstByte => "the connection opens and no byte comes",
            Hop::Reset => "the connection is reset before an answer",
            Hop::Stream => "the answer begins and is cut before its end",
            Hop::Tls => "TLS fails",
            _ => "the call fails on its way",
        };
        found = found.evidence(question, format!("{hop}: {}", words::failure(failure)));
    }
    for (question, url) in silent {
        found = found.evidence(question, format!("{url}: no answer within the time limit"));
    }
    vec![match &case.route.endpoints.base_url {
        Some(url) => found
            .evidence(format!("{BASE_URL}, {}", words::source(case, &url.source)), url.value.clone())
            .fix(hand::remove(case, BASE_URL))
            .fix(Fix::words(Who::You, "Or see why the gateway behind that URL holds the request.")),
        None if offline => found.fix(Fix::command(
            "Or use the proxy of your network.",
            words::export(case, "HTTPS_PROXY", "http://HOST:PORT"),
        )),
        None if no_route && way_out::is_ipv6_alone(case) => found
            .fix(Fix::words(
                Who::OrgAdmin,
                "This network carries IPv6 only, and these hosts have IPv4 addresses only: provide NAT64 with DNS64, or a proxy.",
            ))
            .fix(Fix::command("Or use the proxy of your network.", words::export(case, "HTTPS_PROXY", "http://HOST:PORT"))),
        None => found
            .fix(Fix::words(Who::OrgAdmin, format!("Allow {hosts} on port 443, without inspection.")))
            .fix(Fix::words(Who::You, "Try with the VPN or proxy on, or off.")),
    }]
}

/// A host of this machine itself, to which no way out leads.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The host has addresses of IPv4 only, and no packet finds a way there from here.
fn lacks_ipv4(look: &HostLook) -> bool {
    let only_v4 = look.addresses.as_ref().is_ok_and(|all| !all.is_empty() && all.iter().all(IpAddr::is_ipv4));
    only_v4
        && matches!(&look.tcp, Some(Err(why)) if why.contains("etwork is unreachable") || why.contains("No route to host"))
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Hop, HostLook, NetworkFailure};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::observe::host::WaysOut;

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
    fn a_runtime_that_drops_packets_while_sts_answers_is_an_error() {
        let finding = unreachable(Hop::Connect, "timed out").expect_first("no-answer");
        assert_eq!(finding.severity, Severity::Error);
    }

    #[test]
    fn where_nothing_answers_at_all_it_is_not_proven() {
        let mut scene = unreachable(Hop::Connect, "timed out");
        scene.answers.identity = Answer::TimedOut;
        assert_eq!(scene.expect_first("no-answer").severity, Severity::Warning);
    }

    /// No packet finds a way to the address of the runtime.
    fn no_route(ways: Option<WaysOut>) -> Scene {
        let mut scene = unreachable(Hop::Connect, "Network is unreachable (os error 101)");
        scene.answers.identity = Answer::TimedOut;
        scene.machine.host.ways_out = ways;
        scene.answers.hosts = vec![HostLook {
            host: RUNTIME_HOST.to_owned(),
            proxy: None,
            addresses: Ok(vec!["192.0.2.7".parse().expect("an address")]),
            tcp: Some(Err("Network is unreachable (os error 101)".to_owned())),
            tunnel: None,
            issuer: None,
            cure: None,
        }];
        scene
    }

    #[test]
    fn a_network_without_ipv4_is_told_where_a_way_by_ipv6_is_known() {
        let finding = no_route(Some(WaysOut { v4: false, v6: true })).expect_first("no-answer");
        assert!(finding.fixes[0].text.contains("NAT64"), "{finding:?}");
        assert!(finding.evidence.iter().any(|evidence| evidence.what.contains("192.0.2.7")));
        for ways in [None, Some(WaysOut { v4: true, v6: false }), Some(WaysOut { v4: true, v6: true })] {
            let finding = no_route(ways).expect_first("no-answer");
            assert!(!finding.fixes[0].text.contains("IPv6"), "{ways:?}: {finding:?}");
        }
    }

    #[test]
    fn a_machine_without_any_way_out_is_to_be_connected() {
        let mut scene = no_route(Some(WaysOut { v4: false, v6: false }));
        scene.answers.identity =
            scene.answers.profiles.unreachable().cloned().map_or(Answer::TimedOut, Answer::Unreachable);
        let finding = scene.expect_first("no-answer");
        assert!(finding.summary.starts_with("This machine has no way out"), "{finding:?}");
        assert!(finding.fixes[0].text.contains("Connect this machine"), "{finding:?}");
        scene.machine.host.container = Some("/.dockerenv".into());
        assert!(scene.expect_first("no-answer").fixes[0].text.contains("--network none"));
        // What stands on this machine itself is reached without one.
        scene.set("HTTPS_PROXY", "http://127.0.0.1:3128");
        assert!(!scene.expect_first("no-answer").summary.contains("no way out"));
    }

    #[test]
    fn a_proxy_that_takes_the_connection_and_holds_it() {
        let mut scene = unreachable(Hop::Proxy, "timed out");
        scene.set("HTTPS_PROXY", "http://proxy.example.com:3128");
        scene.expect_first("proxy-unreachable");
        for host in [RUNTIME_HOST, CONTROL_HOST] {
            scene.answers.hosts.push(HostLook {
                host: host.to_owned(),
                proxy: Some("proxy.example.com:3128".to_owned()),
                addresses: Ok(vec!["192.0.2.8".parse().expect("an address")]),
                tcp: Some(Ok(())),
                tunnel: Some(Err("no answer in time".to_owned())),
                issuer: None,
                cure: None,
            });
        }
        let finding = scene.expect_first("no-answer");
        assert!(finding.evidence.iter().any(|line| line.what.contains("does not lead on")), "{finding:?}");
        assert!(finding.evidence.iter().any(|line| line.what.contains("CONNECT: no answer in time")), "{finding:?}");
        scene.expect_absent("proxy-unreachable");
        // A proxy that nothing at all came through may be none.
        scene.answers.identity = Answer::TimedOut;
        assert!(scene.expect_first("proxy-unreachable").summary.contains("takes the connection"));
    }

    #[test]
    fn a_host_that_answers_other_calls_is_no_error() {
        let failure = |hop, detail: &str| {
            Answer::Unreachable(NetworkFailure { host: RUNTIME_HOST.to_owned(), hop, detail: detail.to_owned() })
        };
        let mut scene = Scene::healthy();
        scene.model(HAIKU).stream = failure(Hop::Reset, "client error (Connect): Connection reset by peer");
        assert_eq!(scene.expect_first("no-answer").severity, Severity::Warning);
        // The way is there, and this one call is not answered.
        scene.model(HAIKU).stream = failure(Hop::Reset, "connection closed before message completed");
        assert_eq!(scene.expect_first("no-answer").severity, Severity::Error);
    }

    #[test]
    fn what_the_client_does_without_is_no_fault() {
        let mut scene = Scene::healthy();
        scene.answers.identity = Answer::TimedOut;
        scene.expect_absent("no-answer");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("no-answer");
    }
}
