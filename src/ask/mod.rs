//! The resolved route -> questions to AWS, all at once, each bounded -> [`Answers`].
//!
//! First the credentials, then at once everything that can be asked without waiting for another answer; what needs the list
//! of profiles follows as soon as the list is there; a second look is taken where an answer has several causes.

pub mod account;
pub mod anthropic;
pub mod asker;
mod beside;
pub mod canary;
pub mod cost;
pub mod credentials;
pub mod evidence;
mod features;
pub mod metrics;
mod models;
mod past_proxy;
mod run;
mod second_looks;
pub mod trail;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::aws::answer::{
    Answer, Answers, CheckStatus, CredentialFailure, Hop, HostLook, Identity, NetworkFailure, Refusal,
};
use crate::aws::clients::{Access, Aws, Places};
use crate::aws::told::{Told, told};
use crate::aws::wire::{Limits, Wire};
use crate::aws::{host_look, questions};
use crate::observe::Machine;
use crate::resolve::{self, CredentialKind, Credentials, Endpoints, ProfileRoute, Route};
use crate::world::World;

use credentials::{Seeker, Sought};
pub use run::Progress;
use run::{Run, Stopped, reason, status};

/// The time that a second look at hosts needs to bring anything.
const WORTH_A_LOOK: Duration = Duration::from_millis(300);

/// What to ask, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// When everything is over, whatever hangs.
    pub timeout: Duration,
    /// Whether models are called. A probe costs about ten tokens for each model.
    pub probe: bool,
}

/// Where the requests of a route go.
fn places(route: &Route) -> Places<'_> {
    let Endpoints { runtime, control, sts, .. } = &route.endpoints;
    Places { runtime, control, sts, region: &route.region.name, effective: &route.effective }
}

/// What gets the credentials of a route.
fn seeker(wire: &Arc<Wire>, machine: &Machine, route: &Route, deadline: Instant) -> Seeker {
    Seeker {
        wire: Arc::clone(wire),
        route: Arc::new(route.clone()),
        machine: Arc::new(machine.clone()),
        deadline: deadline.into_std(),
    }
}

/// The limits of one exchange in a run of this length.
fn limits(timeout: Duration) -> Limits {
    Limits {
        connect: timeout.mul_f64(0.3).min(Duration::from_secs(3)),
        // Below the whole, so that there is time left to say which hop kept silent.
        read: timeout.mul_f64(0.8),
    }
}

/// The parts of a run that every chain of questions needs.
struct Asking<'a> {
    run: Run<'a>,
    machine: &'a Machine,
    route: &'a Route,
    options: Options,
}

