//! The command line of `verify`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::prove::line::Method;

/// What `verify --help` shows at its end.
pub const EXAMPLES: &str = "\
Examples:
  bedrockup verify                                 what the last 24 hours show
  bedrockup verify --since 7d --all                look at the whole window, and count everybody's calls
  bedrockup verify --canary                        one tagged one-token call, and wait until AWS's log shows it
  bedrockup verify --watch                         wait for your next answer, and say when it is proven
  bedrockup verify --evidence proof.json --mask    a document and a page to keep, ids masked
  bedrockup verify --json | jq -e '.verdict == \"proven\"'

What is asked: the configuration here, running sessions, the transcripts, AWS's own log (CloudTrail) and metrics (CloudWatch).
Cost Explorer costs $0.01 a request and is asked only with `--cost` and a yes. With an admin key of your Anthropic organization in
ANTHROPIC_ADMIN_API_KEY, its usage report is asked too: there should be none.

Exit code 0: proven or likely; 1: contradicted; 2: bad usage; 3: unproven, or what was waited for did not come;
4: the evidence cannot be written; 130: interrupted.";

/// Flags of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// How far back to look: a time such as 24h or 7d, a day (2026-11-20), or a moment (2026-11-20T08:00:00Z)
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = since)]
    pub since: Since,
    /// Of the records that others keep, ask only this one; may be repeated. What this machine tells is always weighed
    #[arg(long = "method", value_enum, value_name = "NAME")]
    pub methods: Vec<Method>,
    /// Ask Cost Explorer too
    #[arg(long)]
    pub cost: bool,
    /// Read AWS's log to the beginning of the window, instead of stopping at the first proof
    #[arg(long)]
    pub all: bool,
    /// Make one tagged one-token call, and wait until AWS's log shows it
    #[arg(long, conflicts_with = "watch")]
    pub canary: bool,
    /// Wait for the next answer that Claude Code gets on this machine, and say when it is proven
    #[arg(long)]
    pub watch: bool,
    /// How long --canary and --watch wait
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = wait)]
    pub wait: Duration,
    /// Write the evidence to this file as JSON, and a page for people beside it (.html)
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// Mask account ids and access key ids in the evidence
    #[arg(long, requires = "evidence")]
    pub mask: bool,
    /// Spend what a chosen method costs without asking (Cost Explorer: $0.01 a request)
    #[arg(long, short)]
    pub yes: bool,
    /// Answer for this directory instead of the current one
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// The beginning of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long before now.
    Before(SignedDuration),
    /// A moment.
    At(Timestamp),
}

impl Since {
    /// The moment, seen from now.
    pub fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Before(time) => now.checked_sub(time).unwrap_or(Timestamp::MIN),
            Self::At(moment) => moment,
        }
    }
}

/// Reads how long to wait: `15m`, `90s`.
fn wait(text: &str) -> Result<Duration, String> {
    let parsed: SignedDuration = text.parse().map_err(|_| "not a time; write 15m or 90s".to_owned())?;
    match Duration::try_from(parsed) {
        Ok(limit) if limit >= Duration::from_secs(1) && limit <= Duration::from_secs(6 * 3600) => Ok(limit),
        _ => Err("must be between 1s and 6h".to_owned()),
    }
}

/// Reads the beginning of a window: `24h`, `7d`, `2w`, a day, or a moment. A day has 24 hours here.
fn since(text: &str) -> Result<Since, String> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(Since::At(moment));
    }
    if let Ok(day) = text.parse::<Date>() {
        let midnight = TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight()));
        return midnight.map(Since::At).map_err(|error| error.to_string());
    }
    let hours_of_days = jiff::SpanRelativeTo::days_are_24_hours();
    let time = text.parse::<Span>().and_then(|span| span.to_duration(hours_of_days));
    match time {
        Ok(time) if time >= SignedDuration::from_secs(1) => Ok(Since::Before(time)),
        _ => Err("not a time; write 24h, 7d, 2026-11-20 or 2026-11-20T08:00:00Z".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_begin_where_people_say() {
        assert_eq!(since("24h"), Ok(Since::Before(SignedDuration::from_hours(24))));
        assert_eq!(since("7d"), Ok(Since::Before(SignedDuration::from_hours(7 * 24))));
        assert_eq!(since("2w"), Ok(Since::Before(SignedDuration::from_hours(14 * 24))));
        let day = "2026-11-20T00:00:00Z".parse().map(Since::At).map_err(|_| String::new());
        assert_eq!(since("2026-11-20"), day);
        assert_eq!(since("2026-11-20T00:00:00Z"), day);
        for wrong in ["", "soon", "-1h", "0s", "3 months", "1y"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
