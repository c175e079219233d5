//! `sign-in-endpoint-unreachable`: the host that gives credentials cannot be reached by the way that the client goes.

use crate::aws::answer::{Answer, CredentialFailure, HostLook};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, local, look, words};
use crate::resolve::client_version;
use crate::resolve::data::{Gate, gate};

/// The host that gives credentials cannot be reached by the way that the client goes.
pub const KIND: Kind = Kind {
    name: "sign-in-endpoint-unreachable",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "The host that gives credentials cannot be reached by the way that the client goes",
    page: PAGE,
    owns: &["dns-failed", "connection-refused", "no-answer", "no-credentials"],
    detect,
};

const PAGE: &str = "\
## What you see

`getaddrinfo ENOTFOUND portal.sso.REGION.amazonaws.com`, an empty `API Error`, or minutes of silence before the first answer, while the AWS CLI works
on the same network.

## Why

A profile needs `portal.sso.REGION`, `oidc.REGION` (IAM Identity Center) or `sts.REGION` (roles, and the check before `awsAuthRefresh`), and that
host is not open from here, though Bedrock's own may be. Clients before 1.0.48 do not use the proxy for it, and before 2.1.239 not for the
check before `awsAuthRefresh` (measured).

## Fix

    claude update

or have the host allowed. Until then give Claude Code credentials that need no sign-in of its own:

    eval \"$(aws configure export-credentials --profile NAME --format env)\"

`AWS_EC2_METADATA_DISABLED=true` spares the wait for an instance address that is not there.

## Check

`curl -sS https://portal.sso.REGION.amazonaws.com` answers; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let found = past_the_proxy(case).or_else(|| for_credentials(case)).or_else(|| for_the_check(case));
    // A refresh that cannot see its own effect runs again and again.
    found.into_iter().map(|found| found.explains("auth-refresh-loops")).collect()
}

/// An old client goes past the proxy, and there is no way.
fn past_the_proxy(case: &Case<'_>) -> Option<Found> {
    let closed: Vec<&HostLook> = case.answers.past_the_proxy.iter().filter(|look| !look.is_open()).collect();
    let first = closed.first()?;
    let version = client_version(case.machine);
    let found = Found::new(format!(
        "Claude Code {version} does not use the proxy for {}, and without it the host cannot be reached.",
        first.host
    ));
    let found = closed
        .iter()
        .fold(found, |found, look| found.evidence(format!("{}, past the proxy", look.host), look::seen(look)));
    let found = match look::proxy(case) {
        Some((name, value)) => found.evidence(format!("proxy, {name}"), value),
        None => found,
    };
    let from =
        if version < gate(Gate::SignInByProxy) { gate(Gate::SignInByProxy) } else { gate(Gate::AuthCheckThroughProxy) };
    let text =
        format!("Update the client, which uses the proxy from {from} on (and allow {} in the proxy).", first.host);
    Some(found.fix(Fix::command(text, "claude update")).fix(export(case)).fix(no_metadata(case)))
}

/// The credentials could not be asked for, and Bedrock's own host is open.
fn for_credentials(case: &Case<'_>) -> Option<Found> {
    let Some(CredentialFailure::Network { service, failure }) = &case.answers.credential_failure else {
        return None;
    };
    if !matches!(*service, "sso" | "sso-oidc" | "sts" | "signin") {
        return None;
    }
    // With a proxy on the way a look from here shows the proxy; what it refuses, it refuses for this host.
    let runtime = local::host(&case.route.endpoints.runtime);
    let open = case.answers.hosts.iter().any(|look| look.host == runtime && look.is_open());
    if !open {
        return None;
    }
    let found = Found::new(format!("{} cannot be reached, and these credentials need it.", failure.host))
        .evidence(format!("credentials from {service}"), words::failure(failure))
        .evidence(runtime, "takes a connection: the network is there");
    Some(found.fix(allow(&failure.host)).fix(export(case)))
}

