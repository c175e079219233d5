//! What CloudWatch counted: calls, refusals, tokens and latency of each model in the account and region.
//!
//! Metrics have no dimension for who called: they say that the account called, never that a certain person did. Each series
//! that is asked for costs about 0.00001 USD.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::aws::answer::Answer;
use crate::aws::clients::Aws;
use crate::aws::cloudtrail::Span;
use crate::aws::cloudwatch::{self, Page, QUERIES_PER_CALL, Query, Series, Steps};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// Up to here the steps are hours, so that a day's beginning is not rounded away.
const SHORT: i64 = 3 * DAY;
/// Pages of each list that are read at most.
const PAGES: usize = 50;

/// The series of each model, in the order of [`Metrics`]' arithmetic below.
const SERIES: [(&str, &str); 11] = [
    ("Invocations", "Sum"),
    ("InvocationClientErrors", "Sum"),
    ("InvocationServerErrors", "Sum"),
    ("InvocationThrottles", "Sum"),
    ("InputTokenCount", "Sum"),
    ("OutputTokenCount", "Sum"),
    ("CacheReadInputTokenCount", "Sum"),
    ("CacheWriteInputTokenCount", "Sum"),
    ("InvocationLatency", "Average"),
    ("InvocationLatency", "SampleCount"),
    ("InvocationLatency", "Maximum"),
];

/// The numbers of a span.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Metrics {
    /// The span's beginning, rounded down to a whole step.
    pub from: Timestamp,
    /// The span's end, rounded up to a whole step.
    pub to: Timestamp,
    /// Seconds of each step: an hour or a day.
    pub step: i64,
    /// Each model that was called within two weeks from now, also where it was not in the span. CloudWatch's list has no others.
    pub models: Vec<ModelMetrics>,
    /// AWS gave all numbers.
    pub complete: bool,
}

/// The numbers of one model.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct ModelMetrics {
    /// The id that was called: of a profile the profile's.
    pub model: String,
    /// Calls. AWS has changed whether those that failed later are among them.
    pub invocations: u64,
    /// Refused as the caller's fault.
    pub client_errors: u64,
    /// Failed on AWS's side.
    pub server_errors: u64,
    /// Refused for a quota.
    pub throttles: u64,
    /// Tokens of the whole span.
    pub tokens: Tokens,
    /// Tokens by day (UTC).
    pub days: BTreeMap<Date, Tokens>,
    /// Calls by day (UTC).
    pub calls: BTreeMap<Date, u64>,
    /// Mean latency in milliseconds, over all calls.
    pub latency_mean: Option<f64>,
    /// The longest call, in milliseconds.
    pub latency_longest: Option<f64>,
}

/// Tokens, as Bedrock bills them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tokens {
    /// Read, without the cache.
    pub input: u64,
    /// Written by the model.
    pub output: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written into the cache.
    pub cache_write: u64,
}

/// The numbers of all models in a span.
pub async fn metrics(aws: &Aws, url: &str, span: Span) -> Answer<Metrics> {
    let list = |next: Option<String>| {
        let (aws, url) = (aws.clone(), url.to_owned());
        async move { cloudwatch::models(&aws, &url, next.as_deref()).await }
    };
    let (mut models, listed) = match pages(list).await {
        Answer::Got(read) => read,
        other => return other.without_value("the models were not read"),
    };
    models.sort_unstable();
    models.dedup();
    let steps = steps(span);
    let mut sums = Sums::default();
    let mut complete = listed;
    let queries: Vec<_> = models.iter().enumerate().flat_map(|(place, model)| queries(place, model)).collect();
    for some in queries.chunks(QUERIES_PER_CALL) {
        let some: Arc<[Query]> = some.into();
        let data = |next: Option<String>| {
            let (aws, url, some) = (aws.clone(), url.to_owned(), Arc::clone(&some));
            async move { cloudwatch::data(&aws, &url, &some, steps, next.as_deref()).await }
        };
        match pages(data).await {
            Answer::Got((series, all)) => {
                complete &= all && series.iter().all(|series| !series.failed);
                series.into_iter().for_each(|series| sums.add(series));
            }
            other => return other.without_value("the numbers were not read"),
        }
    }
    let models = models.into_iter().enumerate().map(|(place, model)| sums.model(place, model)).collect();
    Answer::Got(Metrics { from: steps.from, to: steps.to, step: steps.seconds, models, complete })
}

/// All pages of a list, and whether those were all.
async fn pages<T, W: Future<Output = Answer<Page<T>>>>(ask: impl Fn(Option<String>) -> W) -> Answer<(Vec<T>, bool)> {
    let mut items = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..PAGES {
        match ask(next).await {
            Answer::Got(page) => {
                items.extend(page.items);
                next = page.next;
            }
            other => return other.without_value("the page was not read"),
        }
        if next.is_none() {
            return Answer::Got((items, true));
        }
    }
    Answer::Got((items, false))
}

fn steps(span: Span) -> Steps {
    let (since, until) = (span.since.as_second(), span.until.as_second());
    let seconds = if until - since <= SHORT { HOUR } else { DAY };
    let from = Timestamp::from_second(since - since.rem_euclid(seconds)).unwrap_or(span.since);
    // Up: the step that is going on now counts too, and AWS advises whole steps.
    let to = Timestamp::from_second(until + (-until).rem_euclid(seconds)).unwrap_or(span.until);
    Steps { from, to, seconds }
}

