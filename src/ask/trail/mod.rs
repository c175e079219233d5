//! The walk through CloudTrail's event history: page by page, newest first, no faster than AWS allows, and never further than
//! it may.
//!
//! Events are shown to a visitor and forgotten: a crowd's month is hundreds of pages, and nothing of it is kept.

#[cfg(test)]
mod tests;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::run::{passes, said};
use crate::aws::answer::Answer;
use crate::aws::clients::Aws;
use crate::aws::cloudtrail::{self, Event, Page, Span};

/// How often in a row AWS may say that it is too fast.
const THROTTLED: u32 = 6;
/// The longest wait after that, in steps of the pace: 16 seconds at AWS's own.
const LONGEST_WAIT: u32 = 32;

/// How far a walk may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// From the start of one request to the start of the next. AWS allows two a second in an account and region, and others may
    /// be asking too.
    pub pace: Duration,
    /// When it is over, whatever hangs.
    pub time: Duration,
    /// Pages of 50 events.
    pub pages: usize,
}

impl Default for Bounds {
    /// AWS's own pace, five minutes, and as many pages as fit.
    fn default() -> Self {
        Self { pace: Duration::from_millis(500), time: Duration::from_secs(300), pages: 600 }
    }
}

/// How far a walk has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Pages read.
    pub pages: usize,
    /// Events in them.
    pub events: usize,
    /// Time of the newest event.
    pub newest: Option<Timestamp>,
    /// Time of the oldest event.
    pub oldest: Option<Timestamp>,
}

/// Who looks on.
pub struct Watcher<'a> {
    /// Sees each event, newest first.
    pub visit: &'a mut dyn FnMut(&Event),
    /// Is asked after each page whether that is enough.
    pub stop: &'a mut dyn FnMut(&Seen) -> bool,
    /// Hears how far the walk has come, after each page.
    pub progress: &'a dyn Fn(&Seen),
}

/// Why a walk stopped before the end of its span although nobody refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// The watcher had seen enough.
    Enough,
    /// The time was over.
    Time,
    /// The pages were used up.
    Pages,
}

/// What came of a walk. A refusal in the middle takes nothing away from what was seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailScan {
    /// Pages read.
    pub pages: usize,
    /// Events in them, all of which the visitor saw.
    pub events: usize,
    /// Time of the newest event.
    pub newest: Option<Timestamp>,
    /// Time of the oldest event: what is older was not looked at, unless the walk is complete.
    pub oldest_seen: Option<Timestamp>,
    /// The whole span was read.
    pub complete: bool,
    /// Why it was not, where nobody refused.
    pub stopped: Option<Stop>,
    /// How often AWS said that it was too fast, and the walk waited and went on.
    pub throttled: usize,
    /// How the last request ended: `Got` unless it was refused, lost, or still open when the time was over.
    pub ended: Answer<()>,
}

impl TrailScan {
    /// Nothing was asked, for this reason or by this refusal.
    pub fn not_begun(ended: Answer<()>) -> Self {
        Self {
            pages: 0,
            events: 0,
            newest: None,
            oldest_seen: None,
            complete: false,
            stopped: None,
            throttled: 0,
            ended,
        }
    }
}

/// Walks through Bedrock's events in a span, at this URL.
pub async fn scan(aws: &Aws, url: &str, span: Span, bounds: Bounds, watcher: &mut Watcher<'_>) -> TrailScan {
    walk(async |next| cloudtrail::page(aws, url, span, next).await, bounds, watcher).await
}

async fn walk(ask: impl AsyncFn(Option<&str>) -> Answer<Page>, bounds: Bounds, watcher: &mut Watcher<'_>) -> TrailScan {
    let deadline = Instant::now() + bounds.time;
    let mut scan = TrailScan::not_begun(Answer::Got(()));
    let mut seen = Seen::default();
    let mut next: Option<String> = None;
    let mut start = Instant::now();
    let (mut throttled, mut tried_again) = (0, false);
    loop {
        if scan.pages >= bounds.pages {
            scan.stopped = Some(Stop::Pages);
            break;
        }
        if start >= deadline {
            scan.stopped = Some(Stop::Time);
            break;
        }
        sleep_until(start).await;
        let asked = Instant::now();
        let asking = AssertUnwindSafe(ask(next.as_deref())).catch_unwind();
        let answer = match timeout_at(deadline, asking).await {
            Ok(answer) => answer.unwrap_or_else(|panic| Answer::Crashed(said(panic.as_ref()))),
            Err(_) => {
                scan.stopped = Some(Stop::Time);
                Answer::TimedOut
            }
        };
        start = asked + bounds.pace;
        match answer {
            Answer::Got(page) => {
                (throttled, tried_again) = (0, false);
                page.events.iter().for_each(|event| (watcher.visit)(event));
                seen.add(&page);
                (scan.pages, scan.events) = (seen.pages, seen.events);
                (scan.newest, scan.oldest_seen) = (seen.newest, seen.oldest);
                (watcher.progress)(&seen);
                next = page.next;
                if next.is_none() {
                    scan.complete = true;
                    break;
                }
                if (watcher.stop)(&seen) {
                    scan.stopped = Some(Stop::Enough);
                    break;
                }
            }
            refused if is_throttled(&refused) && throttled < THROTTLED => {
                throttled += 1;
                scan.throttled += 1;
                start = Instant::now() + bounds.pace * 2_u32.pow(throttled).min(LONGEST_WAIT);
            }
            lost if passes(&lost) && !tried_again => {
                tried_again = true;
                start = Instant::now() + bounds.pace * 4;
            }
            other => {
                scan.ended = other.without_value("the page was not read");
                break;
            }
        }
    }
    scan
}

impl Seen {
    fn add(&mut self, page: &Page) {
        self.pages += 1;
        self.events += page.events.len();
        for at in page.events.iter().filter_map(|event| event.at) {
            self.newest = Some(self.newest.map_or(at, |newest| newest.max(at)));
            self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
        }
    }
}

/// AWS says that it was asked too often.
pub(super) fn is_throttled<T>(answer: &Answer<T>) -> bool {
    answer.refused().is_some_and(|refusal| {
        refusal.status == 429
            || matches!(refusal.code.as_str(), "ThrottlingException" | "Throttling" | "TooManyRequestsException")
    })
}
