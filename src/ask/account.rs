//! What the whole account used and paid: CloudWatch's count, the bill, the account's own profiles, AWS's price list. All at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::asker::{AskedAs, asker};
use super::cost::{self, Costs};
use super::metrics::{self, Metrics};
use super::run::{Run, Stopped, reason, status};
use super::{Progress, limits, seeker};
use crate::aws::answer::{Answer, Availability, InferenceProfile, Lifecycle};
use crate::aws::clients::{Aws, service_url};
use crate::aws::cloudtrail::Span;
use crate::aws::cost_explorer::{self, Days};
use crate::aws::wire::Wire;
use crate::aws::{price_list, questions};
use crate::observe::Machine;
use crate::price::refresh::Product;
use crate::resolve::Route;
use crate::world::World;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// CloudWatch's count of this span.
    pub metrics: Option<Span>,
    /// The account's own profiles, which name the models behind their ids.
    pub own_profiles: bool,
    /// The bill of these days: 0.01 USD for each request.
    pub cost: Option<Days>,
    /// Requests to Cost Explorer that may be made.
    pub cost_requests: u32,
    /// AWS's price list of the region.
    pub prices: bool,
    /// Access to these foundation models, and their lives.
    pub models: Vec<String>,
}

/// What everybody said.
#[derive(Debug, Clone)]
pub struct AccountAnswers {
    /// Whose credentials asked.
    pub asked_as: AskedAs,
    /// CloudWatch's numbers.
    pub metrics: Answer<Metrics>,
    /// Profiles that the account made itself.
    pub own_profiles: Answer<Vec<InferenceProfile>>,
    /// The bill.
    pub cost: Answer<Costs>,
    /// Requests that were made to Cost Explorer.
    pub cost_requests: u32,
    /// The price list.
    pub prices: Answer<Vec<Product>>,
    /// Of each model that was asked about, access and life.
    pub models: Vec<(String, Answer<Availability>, Answer<Lifecycle>)>,
}

/// Why an answer is not the one that was wanted; the end of a sentence.
pub fn why<T>(answer: &Answer<T>) -> Option<String> {
    reason(answer)
}

struct Asking<'a> {
    run: Run<'a>,
    route: &'a Route,
    wanted: &'a Wanted,
}

const NOT_WANTED: &str = "it was not asked for";

/// Asks what is wanted; ends after `timeout`, whatever hangs.
pub async fn account(
    world: &World,
    machine: &Machine,
    route: &Route,
    wanted: &Wanted,
    timeout: Duration,
    progress: &(dyn Fn(Progress) + Sync),
) -> AccountAnswers {
    let deadline = Instant::now() + timeout;
    let wire = Arc::new(Wire::new(&route.effective, &route.trust, world.clock, limits(timeout)));
    let seeker = seeker(&wire, machine, route, deadline);
    let asking = Asking { run: Run::new(deadline, progress), route, wanted };
    let made = Arc::new(AtomicU32::new(0));
    let (asked_as, aws) = asker(&asking.run, &seeker).await;
    let aws = aws.as_ref();
    let (metrics, own_profiles, cost, prices, models) = tokio::join!(
        asking.metrics(aws),
        asking.own_profiles(aws),
        asking.cost(aws, &made),
        asking.prices(aws),
        asking.models(aws),
    );
    AccountAnswers {
        asked_as,
        metrics,
        own_profiles,
        cost,
        cost_requests: made.load(Ordering::Relaxed),
        prices,
        models,
    }
}

