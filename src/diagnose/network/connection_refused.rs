//! `connection-refused`: the connection is refused.

use crate::aws::answer::Hop;
use crate::diagnose::hand;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who};
use crate::diagnose::{look, words};
use crate::variables::BASE_URL;

/// The connection is refused.
pub const KIND: Kind = Kind {
    name: "connection-refused",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "The connection is refused",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`Connection refused — a firewall or proxy may be blocking it (ECONNREFUSED)`, after three minutes.

## Why

The host is there and refuses: nothing listens at the address of `ANTHROPIC_BEDROCK_BASE_URL`, or a firewall rejects.

## Fix

Start the gateway, or correct or unset the URL:

    unset ANTHROPIC_BEDROCK_BASE_URL

Where AWS's own host refuses, have the network opened to it on port 443.

## Check

`curl -sS URL` connects; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let failures = look::failures(case, &[Hop::Refused]);
    let Some((_, first)) = failures.first() else {
        return Vec::new();
    };

    let mut found =
        Found::new(format!("{} refuses the connection.", first.host)).severity(look::network_severity(case));
    for (question, failure) in &failures {
        found = found.evidence(question.clone(), words::failure(failure));
    }
    vec![match &case.route.endpoints.base_url {
        Some(url) => {
            let url_is = format!("{BASE_URL}, {}", words::source(case, &url.source));
            found
                .evidence(url_is, url.value.clone())
                .fix(hand::remove(case, BASE_URL))
                .fix(Fix::words(Who::You, "Or start the gateway that should listen there, or correct the URL."))
        }
        None => found.fix(Fix::words(Who::OrgAdmin, format!("Open {}:443.", first.host))),
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
    fn a_gateway_that_does_not_listen() {
        let mut scene = unreachable(Hop::Refused, "Connection refused (os error 111)");
        scene.set("ANTHROPIC_BEDROCK_BASE_URL", "http://127.0.0.1:4000");
        let finding = scene.expect("connection-refused");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset ANTHROPIC_BEDROCK_BASE_URL"));
    }

    #[test]
    fn awss_own_host_is_a_matter_of_the_network() {
        let finding = unreachable(Hop::Refused, "Connection refused (os error 111)").expect_first("connection-refused");
        assert_eq!(finding.fixes[0].who, Who::OrgAdmin);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("connection-refused");
    }
}
