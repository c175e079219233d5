//! `usage`: tokens and dollars as a table with bars, a document, comma-separated values, or a page. All from one value.

mod chart;
mod csv;
mod json;
pub mod page;
pub mod reconcile;
mod table;
mod text;

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::price::{Table, Tokens};
use crate::usage::advice::Advice;
use crate::usage::{By, Row, Source, Sums, Usage};

pub use csv::csv;
pub use json::json;
pub use text::text;

/// What there is to tell.
pub struct Report<'a> {
    /// The answers.
    pub usage: &'a Usage,
    /// Who told.
    pub source: Source,
    /// The prices.
    pub prices: &'a Table,
    /// What rows are told apart by.
    pub by: By,
    /// The beginning; `None` is everything that is there.
    pub since: Option<Timestamp>,
    /// The end.
    pub until: Timestamp,
    /// Days are those of this zone.
    pub zone: TimeZone,
    /// What could be had for less.
    pub advice: Vec<Advice>,
    /// The home, for short paths.
    pub home: PathBuf,
    /// What could not be read, as sentences.
    pub gaps: Vec<String>,
}

impl Report<'_> {
    /// The zone as people know it.
    pub(super) fn zone_name(&self) -> String {
        let name = self.zone.iana_name().map(str::to_owned);
        name.unwrap_or_else(|| if self.zone == TimeZone::UTC { "UTC".to_owned() } else { "local time".to_owned() })
    }

    /// `26 Oct to 25 Nov 2026`, of the days that were asked for, or of those that have answers.
    pub(super) fn span(&self) -> String {
        let day = |moment: Timestamp| self.zone.to_datetime(moment).date();
        let first = self.since.or(self.usage.between.map(|(first, _)| first)).unwrap_or(self.until);
        // The end is not included: midnight ends the day before.
        let last = self.until.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(self.until);
        let (first, last) = (day(first), day(last));
        let end = last.strftime("%-d %b %Y").to_string();
        if first == last {
            end
        } else if first.year() == last.year() {
            format!("{} to {end}", first.strftime("%-d %b"))
        } else {
            format!("{} to {end}", first.strftime("%-d %b %Y"))
        }
    }
}

/// How a route is told in a table: the prefix of its profile, or its class.
fn route(row: &Row) -> String {
    let profile = row.asked.profile.as_deref().unwrap_or_default();
    let id = profile.rsplit('/').next().unwrap_or(profile);
    match id.split_once(".anthropic.") {
        Some((prefix, _)) => prefix.to_owned(),
        None if profile.contains(":application-inference-profile/") => "app".to_owned(),
        None if row.asked.routing == crate::price::Routing::Unknown => "unknown".to_owned(),
        None if row.asked.routing == crate::price::Routing::Known(crate::price::Class::InRegion) => "region".to_owned(),
        None => row.asked.routing.name().to_owned(),
    }
}

/// `1,234`, `12.3K`, `1.23M`: at most seven characters.
fn compact(number: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let float = number as f64;
    match number {
        0..10_000 => crate::price::grouped(number.into()),
        10_000..999_950 => format!("{:.1}K", float / 1e3),
        999_950..999_995_000 => format!("{:.2}M", float / 1e6),
        _ => format!("{:.2}B", float / 1e9),
    }
}

/// The columns between a name and the dollars: answers, which a bill does not count, and tokens.
fn numbers(source: &Source, sums: &Sums) -> [String; 5] {
    let tokens = &sums.tokens;
    let messages = if *source == Source::Bill { "-".to_owned() } else { compact(sums.messages) };
    let written = tokens.cache_write_5m + tokens.cache_write_1h;
    let [input, output, written, read] = [tokens.input, tokens.output, written, tokens.cache_read].map(compact);
    [messages, input, output, written, read]
}

/// What is to be said where an old client wrote answers down before they ended.
fn cut_short(number: u64) -> String {
    let answers = crate::usage::advice::answers(number);
    format!("{answers} written down by an old client before the end: their output, and so the sum, may be more.")
}

impl Source {
    /// The name in documents.
    fn name(&self) -> &'static str {
        match self {
            Self::Transcripts => "transcripts",
            Self::CloudWatch(_) => "cloudwatch",
            Self::Bill => "cost-explorer",
        }
    }

    /// What there is of it, and how it is counted, for the line below the sum.
    fn counted(&self, messages: u64) -> String {
        let answers = crate::usage::advice::answers(messages);
        match self {
            Self::Transcripts => format!("{answers} on this machine"),
            Self::CloudWatch(region) => {
                let calls = crate::price::grouped(messages.into());
                format!("{calls} calls of the whole account in {region}, counted by CloudWatch")
            }
            Self::Bill => "the whole account, by Cost Explorer".to_owned(),
        }
    }

    /// How good the sum is.
    fn caveat(&self) -> &'static str {
        match self {
            Self::Transcripts => {
                "An estimate from the transcripts of this machine at list prices. Discounts, credits and other machines are in \
                 the bill alone: `bedrockup usage --reconcile` sets them side by side."
            }
            Self::CloudWatch(_) => {
                "An estimate at list prices. CloudWatch tells neither how long cache writes last nor how long prompts are, so prices \
                 are ranges; it counts everybody's calls in this region, and lists models of the last two weeks alone."
            }
            Self::Bill => {
                "What AWS billed for Claude, without credits, refunds and taxes. The last day or two are late and may still change."
            }
        }
    }
}

/// The five kinds of tokens by their names in documents.
fn kinds(tokens: &Tokens) -> [(&'static str, u64); 5] {
    [
        ("input", tokens.input),
        ("output", tokens.output),
        ("cache_write_5m", tokens.cache_write_5m),
        ("cache_write_1h", tokens.cache_write_1h),
        ("cache_read", tokens.cache_read),
    ]
}

#[cfg(test)]
pub(crate) mod tests;
