//! Which hosts an old client asks past the proxy.

use crate::aws::clients::service_url;
use crate::observe::Machine;
use crate::resolve::data::{Gate, gate};
use crate::resolve::{CredentialKind, ProfileRoute, RoleBase, Route, client_version};

/// URLs of the sign-in services that the client of this machine asks directly, for what this route needs.
pub fn hosts(machine: &Machine, route: &Route) -> Vec<String> {
    let version = client_version(machine);
    let mut urls = Vec::new();
    if version < gate(Gate::SignInByProxy) {
        urls.extend(sign_in(route));
    }
    // Before the command runs, the client asks who it is.
    let refreshes = machine.settings.iter().any(|file| file.settings().is_some_and(|it| it.aws_auth_refresh.is_some()));
    if version < gate(Gate::AuthCheckThroughProxy) && refreshes {
        urls.push(route.endpoints.sts.clone());
    }
    urls.dedup();
    urls
}

/// What the credentials of a profile are asked of.
fn sign_in(route: &Route) -> Vec<String> {
    let mut urls = Vec::new();
    let CredentialKind::Profile { leads_to, .. } = &route.credentials.kind else { return urls };
    let mut leads_to = leads_to;
    while let ProfileRoute::Role { base, .. } = leads_to {
        urls.push(route.endpoints.sts.clone());
        match base.as_ref() {
            RoleBase::Profile { leads_to: below, .. } => leads_to = below,
            RoleBase::Source(_) | RoleBase::TokenFile(_) => break,
        }
    }
    if let ProfileRoute::Sso { region, .. } = leads_to {
        urls.push(service_url(&route.effective, "SSO", &format!("portal.sso.{region}"), region));
    }
    urls.dedup();
    urls
}
