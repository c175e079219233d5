//! What the account remembers of the calls made to it: events, use, and how often CloudTrail was asked.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;

use super::account::{Account, DirectUse};
use super::errors::Fault;
use super::sigv4::Caller;
use super::trail::{self, Written};
use super::wire::{Call, Reply};

/// One call to a model.
pub struct Use {
    /// When.
    pub at: Timestamp,
    /// Region of the call.
    pub region: String,
    /// The id as called.
    pub model: String,
    /// Status answered.
    pub status: u16,
    /// Tokens of the answer; none of a refusal.
    pub tokens: Tokens,
}

/// Tokens of one answer.
#[derive(Clone, Copy, Default)]
pub struct Tokens {
    /// Input that is neither read from the cache nor written to it.
    pub input: u64,
    /// Output.
    pub output: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written to the cache.
    pub cache_write: u64,
}

impl Tokens {
    /// Of an answer's `usage`.
    pub fn of(usage: &Value) -> Self {
        let number = |name: &str| usage[name].as_u64().unwrap_or_default();
        Self {
            input: number("input_tokens"),
            output: number("output_tokens"),
            cache_read: number("cache_read_input_tokens"),
            cache_write: number("cache_creation_input_tokens"),
        }
    }
}

/// The memory of one server.
pub struct Ledger {
    /// When the server started, by the real clock.
    pub started: Timestamp,
    trail: Mutex<Vec<Written>>,
    uses: Mutex<Vec<Use>>,
    direct: Mutex<Vec<DirectUse>>,
    lookups: Mutex<HashMap<String, Vec<Instant>>>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            started: Timestamp::now(),
            trail: Mutex::default(),
            uses: Mutex::default(),
            direct: Mutex::default(),
            lookups: Mutex::default(),
        }
    }
}

impl Ledger {
    /// Writes down a call whose caller was believed.
    pub fn record(
        &self,
        call: &Call,
        account: &Account,
        caller: &Caller,
        outcome: &Result<Reply, Fault>,
        now: Timestamp,
        request_id: &str,
    ) {
        let fault = outcome.as_ref().err();
        lock(&self.trail).extend(trail::of_call(call, account, caller, fault, now, request_id));
        if let (true, Some(model)) = (call.service == "bedrock-runtime" && call.operation != "CountTokens", &call.model)
        {
            let (status, tokens) = match outcome {
                Ok(reply) => (reply.status, reply.tokens),
                Err(fault) => (fault.status, Tokens::default()),
            };
            let made = Use { at: now, region: call.region.clone(), model: model.clone(), status, tokens };
            lock(&self.uses).push(made);
        }
    }

    /// The events of calls, oldest first.
    pub fn trail(&self) -> MutexGuard<'_, Vec<Written>> {
        lock(&self.trail)
    }

    /// Calls to models, oldest first.
    pub fn uses(&self) -> MutexGuard<'_, Vec<Use>> {
        lock(&self.uses)
    }

    /// Writes down a message that Anthropic itself answered.
    pub fn used_directly(&self, used: DirectUse) {
        lock(&self.direct).push(used);
    }

    /// Messages that Anthropic itself answered, oldest first.
    pub fn direct(&self) -> MutexGuard<'_, Vec<DirectUse>> {
        lock(&self.direct)
    }

    /// Whether one more lookup in this region is within the rate. A throttled one does not count.
    pub fn may_look_up(&self, region: &str, per_second: usize, now: Instant) -> bool {
        let mut lookups = lock(&self.lookups);
        let recent = lookups.entry(region.to_owned()).or_default();
        recent.retain(|at| now.duration_since(*at) < Duration::from_secs(1));
        let open = recent.len() < per_second;
        if open {
            recent.push(now);
        }
        open
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lookups_a_second_per_region_are_answered_and_refused_ones_do_not_count() {
        let (ledger, start) = (Ledger::default(), Instant::now());
        let ask = |region: &str, after_ms| ledger.may_look_up(region, 2, start + Duration::from_millis(after_ms));
        let asked = [0, 300, 600, 900, 1_000, 1_100, 1_300].map(|after_ms| ask("us-east-1", after_ms));
        assert_eq!(asked, [true, true, false, false, true, false, true]);
        assert!(ask("us-west-2", 1_300), "another region has a rate of its own");
    }
}
