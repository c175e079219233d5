//! Lookups that the findings of the AWS layers share: who was refused with what words, which profile gives the keys.

use std::time::Duration;

use jiff::SignedDuration;

use super::{Case, Found, Severity, local, words};
use crate::aws::answer::{Answer, CredentialFailure, HelperRun, Hop, HostLook, ModelAnswers, NetworkFailure, Refusal};
use crate::aws::denial::{Denial, Policy};
use crate::aws::questions;
use crate::aws::told::{Told, told};
use crate::resolve::{CredentialKind, ProfileRoute, RoleBase, Source, data};
use crate::variables;

/// Bedrock refuses a signature that is five minutes off; STS only at fifteen. A minute less, to warn in time.
pub const CLOCK_LIMIT: Duration = Duration::from_secs(4 * 60);

/// A model whose call was refused.
#[derive(Debug, Clone, Copy)]
pub struct RefusedModel<'a> {
    /// Everything asked about it.
    pub model: &'a ModelAnswers,
    /// What AWS said to the streaming call.
    pub refusal: &'a Refusal,
}

/// The models whose streaming call was refused.
pub fn refused<'a>(case: &Case<'a>) -> Vec<RefusedModel<'a>> {
    let models = case.answers.models.iter();
    models.filter_map(|model| Some(RefusedModel { model, refusal: model.stream.refused()? })).collect()
}

/// The models that were refused with such words.
pub fn refused_with<'a>(case: &Case<'a>, wanted: impl Fn(&Told) -> bool) -> Vec<RefusedModel<'a>> {
    refused(case).into_iter().filter(|refused| wanted(&told(refused.refusal))).collect()
}

/// The models that a policy of this kind denies, each with the denial.
pub fn denied_by<'a>(case: &Case<'a>, policy: Policy) -> Vec<(RefusedModel<'a>, Denial)> {
    denials(case)
        .into_iter()
        .filter(|(_, denial)| denial.reason.is_some_and(|reason| reason.policy == policy))
        .collect()
}

/// The models that were denied by a sentence of IAM's grammar.
pub fn denials<'a>(case: &Case<'a>) -> Vec<(RefusedModel<'a>, Denial)> {
    refused(case)
        .into_iter()
        .filter_map(|refused| match told(refused.refusal) {
            Told::Denied(denial) => Some((refused, denial)),
            _ => None,
        })
        .collect()
}

/// What STS refused, and what it told by that: who calls, or the role that the keys were to assume.
pub fn sts<'a>(case: &Case<'a>) -> Option<(&'a Refusal, Told)> {
    let refused = case.answers.identity.refused().or_else(|| service(case, "sts"));
    refused.map(|refusal| (refusal, told(refusal)))
}

/// Every refusal of the route's credentials: STS first, then each model, each with its place as evidence.
pub fn refusals<'a>(case: &Case<'a>) -> Vec<(String, &'a Refusal)> {
    let sts = case.answers.identity.refused().map(|refusal| ("STS GetCallerIdentity".to_owned(), refusal));
    let source = match &case.answers.credential_failure {
        // Metadata services are not AWS's endpoints, and have findings of their own.
        Some(CredentialFailure::Service { service, refusal }) if !["imds", "container"].contains(service) => {
            Some((format!("credentials from {service}"), refusal))
        }
        _ => None,
    };
    sts.into_iter()
        .chain(source)
        .chain(refused(case).into_iter().map(|refused| (call(refused.model), refused.refusal)))
        .collect()
}

/// The refusals that told this.
pub fn told_by<'a>(case: &Case<'a>, wanted: &Told) -> Vec<(String, &'a Refusal)> {
    refusals(case).into_iter().filter(|(_, refusal)| told(refusal) == *wanted).collect()
}

/// The name of a model call, as evidence names it.
pub fn call(model: &ModelAnswers) -> String {
    format!("streaming call of {}", model.id)
}

/// Some model answered.
pub fn any_answers(case: &Case<'_>) -> bool {
    case.answers.models.iter().any(|model| model.stream.got().is_some())
}

/// Every model that was to be asked answered, and there was one.
pub fn all_answer(case: &Case<'_>) -> bool {
    !case.answers.models.is_empty() && case.answers.models.iter().all(|model| model.stream.got().is_some())
}

/// A profile that gives keys, and what it leads to; a role is followed to the profile that assumes it.
pub fn leaf<'a>(case: &Case<'a>) -> Option<(&'a str, &'a ProfileRoute)> {
    let CredentialKind::Profile { name, leads_to } = &case.route.credentials.kind else {
        return None;
    };
    let (mut name, mut leads_to) = (name.as_str(), leads_to);
    while let ProfileRoute::Role { base, .. } = leads_to {
        match base.as_ref() {
            RoleBase::Profile { name: below, leads_to: next } => (name, leads_to) = (below, next),
            RoleBase::Source(_) | RoleBase::TokenFile(_) => break,
        }
    }
    Some((name, leads_to))
}

