//! What happened in the window over time.

use jiff::Timestamp;
use serde::Serialize;

use crate::aws::cloudtrail::Span;

/// Bars of a timeline.
const BUCKETS: usize = 48;

/// How many things happened in each of equal parts of a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Buckets {
    #[serde(skip)]
    since: i64,
    #[serde(skip)]
    width: i64,
    counts: Vec<u64>,
}

/// Seconds of one bar of a timeline.
pub fn bucket_seconds(span: Span) -> i64 {
    let seconds = span.until.as_second().saturating_sub(span.since.as_second());
    (seconds / BUCKETS as i64 + 1).max(1)
}

impl Buckets {
    /// Nothing counted yet.
    pub fn new(span: Span) -> Self {
        Self { since: span.since.as_second(), width: bucket_seconds(span), counts: vec![0; BUCKETS] }
    }

    /// Counts one thing; what lies outside of the window is passed over.
    pub fn add(&mut self, at: Timestamp) {
        let place = at.as_second().saturating_sub(self.since).div_euclid(self.width);
        if let Some(count) = usize::try_from(place).ok().and_then(|place| self.counts.get_mut(place)) {
            *count += 1;
        }
    }

    /// The counts, oldest first.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn every_moment_of_a_window_has_its_bar_and_no_other_has() {
        let since: Timestamp = "2026-11-24T00:00:00Z".parse().expect("a time");
        for hours in [1, 24, 24 * 90] {
            let span = Span { since, until: since + SignedDuration::from_hours(hours) };
            let mut buckets = Buckets::new(span);
            buckets.add(span.since);
            buckets.add(span.until);
            buckets.add(span.since - SignedDuration::from_secs(1));
            buckets.add(span.until + SignedDuration::from_hours(2 * hours));
            assert_eq!(buckets.counts().iter().sum::<u64>(), 2, "{hours} hours");
            assert_eq!(buckets.counts()[0], 1);
        }
    }
}
