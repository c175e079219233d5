//! Findings of the layer `proof`: what evidence and costs show. What is not among doctor's answers is handed over as [`Proof`]:
//! transcripts by doctor and `verify`, refusals of records by `verify`.

pub mod cache_short_lived;
pub mod evidence_denied;
pub mod invocation_logging_off;
pub mod served_by_other_region;
pub mod trail_looked_in_wrong_place;

use jiff::{SignedDuration, Timestamp};

use crate::aws::answer::Refusal;
use crate::price::Money;

/// What was seen beside the answers that doctor has too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// The latest answer of Bedrock that a transcript has.
    pub last_call: Option<Timestamp>,
    /// Questions of `verify` to AWS's records that were refused.
    pub denied: Vec<Denied>,
    /// How the transcripts use the cache.
    pub cache: Option<CacheUse>,
}

/// A question to AWS's records that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// The actions (`cloudtrail:LookupEvents`).
    pub actions: &'static [&'static str],
    /// What cannot be told without them, to stand behind "without it".
    pub without: &'static str,
    /// The command whose policy has them (`verify`, `usage`).
    pub command: &'static str,
    /// AWS's words.
    pub refusal: Refusal,
}

/// How the transcripts use the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheUse {
    /// Days that were looked at.
    pub days: u32,
    /// Pauses of 5 to 60 minutes after which the cache was written again.
    pub pauses: u64,
    /// The longest of them.
    pub longest: SignedDuration,
    /// Tokens written again.
    pub tokens: u64,
    /// What reading them from a cache of an hour would have spared.
    pub spares: Money,
    /// What that cache would have cost more for everything else that was written.
    pub costs: Money,
}

static NOTHING: Proof = Proof { last_call: None, denied: Vec::new(), cache: None };

impl Proof {
    /// Nothing beside doctor's own answers.
    pub fn nothing() -> &'static Self {
        &NOTHING
    }
}
