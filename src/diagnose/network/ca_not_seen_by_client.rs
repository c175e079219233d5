//! `ca-not-seen-by-client`: the certificate that is missing is there, and Claude Code is not told of it.

use crate::aws::answer::HostLook;
use crate::aws::trust::CaSource;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, local, look, words};
use crate::resolve::Source;
use crate::resolve::data::{Gate, gate};

/// The certificate that is missing is there, and Claude Code is not told of it.
pub const KIND: Kind = Kind {
    name: "ca-not-seen-by-client",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "The certificate that is missing is there, and Claude Code is not told of it",
    page: PAGE,
    owns: &["tls-untrusted"],
    detect,
};

const PAGE: &str = "\
## What you see

`Unable to connect to API: SSL certificate verification failed`, `Self-signed certificate detected`, while the AWS CLI, pip or git work on the same
network; or `/status` shows `Additional CA cert(s)` and calls fail all the same.

## Why

The root certificate of the company is named where only other programs look: `AWS_CA_BUNDLE` or `ca_bundle` of the AWS files (measured: Claude Code
does not read them), `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`. Or it is named in a settings file for a client that reads it at its start only:
`NODE_EXTRA_CA_CERTS` before 2.1.70, `SSL_CERT_FILE` in every version.

## Fix

    export NODE_EXTRA_CA_CERTS=\"$AWS_CA_BUNDLE\"

in the shell that starts `claude`; in settings files `NODE_EXTRA_CA_CERTS` does it from 2.1.70 on (`claude update`).

## Check

`bedrockup doctor` reaches AWS.
";

const NODE: &str = "NODE_EXTRA_CA_CERTS";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let hosts = &case.answers.hosts;
    let Some((look, cure)) = hosts.iter().find_map(|look| Some((look, look.cure.as_ref()?))) else {
        return Vec::new();
    };
    let path = cure.path.display().to_string();
    let place = place(case, cure);
    let found = Found::new(format!(
        "The certificate of {} would be trusted with {}, which Claude Code does not read from {}.",
        look.host, path, cure.name
    ))
    .severity(look::network_severity(case))
    .evidence(place.clone(), words::short(case, &cure.path))
    .evidence(format!("certificate of {}", look.host), shown(look));
    let export = Fix::command("Export it in the shell that starts `claude`.", words::export(case, NODE, &path));
    let found = found.fix(export);
    let old = case.machine.client.version().is_some_and(|version| version < gate(Gate::CaFileFromSettings));
    vec![match (cure.name, local::source(case, cure.name)) {
        (NODE, _) if old => {
            found.fix(Fix::command("Or update the client, which then reads it there.", "claude update"))
        }
        (_, Some(Source::Settings { scope, .. })) => {
            found.fix(words::in_settings(scope, format!("Or write `{NODE}` instead of `{}` in {place}.", cure.name)))
        }
        _ => found,
    }]
}

/// Who names the file.
fn place(case: &Case<'_>, cure: &CaSource) -> String {
    if cure.name == "ca_bundle" {
        return format!("ca_bundle of the profile {}", case.route.profile);
    }
    match local::source(case, cure.name) {
        Some(source) => format!("{}, {}", cure.name, words::source(case, &source)),
        None => cure.name.to_owned(),
    }
}

fn shown(look: &HostLook) -> String {
    match &look.issuer {
        Some(issuer) => format!("issued by {issuer}"),
        None => "its issuer is not named".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::aws::answer::Hop;
    use crate::diagnose::testing::*;
    use crate::observe::settings::Scope;
    use crate::version::Version;

    fn cured_by(name: &'static str) -> Scene {
        let mut scene = Scene::healthy();
        scene.unreachable(Hop::Trust, "invalid peer certificate: UnknownIssuer");
        scene.answers.hosts = vec![HostLook {
            host: RUNTIME_HOST.to_owned(),
            proxy: None,
            addresses: Ok(Vec::new()),
            tcp: Some(Ok(())),
            tunnel: None,
            issuer: Some("Example Corp".to_owned()),
            cure: Some(CaSource { name, path: PathBuf::from("/etc/corp.pem") }),
        }];
        scene
    }

    #[test]
    fn the_bundle_of_the_aws_cli() {
        let mut scene = cured_by("AWS_CA_BUNDLE");
        scene.set("AWS_CA_BUNDLE", "/etc/corp.pem");
        let finding = scene.expect_first("ca-not-seen-by-client");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export NODE_EXTRA_CA_CERTS='/etc/corp.pem'"));
        assert!(finding.evidence.iter().any(|evidence| evidence.what.contains("Example Corp")));
        scene.expect_absent("ca-file-unusable");
    }

    #[test]
    fn settings_that_an_old_client_reads_too_late() {
        let mut scene = cured_by("NODE_EXTRA_CA_CERTS");
        scene.client(Version(2, 0, 60));
        scene.settings_env(Scope::User, &[("NODE_EXTRA_CA_CERTS", "/etc/corp.pem")]);
        let finding = scene.expect("ca-not-seen-by-client");
        assert!(finding.fixes[0].text.contains("Export it in the shell"));
        assert_eq!(finding.fixes[1].command.as_deref(), Some("claude update"));
    }

    #[test]
    fn a_certificate_that_no_file_cures_is_another_finding() {
        let mut scene = cured_by("AWS_CA_BUNDLE");
        scene.answers.hosts[0].cure = None;
        scene.expect_first("tls-untrusted");
        scene.expect_absent("ca-not-seen-by-client");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("ca-not-seen-by-client");
    }
}
