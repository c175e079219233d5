//! The server: accepts, tells requests apart, applies rules, lets the services answer.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use super::account::Account;
use super::answer::{Broken, Resettable, Sent, request_id, send};
use super::errors::{self, Fault};
use super::identity;
use super::ledger::Ledger;
use super::log::Log;
use super::rules::{Behaviour, Rule};
use super::sigv4::{self, Caller};
use super::sso::Effect;
use super::wire::{Call, Protocol, Reply};
use super::{
    anthropic, bedrock, cloudtrail, cloudwatch, cost_explorer, iam, metadata, pricing, quotas, runtime, signin, sso,
    sts, targets,
};

/// A fake AWS on a port of its own. Dropping it stops it.
pub struct FakeAws {
    address: SocketAddr,
    state: Arc<State>,
    runtime: Option<Runtime>,
}

struct State {
    account: Mutex<Account>,
    log: Log,
    ledger: Ledger,
}

impl FakeAws {
    /// Serves the healthy account.
    pub fn start() -> Self {
        Self::with(Account::default())
    }

    /// Serves this account on a free port.
    pub fn with(account: Account) -> Self {
        Self::on_port(account, 0).expect("a free port on the loopback interface")
    }

    /// Serves this account on a given port (0: any free one).
    pub fn on_port(account: Account, port: u16) -> io::Result<Self> {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("fake-aws")
            .enable_all()
            .build()?;
        let state = Arc::new(State { account: Mutex::new(account), log: Log::default(), ledger: Ledger::default() });
        let shared = Arc::clone(&state);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("the listener was made non-blocking");
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve_connection(stream, Arc::clone(&shared)));
            }
        });
        Ok(Self { address, state, runtime: Some(runtime) })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was asked so far.
    pub fn log(&self) -> &Log {
        &self.state.log
    }

    /// Changes the account while the server runs.
    pub fn change(&self, change: impl FnOnce(&mut Account)) {
        change(&mut self.state.account());
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background(); // also ends requests that hang on purpose
        }
    }
}

impl State {
    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve_connection(stream: TcpStream, state: Arc<State>) {
    let reset = Arc::new(AtomicBool::new(false));
    let stream = Resettable { stream, reset: Arc::clone(&reset) };
    let service = service_fn(|request| answer(request, Arc::clone(&state), Arc::clone(&reset)));
    // Clients that go away and connections broken on purpose end here; both are part of the play.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<State>,
    reset: Arc<AtomicBool>,
) -> Result<Response<Sent>, Broken> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    let region = state.account().default_region.clone();
    let call = Call::read(parts, body, &region);
    let request_id = request_id(call.protocol());
    let place = state.log.arrived(&call, &request_id);

    let (rule, account) = {
        let mut account = state.account();
        let rule = account.rules.iter_mut().find(|rule| rule.matches(&call)).map(|rule| {
            rule.times = rule.times.map(|left| left - 1);
            rule.clone()
        });
        (rule.unwrap_or_default(), account.clone())
    };
    let Rule { then, delay_ms, .. } = rule;
    tokio::time::sleep(Duration::from_millis(account.latency_ms + delay_ms)).await;
    let reply = match &then {
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Reset => {
            reset.store(true, Ordering::Relaxed);
            return Err(Broken);
        }
        Behaviour::Html { status, body } => Reply::new(*status, "text/html; charset=utf-8", body.clone()),
        _ => {
            let now = Timestamp::now() + SignedDuration::from_secs(account.date_offset_seconds);
            believe(&call, &account, &then, &state, now, &request_id)
                .unwrap_or_else(|fault| errors::reply(&call, fault, &request_id))
        }
    };
    state.log.answered(place, reply.status);
    Ok(send(reply, &call, account.date_offset_seconds, &request_id))
}

/// Checks who calls, lets the service answer, and remembers what came of it. What a rule keeps from being answered, or
/// answers in AWS's place (hang, reset, HTML), never comes here and is not remembered.
fn believe(
    call: &Call,
    account: &Account,
    then: &Behaviour,
    state: &State,
    now: Timestamp,
    request_id: &str,
) -> Result<Reply, Fault> {
    let caller = sigv4::authenticate(call, account, now).map_err(|fault| errors::from_auth(fault, call.protocol()))?;
    let outcome = dispatch(call, account, &caller, then, state, now, request_id);
    state.ledger.record(call, account, &caller, &outcome, now, request_id);
    outcome
}

fn dispatch(
    call: &Call,
    account: &Account,
    caller: &Caller,
    then: &Behaviour,
    state: &State,
    now: Timestamp,
    request_id: &str,
) -> Result<Reply, Fault> {
    match then {
        Behaviour::Refuse { status, code, message, fields } => {
            return Err(Fault {
                status: *status,
                code: code.clone(),
                message: message.clone(),
                fields: fields.clone(),
            });
        }
        Behaviour::Deny { because, resource } => {
            return Err(denial(call, account, caller, because, resource.as_deref()));
        }
        Behaviour::Json { body } => return Ok(Reply::json(body)),
        _ => {}
    }
    match call.service.as_str() {
        "bedrock" => bedrock::answer(call, account),
        "bedrock-runtime" => runtime::answer(call, account, then, request_id),
        "sts" => {
            let (reply, minted) = sts::answer(call, account, caller, now, request_id)?;
            state.account().keys.extend(minted);
            Ok(reply)
        }
        "sso" | "oidc" => {
            let (reply, effect) = sso::answer(call, account, now, request_id)?;
            match effect {
                Effect::Minted(key) => state.account().keys.push(key),
                Effect::Refreshed(place, token) => {
                    if let Some(session) = state.account().sso.get_mut(place) {
                        session.access_token = token;
                        session.expired = false;
                    }
                }
            }
            Ok(reply)
        }
        "signin" => {
            let (reply, key) = signin::answer(call, account, request_id)?;
            state.account().keys.push(key);
            Ok(reply)
        }
        "anthropic" => anthropic::answer(call, account, &state.ledger, now, request_id),
        "imds" | "container" => Ok(metadata::answer(call, account, now)),
        "servicequotas" => quotas::answer(call, account),
        "cloudtrail" => cloudtrail::answer(call, account, &state.ledger, now),
        "ce" => cost_explorer::answer(call, account, now),
        "pricing" => pricing::answer(call, account),
        "iam" => iam::answer(call, account, request_id),
        "monitoring" => cloudwatch::answer(call, account, &state.ledger, now),
        _ => Err(Fault::unknown_operation(call)),
    }
}

fn denial(call: &Call, account: &Account, caller: &Caller, because: &str, resource: Option<&str>) -> Fault {
    let who = identity::caller_arn(caller).unwrap_or_default();
    let prefix = match call.service.as_str() {
        "bedrock-runtime" => "bedrock",
        "monitoring" => "cloudwatch",
        other => other,
    };
    let operation = match call.operation.as_str() {
        "Converse" => "InvokeModel", // there is no bedrock:Converse action
        "ConverseStream" => "InvokeModelWithResponseStream",
        other => other,
    };
    let action = format!("{prefix}:{operation}");
    let on = match resource.map(str::to_owned).or_else(|| targets::denied_resource(call, account)) {
        Some(resource) => format!(" on resource: {resource}"),
        None => String::new(),
    };
    let text =
        format!("User: {who} is not authorized to perform: {action}{on} {}", because.replace("{action}", &action));
    match call.protocol() {
        Protocol::Query => Fault::new(403, "AccessDenied", text),
        Protocol::Json11 => Fault::new(400, "AccessDeniedException", text),
        _ => Fault::denied(text),
    }
}
