//! Every question to AWS's records and to Anthropic's, asked at the same time, each bounded by itself -> [`EvidenceAnswers`].
//!
//! None can take another with it: what is refused, lost or late is said in its own place.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use tokio::time::Instant;

use super::anthropic::{self, Report, Reported, Reporter};
use super::asker::{AskedAs, asker};
use super::cost::{self, Costs};
use super::metrics::{self, Metrics};
use super::run::{Run, Stopped, reason, status};
use super::trail::{self, Bounds, Seen, TrailScan, Watcher};
use super::{Progress, limits, seeker};
use crate::aws::answer::{Answer, Asked, Identity};
use crate::aws::clients::{Aws, service_url};
use crate::aws::cloudtrail::{Event, Span};
use crate::aws::cost_explorer::{self, Days};
use crate::aws::logging::{self, Logging};
use crate::aws::questions;
use crate::aws::wire::Wire;
use crate::observe::Machine;
use crate::resolve::Route;
use crate::world::World;

/// What is asked. Who asks is always asked too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Methods {
    /// CloudTrail's event history.
    pub trail: bool,
    /// CloudWatch.
    pub metrics: bool,
    /// Cost Explorer: 0.01 USD for each request.
    pub cost: bool,
    /// Anthropic's reports, where there is a key for them.
    pub anthropic: bool,
    /// Model invocation logging.
    pub logging: bool,
}

/// What to ask, and how far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceOptions {
    /// When the calls were made.
    pub span: Span,
    /// The part of it that the walk through CloudTrail looks at; it may reach beyond now, since clocks differ.
    pub trail_span: Span,
    /// What is asked.
    pub methods: Methods,
    /// When everything but the walk through CloudTrail is over.
    pub timeout: Duration,
    /// How far that walk goes.
    pub trail: Bounds,
    /// Requests to Cost Explorer that may be made.
    pub cost_requests: u32,
}

/// What everybody said.
#[derive(Debug, Clone)]
pub struct EvidenceAnswers {
    /// Whose credentials asked AWS.
    pub asked_as: AskedAs,
    /// Who that is.
    pub identity: Answer<Identity>,
    /// The walk through CloudTrail; its events went to the watcher.
    pub trail: TrailScan,
    /// CloudWatch's numbers.
    pub metrics: Answer<Metrics>,
    /// What it cost.
    pub cost: Answer<Costs>,
    /// Requests that were made to Cost Explorer, whatever came of them.
    pub cost_requests: u32,
    /// Anthropic's reports.
    pub anthropic: Answer<Vec<Reported>>,
    /// Model invocation logging.
    pub logging: Answer<Logging>,
    /// AWS's clock minus ours.
    pub clock_offset: Option<SignedDuration>,
    /// One entry for each question, for the list of checks.
    pub log: Vec<Asked>,
}

/// Who looks on while CloudTrail is read.
pub struct Witness<'a> {
    /// Hears who asks, before the first event is shown.
    pub identified: &'a mut dyn FnMut(&AskedAs, &Answer<Identity>),
    /// Sees each event, newest first.
    pub visit: &'a mut dyn FnMut(&Event),
    /// Is asked after each page whether that is enough.
    pub stop: &'a mut dyn FnMut(&Seen) -> bool,
}

const NOT_WANTED: &str = "it was not asked for";

/// The parts of a run that every question needs.
struct Asking<'a> {
    run: Run<'a>,
    world: &'a World,
    route: &'a Route,
    options: EvidenceOptions,
    progress: &'a (dyn Fn(Progress) + Sync),
}

/// Asks for evidence. Needs a tokio runtime with I/O and time. Dropping the future ends everything that it has begun.
pub async fn evidence(
    world: &World,
    machine: &Machine,
    route: &Route,
    options: EvidenceOptions,
    progress: &(dyn Fn(Progress) + Sync),
    witness: &mut Witness<'_>,
) -> EvidenceAnswers {
    let deadline = Instant::now() + options.timeout;
    let wire = Arc::new(Wire::new(&route.effective, &route.trust, world.clock, limits(options.timeout)));
    let seeker = seeker(&wire, machine, route, deadline);
    let asking = Asking { run: Run::new(deadline, progress), world, route, options, progress };
    let cost_requests = Arc::new(AtomicU32::new(0));
    let (anthropic, (asked_as, identity, trail, metrics, cost, logging)) =
        tokio::join!(asking.anthropic(&wire), async {
            let (asked_as, aws) = asker(&asking.run, &seeker).await;
            let aws = aws.as_ref();
            // Whose calls the events are can only be told once it is known who asks.
            let trail = async {
                let identity = asking.identity(aws).await;
                (witness.identified)(&asked_as, &identity);
                (identity, asking.trail(aws, witness).await)
            };
            let ((identity, trail), metrics, cost, logging) =
                tokio::join!(trail, asking.metrics(aws), asking.cost(aws, &cost_requests), asking.logging(aws),);
            (asked_as, identity, trail, metrics, cost, logging)
        });
    EvidenceAnswers {
        asked_as,
        identity,
        trail,
        metrics,
        cost,
        cost_requests: cost_requests.load(Ordering::Relaxed),
        anthropic,
        logging,
        clock_offset: wire.clock_offset(),
        log: asking.run.into_log(),
    }
}

