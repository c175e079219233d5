//! What is asked beside everything else, and is hardly waited for: quotas before the first 429, whether calls are recorded,
//! invocation logging.

use std::time::Duration;

use futures_util::future::{Either, select};

use jiff::SignedDuration;
use tokio::sync::oneshot;

use super::Asking;
use crate::aws::answer::{Answer, Quota, Recorded};
use crate::aws::clients::{Access, Aws, service_url};
use crate::aws::cloudtrail::{self, Span};
use crate::aws::logging::{self, Logging};
use crate::aws::questions;

const QUOTAS: &str = "quotas";
/// How far CloudTrail's event history goes back.
const HISTORY: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The longest that what is asked beside everything else is waited for when everything else is done.
const PATIENCE: Duration = Duration::from_secs(1);

impl Asking<'_> {
    /// Does the work, and asks meanwhile what must cost nobody time: the quotas, which AWS gives in a dozen pages one after the
    /// other, and whether calls are recorded, in the region of the calls and in `elsewhere`. What has not come when the work is
    /// done is waited for a moment, the quotas for as long as there is time where a call was throttled.
    pub(super) async fn with_the_rest<T>(
        &self,
        aws: Result<&Aws, &&'static str>,
        elsewhere: Option<&str>,
        work: impl Future<Output = T>,
        throttled: impl FnOnce(&T) -> bool,
    ) -> (T, Answer<Vec<Quota>>, Vec<Recorded>) {
        let (mut quotas, mut here, mut there) = (None, None, None);
        let (listed, all_listed) = oneshot::channel();
        let here_region = self.route.region.name.as_str();
        let asking = async {
            let elsewhere = async {
                there = match elsewhere {
                    Some(region) => Some(self.recorded(aws, region).await),
                    None => None,
                };
            };
            tokio::join!(
                async {
                    quotas = Some(self.quotas(aws).await);
                    // Whether anybody waits for that is not its matter.
                    let _: Result<(), ()> = listed.send(());
                },
                async { here = Some(self.recorded(aws, here_region).await) },
                elsewhere
            );
        };
        let done = match select(Box::pin(work), Box::pin(asking)).await {
            Either::Right(((), work)) => work.await,
            Either::Left((done, asking)) => {
                let open = match throttled(&done) {
                    // The quotas end with the run at the latest; what else is open keeps nobody from them.
                    true => match select(asking, all_listed).await {
                        Either::Left(_) => None,
                        Either::Right((_, asking)) => Some(asking),
                    },
                    false => Some(asking),
                };
                if let Some(asking) = open {
                    let patience = PATIENCE.min(self.run.left() / 8);
                    // Whatever came until then is there.
                    let _: Result<(), _> = tokio::time::timeout(patience, asking).await;
                }
                done
            }
        };
        let late = "it takes longer than everything else";
        let quotas = quotas.unwrap_or_else(|| self.run.give_up(QUOTAS, late));
        let recorded = |region: &str, calls: Option<Answer<usize>>| Recorded {
            region: region.to_owned(),
            calls: calls.unwrap_or_else(|| self.run.give_up(&of_region(region), late)),
        };
        let here = recorded(here_region, here);
        let there = elsewhere.map(|region| recorded(region, there));
        (done, quotas, [Some(here), there].into_iter().flatten().collect())
    }

    async fn quotas(&self, aws: Result<&Aws, &&'static str>) -> Answer<Vec<Quota>> {
        let aws = match aws {
            Ok(aws) if matches!(aws.access, Access::Keys(_)) => aws.clone(),
            Ok(_) => return self.run.skip(QUOTAS, "Service Quotas cannot be asked without access keys"),
            Err(why) => return self.run.skip(QUOTAS, why),
        };
        let url =
            service_url(&self.route.effective, "SERVICE_QUOTAS", &format!("servicequotas.{}", aws.region), &aws.region);
        let ask = move || {
            let (aws, url) = (aws.clone(), url.clone());
            async move { questions::quotas(&aws, &url).await }
        };
        self.run.question(QUOTAS, ask).await
    }

    /// The calls of models among the newest events of Bedrock in CloudTrail's history of a region.
    async fn recorded(&self, aws: Result<&Aws, &&'static str>, region: &str) -> Answer<usize> {
        let name = of_region(region);
        let aws = match aws {
            Ok(aws) if matches!(aws.access, Access::Keys(_)) => Aws { region: region.to_owned(), ..aws.clone() },
            Ok(_) => return self.run.skip(name, "CloudTrail cannot be asked without access keys"),
            Err(why) => return self.run.skip(name, why),
        };
        let url = service_url(&self.route.effective, "CLOUDTRAIL", &format!("cloudtrail.{region}"), region);
        let now = self.machine.now;
        let span = Span { since: now.checked_sub(HISTORY).unwrap_or(now), until: now };
        let ask = move || {
            let (aws, url) = (aws.clone(), url.clone());
            async move {
                let page = match cloudtrail::page(&aws, &url, span, None).await {
                    Answer::Got(page) => page,
                    other => return other.without_value("the events were not read"),
                };
                match page.events.iter().filter(|event| event.streams().is_some()).count() {
                    0 if page.next.is_some() => {
                        Answer::NotAsked("the newest events are others, and there are more".to_owned())
                    }
                    calls => Answer::Got(calls),
                }
            }
        };
        self.run.question(name, ask).await
    }

    pub(super) async fn logging(&self, aws: Result<&Aws, &&'static str>) -> Answer<Logging> {
        const NAME: &str = "invocation-logging";
        let aws = match aws {
            Ok(aws) => aws.clone(),
            Err(why) => return self.run.skip(NAME, why),
        };
        let ask = move || {
            let aws = aws.clone();
            async move { logging::logging(&aws).await }
        };
        self.run.question(NAME, ask).await
    }
}

fn of_region(region: &str) -> String {
    format!("cloudtrail-events:{region}")
}
