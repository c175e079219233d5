//! The tagged call: what was sent, and whether AWS's log shows it.

use jiff::Timestamp;
use serde::Serialize;

use super::Case;
use super::trail::Call;
use super::words::{self, minute};
use crate::ask::canary::Canary;
use crate::aws::answer::Answer;

/// The tagged call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CanaryRow {
    /// `x-amzn-RequestId` of the call, where it was answered.
    pub request_id: Option<String>,
    /// The user agent that only this call has.
    pub user_agent: String,
    /// The model that was called.
    pub model: String,
    /// The region where it was sent.
    pub region: String,
    /// When it was sent, by this machine's clock.
    pub sent: Timestamp,
    /// AWS's log shows it.
    pub seen: bool,
    /// Whole seconds from the answer to the event, or to the end of the wait.
    pub waited_seconds: u64,
}

/// The call as a row.
pub fn row(case: &Case<'_>) -> Option<CanaryRow> {
    let canary = case.canary?;
    Some(CanaryRow {
        request_id: request_id(canary).map(str::to_owned),
        user_agent: canary.user_agent.clone(),
        model: canary.model.clone(),
        region: canary.region.clone(),
        sent: canary.sent,
        seen: event(case).is_some(),
        waited_seconds: canary.waited.as_secs(),
    })
}

/// The event of the call: found by the wait, or by the look at the log that followed.
pub fn event(case: &Case<'_>) -> Option<Call> {
    let canary = case.canary?;
    let by_look = || {
        let id = request_id(canary)?;
        case.trail.tagged().filter(|call| call.request_id.eq_ignore_ascii_case(id)).cloned()
    };
    canary.event.got().map(Call::of).or_else(by_look)
}

/// What came of the call, as sentences.
pub fn words(canary: &Canary) -> String {
    let what = match (&canary.reply, request_id(canary)) {
        (Answer::Got(_), Some(id)) => format!("The tagged call {id} was answered at {}", minute(canary.answered)),
        (Answer::Got(_), None) => "The tagged call was answered without a request id of AWS".to_owned(),
        (other, _) => return format!("The tagged call was not answered: {}.", words::lack(other).0),
    };
    match &canary.event {
        Answer::Got(_) => format!("{what}, and stands in AWS's own log."),
        Answer::TimedOut => format!(
            "{what}; AWS's log did not show it within {} s. It may still come: a later `bedrockup verify` knows it again.",
            canary.waited.as_secs()
        ),
        other => format!("{what}; AWS's log could not be read: {}.", words::lack(other).0),
    }
}

fn request_id(canary: &Canary) -> Option<&str> {
    canary.reply.got()?.request_id.as_deref()
}
