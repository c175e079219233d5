//! The credentials that the route names, got as the client gets them, once, before anything is asked with them.
//!
//! An SDK's own chain is not used: its order differs from the client's, it reads the process environment, and it hides
//! which link failed and what was said.

mod helper;
mod login;
mod metadata;
mod role;
mod sso;
mod token_file;

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use jiff::Timestamp;

use super::places;
use crate::aws::answer::{Answer, CredentialFailure, HelperOutcome, HelperRun, Obtained};
use crate::aws::clients::{Access, Aws, system_time};
use crate::aws::wire::{Recorder, Wire};
use crate::observe::Machine;
use crate::observe::settings::Scope;
use crate::resolve::{self, CredentialKind, ProfileRoute, RoleBase, Route, data};
use crate::secret::Secret;
use crate::variables::{ACCESS_KEY_ID, BEARER_TOKEN, SECRET_ACCESS_KEY, SESSION_TOKEN};
use crate::world::Env;

pub use helper::LIMIT as HELPER_LIMIT;

/// What it takes to get credentials.
#[derive(Debug, Clone)]
pub struct Seeker {
    /// The way out.
    pub wire: Arc<Wire>,
    /// What is resolved.
    pub route: Arc<Route>,
    /// The facts of the machine: profiles, caches.
    pub machine: Arc<Machine>,
    /// When everything must be over.
    pub deadline: Instant,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Sought {
    /// Who asks from now on; `None` when nobody can.
    pub access: Option<Access>,
    /// The same as a fact.
    pub answer: Answer<Obtained>,
    /// Why there are none. Beside an [`Answer::Got`]: what the client passed over (a failing `awsCredentialExport`).
    pub failure: Option<CredentialFailure>,
}

/// Why a link gave nothing.
enum Lack {
    Failed(CredentialFailure),
    /// It was not tried; the reason.
    NotTried(String),
}

impl From<CredentialFailure> for Lack {
    fn from(failure: CredentialFailure) -> Self {
        Self::Failed(failure)
    }
}

impl Seeker {
    /// Gets the credentials of one kind.
    pub async fn seek(&self, kind: &CredentialKind) -> Sought {
        let started = Instant::now();
        let found = self.access(kind).await;
        self.sought(found, started)
    }

    /// Gets the route's credentials. Where `awsCredentialExport` fails the client goes on with the next kind that is there.
    pub async fn seek_route(&self) -> Sought {
        let credentials = &self.route.credentials;
        let first = self.seek(&credentials.kind).await;
        let passed_over = matches!(credentials.kind, CredentialKind::Export { .. }) && first.failure.is_some();
        match credentials.hidden.first().filter(|_| passed_over) {
            Some(next) => {
                let second = self.seek(next).await;
                Sought { failure: first.failure.or(second.failure), ..second }
            }
            None => first,
        }
    }

    fn sought(&self, found: Result<Access, Lack>, started: Instant) -> Sought {
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match found {
            Ok(access) => {
                let (key_id, expires) = match &access {
                    Access::Keys(keys) => {
                        (keys.access_key_id().to_owned(), keys.expiry().and_then(|end| end.try_into().ok()))
                    }
                    Access::Bearer(_) | Access::Unsigned => (String::new(), None),
                };
                Sought {
                    access: Some(access),
                    answer: Answer::Got(Obtained { key_id, expires, milliseconds }),
                    failure: None,
                }
            }
            Err(Lack::NotTried(reason)) => Sought { access: None, answer: Answer::NotAsked(reason), failure: None },
            Err(Lack::Failed(failure)) => Sought { access: None, answer: as_answer(&failure), failure: Some(failure) },
        }
    }

    async fn access(&self, kind: &CredentialKind) -> Result<Access, Lack> {
        match kind {
            CredentialKind::BearerToken => {
                let token =
                    self.route.value(BEARER_TOKEN).ok_or_else(|| not_there("AWS_BEARER_TOKEN_BEDROCK is empty"))?;
                self.wire.keep_secret(token);
                Ok(Access::Bearer(Secret::new(token)))
            }
            CredentialKind::Skipped => Ok(Access::Unsigned),
            CredentialKind::Nothing => Err(not_there("no link of the chain holds credentials").into()),
            other => {
                let keys = self.keys(other).await?;
                fit_for_headers(&keys)?;
                Ok(Access::Keys(keys))
            }
        }
    }

