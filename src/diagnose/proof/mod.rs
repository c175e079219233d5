//! Findings of the layer `proof`: what evidence and costs show. Doctor names those that its own facts show; `verify` and `usage`
//! hand over the rest as [`Proof`].

pub mod cache_short_lived;
pub mod evidence_denied;
pub mod invocation_logging_off;
pub mod served_by_other_region;
pub mod trail_looked_in_wrong_place;

use jiff::{SignedDuration, Timestamp};

use crate::aws::answer::Refusal;

/// What `verify` and `usage` saw, beside the answers that doctor has too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// The look into CloudTrail's event history.
    pub trail: Option<TrailLook>,
    /// Questions to AWS's records that were refused.
    pub denied: Vec<Denied>,
    /// How the transcripts use the cache.
    pub cache: Option<CacheUse>,
}

/// A look into CloudTrail's event history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailLook {
    /// The region that was asked.
    pub region: String,
    /// Successful calls of this identity that were found.
    pub found: usize,
    /// The latest call that was made, by the transcripts or a call of our own; `None` where none is known.
    pub last_call: Option<Timestamp>,
    /// The name by which the caller was looked up, where one was: that of a role finds nothing.
    pub looked_up_by: Option<String>,
}

/// A question to AWS's records that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// The action (`cloudtrail:LookupEvents`).
    pub action: &'static str,
    /// What cannot be told without it, to stand behind "without it".
    pub without: &'static str,
    /// The command whose policy has it (`verify`, `usage`).
    pub command: &'static str,
    /// AWS's words.
    pub refusal: Refusal,
}

/// How the transcripts use the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheUse {
    /// Cache writes that repeat what an earlier turn of the session had written, after a pause longer than the cache lives and
    /// shorter than an hour.
    pub rewrites: usize,
    /// Tokens in them.
    pub tokens: u64,
    /// The longest of those pauses.
    pub longest: SignedDuration,
}

static NOTHING: Proof = Proof { trail: None, denied: Vec::new(), cache: None };

impl Proof {
    /// Nothing beside doctor's own answers.
    pub fn nothing() -> &'static Self {
        &NOTHING
    }
}