fn queries(place: usize, model: &str) -> impl Iterator<Item = Query> {
    SERIES.iter().enumerate().map(move |(series, (metric, statistic))| Query {
        id: id(place, series),
        metric,
        model: model.to_owned(),
        statistic,
    })
}

fn id(place: usize, series: usize) -> String {
    format!("m{place}_{series}")
}

/// The numbers of all series, put together from their pages.
#[derive(Default)]
struct Sums(HashMap<String, BTreeMap<Timestamp, f64>>);

impl Sums {
    fn add(&mut self, series: Series) {
        self.0.entry(series.id).or_default().extend(series.points);
    }

    fn model(&self, place: usize, model: String) -> ModelMetrics {
        let empty = BTreeMap::new();
        let series = |number: usize| self.0.get(&id(place, number)).unwrap_or(&empty);
        let sum = |number: usize| series(number).values().map(|value| count(*value)).sum();
        let mut days: BTreeMap<Date, Tokens> = BTreeMap::new();
        let mut tokens = Tokens::default();
        for number in 4..8 {
            for (time, value) in series(number) {
                let day = days.entry(TimeZone::UTC.to_datetime(*time).date()).or_default();
                for tokens in [day, &mut tokens] {
                    *[&mut tokens.input, &mut tokens.output, &mut tokens.cache_read, &mut tokens.cache_write]
                        [number - 4] += count(*value);
                }
            }
        }
        let mut calls: BTreeMap<Date, u64> = BTreeMap::new();
        for (time, value) in series(0) {
            *calls.entry(TimeZone::UTC.to_datetime(*time).date()).or_default() += count(*value);
        }
        // The mean of means is not the mean: each step weighs as many calls as it has.
        let (means, counts) = (series(8), series(9));
        let weighed = means.iter().filter_map(|(time, mean)| Some((mean * counts.get(time)?, counts.get(time)?)));
        let (total, weight) = weighed.fold((0.0, 0.0), |(total, weight), (mean, calls)| (total + mean, weight + calls));
        ModelMetrics {
            model,
            invocations: sum(0),
            client_errors: sum(1),
            server_errors: sum(2),
            throttles: sum(3),
            tokens,
            days,
            calls,
            latency_mean: (weight > 0.0).then(|| total / weight),
            latency_longest: series(10).values().copied().reduce(f64::max),
        }
    }
}

/// A sum of counts, which CloudWatch gives as a float.
fn count(value: f64) -> u64 {
    // A negative one becomes nothing.
    value.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    #[test]
    fn short_spans_go_by_the_hour_and_both_ends_are_whole_steps() {
        let until = time("2026-11-25T10:20:30Z");
        let day = steps(Span { since: time("2026-11-24T10:20:30Z"), until });
        assert_eq!((day.seconds, day.from), (HOUR, time("2026-11-24T10:00:00Z")));
        let month = steps(Span { since: time("2026-10-26T10:20:30Z"), until });
        assert_eq!((month.seconds, month.from), (DAY, time("2026-10-26T00:00:00Z")));
        assert_eq!((day.to, month.to), (time("2026-11-25T11:00:00Z"), time("2026-11-26T00:00:00Z")));
    }

    #[test]
    fn numbers_of_several_pages_are_summed_by_model_and_by_day() {
        let mut sums = Sums::default();
        let mut add = |place, series, points: &[(&str, f64)]| {
            let points = points.iter().map(|(at, value)| (time(at), *value)).collect();
            sums.add(Series { id: id(place, series), points, failed: false });
        };
        let (one, two) = ("2026-11-24T23:00:00Z", "2026-11-25T00:00:00Z");
        add(0, 0, &[(two, 3.0)]);
        add(0, 0, &[(one, 1.0)]);
        add(0, 4, &[(two, 100.0), (one, 10.0)]);
        add(0, 6, &[(two, 7.0)]);
        add(0, 8, &[(one, 1000.0), (two, 2000.0)]);
        add(0, 9, &[(one, 1.0), (two, 3.0)]);
        add(0, 10, &[(one, 1000.0), (two, 4000.0)]);
        add(1, 2, &[(one, 2.0)]);
        let first = sums.model(0, "a".to_owned());
        assert_eq!((first.invocations, first.tokens.input, first.tokens.cache_read), (4, 110, 7));
        let days: Vec<_> =
            first.days.iter().map(|(day, tokens)| (day.to_string(), tokens.input, tokens.cache_read)).collect();
        assert_eq!(days, [("2026-11-24".to_owned(), 10, 0), ("2026-11-25".to_owned(), 100, 7)]);
        assert_eq!((first.latency_mean, first.latency_longest), (Some(1750.0), Some(4000.0)));
        let second = sums.model(1, "b".to_owned());
        let expected = ModelMetrics { model: "b".to_owned(), server_errors: 2, ..ModelMetrics::default() };
        assert_eq!(second, expected);
    }

    #[test]
    fn every_series_has_a_name_that_aws_accepts() {
        let all: Vec<_> = (0..60).flat_map(|place| queries(place, "m")).collect();
        let mut ids: Vec<_> = all.iter().map(|query| query.id.as_str()).collect();
        let valid = |id: &&str| {
            id.starts_with(|first: char| first.is_ascii_lowercase())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        assert!(ids.iter().all(valid));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
    }

    #[tokio::test]
    async fn a_list_without_an_end_is_not_read_for_ever() {
        let endless = async |_: Option<String>| Answer::Got(Page { items: vec![0_u8], next: Some("t".to_owned()) });
        assert_eq!(pages(endless).await, Answer::Got((vec![0; PAGES], false)));
    }
}