/// The `credential_source` at the end of a chain of roles.
pub fn role_source<'a>(case: &Case<'a>) -> Option<&'a str> {
    match leaf(case)? {
        (_, ProfileRoute::Role { base, .. }) => match base.as_ref() {
            RoleBase::Source(source) => Some(source),
            _ => None,
        },
        _ => None,
    }
}

/// The metadata service of an instance gives the credentials, or those that assume the role.
pub fn asks_metadata(case: &Case<'_>) -> bool {
    case.route.credentials.kind == CredentialKind::InstanceMetadata || role_source(case) == Some("Ec2InstanceMetadata")
}

/// The credentials were obtained, whatever AWS then said to them.
pub fn obtained(case: &Case<'_>) -> bool {
    case.answers.credentials.got().is_some() && case.answers.credential_failure.is_none()
}

/// A helper program that ran for the route's credentials.
pub fn helper<'a>(case: &Case<'a>) -> Option<&'a HelperRun> {
    match &case.answers.credential_failure {
        Some(CredentialFailure::Helper(run)) if matches!(leaf(case), Some((_, ProfileRoute::Process { .. }))) => {
            Some(run)
        }
        _ => None,
    }
}

/// A service that was asked for credentials and refused.
pub fn service<'a>(case: &Case<'a>, name: &str) -> Option<&'a Refusal> {
    match &case.answers.credential_failure {
        Some(CredentialFailure::Service { service, refusal }) if *service == name => Some(refusal),
        _ => None,
    }
}

/// Where the choice of the profile comes from, as text.
pub fn profile_from(case: &Case<'_>) -> String {
    match words::set_by(case, variables::PROFILE) {
        Some(place) => format!("{}, {place}", variables::PROFILE),
        None => "no AWS_PROFILE is set".to_owned(),
    }
}

/// Somebody chose a profile by name: `AWS_PROFILE` has a value.
pub fn profile_is_chosen(case: &Case<'_>) -> bool {
    case.route.value(variables::PROFILE).is_some()
}

/// AWS's clock minus ours, where it is further off than a signature may be.
pub fn clock_off(case: &Case<'_>) -> Option<SignedDuration> {
    let off = case.answers.clock_offset?;
    (off.unsigned_abs() >= CLOCK_LIMIT).then_some(off)
}

/// The clock was compared and is right.
pub fn clock_is_right(case: &Case<'_>) -> bool {
    case.answers.clock_offset.is_some() && clock_off(case).is_none()
}

/// The partition that the credentials belong to, where it is known, and what shows it.
pub fn credentials_partition(case: &Case<'_>) -> Option<(&'static str, String)> {
    let of_arn = |arn: &str| {
        ["aws-us-gov", "aws-cn", "aws"].into_iter().find(|partition| arn.split(':').nth(1) == Some(partition))
    };
    if let Some(identity) = case.answers.identity.got() {
        return Some((of_arn(&identity.arn)?, identity.arn.clone()));
    }
    let leads_to = match &case.route.credentials.kind {
        CredentialKind::Profile { leads_to, .. } => Some(leads_to),
        _ => None,
    };
    match leads_to {
        Some(ProfileRoute::Role { role_arn, .. }) => Some((of_arn(role_arn)?, format!("role_arn = {role_arn}"))),
        Some(ProfileRoute::Sso { .. }) => sso_partition(case),
        _ => {
            let identity = case.answers.identity_elsewhere.got()?;
            let of = questions::other_partition(&case.route.region.name);
            Some((of, format!("STS of the partition {of} knows them: {}", identity.arn)))
        }
    }
}

/// The partition of the sign-in that the route uses: GovCloud and China have access portals of their own.
pub fn sso_partition(case: &Case<'_>) -> Option<(&'static str, String)> {
    let Some((_, ProfileRoute::Sso { start_url, region, .. })) = leaf(case) else { return None };
    let row = data::region(region);
    let of = match row.map(|row| row.partition.as_str()) {
        _ if start_url.contains("us-gov") || region.starts_with("us-gov-") => "aws-us-gov",
        _ if start_url.contains(".awsapps.cn") || region.starts_with("cn-") => "aws-cn",
        Some("aws") => "aws",
        _ => return None,
    };
    Some((of, format!("sso_start_url = {start_url}, sso_region = {region}")))
}

/// Adds the refusals as evidence.
pub fn with_refusals(mut found: Found, refusals: &[(String, &Refusal)]) -> Found {
    for (place, refusal) in refusals {
        found = found.evidence(place.clone(), words::refusal(refusal));
    }
    found
}

/// Adds refused models as evidence.
pub fn with_models(found: Found, models: &[RefusedModel<'_>]) -> Found {
    models.iter().fold(found, |found, refused| found.evidence(call(refused.model), words::refusal(refused.refusal)))
}

/// The ids of refused models, for a sentence.
pub fn ids(models: &[RefusedModel<'_>]) -> String {
    models.iter().map(|refused| refused.model.id.as_str()).collect::<Vec<_>>().join(", ")
}

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

/// The source of the region is a default of the client.
pub fn region_is_default(case: &Case<'_>) -> bool {
    case.route.region.source == Source::ClientDefault
}
