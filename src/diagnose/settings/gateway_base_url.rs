//! `gateway-base-url`: `ANTHROPIC_BEDROCK_BASE_URL` names a host that is not AWS's.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, words};
use crate::resolve::Provider;
use crate::variables;

/// Bedrock is called through a gateway.
pub const KIND: Kind = Kind {
    name: "gateway-base-url",
    layer: Layer::Settings,
    severity: Severity::Note,
    title: "Bedrock is called through a gateway",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`bedrockup doctor` speaks of a gateway; the answers carry its name, or no request id of AWS.

## Why

`ANTHROPIC_BEDROCK_BASE_URL` sends model calls and lists to a host that is not one of AWS. That is right for a gateway. Whether it forwards to
Bedrock then rests on its word.

## Fix

Nothing, if it is meant. Else `unset ANTHROPIC_BEDROCK_BASE_URL`, and remove it from the place shown.

## Check

`bedrockup why` shows the host that is called.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(url) = case.route.value(variables::BASE_URL) else { return Vec::new() };
    let host = local::host(url);
    if case.route.provider != Provider::Bedrock || local::is_aws_host(host) {
        return Vec::new();
    }
    let place = local::source(case, variables::BASE_URL)
        .map_or_else(|| "environment".to_owned(), |source| words::source(case, &source));
    let found =
        Found::new(format!("Calls go to {host}, not to AWS itself: that they reach Bedrock is the word of that host."))
            .evidence(place, format!("{} names {host}", variables::BASE_URL))
            .fix(Fix::words(Who::You, "Nothing, if this gateway is meant."))
            .fix(hand::remove(case, variables::BASE_URL))
            // Whoever has a gateway knows it: whatever else there is to note comes first.
            .last();
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::variables;

    #[test]
    fn a_gateway_is_a_note() {
        let mut scene = Scene::healthy();
        scene.set(variables::BASE_URL, "https://gateway.example.com:8443/bedrock");
        let finding = scene.expect("gateway-base-url");
        assert_eq!(finding.severity, Severity::Note);
        assert!(finding.summary.contains("gateway.example.com,"), "{finding:?}");
    }

    #[test]
    fn hosts_of_aws_are_silent() {
        for url in [
            "https://bedrock-runtime.us-east-1.amazonaws.com",
            "https://vpce-0a1b.bedrock-runtime.us-east-1.vpce.amazonaws.com/",
        ] {
            let mut scene = Scene::healthy();
            scene.set(variables::BASE_URL, url);
            scene.expect_absent("gateway-base-url");
        }
        Scene::healthy().expect_absent("gateway-base-url");
    }
}