    async fn keys(&self, kind: &CredentialKind) -> Result<Credentials, Lack> {
        match kind {
            // A stranger's directory must not start programs by being looked at.
            CredentialKind::Export { scope: scope @ (Scope::Project | Scope::Local), .. } => {
                Err(Lack::NotTried(format!(
                    "awsCredentialExport stands in the {} of this directory, and doctor runs no command that a directory brings along",
                    scope.name()
                )))
            }
            CredentialKind::Export { command, .. } => {
                let takes_flat = resolve::client_version(&self.machine) >= data::gate(data::Gate::FlatCredentialExport);
                let form = if takes_flat { helper::Form::Export } else { helper::Form::Wrapped };
                self.run(command, form).await
            }
            CredentialKind::EnvironmentKeys { .. } => {
                Ok(environment_keys(&self.route.effective, &self.wire)
                    .ok_or_else(|| not_there("half a pair of keys"))?)
            }
            CredentialKind::Profile { name, leads_to } => Box::pin(self.profile(name, leads_to)).await,
            CredentialKind::WebIdentity { token_file, role_arn } => {
                let role_arn = role_arn.as_deref().ok_or_else(|| not_there("AWS_ROLE_ARN is not set"))?;
                let session = self.route.value("AWS_ROLE_SESSION_NAME");
                Ok(role::by_web_identity(self, token_file, role_arn, session).await?)
            }
            CredentialKind::Container { uri } => Ok(metadata::container(self, uri).await?),
            CredentialKind::InstanceMetadata => Ok(metadata::instance(self).await?),
            CredentialKind::BearerToken | CredentialKind::Skipped | CredentialKind::Nothing => {
                Err(not_there("these credentials are not keys").into())
            }
        }
    }

    async fn profile(&self, name: &str, leads_to: &ProfileRoute) -> Result<Credentials, Lack> {
        match leads_to {
            ProfileRoute::NotFound => Err(not_there(format!("there is no profile {name}")).into()),
            ProfileRoute::Empty => Err(not_there(format!("the profile {name} holds no credentials")).into()),
            ProfileRoute::Broken(why) => Err(not_there(format!("the profile {name} cannot work: {why}")).into()),
            ProfileRoute::Keys { key_id, .. } => {
                let facts = self.machine.aws.profiles.get(name);
                let secret = facts.and_then(|profile| profile.secret_access_key.as_ref());
                let secret =
                    secret.ok_or_else(|| not_there(format!("the profile {name} has a key id and no secret")))?;
                let token = facts.and_then(|profile| profile.session_token.as_ref()).map(Secret::reveal);
                Ok(made(&self.wire, key_id, secret.reveal(), token, None))
            }
            ProfileRoute::Sso { session, region, account, role, cache_key, .. } => {
                let asked = sso::Asked { renewable: session.is_some(), region, account, role, cache_key };
                Ok(sso::credentials(self, &asked).await?)
            }
            ProfileRoute::Process { command } => self.run(command, helper::Form::Process).await,
            ProfileRoute::Login { cache_key, .. } => Ok(login::credentials(self, cache_key).await?),
            ProfileRoute::Role { role_arn, mfa_serial, external_id, session_name, base } => {
                if mfa_serial.is_some() {
                    return Err(not_there(format!(
                        "the profile {name} asks for an MFA code, which nobody can type here"
                    ))
                    .into());
                }
                let wanted = role::Wanted {
                    arn: role_arn,
                    external_id: external_id.as_deref(),
                    session: session_name.as_deref(),
                };
                let base = match base.as_ref() {
                    RoleBase::TokenFile(file) => {
                        return Ok(role::by_web_identity(self, file, role_arn, session_name.as_deref()).await?);
                    }
                    RoleBase::Profile { name, leads_to } => Box::pin(self.profile(name, leads_to)).await?,
                    RoleBase::Source(source) => Box::pin(self.keys(&self.source(source)?)).await?,
                };
                Ok(role::assumed(self, base, &wanted).await?)
            }
        }
    }

    /// What `credential_source` stands for.
    fn source(&self, name: &str) -> Result<CredentialKind, CredentialFailure> {
        let env = &self.route.effective;
        match name {
            "Environment" => Ok(CredentialKind::EnvironmentKeys { key_id: String::new(), has_session_token: false }),
            "Ec2InstanceMetadata" => Ok(CredentialKind::InstanceMetadata),
            "EcsContainer" => ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]
                .iter()
                .find_map(|variable| env.non_empty(variable))
                .map(|uri| CredentialKind::Container { uri: uri.to_owned() })
                .ok_or_else(|| not_there("credential_source is EcsContainer, and no container variable is set")),
            other => Err(not_there(format!("credential_source is {other}, which is none"))),
        }
    }

