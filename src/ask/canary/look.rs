//! Looking for one event, again and again: CloudTrail takes minutes to show it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::CanaryOptions;
use crate::ask::Progress;
use crate::ask::run::passes;
use crate::ask::trail::{self, Bounds, Seen, TrailScan, Watcher};
use crate::aws::answer::Answer;
use crate::aws::clients::{Aws, service_url};
use crate::aws::cloudtrail::{Event, Span};
use crate::resolve::Route;
use crate::world::World;

/// What clocks may differ by, and events may be rounded to.
pub(super) const SLACK: SignedDuration = SignedDuration::from_mins(2);
/// The name of the wait in the list of checks.
pub(super) const EVENT: &str = "canary-event";
/// For the look at the end of the wait.
const LAST: Duration = Duration::from_secs(10);

/// Looking for one event.
pub(super) struct Look<'a> {
    pub aws: &'a Aws,
    pub route: &'a Route,
    pub world: &'a World,
    pub options: CanaryOptions,
    pub progress: &'a (dyn Fn(Progress) + Sync),
    pub offset: SignedDuration,
    pub since: Timestamp,
    pub id: &'a str,
}

impl Look<'_> {
    /// Looks until the event is there, looking is refused, or the wait is over; the last look is at its very end.
    pub(super) async fn wait(&self, looks: &mut u32) -> Answer<Event> {
        let end = Instant::now() + self.options.wait;
        let mut pause = self.options.pace.first;
        loop {
            let next = (Instant::now() + pause).min(end);
            let is_last = next == end;
            tokio::time::sleep_until(next).await;
            pause = pause.mul_f64(1.5).min(self.options.pace.longest);
            *looks += 1;
            let (found, scan) = self.once(end - next).await;
            match (found, scan.ended) {
                (Some(event), _) => return Answer::Got(event),
                // What may pass by the next look, or is only late, is waited for.
                (None, Answer::Got(()) | Answer::TimedOut) => {}
                (None, ended) if !is_last && (passes(&ended) || trail::is_throttled(&ended)) => {}
                (None, ended) => return ended.without_value("the event was not found"),
            }
            if is_last {
                return Answer::TimedOut;
            }
        }
    }

    /// One look at everything since the call.
    async fn once(&self, left: Duration) -> (Option<Event>, TrailScan) {
        let url = service_url(
            &self.route.effective,
            "CLOUDTRAIL",
            &format!("cloudtrail.{}", self.aws.region),
            &self.aws.region,
        );
        let span = Span { since: self.since, until: self.world.now() + self.offset + SLACK };
        let bounds = Bounds { pace: self.options.pace.page, time: left.max(LAST), ..Bounds::default() };
        let found = std::cell::RefCell::new(None);
        let mut visit = |event: &Event| {
            if event.request_id.as_deref() == Some(self.id) {
                *found.borrow_mut() = Some(event.clone());
            }
        };
        let progress = |seen: &Seen| (self.progress)(Progress::Walked(EVENT.to_owned(), *seen));
        let mut stop = |_: &Seen| found.borrow().is_some();
        let mut watcher = Watcher { visit: &mut visit, stop: &mut stop, progress: &progress };
        let scan = trail::scan(self.aws, &url, span, bounds, &mut watcher).await;
        (found.into_inner(), scan)
    }
}