/// Asks everything about a route. Needs a tokio runtime with I/O and time; ends by `options.timeout` at the latest.
///
/// `progress` hears of each question when it begins and when it is over. Nothing secret is in the answers.
pub async fn ask(
    world: &World,
    machine: &Machine,
    route: &Route,
    options: Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Answers {
    let deadline = Instant::now() + options.timeout;
    let wire = Arc::new(Wire::new(&route.effective, &route.trust, world.clock, limits(options.timeout)));
    let seeker = seeker(&wire, machine, route, deadline);
    let asking = Asking { run: Run::new(deadline, progress), machine, route, options };
    let mut answers = Answers::not_asked("not asked");
    answers.ca_files.clone_from(&wire.extra.files);

    let (hidden, past_the_proxy, ()) =
        tokio::join!(asking.hidden_identity(&seeker), asking.past_the_proxy(&wire), async {
            let sought = asking.credentials(&seeker).await;
            answers.credentials = sought.answer;
            answers.credential_failure = sought.failure;
            if refused_a_role(&answers) {
                answers.account_roles = asking.account_roles(&seeker).await;
            }
            let access = sought.access.ok_or("there are no credentials to ask with");
            let aws = access.map(|access| Aws::new(Arc::clone(&wire), places(route), access));
            let aws = aws.as_ref();
            let work = async {
                tokio::join!(asking.identity(aws), asking.models(aws), asking.features(aws), asking.logging(aws))
            };
            let elsewhere = resolve::region_of_tools(machine, route);
            let rest = asking.with_the_rest(aws, elsewhere.as_deref(), work, |(_, models, ..)| models.throttled());
            let ((identity, models, features, logging), quotas, recorded) = Box::pin(rest).await;
            answers.recorded = recorded;
            answers.features = features;
            [answers.identity, answers.identity_global, answers.identity_elsewhere] = identity;
            answers.profiles = models.profiles;
            answers.models = models.models;
            answers.use_case_form = models.use_case_form;
            answers.logging = logging;
            answers.quotas = quotas;
            if let Ok(aws) = aws {
                asking.look_again(aws, &mut answers).await;
            }
        });
    answers.identity_hidden = hidden;
    answers.past_the_proxy = past_the_proxy;
    answers.hosts = asking.hosts(&wire, &answers).await;
    answers.clock_offset = wire.clock_offset();
    answers.log = asking.run.into_log();
    answers
}

impl Asking<'_> {
    async fn credentials(&self, seeker: &Seeker) -> Sought {
        let seeker = seeker.clone();
        let judge = |sought: &Sought| (status(&sought.answer), reason(&sought.answer));
        let sought = self.run.work("credentials", async move { seeker.seek_route().await }, judge).await;
        let failed = |answer| Sought { access: None, answer, failure: None };
        match sought {
            Ok(sought) => sought,
            Err(Stopped::TimedOut) => failed(Answer::TimedOut),
            Err(Stopped::Crashed(what)) => failed(Answer::Crashed(what)),
        }
    }

    /// STS in the region, and in the partition's first region where the regional answer has several causes.
    async fn identity(&self, aws: Result<&Aws, &&'static str>) -> [Answer<Identity>; 3] {
        const NAME: &str = "sts-identity";
        let not_needed = || Answer::NotAsked("the regional answer needs no second look".to_owned());
        let aws = match aws {
            Err(why) => return [self.run.skip(NAME, why), not_needed(), not_needed()],
            Ok(aws) => aws,
        };
        match aws.access {
            Access::Bearer(_) => {
                return [self.run.skip(NAME, "a Bedrock API key cannot ask STS"), not_needed(), not_needed()];
            }
            Access::Unsigned => {
                return [self.run.skip(NAME, "requests of this route are not signed"), not_needed(), not_needed()];
            }
            Access::Keys(_) => {}
        }
        let ask = |url: String, region: String| {
            let aws = aws.clone();
            move || {
                let (aws, url, region) = (aws.clone(), url.clone(), region.clone());
                async move { questions::identity(&aws, &url, &region).await }
            }
        };
        let regional = self.run.question(NAME, ask(aws.sts.clone(), aws.region.clone())).await;
        let look_again = match &regional {
            Answer::Refused(_) => true,
            // A region that does not exist: the credentials may still be good.
            Answer::Unreachable(failure) => failure.hop == Hop::Name,
            _ => false,
        };
        let (url, region) = questions::global_sts(&aws.sts, &aws.region);
        let global = match look_again && region != aws.region {
            true => self.run.question("sts-identity-global", ask(url, region.to_owned())).await,
            false => not_needed(),
        };
        let unknown = |answer: &Answer<Identity>| answer.refused().is_some_and(|it| told(it) == Told::TokenInvalid);
        let nowhere = unknown(&regional) && (unknown(&global) || region == aws.region);
        let elsewhere = match nowhere {
            true => {
                let (url, region) = questions::other_partitions_sts(&aws.sts, &aws.region);
                self.run.question("sts-identity-other-partition", ask(url, region.to_owned())).await
            }
            false => not_needed(),
        };
        [regional, global, elsewhere]
    }

    /// STS with the first credential that is there and not used.
    async fn hidden_identity(&self, seeker: &Seeker) -> Answer<Identity> {
        let Credentials { kind, hidden, .. } = &self.route.credentials;
        let hides = matches!(kind, CredentialKind::BearerToken | CredentialKind::Profile { .. });
        let Some(other) = hidden.first().filter(|_| hides) else {
            return Answer::NotAsked("no other credential is there".to_owned());
        };
        if runs_a_program(other) {
            return Answer::NotAsked("the client does not run this helper".to_owned());
        }
        let (seeker, other) = (seeker.clone(), other.clone());
        self.run
            .question("sts-identity-hidden", move || {
                let (seeker, other) = (seeker.clone(), other.clone());
                async move {
                    let sought = seeker.seek(&other).await;
                    match sought.access {
                        Some(access @ Access::Keys(_)) => {
                            let aws = Aws::new(Arc::clone(&seeker.wire), places(&seeker.route), access);
                            questions::identity(&aws, &aws.sts, &aws.region).await
                        }
                        Some(_) => Answer::NotAsked("these credentials cannot ask STS".to_owned()),
                        None => sought.answer.without_value("these credentials were not obtained"),
                    }
                }
            })
            .await
    }

    /// What IAM Identity Center has instead of the role that it refused.
    async fn account_roles(&self, seeker: &Seeker) -> Answer<Vec<String>> {
        let seeker = seeker.clone();
        self.run
            .question("sso-account-roles", move || {
                let seeker = seeker.clone();
                async move { seeker.account_roles().await }
            })
            .await
    }

    /// The second look at the hosts that could not be reached.
    async fn hosts(&self, wire: &Arc<Wire>, answers: &Answers) -> Vec<HostLook> {
        // Where the time went into silence there is none left to look at it from nearer.
        if self.run.left() < WORTH_A_LOOK {
            return Vec::new();
        }
        let mut seen: Vec<(String, bool)> = Vec::new();
        // Whether only the sign-in is out of reach, and whether an endpoint with a policy of its own is on the way.
        let of_endpoint = |refusal: &Refusal| refusal.message.contains("VPC endpoint policy");
        if matches!(answers.credential_failure, Some(CredentialFailure::Network { .. }))
            || answers.models.iter().filter_map(|model| model.stream.refused()).any(of_endpoint)
        {
            seen.extend(host_of(&self.route.endpoints.runtime).map(|host| (host, false)));
        }
        for failure in failures(answers) {
            let worth = matches!(
                failure.hop,
                Hop::Name
                    | Hop::Refused
                    | Hop::Connect
                    | Hop::Trust
                    | Hop::FirstByte
                    | Hop::Reset
                    | Hop::Proxy
                    | Hop::ProxyAuthentication
                    | Hop::ProxyRefusal
            );
            if worth && !failure.host.is_empty() && !seen.iter().any(|(host, _)| *host == failure.host) {
                seen.push((failure.host.clone(), failure.hop == Hop::Trust));
            }
        }
        let looks = seen.into_iter().map(|(host, trust)| async move {
            let url = self.url_of(&host);
            let wire = Arc::clone(wire);
            let work = async move { host_look::look(&wire, &url, trust).await };
            self.run.work(format!("host:{host}"), work, |_| (CheckStatus::Passed, None)).await.ok().flatten()
        });
        futures_util::future::join_all(looks).await.into_iter().flatten().collect()
    }

    /// The hosts that this client asks past a proxy that everything else goes through.
    async fn past_the_proxy(&self, wire: &Arc<Wire>) -> Vec<HostLook> {
        let looks = past_proxy::hosts(self.machine, self.route)
            .into_iter()
            .filter(|url| url.parse().is_ok_and(|uri| wire.proxies.of(&uri).is_some()));
        let looks = looks.map(|url| async move {
            let wire = Arc::clone(wire);
            let host = host_of(&url).unwrap_or_default();
            let work = async move { host_look::look_past_the_proxy(&wire, &url).await };
            self.run.work(format!("past-the-proxy:{host}"), work, |_| (CheckStatus::Passed, None)).await.ok().flatten()
        });
        futures_util::future::join_all(looks).await.into_iter().flatten().collect()
    }

    /// The URL by which a host was asked.
    fn url_of(&self, host: &str) -> String {
        let endpoints = &self.route.endpoints;
        // Model calls have exemptions from the proxy of their own: they are told by their path.
        let runtime = format!("{}/model/", endpoints.runtime);
        let small = self.route.small.as_ref().map(|small| format!("{}/model/", small.endpoints.runtime));
        let known = [&runtime, &endpoints.control, &endpoints.sts].into_iter().chain(&small).collect::<Vec<_>>();
        let same = |url: &&&String| url.parse::<http::Uri>().is_ok_and(|uri| uri.host() == Some(host));
        known.iter().find(same).map_or_else(|| format!("https://{host}"), |url| (**url).clone())
    }
}

