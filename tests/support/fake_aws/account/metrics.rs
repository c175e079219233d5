//! Days, and what the account used on them beside the calls that were really made.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A day of UTC: `"2026-11-20"`, or a number of days before today.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Day {
    /// So many days before today; 0 is today.
    Ago(i64),
    /// A date.
    On(Date),
}

impl Default for Day {
    fn default() -> Self {
        Self::Ago(0)
    }
}

impl Day {
    /// The date, seen from a moment.
    pub fn date(self, now: Timestamp) -> Date {
        match self {
            Self::On(date) => date,
            Self::Ago(days) => date_of(now - SignedDuration::from_hours(24 * days)),
        }
    }

    /// Its first moment.
    pub fn start(self, now: Timestamp) -> Timestamp {
        start_of(self.date(now))
    }
}

/// The date of a moment, in UTC.
pub fn date_of(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// The first moment of a date, in UTC.
pub fn start_of(date: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight())).expect("a date within the range of timestamps")
}

/// What others used of one model on one day, as CloudWatch counts it. It all happens in the first second of an hour.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricDay {
    /// The day.
    pub day: Day,
    /// The hour of the day, 0 to 23.
    pub hour: u8,
    /// Region of the calls.
    pub region: String,
    /// Value of the dimension `ModelId`.
    pub model: String,
    /// Calls that were answered: sum of `Invocations`, and sample count of the tokens and the latency.
    pub invocations: u64,
    /// Sum of `InvocationClientErrors`.
    pub client_errors: u64,
    /// Sum of `InvocationServerErrors`.
    pub server_errors: u64,
    /// Sum of `InvocationThrottles`.
    pub throttles: u64,
    /// Sum of `InputTokenCount`.
    pub input: u64,
    /// Sum of `OutputTokenCount`.
    pub output: u64,
    /// Sum of `CacheReadInputTokenCount`.
    pub cache_read: u64,
    /// Sum of `CacheWriteInputTokenCount`.
    pub cache_write: u64,
    /// Average of `InvocationLatency`, in milliseconds.
    pub latency_ms: f64,
}

impl Default for MetricDay {
    fn default() -> Self {
        Self {
            day: Day::default(),
            hour: 0,
            region: "us-east-1".into(),
            model: "us.anthropic.claude-opus-5-5".into(),
            invocations: 0,
            client_errors: 0,
            server_errors: 0,
            throttles: 0,
            input: 0,
            output: 0,
            cache_read: 0,
            cache_write: 0,
            latency_ms: 1_000.0,
        }
    }
}