impl Asking<'_> {
    /// The clients that a question needs, or its answer where it is not asked.
    fn ready<'a, T>(&self, name: &str, wanted: bool, aws: Result<&'a Aws, &String>) -> Result<&'a Aws, Answer<T>> {
        match aws {
            // What nobody asked for is not worth a line in the list of checks.
            _ if !wanted => Err(Answer::NotAsked(NOT_WANTED.to_owned())),
            Err(why) => Err(self.run.skip(name, why)),
            Ok(aws) => Ok(aws),
        }
    }

    fn url(&self, service: &str, host: &str, region: &str) -> String {
        service_url(&self.route.effective, service, &format!("{host}.{region}"), region)
    }

    async fn identity(&self, aws: Result<&Aws, &String>) -> Answer<Identity> {
        const NAME: &str = "sts-identity";
        let aws = match self.ready(NAME, true, aws) {
            Ok(aws) => aws.clone(),
            Err(answer) => return answer,
        };
        let ask = move || {
            let aws = aws.clone();
            async move { questions::identity(&aws, &aws.sts, &aws.region).await }
        };
        self.run.question(NAME, ask).await
    }

    async fn trail(&self, aws: Result<&Aws, &String>, witness: &mut Witness<'_>) -> TrailScan {
        const NAME: &str = "cloudtrail-events";
        let aws = match self.ready(NAME, self.options.methods.trail, aws) {
            Ok(aws) => aws,
            Err(answer) => return TrailScan::not_begun(answer),
        };
        let url = self.url("CLOUDTRAIL", "cloudtrail", &aws.region);
        let progress = |seen: &Seen| (self.progress)(Progress::Walked(NAME.to_owned(), *seen));
        let mut watcher = Watcher { visit: witness.visit, stop: witness.stop, progress: &progress };
        let walk = trail::scan(aws, &url, self.options.trail_span, self.options.trail, &mut watcher);
        self.run.watch(NAME, walk, |scan| (status(&scan.ended), reason(&scan.ended))).await
    }

    async fn metrics(&self, aws: Result<&Aws, &String>) -> Answer<Metrics> {
        const NAME: &str = "cloudwatch-metrics";
        let aws = match self.ready(NAME, self.options.methods.metrics, aws) {
            Ok(aws) => aws.clone(),
            Err(answer) => return answer,
        };
        let (url, span) = (self.url("CLOUDWATCH", "monitoring", &aws.region), self.options.span);
        let ask = move || {
            let (aws, url) = (aws.clone(), url.clone());
            async move { metrics::metrics(&aws, &url, span).await }
        };
        self.run.question(NAME, ask).await
    }

    /// Without a second try: each request costs.
    async fn cost(&self, aws: Result<&Aws, &String>, made: &Arc<AtomicU32>) -> Answer<Costs> {
        const NAME: &str = "cost-explorer";
        let aws = match self.ready(NAME, self.options.methods.cost, aws) {
            Ok(aws) => aws.clone(),
            Err(answer) => return answer,
        };
        let Some((host, region)) = cost_explorer::home(&aws.region) else {
            return self
                .run
                .skip(NAME, "this partition has no Cost Explorer; for GovCloud the commercial account that this one belongs to shows the costs");
        };
        let url = service_url(&self.route.effective, "COST_EXPLORER", host, region);
        let (days, most, made) = (days(self.options.span), self.options.cost_requests, Arc::clone(made));
        let work = async move { cost::costs(&aws, &url, region, days, most, &made).await };
        match self.run.work(NAME, work, |answer| (status(answer), reason(answer))).await {
            Ok(answer) => answer,
            Err(Stopped::TimedOut) => Answer::TimedOut,
            Err(Stopped::Crashed(what)) => Answer::Crashed(what),
        }
    }

    async fn logging(&self, aws: Result<&Aws, &String>) -> Answer<Logging> {
        const NAME: &str = "invocation-logging";
        let aws = match self.ready(NAME, self.options.methods.logging, aws) {
            Ok(aws) => aws.clone(),
            Err(answer) => return answer,
        };
        let ask = move || {
            let aws = aws.clone();
            async move { logging::logging(&aws).await }
        };
        self.run.question(NAME, ask).await
    }

    /// All reports of all keys at once.
    async fn anthropic(&self, wire: &Arc<Wire>) -> Answer<Vec<Reported>> {
        if !self.options.methods.anthropic {
            return Answer::NotAsked(NOT_WANTED.to_owned());
        }
        // Only the environment of the program itself: a directory's settings have no say in it.
        let keys = anthropic::keys(&self.world.env);
        if keys.is_empty() {
            return self.run.skip("anthropic", "no variable holds a key of Anthropic's reports");
        }
        let span = days(self.options.span);
        let (from, to) = anthropic::days(span.from, span.to);
        let asked = keys.into_iter().flat_map(|key| {
            let variable = key.variable;
            let reporter = Reporter::new(Arc::clone(wire), key.clone());
            Report::of(key.kind).iter().map(move |report| (reporter.clone(), *report, variable))
        });
        let asked = asked.map(|(reporter, report, variable)| async move {
            let ask = move || {
                let reporter = reporter.clone();
                async move { reporter.report(report, from, to).await }
            };
            let rows = self.run.question(format!("anthropic-{}:{variable}", report.name()), ask).await;
            Reported { report, variable, from, to, rows }
        });
        Answer::Got(futures_util::future::join_all(asked).await)
    }
}

/// The days (UTC) of a span.
fn days(span: Span) -> Days {
    let day = |time| TimeZone::UTC.to_datetime(time).date();
    Days { from: day(span.since), to: day(span.until).saturating_add(1.day()) }
}

impl Methods {
    /// Everything.
    pub const ALL: Self = Self { trail: true, metrics: true, cost: true, anthropic: true, logging: true };
}
