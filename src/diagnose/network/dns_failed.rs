//! `dns-failed`: the name of AWS's host does not resolve.

use crate::aws::answer::Hop;
use crate::aws::proxy::Proxies;
use crate::diagnose::hand;
use crate::diagnose::network::way_out;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who};
use crate::diagnose::{local, look, words};
use crate::variables::BASE_URL;

/// The name of AWS's host does not resolve.
pub const KIND: Kind = Kind {
    name: "dns-failed",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "The name of AWS's host does not resolve",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`Can't reach the API server — check your internet or DNS (ENOTFOUND)` after three minutes, `getaddrinfo ENOTFOUND bedrock-runtime.REGION.amazonaws.com`.

## Why

The region is a real one, and the resolver of this network does not know the host: no network, a network that reaches the outside through a proxy only, or a private zone that lacks the name.

## Fix

Go online: a machine, container or sandbox without a network resolves nothing. Else set the proxy of your network, or join the VPN:

    export HTTPS_PROXY=http://HOST:PORT

Where a proxy is set already: `NO_PROXY` exempts the host from it, or only `ALL_PROXY` is set, which Claude Code uses for model calls alone.

## Check

`getent hosts bedrock-runtime.REGION.amazonaws.com` prints an address; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let failures = look::failures(case, &[Hop::Name]);
    let Some((_, first)) = failures.first() else {
        return Vec::new();
    };
    let mut names: Vec<&str> = failures.iter().map(|(_, failure)| failure.host.as_str()).collect();
    names.dedup();
    let all = names.len() > 1 && !look::anything_answered(case);
    let mut found = Found::new(match names.as_slice() {
        names if all => format!("No name of AWS resolves here ({}).", names.join(", ")),
        [name] => format!("The name {name} does not resolve."),
        names => format!("The names {} do not resolve.", names.join(", ")),
    })
    .severity(look::network_severity(case));
    for (question, failure) in &failures {
        found = found.evidence(question.clone(), words::failure(failure));
    }
    if let Some((name, value)) = look::proxy(case) {
        found = found.evidence(format!("proxy, {name}"), value);
    }
    // The name of a gateway: a proxy has no part in that it does not exist.
    if let Some(url) = case.route.endpoints.base_url.as_ref().filter(|url| url.value.contains(&first.host)) {
        let url_is = format!("{BASE_URL}, {}", words::source(case, &url.source));
        return vec![
            found
                .evidence(url_is, url.value.clone())
                .fix(hand::remove(case, BASE_URL))
                .fix(Fix::words(Who::You, "Or correct the host in the URL, or join the VPN that knows it.")),
        ];
    }
    if let Some(found) = past_the_proxy(case, &found, &first.host) {
        return vec![found];
    }
    if way_out::is_missing(case) {
        found = way_out::shown(case, found);
    }
    let proxy = Fix::command(
        "Set the proxy of your network (its address from who runs it), or join the VPN.",
        words::export(case, "HTTPS_PROXY", "http://HOST:PORT"),
    );
    let zone = Fix::words(
        Who::AwsAdmin,
        "Where a VPC endpoint is used: switch on its private DNS names, or give the zone the name.",
    );
    // A resolver that knows AWS's other hosts lacks this one name.
    vec![match look::anything_answered(case) {
        true => found.evidence("other hosts of AWS", "answered").fix(zone).fix(proxy),
        false => found.fix(proxy).fix(zone),
    }]
}

