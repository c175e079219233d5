//! Which credentials the client uses: its own order, which is not that of every AWS SDK.
//!
//! A bearer token beats all. With `AWS_PROFILE` the profile is taken and the keys in the environment are not looked at.

use std::path::PathBuf;

use crate::observe::Machine;
use crate::resolve::profile::leads_to;
use crate::resolve::variables::strongest_key;
use crate::resolve::{CredentialKind, Credentials, ProfileRoute, RoleBase, Source, Variable};
use crate::variables::{ACCESS_KEY_ID, BEARER_TOKEN, PROFILE, SECRET_ACCESS_KEY, SESSION_TOKEN, SKIP_AUTH, is_truthy};
use crate::world::Env;

/// Walks the chain; the first complete link is used, the other complete ones are hidden by it.
pub fn resolve(machine: &Machine, effective: &Env, variables: &[Variable], companions: &[Variable]) -> Credentials {
    let mut links = links(machine, effective, variables, companions);
    if links.is_empty() {
        let kind = if metadata_is_off(effective) { CredentialKind::Nothing } else { CredentialKind::InstanceMetadata };
        return Credentials { kind, source: Source::ClientDefault, hidden: Vec::new() };
    }
    // A profile that leads nowhere sends the client on to the web identity and the container, past the keys; a web identity
    // without a role to the container (measured).
    let passes_on = match &links[0].0 {
        CredentialKind::Profile { leads_to, .. } => leads_nowhere(leads_to),
        CredentialKind::WebIdentity { role_arn, .. } => role_arn.is_none(),
        _ => false,
    };
    let beyond = |(kind, _): &(CredentialKind, Source)| {
        matches!(kind, CredentialKind::WebIdentity { role_arn: Some(_), .. } | CredentialKind::Container { .. })
    };
    let used = if passes_on { links.iter().position(beyond).unwrap_or(0) } else { 0 };
    let (kind, source) = links.remove(used);
    // A link that gives nothing hides nobody and is not worth a word beside the one that is used.
    let hidden = links.into_iter().map(|(kind, _)| kind).filter(gives_something).collect();
    Credentials { kind, source, hidden }
}

/// The links that are there, in the client's order.
fn links(
    machine: &Machine,
    effective: &Env,
    variables: &[Variable],
    companions: &[Variable],
) -> Vec<(CredentialKind, Source)> {
    let mut links = Vec::new();
    // Blanks alone are no token; blanks alone are a profile, one that does not exist (measured).
    if effective.get(BEARER_TOKEN).is_some_and(|token| !token.trim().is_empty()) {
        links.push((CredentialKind::BearerToken, source_of(variables, BEARER_TOKEN)));
    }
    if effective.get(SKIP_AUTH).is_some_and(is_truthy) {
        links.push((CredentialKind::Skipped, source_of(variables, SKIP_AUTH)));
    }
    if let Some((command, scope, place)) = strongest_key(machine, "awsCredentialExport", |settings| {
        settings.aws_credential_export.clone().filter(|command| !command.trim().is_empty())
    }) {
        links.push((CredentialKind::Export { command, scope }, Source::Settings { scope, place }));
    }

    let chosen = effective.non_empty(PROFILE);
    if let Some(name) = chosen {
        let route = leads_to(&machine.aws, name);
        links.push((CredentialKind::Profile { name: name.to_owned(), leads_to: route }, source_of(variables, PROFILE)));
    }
    // Half a pair is as good as none.
    if let (Some(key_id), Some(_)) = (effective.non_empty(ACCESS_KEY_ID), effective.non_empty(SECRET_ACCESS_KEY)) {
        let has_session_token = effective.non_empty(SESSION_TOKEN).is_some();
        let kind = CredentialKind::EnvironmentKeys { key_id: key_id.to_owned(), has_session_token };
        links.push((kind, source_of(variables, ACCESS_KEY_ID)));
    }
    if chosen.is_none_or(|name| name != "default") {
        let leads_to = leads_to(&machine.aws, "default");
        if !matches!(leads_to, ProfileRoute::NotFound | ProfileRoute::Empty) {
            let path = file_of(machine, "default");
            let source = Source::AwsFile { path, profile: "default".to_owned() };
            links.push((CredentialKind::Profile { name: "default".to_owned(), leads_to }, source));
        }
    }
    if let Some(token_file) = effective.non_empty("AWS_WEB_IDENTITY_TOKEN_FILE") {
        let role_arn = effective.non_empty("AWS_ROLE_ARN").map(str::to_owned);
        let kind = CredentialKind::WebIdentity { token_file: PathBuf::from(token_file), role_arn };
        links.push((kind, source_of(companions, "AWS_WEB_IDENTITY_TOKEN_FILE")));
    }
    let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    if let Some((name, uri)) = container.into_iter().find_map(|name| Some((name, effective.non_empty(name)?))) {
        links.push((CredentialKind::Container { uri: uri.to_owned() }, source_of(companions, name)));
    }
    links
}

/// Where a variable in effect comes from.
fn source_of(variables: &[Variable], name: &str) -> Source {
    variables
        .iter()
        .find(|variable| variable.name == name)
        .and_then(|variable| variable.winner.as_ref())
        .map_or(Source::Environment { place: None }, |setting| setting.source.clone())
}

/// The file that most likely holds a profile's credentials: keys stand in the credentials file, all else in the config file.
fn file_of(machine: &Machine, profile: &str) -> PathBuf {
    let has_keys = machine.aws.profiles.get(profile).is_some_and(|section| section.get("aws_access_key_id").is_some());
    if has_keys { machine.aws.credentials.path.clone() } else { machine.aws.config.path.clone() }
}

/// The client goes on after such a profile. (A broken SSO profile ends its search; so do commands and services that fail.)
fn leads_nowhere(route: &ProfileRoute) -> bool {
    match route {
        ProfileRoute::NotFound | ProfileRoute::Empty => true,
        ProfileRoute::Role { base, .. } => {
            matches!(base.as_ref(), RoleBase::Profile { leads_to, .. } if leads_nowhere(leads_to))
        }
        _ => false,
    }
}

fn gives_something(kind: &CredentialKind) -> bool {
    match kind {
        CredentialKind::Profile { leads_to, .. } => {
            !leads_nowhere(leads_to) && !matches!(leads_to, ProfileRoute::Broken(_))
        }
        CredentialKind::WebIdentity { role_arn, .. } => role_arn.is_some(),
        _ => true,
    }
}

/// The SDK takes every value but an empty one and `false` as "off".
fn metadata_is_off(effective: &Env) -> bool {
    effective.non_empty("AWS_EC2_METADATA_DISABLED").is_some_and(|value| !value.eq_ignore_ascii_case("false"))
}