fn host_of(url: &str) -> Option<String> {
    url.parse::<http::Uri>().ok()?.host().map(str::to_owned)
}

/// The person may sign in, and has not the role.
fn refused_a_role(answers: &Answers) -> bool {
    matches!(&answers.credential_failure, Some(CredentialFailure::Service { service: "sso", refusal }) if matches!(refusal.status, 403 | 404))
}

/// A helper of a link that the client does not come to is not run: it may open a browser.
fn runs_a_program(kind: &CredentialKind) -> bool {
    let process = |route: &ProfileRoute| matches!(route, ProfileRoute::Process { .. });
    match kind {
        CredentialKind::Export { .. } => true,
        CredentialKind::Profile { leads_to: ProfileRoute::Role { base, .. }, .. } => match base.as_ref() {
            crate::resolve::RoleBase::Profile { leads_to, .. } => process(leads_to),
            _ => false,
        },
        CredentialKind::Profile { leads_to, .. } => process(leads_to),
        _ => false,
    }
}

/// Every failure of the network in the answers.
fn failures(answers: &Answers) -> impl Iterator<Item = &NetworkFailure> {
    let models = answers.models.iter().flat_map(|model| {
        [
            model.stream.unreachable(),
            model.invoke.unreachable(),
            model.availability.unreachable(),
            model.lifecycle.unreachable(),
        ]
    });
    [answers.credentials.unreachable(), answers.identity.unreachable(), answers.profiles.unreachable()]
        .into_iter()
        .chain(models)
        .flatten()
}