/// A proxy is set, and this host is asked past it: with what shows that, and the cure.
fn past_the_proxy(case: &Case<'_>, found: &Found, host: &str) -> Option<Found> {
    let (proxy, address) = look::proxy(case)?;
    let models = local::host(&case.route.endpoints.runtime) == host;
    let uri: http::Uri = format!("https://{host}/{}", if models { "model/x/invoke" } else { "" }).parse().ok()?;
    let exempts = |name: &'static str, list: &str| {
        let env = [("https_proxy", "http://proxy:3128"), (name, list)].into_iter().collect();
        Proxies::read(&env).of(&uri).is_none()
    };
    let mut lists = ["no_proxy", "NO_PROXY"].into_iter().filter_map(|name| Some((name, case.route.value(name)?)));
    if let Some((name, list)) = lists.find(|(name, list)| exempts(name, list)) {
        let from = words::set_by(case, name).unwrap_or_else(|| "environment".to_owned());
        let found =
            found.clone().evidence(format!("{name}, {from}"), format!("{list}: {host} is asked past the proxy"));
        let entries = list.split([',', ' ']).filter(|entry| !entry.is_empty());
        let kept: Vec<&str> = entries.filter(|entry| !exempts(name, entry)).collect();
        let fix = if kept.is_empty() { hand::remove(case, name) } else { words::change(case, name, &kept.join(",")) };
        return Some(found.fix(fix));
    }
    (matches!(proxy, "all_proxy" | "ALL_PROXY") && !models).then(|| {
        let why = format!("{address} serves model calls alone: {host} is asked past it");
        let value =
            case.route.value(proxy).filter(|value| !value.contains('@')).unwrap_or("http://USER:PASSWORD@HOST:PORT");
        let fix = Fix::command(format!("Give {host} the proxy too."), words::export(case, "HTTPS_PROXY", value));
        found.clone().evidence(proxy, why).fix(fix)
    })
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, CredentialFailure, Hop, NetworkFailure};
    use crate::diagnose::Who;
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
    fn a_real_region_whose_host_does_not_resolve() {
        let finding = unreachable(Hop::Name, "Name or service not known").expect_first("dns-failed");
        assert!(finding.evidence[0].what.contains("Name or service not known"));
    }

    #[test]
    fn a_host_that_goes_past_the_proxy_by_no_proxy() {
        let mut scene = unreachable(Hop::Name, "Name or service not known");
        scene.answers.identity = Answer::TimedOut;
        scene.set("HTTPS_PROXY", "http://proxy.example.com:3128");
        scene.set("NO_PROXY", "localhost,.amazonaws.com,.example.com");
        let finding = scene.expect_first("dns-failed");
        assert!(finding.evidence.iter().any(|line| line.place.starts_with("NO_PROXY")), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export NO_PROXY='localhost,.example.com'"));
        scene.set("NO_PROXY", "*");
        assert_eq!(scene.expect("dns-failed").fixes[0].command.as_deref(), Some("unset NO_PROXY"));
    }

    #[test]
    fn the_proxy_for_everything_serves_model_calls_alone() {
        let mut scene = Scene::healthy();
        let failure = NetworkFailure {
            host: "sts.us-east-1.amazonaws.com".to_owned(),
            hop: Hop::Name,
            detail: "Name or service not known".to_owned(),
        };
        scene.without_credentials(Some(CredentialFailure::Network { service: "sts", failure }));
        scene.set("ALL_PROXY", "http://proxy.example.com:3128");
        let finding = scene.expect("dns-failed");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export HTTPS_PROXY=http://proxy.example.com:3128"));
    }

    #[test]
    fn a_control_plane_that_does_not_resolve_beside_models_that_answer_is_another_finding() {
        let mut scene = unreachable(Hop::Name, "Name or service not known");
        scene.answers.models = Scene::healthy().answers.models;
        scene.expect_first("control-plane-unreachable");
        scene.expect_absent("dns-failed");
    }

    #[test]
    fn a_single_name_that_is_not_known_is_a_matter_of_the_zone() {
        let mut scene = unreachable(Hop::Name, "Name or service not known");
        assert_eq!(scene.expect("dns-failed").fixes[0].who, Who::AwsAdmin, "STS answers here");
        scene.answers.identity = Answer::TimedOut;
        assert!(scene.expect("dns-failed").fixes[0].command.as_deref().unwrap_or_default().contains("HTTPS_PROXY"));
    }

    #[test]
    fn where_no_name_resolves_none_is_singled_out_and_going_online_comes_first() {
        let mut scene = Scene::healthy();
        scene.unreachable(Hop::Name, "Temporary failure in name resolution");
        let finding = scene.expect_first("dns-failed");
        assert!(finding.summary.starts_with("The names "), "STS answers here: {}", finding.summary);
        scene.answers.identity = Answer::TimedOut;
        let finding = scene.expect_first("dns-failed");
        assert!(finding.summary.starts_with("No name of AWS resolves here"), "{}", finding.summary);
        assert!(finding.fixes[0].command.is_some(), "{finding:?}");
        scene.machine.host.ways_out = Some(WaysOut { v4: false, v6: false });
        let finding = scene.expect_first("dns-failed");
        assert!(finding.fixes[0].text.contains("Connect this machine"), "{finding:?}");
        assert!(finding.fixes[1].command.as_deref().unwrap_or_default().contains("HTTPS_PROXY"), "{finding:?}");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("dns-failed");
    }
}
