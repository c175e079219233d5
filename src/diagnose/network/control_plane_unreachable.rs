//! `control-plane-unreachable`: models can be called, and the host that lists them cannot be reached.

use crate::aws::answer::{Answer, Hop};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, look, words};
use crate::resolve::{Role, Source};
use crate::variables::is_truthy;

/// Models can be called, and the host that lists them cannot be reached.
pub const KIND: Kind = Kind {
    name: "control-plane-unreachable",
    layer: Layer::Network,
    severity: Severity::Warning,
    title: "Models can be called, and the host that lists them cannot be reached",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`claude` answers, and takes seconds longer to start; it takes model ids that it guesses from the name of the region, and
`bedrockup doctor` can say less about access.

## Why

`bedrock.REGION.amazonaws.com` cannot be reached from here, `bedrock-runtime.REGION.amazonaws.com` can: a VPC that has an endpoint for the
runtime only, a proxy or firewall that allows one of the two hosts, or `AWS_USE_FIPS_ENDPOINT` in a region without a FIPS host.

## Fix

Give the VPC endpoints for `com.amazonaws.REGION.bedrock` and `com.amazonaws.REGION.sts`, or allow the host. Until then pin every tier, so that
nothing is guessed:

    bedrockup setup --pin opus=ID --pin sonnet=ID --pin haiku=ID

## Check

`aws bedrock list-inference-profiles` answers at once.
";

const FIPS: &str = "AWS_USE_FIPS_ENDPOINT";

fn detect(case: &Case<'_>) -> Vec<Found> {
    // A certificate that is not trusted has a finding of its own.
    let what = match &case.answers.profiles {
        Answer::Unreachable(failure) if failure.hop != Hop::Trust => words::failure(failure),
        Answer::TimedOut => "no answer within the time limit".to_owned(),
        _ => return Vec::new(),
    };
    if !look::runtime_heard(case) {
        return Vec::new();
    }
    let url = &case.route.endpoints.control;
    let host = local::host(url);
    let found = Found::new(format!("Models can be called, and {host}, which lists them, cannot be reached."))
        .evidence("list of inference profiles", what)
        .evidence("model calls", format!("answered by {}", local::host(&case.route.endpoints.runtime)));
    let found = match look::host_look(case, host) {
        Some(look) => found.evidence(format!("second look at {host}"), look::seen(look)),
        None => found,
    };
    let no_name = case.answers.profiles.unreachable().is_some_and(|failure| failure.hop == Hop::Name);
    if no_name && host.contains("-fips.") && case.route.value(FIPS).is_some_and(is_truthy) {
        let found = found.evidence(FIPS, "there may be no FIPS host in this region");
        return vec![found.fix(hand::remove(case, FIPS)).fix(pins(case))];
    }
    let region = &case.route.region.name;
    let admin = Fix::words(
        Who::AwsAdmin,
        format!(
            "Allow {host} on port 443; in a VPC create endpoints for com.amazonaws.{region}.bedrock and com.amazonaws.{region}.sts."
        ),
    );
    vec![found.fix(admin).fix(pins(case))]
}

/// With every tier pinned nothing is guessed.
fn pins(case: &Case<'_>) -> Fix {
    let unpinned: Vec<String> = case
        .models
        .iter()
        .filter(|model| model.source == Source::ClientDefault && !matches!(model.role, Role::Main | Role::Subagent))
        .map(|model| format!("--pin {}={}", model.role.name(), words::quote(case, &model.id)))
        .collect();
    if unpinned.is_empty() {
        return Fix::words(
            Who::You,
            "Or leave it: every tier is pinned, so nothing is guessed; only the start is slower.",
        );
    }
    Fix::command("Or pin the tiers, so that nothing is guessed.", format!("bedrockup setup {}", unpinned.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::answer::NetworkFailure;
    use crate::diagnose::testing::*;

    fn without_lists(hop: Hop) -> Scene {
        let mut scene = Scene::healthy();
        let detail = "failed to lookup address information".to_owned();
        scene.answers.profiles = Answer::Unreachable(NetworkFailure { host: CONTROL_HOST.to_owned(), hop, detail });
        scene
    }

    #[test]
    fn lists_that_do_not_come_beside_models_that_answer() {
        for hop in [Hop::Name, Hop::Connect, Hop::Refused, Hop::FirstByte] {
            let finding = without_lists(hop).expect_first("control-plane-unreachable");
            assert_eq!(finding.severity, Severity::Warning);
            assert!(finding.fixes[0].text.contains("com.amazonaws.us-east-1.bedrock"));
        }
        let mut scene = Scene::healthy();
        scene.answers.profiles = Answer::TimedOut;
        scene.expect_first("control-plane-unreachable");
        for name in ["dns-failed", "no-answer", "connection-refused"] {
            scene.expect_absent(name);
        }
    }

    #[test]
    fn a_proxy_that_does_not_let_it_through_is_the_cause() {
        let findings = without_lists(Hop::ProxyRefusal).findings();
        let names: Vec<_> = findings.iter().map(|finding| (finding.name, finding.because_of)).collect();
        assert!(names.contains(&("control-plane-unreachable", Some("proxy-needs-auth"))), "{names:?}");
    }

    #[test]
    fn a_fips_host_that_is_not_there_is_told_with_its_switch() {
        let mut scene = without_lists(Hop::Name);
        scene.set("AWS_USE_FIPS_ENDPOINT", "true");
        let finding = scene.expect_first("control-plane-unreachable");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset AWS_USE_FIPS_ENDPOINT"));
    }

    #[test]
    fn where_the_models_are_silent_too_it_is_the_network() {
        let mut scene = Scene::healthy();
        scene.unreachable(Hop::Name, "failed to lookup address information");
        scene.expect_first("dns-failed");
        scene.expect_absent("control-plane-unreachable");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("control-plane-unreachable");
    }
}
