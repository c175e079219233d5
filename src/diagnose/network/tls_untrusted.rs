//! `tls-untrusted`: the certificate that answers for AWS is not trusted.

use crate::aws::answer::Hop;
use crate::diagnose::Fix;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{look, words};

/// The certificate that answers for AWS is not trusted.
pub const KIND: Kind = Kind {
    name: "tls-untrusted",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "The certificate that answers for AWS is not trusted",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`Unable to connect to API: SSL certificate verification failed (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`, `SELF_SIGNED_CERT_IN_CHAIN`, `unable to get local issuer certificate`, `invalid peer certificate: UnknownIssuer`.

## Why

A box of the network opens TLS and answers with a certificate of its own root, and Claude Code does not know that root. `AWS_CA_BUNDLE` alone is read by other AWS tools, not by Claude Code.

## Fix

    export NODE_EXTRA_CA_CERTS=/path/to/company-root.pem

(the root of your company, in PEM form, from who runs the network).

## Check

`bedrockup doctor` reaches AWS.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let failures = look::failures(case, &[Hop::Trust]);
    let Some((_, first)) = failures.first() else {
        return Vec::new();
    };

    let mut found = Found::new(format!(
        "The certificate of {} is not trusted here: most likely a box of the network opens TLS.",
        first.host
    ))
    .severity(look::network_severity(case));
    for (question, failure) in &failures {
        found = found.evidence(question.clone(), words::failure(failure));
    }
    let bundle = case.route.value("AWS_CA_BUNDLE");
    if let Some(bundle) = bundle {
        found = found.evidence("AWS_CA_BUNDLE, which Claude Code does not read", bundle);
    }
    let file = bundle.unwrap_or("/path/to/company-root.pem");
    let text = "Name the root certificate of your company, as a PEM file, before `claude` starts.";
    vec![found.fix(Fix::command(text, words::export(case, "NODE_EXTRA_CA_CERTS", file)))]
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
    fn an_unknown_issuer() {
        let finding = unreachable(Hop::Trust, "invalid peer certificate: UnknownIssuer (Corp Root)")
            .expect_first("tls-untrusted");
        assert!(finding.evidence[0].what.contains("Corp Root"));
        assert!(finding.fixes[0].command.as_deref().unwrap_or_default().starts_with("export NODE_EXTRA_CA_CERTS="));
    }

    #[test]
    fn the_bundle_of_other_tools_is_offered() {
        let mut scene = unreachable(Hop::Trust, "invalid peer certificate: UnknownIssuer");
        scene.set("AWS_CA_BUNDLE", "/etc/corp.pem");
        let finding = scene.expect("tls-untrusted");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export NODE_EXTRA_CA_CERTS='/etc/corp.pem'"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("tls-untrusted");
    }
}
