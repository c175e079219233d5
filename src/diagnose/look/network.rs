//! What the ways to AWS's hosts showed: failures, second looks, the proxy.

use super::call;
use crate::aws::answer::{Answer, CredentialFailure, Hop, HostLook, ModelAnswers, NetworkFailure};
use crate::diagnose::{Case, Severity, local};

/// Failures on the way at these hops, each with the question that met it; one line for each host.
pub fn failures<'a>(case: &Case<'a>, hops: &[Hop]) -> Vec<(String, &'a NetworkFailure)> {
    let answers = case.answers;
    let mut all: Vec<(String, &NetworkFailure)> = Vec::new();
    if let Some(CredentialFailure::Network { service, failure }) = &answers.credential_failure {
        all.push((format!("credentials from {service}"), failure));
    }
    // The client does without STS, and lives without the list, which has a finding of its own then.
    let heard = runtime_heard(case);
    let sts = answers.identity.unreachable().filter(|failure| !heard || failure.hop == Hop::Trust);
    all.extend(sts.map(|failure| ("STS GetCallerIdentity".to_owned(), failure)));
    let list = answers.profiles.unreachable().filter(|failure| !heard || !is_direct(failure.hop));
    all.extend(list.map(|failure| ("list of inference profiles".to_owned(), failure)));
    for model in &answers.models {
        // A stream that breaks where the plain call goes through is another finding.
        if model.invoke.got().is_none() {
            all.extend(model.stream.unreachable().map(|failure| (call(model), failure)));
        }
    }
    let mut seen = Vec::new();
    all.retain(|(_, failure)| {
        let key = (failure.host.clone(), failure.hop);
        hops.contains(&failure.hop) && !seen.contains(&key) && {
            seen.push(key);
            true
        }
    });
    all
}

/// Some model call was answered, with whatever words.
pub fn runtime_heard(case: &Case<'_>) -> bool {
    case.answers.models.iter().any(heard)
}

fn heard(model: &ModelAnswers) -> bool {
    matches!(model.stream, Answer::Got(_) | Answer::Refused(_))
}

/// A hop at which neither a proxy nor trust has a part.
pub fn is_direct(hop: Hop) -> bool {
    !matches!(hop, Hop::Proxy | Hop::ProxyAuthentication | Hop::ProxyRefusal | Hop::Trust)
}

/// The second look at a host, in a line: what it resolves to and whether it takes a connection.
pub fn host_look<'a>(case: &Case<'a>, host: &str) -> Option<&'a HostLook> {
    case.answers.hosts.iter().find(|look| look.host == host && look.proxy.is_none())
}

/// The proxy takes connections, and holds those to this host: it is not the proxy that cannot be reached.
pub fn proxy_holds(case: &Case<'_>, failure: &NetworkFailure) -> bool {
    let open =
        case.answers.hosts.iter().any(|look| look.host == failure.host && look.proxy.is_some() && look.is_open());
    let models = case.answers.models.iter().filter_map(|model| model.stream.unreachable());
    failure.hop == Hop::Proxy && open && (anything_answered(case) || models.map(|failure| failure.hop).all(is_direct))
}

/// What the proxy said to `CONNECT`, when it was asked a second time: the look, and its own words.
pub fn proxy_said<'a>(case: &Case<'a>, host: &str) -> Option<(&'a HostLook, String)> {
    let looks = &case.answers.hosts;
    let look = looks.iter().find(|look| look.host == host && look.proxy.is_some() && look.tunnel.is_some())?;
    let said = match look.tunnel.as_ref()? {
        Ok(line) => format!("`{line}` to CONNECT"),
        Err(why) => format!("takes the connection, and to CONNECT: {why}"),
    };
    Some((look, said))
}

/// What a look at a host showed.
pub fn seen(look: &HostLook) -> String {
    let addresses = match &look.addresses {
        Ok(found) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Err(why) => return format!("does not resolve: {why}"),
    };
    match &look.tcp {
        Some(Ok(())) => format!("resolves to {addresses} and takes a connection"),
        Some(Err(why)) => format!("resolves to {addresses}, and no connection opens: {why}"),
        None => format!("resolves to {addresses}"),
    }
}

/// How bad a failure on the way is: where every model call was answered, with whatever words, it is a side road. A call that did
/// not come as far as its request counts as answered where its host answered another one: the way is there.
pub fn network_severity(case: &Case<'_>) -> Severity {
    let models = &case.answers.models;
    let host = |model: &ModelAnswers| {
        let small = case.route.elsewhere(&model.id).map(|small| small.endpoints.runtime.as_str());
        local::host(small.unwrap_or(&case.route.endpoints.runtime)).to_owned()
    };
    let hosts: Vec<String> = models.iter().filter(|model| heard(model)).map(host).collect();
    let of_a_moment = |model: &ModelAnswers| {
        let failure = model.stream.unreachable();
        failure.is_some_and(|failure| failure.before_the_request() && hosts.contains(&failure.host))
    };
    let all = !models.is_empty() && models.iter().all(|model| heard(model) || of_a_moment(model));
    if all { Severity::Warning } else { Severity::Error }
}

/// AWS, or what stands for it, answered something at all.
pub fn anything_answered(case: &Case<'_>) -> bool {
    fn answered<T>(answer: &Answer<T>) -> bool {
        matches!(answer, Answer::Got(_) | Answer::Refused(_))
    }
    let answers = case.answers;
    answered(&answers.identity)
        || answered(&answers.profiles)
        || matches!(answers.credential_failure, Some(CredentialFailure::Service { .. }))
        || answers.models.iter().any(|model| answered(&model.stream) || answered(&model.invoke))
}

/// The variable that names the proxy for AWS's hosts, and its value without user and password.
pub fn proxy(case: &Case<'_>) -> Option<(&'static str, String)> {
    // The order in which the client takes them.
    ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].into_iter().find_map(|name| {
        let value = case.route.value(name)?;
        let shown = match (value.split_once("://"), value.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
            (None, Some((_, host))) => format!("…@{host}"),
            _ => value.to_owned(),
        };
        Some((name, shown))
    })
}
