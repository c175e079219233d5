//! One request and its outcome, as the wire saw it.

use std::time::Duration;

use super::answer::{NetworkFailure, Refusal};

const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

/// Whether a content type is that of AWS's streams of events.
pub fn is_event_stream(content_type: &str) -> bool {
    content_type.starts_with(EVENT_STREAM)
}

/// One request and what came of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The host that was to be reached.
    pub host: String,
    /// What came.
    pub outcome: Outcome,
    /// How long it took to the head of the answer, or to the failure.
    pub elapsed: Duration,
}

/// What came of a request.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// An answer, AWS's or another's.
    Answered(Head),
    /// No answer.
    Failed(NetworkFailure),
}

/// The head of an answer, and its body where it was read whole.
#[derive(Debug, Clone)]
pub struct Head {
    /// HTTP status.
    pub status: u16,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// What a refusal says; for a success, the text of the body as far as it can be shown.
    pub refusal: Refusal,
}

impl Exchange {
    /// AWS's id of the request, if AWS answered.
    pub fn request_id(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Answered(head) => head.request_id.as_deref(),
            Outcome::Failed(_) => None,
        }
    }

    /// The answer is a stream of AWS's events.
    pub fn is_event_stream(&self) -> bool {
        match &self.outcome {
            Outcome::Answered(head) => head.content_type.as_deref().is_some_and(is_event_stream),
            Outcome::Failed(_) => false,
        }
    }
}
