//! `dns-failed`: the name of AWS's host does not resolve.

use crate::aws::answer::Hop;
use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who};
use crate::diagnose::{look, words};
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

Set the proxy of your network, or join the VPN:

    export HTTPS_PROXY=http://HOST:PORT

## Check

`getent hosts bedrock-runtime.REGION.amazonaws.com` prints an address; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let failures = look::failures(case, &[Hop::Name]);
    let Some((_, first)) = failures.first() else {
        return Vec::new();
    };

    let mut found =
        Found::new(format!("The name {} does not resolve.", first.host)).severity(look::network_severity(case));
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

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Hop, NetworkFailure};
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
    fn a_real_region_whose_host_does_not_resolve() {
        let finding = unreachable(Hop::Name, "Name or service not known").expect_first("dns-failed");
        assert!(finding.evidence[0].what.contains("Name or service not known"));
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
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("dns-failed");
    }
}