/// The client asks STS before it runs `awsAuthRefresh`, and waits for it.
fn for_the_check(case: &Case<'_>) -> Option<Found> {
    let refresh =
        case.machine.settings.iter().find_map(|file| Some((file, file.settings()?.aws_auth_refresh.as_ref()?)));
    let (file, _) = refresh?;
    let what = match &case.answers.identity {
        Answer::Unreachable(failure) => words::failure(failure),
        Answer::TimedOut => "no answer within the time limit".to_owned(),
        _ => return None,
    };
    if !look::runtime_heard(case) {
        return None;
    }
    let host = local::host(&case.route.endpoints.sts);
    let found =
        Found::new(format!("{host} cannot be reached, and the client asks it before it runs `awsAuthRefresh`."))
            .evidence("STS GetCallerIdentity", what)
            .evidence(words::short(case, &file.path), "awsAuthRefresh is set");
    let remove = Fix::words(Who::You, format!("Or take `awsAuthRefresh` out of {}.", words::short(case, &file.path)));
    Some(found.fix(allow(host)).fix(remove).fix(no_metadata(case)))
}

fn allow(host: &str) -> Fix {
    Fix::words(
        Who::OrgAdmin,
        format!("Allow {host} on port 443, in the proxy or directly; in a VPC create an endpoint for it."),
    )
}

fn export(case: &Case<'_>) -> Fix {
    let profile = words::profile_option(case, &case.route.profile);
    let command = format!("eval \"$(aws configure export-credentials{profile} --format env)\"");
    Fix::command("Or export the credentials before `claude` starts.", command)
}

fn no_metadata(case: &Case<'_>) -> Fix {
    let text = "Also spare the wait for an instance address that is not there.";
    Fix::command(text, words::export(case, "AWS_EC2_METADATA_DISABLED", "true"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::answer::{Hop, NetworkFailure};
    use crate::diagnose::testing::*;
    use crate::observe::settings::{Scope, Settings};
    use crate::version::Version;

    const PORTAL: &str = "portal.sso.us-east-1.amazonaws.com";

    fn look_at(host: &str, tcp: Result<(), String>) -> HostLook {
        let addresses = Ok(vec!["192.0.2.7".parse().expect("an address")]);
        HostLook {
            host: host.to_owned(),
            proxy: None,
            addresses,
            tcp: Some(tcp),
            tunnel: None,
            issuer: None,
            cure: None,
        }
    }

    fn unanswered(service: &'static str, runtime: Result<(), String>) -> Scene {
        let mut scene = Scene::healthy();
        scene.choose_profile("dev", &[("sso_session", "corp"), ("sso_account_id", ACCOUNT), ("sso_role_name", "Dev")]);
        let failure =
            NetworkFailure { host: PORTAL.to_owned(), hop: Hop::Connect, detail: "no connection within 3s".to_owned() };
        scene.without_credentials(Some(CredentialFailure::Network { service, failure }));
        scene.answers.hosts = vec![look_at(RUNTIME_HOST, runtime)];
        scene
    }

    #[test]
    fn a_portal_that_is_closed_where_bedrock_is_open() {
        let finding = unanswered("sso", Ok(())).expect("sign-in-endpoint-unreachable");
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.fixes[0].text.contains(PORTAL));
    }

    #[test]
    fn where_bedrock_is_closed_too_it_is_the_network() {
        let scene = unanswered("sso", Err("no answer in time".to_owned()));
        scene.expect_absent("sign-in-endpoint-unreachable");
        scene.expect("no-answer");
    }

    #[test]
    fn an_old_client_that_goes_past_the_proxy() {
        let mut scene = Scene::healthy();
        scene.client(Version(1, 0, 35));
        scene.set("HTTPS_PROXY", "http://proxy.corp.example:3128");
        scene.answers.past_the_proxy = vec![look_at(PORTAL, Err("no answer in time".to_owned()))];
        let finding = scene.expect("sign-in-endpoint-unreachable");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("claude update"));
        scene.answers.past_the_proxy = vec![look_at(PORTAL, Ok(()))];
        scene.expect_absent("sign-in-endpoint-unreachable");
    }

    #[test]
    fn sts_that_is_silent_matters_where_the_client_asks_it_first() {
        let mut scene = Scene::healthy();
        scene.answers.identity = Answer::TimedOut;
        scene.expect_absent("sign-in-endpoint-unreachable");
        let refresh = Some("aws sso login".to_owned());
        scene.settings(Scope::User, Settings { aws_auth_refresh: refresh, ..Settings::default() });
        scene.expect_first("sign-in-endpoint-unreachable");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("sign-in-endpoint-unreachable");
    }
}
