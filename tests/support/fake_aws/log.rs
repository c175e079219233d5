//! What was asked: one entry per request, in order of arrival, without secrets.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::sigv4::hex;
use super::wire::{Auth, Call};

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Milliseconds since the server started.
    pub at_ms: u128,
    /// HTTP method.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Query string as sent.
    pub query: String,
    /// Service, see [`Call::service`].
    pub service: String,
    /// API operation.
    pub operation: String,
    /// Region of the scope, else of the host.
    pub region: String,
    /// `Host` header.
    pub host: String,
    /// Access key id, `bearer`, `x-api-key`, or `none`.
    pub caller: String,
    /// `User-Agent` header.
    pub user_agent: String,
    /// Model or profile in the path, decoded.
    pub model: Option<String>,
    /// SHA-256 of the body.
    pub body_sha256: String,
    /// The body of services whose bodies hold no secrets.
    pub body: Option<Value>,
    /// `x-amzn-RequestId` (of Anthropic: `request-id`) of the answer.
    pub request_id: String,
    /// Status answered; none while (or if never) unanswered.
    pub status: Option<u16>,
}

/// The log of one server.
pub struct Log {
    started: Instant,
    entries: Mutex<Vec<Entry>>,
    changed: Condvar,
}

impl Default for Log {
    fn default() -> Self {
        Self { started: Instant::now(), entries: Mutex::default(), changed: Condvar::new() }
    }
}

impl Log {
    /// Writes a request down and returns its place.
    pub(super) fn arrived(&self, call: &Call, request_id: &str) -> usize {
        let open_body = matches!(
            call.service.as_str(),
            "bedrock"
                | "bedrock-runtime"
                | "servicequotas"
                | "cloudtrail"
                | "monitoring"
                | "ce"
                | "pricing"
                | "anthropic"
        );
        let entry = Entry {
            at_ms: self.started.elapsed().as_millis(),
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            service: call.service.clone(),
            operation: call.operation.clone(),
            region: call.region.clone(),
            host: call.header("host").unwrap_or_default().to_owned(),
            caller: match &call.auth {
                Auth::SigV4(scope) => scope.access_key.clone(),
                Auth::Bearer(_) => "bearer".into(),
                Auth::Malformed | Auth::None => {
                    if call.header("x-api-key").is_some() { "x-api-key" } else { "none" }.into()
                }
            },
            user_agent: call.header("user-agent").unwrap_or_default().to_owned(),
            model: call.model.clone(),
            body_sha256: hex(&Sha256::digest(&call.body)),
            body: if open_body { call.json() } else { None },
            request_id: request_id.to_owned(),
            status: None,
        };
        let mut entries = self.lock();
        entries.push(entry);
        self.changed.notify_all();
        entries.len() - 1
    }

    /// Adds the status of the answer.
    pub(super) fn answered(&self, place: usize, status: u16) {
        if let Some(entry) = self.lock().get_mut(place) {
            entry.status = Some(status);
        }
        self.changed.notify_all();
    }

    /// All requests so far.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().clone()
    }

    /// Operations so far, in order of arrival.
    pub fn operations(&self) -> Vec<String> {
        self.lock().iter().map(|entry| entry.operation.clone()).collect()
    }

    /// Requests for one operation.
    pub fn of(&self, operation: &str) -> Vec<Entry> {
        self.lock().iter().filter(|entry| entry.operation == operation).cloned().collect()
    }

    /// Waits until `n` requests have arrived. Panics with what did arrive when `limit` passes first.
    pub fn wait_for(&self, n: usize, limit: Duration) -> Vec<Entry> {
        self.wait_until(limit, |entries| entries.len() >= n)
    }

    /// Waits until the log is as wanted. Panics with what did arrive when `limit` passes first.
    pub fn wait_until(&self, limit: Duration, wanted: impl Fn(&[Entry]) -> bool) -> Vec<Entry> {
        let (entries, timeout) = self
            .changed
            .wait_timeout_while(self.lock(), limit, |entries| !wanted(entries))
            .unwrap_or_else(PoisonError::into_inner);
        assert!(
            !timeout.timed_out(),
            "the fake AWS did not see what was waited for within {limit:?}; it saw {:#?}",
            *entries
        );
        entries.clone()
    }

    /// Waits up to `limit` for requests after the first `seen`, and returns those; none when time is up.
    pub fn entries_after(&self, seen: usize, limit: Duration) -> Vec<Entry> {
        let (entries, _) = self
            .changed
            .wait_timeout_while(self.lock(), limit, |entries| entries.len() <= seen)
            .unwrap_or_else(PoisonError::into_inner);
        entries.iter().skip(seen).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
