//! `tls-untrusted`: the certificate that answers for AWS is not trusted.

use crate::aws::answer::Hop;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};

/// Switches the client's look at certificates off (measured).
const UNVERIFIED: &str = "NODE_TLS_REJECT_UNAUTHORIZED";

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

`Unable to connect to API: SSL certificate verification failed (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`, `SELF_SIGNED_CERT_IN_CHAIN`,
`self-signed certificate in certificate chain`, `unable to get local issuer certificate`, `invalid peer certificate: UnknownIssuer`;
or `CERT_HAS_EXPIRED`, `certificate expired`, `certificate has expired`; or `ERR_TLS_CERT_ALTNAME_INVALID`, `certificate not valid for name`.

## Why

A box of the network opens TLS and answers with a certificate of its own root, and Claude Code does not know that root. `AWS_CA_BUNDLE` alone is read by other AWS tools, not by Claude Code.
An expired certificate, or one of another name, is no matter of roots: the box, its entry in DNS, or the clock of this machine is wrong.

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
    let host = &first.host;
    let issuer = case.answers.hosts.iter().find(|look| look.host == *host).and_then(|look| look.issuer.as_ref());
    // The library says it by the name of its error, or in a sentence with times and names.
    let says = |words: &[&str]| words.iter().any(|word| first.detail.contains(word));
    let (summary, fix) = match () {
        () if says(&["NotValidForName", "certificate not valid for name"]) => (
            format!("The certificate that answers for {host} belongs to another name."),
            Fix::words(
                Who::OrgAdmin,
                format!("See who answers for {host}: its DNS entry, or a line of the hosts file."),
            ),
        ),
        // Which of the two is wrong, the clock or the certificate, is not known: no answer came to compare the clock with.
        () if says(&["Expired", "certificate expired", "NotValidYet", "certificate not valid yet"]) => (
            format!("The certificate of {host} is not valid at this machine's time, {}.", case.machine.now),
            Fix::words(
                Who::You,
                "See that the clock of this machine is right; if it is, the box that opens TLS needs a new certificate.",
            ),
        ),
        () => {
            let by = issuer.map_or_else(String::new, |issuer| format!(", issued by {issuer},"));
            let summary = format!(
                "The certificate of {host}{by} is not trusted here: most likely a box of the network opens TLS."
            );
            let file = case.route.value("AWS_CA_BUNDLE").unwrap_or("/path/to/company-root.pem");
            let text = "Name the root certificate of your company, as a PEM file, before `claude` starts.";
            (summary, Fix::command(text, words::export(case, "NODE_EXTRA_CA_CERTS", file)))
        }
    };
    let mut found = Found::new(summary).severity(look::network_severity(case));
    for (question, failure) in &failures {
        found = found.evidence(question.clone(), words::failure(failure));
    }
    if let Some(bundle) = case.route.value("AWS_CA_BUNDLE") {
        found = found.evidence("AWS_CA_BUNDLE, which Claude Code does not read", bundle);
    }
    if case.route.value(UNVERIFIED) == Some("0") {
        // The client then calls whoever answers; doctor does not send credentials there.
        found = found
            .severity(Severity::Warning)
            .evidence(UNVERIFIED, "0: Claude Code does not look at certificates at all");
    }
    vec![found.fix(fix)]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Hop, NetworkFailure};
    use crate::diagnose::Severity;
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
    fn a_certificate_for_another_name_or_time_is_no_box_of_the_network() {
        let finding =
            unreachable(Hop::Trust, "invalid peer certificate: NotValidForName").expect_first("tls-untrusted");
        assert!(finding.summary.contains("another name") && finding.fixes[0].command.is_none());
        for detail in [
            "Expired",
            "certificate expired: verification time 1764064800 (UNIX), but certificate is not valid after 1763978400 (86400 seconds ago)",
        ] {
            let detail = format!("invalid peer certificate: {detail}");
            let finding = unreachable(Hop::Trust, &detail).expect_first("tls-untrusted");
            assert!(finding.fixes[0].text.contains("clock"));
        }
        let detail = "invalid peer certificate: certificate not valid for name \"bedrock.example\"; certificate is only valid for DnsName(\"*.amazonaws.com\")";
        assert!(unreachable(Hop::Trust, detail).expect_first("tls-untrusted").summary.contains("another name"));
    }

    #[test]
    fn a_client_that_looks_at_no_certificate_goes_on() {
        let mut scene = unreachable(Hop::Trust, "invalid peer certificate: UnknownIssuer");
        scene.set("NODE_TLS_REJECT_UNAUTHORIZED", "0");
        assert_eq!(scene.expect_first("tls-untrusted").severity, Severity::Warning);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("tls-untrusted");
    }
}
