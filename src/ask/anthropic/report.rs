//! Asking for the reports.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::de::DeserializeOwned;

use super::shape::{Bucket, CodeDay, Grouped, Page, Row};
use super::{HOST, Key, Kind, Rows, Usage};
use crate::aws::answer::Answer;
use crate::aws::raw::{Raw, encoded};
use crate::aws::wire::{Recorder, Wire};

/// The days that one request may span, and that are asked for in all.
const DAYS: i64 = 31;
/// Days of Claude Code that are asked for at once.
const AT_ONCE: usize = 4;
/// Pages of one list that are read at most.
const PAGES: usize = 50;
/// The beta that the newest report asks for.
const BETA: &str = "analytics-usage-cost-2026-08-24";

/// A report of Anthropic's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Report {
    /// `usage_report/claude_code`.
    ClaudeCode,
    /// `usage_report/messages`.
    Messages,
    /// `analytics/user_usage_report`.
    Seats,
    /// `analytics/usage`.
    Usage,
}

impl Report {
    /// The reports that a key opens.
    pub fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Console => &[Self::ClaudeCode, Self::Messages, Self::Usage],
            Kind::Enterprise => &[Self::Seats, Self::Usage],
        }
    }

    /// A word for it, as the list of checks and JSON have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Messages => "messages",
            Self::Seats => "seats",
            Self::Usage => "usage",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::ClaudeCode => "usage_report/claude_code",
            Self::Messages => "usage_report/messages",
            Self::Seats => "analytics/user_usage_report",
            Self::Usage => "analytics/usage",
        }
    }

    /// What is asked for about days (`to` not included); about one day, of Claude Code.
    fn query(self, from: Date, to: Date) -> String {
        let span = format!("starting_at={from}T00:00:00Z&ending_at={to}T00:00:00Z");
        let by = |names: &[&str]| names.iter().map(|name| format!("&group_by%5B%5D={name}")).collect::<String>();
        match self {
            Self::ClaudeCode => format!("starting_at={from}&limit=1000"),
            Self::Messages => format!("{span}&bucket_width=1d&limit={DAYS}{}", by(&["model"])),
            Self::Seats => format!("{span}&bucket_width=1d&limit=1000{}", by(&["model", "product"])),
            Self::Usage => format!("{span}&time_bucket_width=1d&limit=100{}", by(&["model", "product", "actor"])),
        }
    }
}

/// Days, `to` not included, as far back as reports go: a month from the end.
pub fn days(from: Date, to: Date) -> (Date, Date) {
    (from.max(to.saturating_sub(DAYS.days())), to)
}

/// Asks with one key.
#[derive(Debug, Clone)]
pub struct Reporter {
    wire: Arc<Wire>,
    key: Key,
}

impl Reporter {
    /// From now on the key is struck out of everything that is written down.
    pub fn new(wire: Arc<Wire>, key: Key) -> Self {
        wire.keep_secret(key.secret.reveal());
        Self { wire, key }
    }

    /// The rows of a report about days; `to` is not included.
    pub async fn report(&self, report: Report, from: Date, to: Date) -> Answer<Rows> {
        let query = report.query(from, to);
        match report {
            Report::ClaudeCode => self.code(from, to).await,
            Report::Messages => self.rows(report, &query, Bucket::rows).await,
            Report::Seats => self.rows(report, &query, |row: Row| [row.usage()]).await,
            Report::Usage => self.rows(report, &query, |row: Grouped| [row.usage()]).await,
        }
    }

    /// One request for each day.
    async fn code(&self, from: Date, to: Date) -> Answer<Rows> {
        let days: Vec<Date> = from.series(1.days()).take_while(|day| *day < to).collect();
        let mut all = Rows { complete: true, ..Rows::default() };
        for some in days.chunks(AT_ONCE) {
            let asked = some.iter().map(|day| async move {
                self.rows(Report::ClaudeCode, &Report::ClaudeCode.query(*day, to), CodeDay::rows).await
            });
            for answer in join_all(asked).await {
                match answer {
                    Answer::Got(rows) => {
                        all.usage.extend(rows.usage);
                        all.complete &= rows.complete;
                    }
                    other => return other,
                }
            }
        }
        Answer::Got(all)
    }

    /// All pages of a list.
    async fn rows<T: DeserializeOwned, U: IntoIterator<Item = Usage>>(
        &self,
        report: Report,
        query: &str,
        read: impl Fn(T) -> U + Copy,
    ) -> Answer<Rows> {
        let mut all = Rows::default();
        let mut next: Option<String> = None;
        for _ in 0..PAGES {
            let page = next.map(|token| format!("&page={}", encoded(&token))).unwrap_or_default();
            let mut request = Raw::get(format!("{HOST}/v1/organizations/{}?{query}{page}", report.path()));
            request.headers.push(("x-api-key", self.key.secret.reveal().to_owned()));
            request.headers.push(("anthropic-version", "2023-06-01".to_owned()));
            if report == Report::Usage {
                request.headers.push(("anthropic-beta", BETA.to_owned()));
            }
            match request.object::<Page<T>>(&Recorder::new(Arc::clone(&self.wire))).await {
                Answer::Got(page) => {
                    let (rows, more) = page.parts(read);
                    all.usage.extend(rows.into_iter().flatten());
                    next = more;
                }
                other => return other.without_value("the page was not read"),
            }
            if next.is_none() {
                all.complete = true;
                break;
            }
        }
        Answer::Got(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_goes_back_a_month_at_most() {
        let (from, to) = (Date::constant(2026, 1, 1), Date::constant(2026, 11, 25));
        assert_eq!(days(from, to), (Date::constant(2026, 10, 25), to));
        let day = Date::constant(2026, 11, 24);
        assert_eq!(days(day, to), (day, to));
    }

    #[test]
    fn each_kind_of_key_opens_its_own_reports_and_the_newest() {
        assert!(!Report::of(Kind::Enterprise).contains(&Report::ClaudeCode));
        assert!(!Report::of(Kind::Console).contains(&Report::Seats));
        assert!([Kind::Console, Kind::Enterprise].iter().all(|kind| Report::of(*kind).contains(&Report::Usage)));
    }

    #[test]
    fn a_report_is_asked_for_as_its_reference_says() {
        let (from, to) = (Date::constant(2026, 11, 24), Date::constant(2026, 11, 25));
        assert_eq!(Report::ClaudeCode.query(from, to), "starting_at=2026-11-24&limit=1000");
        assert_eq!(
            Report::Messages.query(from, to),
            "starting_at=2026-11-24T00:00:00Z&ending_at=2026-11-25T00:00:00Z&bucket_width=1d&limit=31&group_by%5B%5D=model"
        );
    }
}
