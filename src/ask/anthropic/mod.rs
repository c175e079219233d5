//! What Anthropic itself saw of an organization: traffic of Claude Code and of its API that did not go through Bedrock.
//!
//! Two kinds of keys open two sets of reports, and a newer one answers both:
//!
//! | report | key | what it has |
//! |---|---|---|
//! | `usage_report/claude_code` | Console | each person's use of Claude Code, a day per request, with an estimate of its cost |
//! | `usage_report/messages` | Console | the tokens of the API, by day and model |
//! | `analytics/user_usage_report` | Enterprise | each seat's tokens, by day, model and product |
//! | `analytics/usage` | either | the tokens by day, model, product and actor (beta) |
//!
//! The first three are called legacy by the page of the last, and live on beside it; so all that a key opens are asked, each by
//! itself, and their numbers are never added up. Sources (read in November 2026): platform.claude.com/docs/en/manage-claude/
//! {analytics-api, usage-cost-analytics-api, claude-code-analytics-api} and the API reference below /docs/en/api/admin.
//! How the newest names its actors could not be confirmed in detail: any of the known ways is read.
//!
//! None of these was ever asked for real here. An individual's account has no such key, and a report without rows proves
//! nothing about it.

mod keys;
mod report;
mod shape;

use jiff::civil::Date;

use crate::aws::amount::Amount;
use crate::aws::answer::Answer;

pub use keys::{Key, Kind, keys};
pub use report::{Report, Reporter, days};

/// The one host that a key is ever sent to, whatever base URL is configured for the client.
pub const HOST: &str = "https://api.anthropic.com";

/// What one report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// Which report.
    pub report: Report,
    /// The variable whose key opened it.
    pub variable: &'static str,
    /// The first day: a report goes back a month at most.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
    /// Its rows.
    pub rows: Answer<Rows>,
}

/// The rows of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// The rows.
    pub usage: Vec<Usage>,
    /// Every page was read.
    pub complete: bool,
}

/// What somebody used on a day, by one model.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Usage {
    /// The day (UTC).
    pub day: Option<Date>,
    /// Mail address of a person, or name of an API key or account; `None` where the report does not tell.
    pub actor: Option<String>,
    /// `claude_code`, `chat` …; `None` where the report does not tell.
    pub product: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Tokens read, without the cache.
    pub input: u64,
    /// Tokens written by the model.
    pub output: u64,
    /// Tokens read from the cache.
    pub cache_read: u64,
    /// Tokens written into the cache.
    pub cache_write: u64,
    /// Anthropic's estimate of the cost in dollars, where the report has one.
    pub cost: Option<Amount>,
}