    async fn run(&self, command: &str, form: helper::Form) -> Result<Credentials, Lack> {
        // Something must be left to ask with the credentials, or to say why there are none.
        let left = self.deadline.saturating_duration_since(Instant::now()).mul_f64(0.9);
        let now = self.now();
        let run =
            helper::run(command, form, &self.route.effective, &self.machine.directory, left.min(HELPER_LIMIT), now);
        match run.await {
            Ok(given) => Ok(made(
                &self.wire,
                &given.key_id,
                given.secret.reveal(),
                given.token.as_ref().map(Secret::reveal),
                given.expires,
            )),
            Err(run) => {
                Err(CredentialFailure::Helper(HelperRun { stderr: self.wire.scrub(&run.stderr), ..run }).into())
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.wire.clock.now()
    }

    fn recorder(&self) -> Recorder {
        Recorder::new(Arc::clone(&self.wire))
    }

    /// Clients that sign with these keys, for services on the way.
    fn aws(&self, access: Access) -> Aws {
        Aws::new(Arc::clone(&self.wire), places(&self.route), access)
    }
}

/// The keys of the environment; `None` for half a pair.
fn environment_keys(env: &Env, wire: &Wire) -> Option<Credentials> {
    let (id, secret) = (env.non_empty(ACCESS_KEY_ID)?, env.non_empty(SECRET_ACCESS_KEY)?);
    Some(made(wire, id, secret, env.non_empty(SESSION_TOKEN), None))
}

/// Credentials of these parts, whose secrets are from now on struck out of everything.
fn made(wire: &Wire, id: &str, secret: &str, token: Option<&str>, expires: Option<Timestamp>) -> Credentials {
    wire.keep_secret(secret);
    if let Some(token) = token {
        wire.keep_secret(token);
    }
    let token = token.filter(|token| !token.is_empty()).map(str::to_owned);
    Credentials::new(id, secret, token, expires.map(system_time), "bedrockup")
}

fn not_there(why: impl Into<String>) -> CredentialFailure {
    CredentialFailure::NotThere(why.into())
}

/// The SDK panics where a header cannot carry the keys; the client fails before it sends anything.
fn fit_for_headers(keys: &Credentials) -> Result<(), CredentialFailure> {
    let parts = [Some(keys.access_key_id()), keys.session_token()];
    match parts.into_iter().flatten().any(|part| part.contains(|character: char| character.is_control())) {
        true => Err(not_there("the keys hold a control character, which no request can carry")),
        false => Ok(()),
    }
}

/// The value of an answer, or the failure of the service that was asked.
fn of_service<T>(service: &'static str, answer: Answer<T>) -> Result<T, CredentialFailure> {
    match answer {
        Answer::Got(value) => Ok(value),
        Answer::Refused(refusal) => Err(CredentialFailure::Service { service, refusal }),
        Answer::Unreachable(failure) => Err(CredentialFailure::Network { service, failure }),
        Answer::TimedOut => Err(CredentialFailure::Other(format!("{service} did not answer in time"))),
        Answer::NotAsked(why) | Answer::Crashed(why) => Err(CredentialFailure::Other(why)),
    }
}

fn as_answer(failure: &CredentialFailure) -> Answer<Obtained> {
    match failure {
        CredentialFailure::Service { refusal, .. } => Answer::Refused(refusal.clone()),
        CredentialFailure::Network { failure, .. } => Answer::Unreachable(failure.clone()),
        CredentialFailure::Helper(run) if run.outcome == HelperOutcome::TimedOut => Answer::TimedOut,
        CredentialFailure::Helper(_) => Answer::NotAsked("the helper program gave no credentials".to_owned()),
        CredentialFailure::NotThere(why) | CredentialFailure::Other(why) => Answer::NotAsked(why.clone()),
        CredentialFailure::NoMetadata => Answer::NotAsked("the metadata service does not answer".to_owned()),
    }
}

/// How long metadata services get, as the client gives them.
const METADATA_LIMIT: Duration = Duration::from_secs(1);
