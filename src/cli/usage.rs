//! The command line of `usage`, and how it reads times.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::usage::By;

/// What `usage --help` shows at its end.
pub const EXAMPLES: &str = "\
Examples:
  bedrockup usage                                  the last 30 days on this machine, by model
  bedrockup usage --by project --since 7d          where the dollars went this week
  bedrockup usage --by day --csv > usage.csv       for a spreadsheet
  bedrockup usage --html usage.html                a page with charts, to show to somebody
  bedrockup usage --source cloudwatch              the whole account in this region, by AWS's count
  bedrockup usage --reconcile --since 2026-11-01   estimate, AWS's count and the bill, side by side
  bedrockup usage --json | jq '.totals.cost'";

/// Flags of `usage`.
#[derive(Debug, Clone, Args)]
pub struct UsageArgs {
    /// From when on: 30d, 24h, 2026-11-01, 2026-11-01T10:00:00Z, today or all. Days begin at midnight
    #[arg(long, value_name = "WHEN", default_value = "30d", value_parser = when)]
    pub since: When,
    /// Until when; a date includes its whole day
    #[arg(long, value_name = "WHEN", value_parser = when)]
    pub until: Option<When>,
    /// What rows are told apart by, beside the model
    #[arg(long, value_enum, value_name = "KEY", default_value_t = ByArg::Model)]
    pub by: ByArg,
    /// Whom to ask
    #[arg(long, value_enum, value_name = "SOURCE", default_value_t = SourceArg::Transcripts, conflicts_with = "reconcile")]
    pub source: SourceArg,
    /// Set the estimate, CloudWatch's count and the bill side by side, and say what explains the difference
    #[arg(long, conflicts_with_all = ["csv", "html"])]
    pub reconcile: bool,
    /// Time zone of the days, such as Europe/Berlin, instead of the local one
    #[arg(long, value_name = "NAME", conflicts_with = "utc")]
    pub timezone: Option<String>,
    /// Days of UTC, by which AWS bills
    #[arg(long)]
    pub utc: bool,
    /// Write a page with charts, one file that needs nothing else
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// Do not ask before Cost Explorer, which costs 0.01 USD for each request
    #[arg(long, short)]
    pub yes: bool,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// What rows are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ByArg {
    /// The day
    Day,
    /// Nothing else
    Model,
    /// The directory
    Project,
    /// The session
    Session,
}

/// Whom to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SourceArg {
    /// The transcripts of this machine: at once, without network
    Transcripts,
    /// CloudWatch: what the whole account used in this region
    Cloudwatch,
    /// Cost Explorer: the bill; each request costs 0.01 USD
    CostExplorer,
}

/// A moment as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Everything that is there.
    All,
    /// So long ago, to the second.
    Ago(SignedDuration),
    /// So many days before today.
    Days(i32),
    /// A day.
    Day(Date),
    /// A moment.
    At(Timestamp),
}

impl When {
    /// The beginning of a span; `None` is everything before.
    pub fn begin(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let midnight =
            |day: Date| zone.to_ambiguous_zoned_datetime(day.into()).compatible().ok().map(|at| at.timestamp());
        match self {
            Self::All => None,
            Self::Ago(time) => now.checked_sub(time).ok(),
            Self::Days(days) => midnight(zone.to_datetime(now).date().saturating_sub(days.days())),
            Self::Day(day) => midnight(day),
            Self::At(moment) => Some(moment),
        }
    }

    /// The end of a span: a day ends with the midnight after it. `None` is everything after.
    pub fn end(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let day = match self {
            Self::Days(days) => zone.to_datetime(now).date().saturating_sub(days.days()),
            Self::Day(day) => day,
            other => return other.begin(now, zone),
        };
        Self::Day(day.tomorrow().ok()?).begin(now, zone)
    }
}

impl From<ByArg> for By {
    fn from(by: ByArg) -> Self {
        match by {
            ByArg::Day => Self::Day,
            ByArg::Model => Self::Model,
            ByArg::Project => Self::Project,
            ByArg::Session => Self::Session,
        }
    }
}

/// Reads `30d`, `2w`, `24h`, `today`, `yesterday`, `all`, a date, or a moment.
fn when(text: &str) -> Result<When, String> {
    match text {
        "all" => return Ok(When::All),
        "today" => return Ok(When::Days(0)),
        "yesterday" => return Ok(When::Days(1)),
        _ => {}
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(When::At(moment));
    }
    if let Ok(day) = text.parse::<Date>() {
        return Ok(When::Day(day));
    }
    let wrong = || "write 30d, 2w, 24h, today, all, 2026-11-01 or 2026-11-01T10:00:00Z".to_owned();
    let cut = text.len() - text.chars().next_back().map_or(0, char::len_utf8);
    let (number, unit) = text.split_at(cut);
    let number: u16 = number.parse().map_err(|_| wrong())?;
    match unit {
        "d" => Ok(When::Days(number.into())),
        "w" => Ok(When::Days(i32::from(number) * 7)),
        "h" => Ok(When::Ago(SignedDuration::from_hours(number.into()))),
        "m" => Ok(When::Ago(SignedDuration::from_mins(number.into()))),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them_and_days_are_those_of_the_zone() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
        let now: Timestamp = "2026-11-25T00:30:00Z".parse().expect("a time");
        let begin = |text: &str| when(text).expect(text).begin(now, &zone).map(|moment| moment.to_string());
        assert_eq!(begin("today").as_deref(), Some("2026-11-24T23:00:00Z"));
        assert_eq!(begin("1d").as_deref(), Some("2026-11-23T23:00:00Z"));
        assert_eq!(begin("31d").as_deref(), Some("2026-10-24T22:00:00Z"), "summer time");
        assert_eq!(begin("24h").as_deref(), Some("2026-11-24T00:30:00Z"));
        assert_eq!(begin("2026-11-01").as_deref(), Some("2026-10-31T23:00:00Z"));
        assert_eq!(begin("2026-11-01T10:00:00+02:00").as_deref(), Some("2026-11-01T08:00:00Z"));
        assert_eq!(begin("all"), None);
        let end = |text: &str| when(text).expect(text).end(now, &zone).map(|moment| moment.to_string());
        assert_eq!(end("2026-11-20").as_deref(), Some("2026-11-20T23:00:00Z"), "the whole day");
        assert_eq!(end("2026-11-20T00:00:00Z").as_deref(), Some("2026-11-20T00:00:00Z"));
        for wrong in ["", "d", "30", "-3d", "30x", "99999d", "2026-02-31", "é"] {
            assert!(when(wrong).is_err(), "{wrong}");
        }
    }
}