impl Asking<'_> {
    /// The clients that a question needs, or its answer where it is not asked.
    fn ready<T>(&self, name: &str, wanted: bool, aws: Result<&Aws, &String>) -> Result<Aws, Answer<T>> {
        match aws {
            _ if !wanted => Err(Answer::NotAsked(NOT_WANTED.to_owned())),
            Err(why) => Err(self.run.skip(name, why)),
            Ok(aws) => Ok(aws.clone()),
        }
    }

    fn url(&self, service: &str, host: &str, region: &str) -> String {
        service_url(&self.route.effective, service, host, region)
    }

    async fn metrics(&self, aws: Result<&Aws, &String>) -> Answer<Metrics> {
        const NAME: &str = "cloudwatch-metrics";
        let aws = match self.ready(NAME, self.wanted.metrics.is_some(), aws) {
            Ok(aws) => aws,
            Err(answer) => return answer,
        };
        let Some(span) = self.wanted.metrics else { return Answer::NotAsked(NOT_WANTED.to_owned()) };
        let url = self.url("CLOUDWATCH", &format!("monitoring.{}", aws.region), &aws.region);
        let ask = move || {
            let (aws, url) = (aws.clone(), url.clone());
            async move { metrics::metrics(&aws, &url, span).await }
        };
        self.run.question(NAME, ask).await
    }

    async fn own_profiles(&self, aws: Result<&Aws, &String>) -> Answer<Vec<InferenceProfile>> {
        const NAME: &str = "application-profiles";
        let aws = match self.ready(NAME, self.wanted.own_profiles, aws) {
            Ok(aws) => aws,
            Err(answer) => return answer,
        };
        let ask = move || {
            let aws = aws.clone();
            async move { questions::profiles(&aws, true).await }
        };
        self.run.question(NAME, ask).await
    }

    /// Without a second try: each request costs.
    async fn cost(&self, aws: Result<&Aws, &String>, made: &Arc<AtomicU32>) -> Answer<Costs> {
        const NAME: &str = "cost-explorer";
        let aws = match self.ready(NAME, self.wanted.cost.is_some(), aws) {
            Ok(aws) => aws,
            Err(answer) => return answer,
        };
        let Some(days) = self.wanted.cost else { return Answer::NotAsked(NOT_WANTED.to_owned()) };
        let Some((host, region)) = cost_explorer::home(&aws.region) else {
            return self.run.skip(
                NAME,
                "this partition has no Cost Explorer; the commercial account that this one belongs to shows the costs",
            );
        };
        let url = self.url("COST_EXPLORER", host, region);
        let (most, made) = (self.wanted.cost_requests, Arc::clone(made));
        let work = async move { cost::costs(&aws, &url, region, days, most, &made).await };
        match self.run.work(NAME, work, |answer| (status(answer), reason(answer))).await {
            Ok(answer) => answer,
            Err(Stopped::TimedOut) => Answer::TimedOut,
            Err(Stopped::Crashed(what)) => Answer::Crashed(what),
        }
    }

    async fn prices(&self, aws: Result<&Aws, &String>) -> Answer<Vec<Product>> {
        const NAME: &str = "price-list";
        let aws = match self.ready(NAME, self.wanted.prices, aws) {
            Ok(aws) => aws,
            Err(answer) => return answer,
        };
        let Some((host, home)) = price_list::home(&aws.region) else {
            return self.run.skip(NAME, "this partition has no price list that can be asked");
        };
        let url = self.url("PRICING", host, home);
        let ask = move || {
            let (aws, url) = (aws.clone(), url.clone());
            async move { all_products(&aws, &url, home).await }
        };
        self.run.question(NAME, ask).await
    }

    async fn models(&self, aws: Result<&Aws, &String>) -> Vec<(String, Answer<Availability>, Answer<Lifecycle>)> {
        let asked = self.wanted.models.iter().map(|model| async move {
            let availability = match self.ready(&format!("availability:{model}"), true, aws) {
                Err(answer) => return (model.clone(), answer, Answer::NotAsked("there are no credentials".to_owned())),
                Ok(aws) => aws,
            };
            let (first, second) = (availability.clone(), availability);
            let (one, other) = (model.clone(), model.clone());
            let availability = self.run.question(format!("availability:{model}"), move || {
                let (aws, model) = (first.clone(), one.clone());
                async move { questions::availability(&aws, &model).await }
            });
            let life = self.run.question(format!("lifecycle:{model}"), move || {
                let (aws, model) = (second.clone(), other.clone());
                async move { questions::lifecycle(&aws, &model).await }
            });
            let (availability, life) = tokio::join!(availability, life);
            (model.clone(), availability, life)
        });
        futures_util::future::join_all(asked).await
    }
}

/// Every page of the price list: a part of it is no list.
async fn all_products(aws: &Aws, url: &str, home: &str) -> Answer<Vec<Product>> {
    let (mut found, mut next) = (Vec::new(), None);
    for _ in 0..price_list::PAGES {
        match price_list::products(aws, url, home, &aws.region, next.as_deref()).await {
            Answer::Got(page) => {
                found.extend(page.items);
                next = page.next;
            }
            other => return other.without_value("the page was not read"),
        }
        if next.is_none() {
            return Answer::Got(found);
        }
    }
    Answer::NotAsked(format!("the price list has more than {} pages", price_list::PAGES))
}
