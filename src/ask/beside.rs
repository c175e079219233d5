//! What is asked beside everything else, and must cost nobody time: quotas before the first 429, invocation logging, whether
//! calls are recorded.

use std::time::Duration;

use futures_util::future::{Either, select};

use jiff::SignedDuration;

use super::Asking;
use crate::aws::answer::{Answer, Quota, Recorded};
use crate::aws::clients::{Access, Aws, service_url};
use crate::aws::cloudtrail::{self, Span};
use crate::aws::logging::{self, Logging};
use crate::aws::questions;

const QUOTAS: &str = "quotas";
/// How far CloudTrail's event history goes back.
const HISTORY: SignedDuration = SignedDuration::from_hours(24 * 90);

impl Asking<'_> {
    /// Does the work, and listens to what is asked beside it for a small part of the time that is left; for all of it where
    /// the work shows that it is needed.
    async fn beside<T, B>(
        &self,
        name: &str,
        work: impl Future<Output = T>,
        asking: impl Future<Output = Answer<B>>,
        needed: impl FnOnce(&T) -> bool,
    ) -> (T, Answer<B>) {
        match select(Box::pin(work), Box::pin(asking)).await {
            Either::Right((answer, work)) => (work.await, answer),
            Either::Left((done, asking)) if needed(&done) => (done, asking.await),
            Either::Left((done, asking)) => {
                let patience = self.run.left().checked_div(8).unwrap_or(Duration::ZERO);
                match tokio::time::timeout(patience, asking).await {
                    Ok(answer) => (done, answer),
                    Err(_) => (done, self.run.give_up(name, "it takes longer than everything else")),
                }
            }
        }
    }

    /// Does the work, and lists the quotas meanwhile: AWS gives them in a dozen pages, one after the other. They are waited for
    /// where a call was throttled.
    pub(super) async fn with_quotas<T>(
        &self,
        aws: Result<&Aws, &&'static str>,
        work: impl Future<Output = T>,
        throttled: impl FnOnce(&T) -> bool,
    ) -> (T, Answer<Vec<Quota>>) {
        let aws = match aws {
            Ok(aws) if matches!(aws.access, Access::Keys(_)) => aws.clone(),
            Ok(_) => return (work.await, self.run.skip(QUOTAS, "Service Quotas cannot be asked without access keys")),
            Err(why) => return (work.await, self.run.skip(QUOTAS, why)),
        };
        let url =
            service_url(&self.route.effective, "SERVICE_QUOTAS", &format!("servicequotas.{}", aws.region), &aws.region);
        let ask = move || {
            let (aws, url) = (aws.clone(), url.clone());
            async move { questions::quotas(&aws, &url).await }
        };
        self.beside(QUOTAS, work, self.run.question(QUOTAS, ask), throttled).await
    }

    /// Does the work, and counts meanwhile the calls of models that CloudTrail's event history of a region shows.
    pub(super) async fn with_recorded<T>(
        &self,
        aws: Result<&Aws, &&'static str>,
        region: Option<&str>,
        work: impl Future<Output = T>,
    ) -> (T, Option<Recorded>) {
        let Some(region) = region else { return (work.await, None) };
        let name = format!("cloudtrail-events:{region}");
        let recorded = |calls| Some(Recorded { region: region.to_owned(), calls });
        let aws = match aws {
            Ok(aws) if matches!(aws.access, Access::Keys(_)) => Aws { region: region.to_owned(), ..aws.clone() },
            Ok(_) => {
                return (work.await, recorded(self.run.skip(&name, "CloudTrail cannot be asked without access keys")));
            }
            Err(why) => return (work.await, recorded(self.run.skip(&name, why))),
        };
        let url = service_url(&self.route.effective, "CLOUDTRAIL", &format!("cloudtrail.{region}"), region);
        let now = self.machine.now;
        let span = Span { since: now.checked_sub(HISTORY).unwrap_or(now), until: now };
        let ask = move || {
            let (aws, url) = (aws.clone(), url.clone());
            async move {
                match cloudtrail::page(&aws, &url, span, None).await {
                    Answer::Got(page) => {
                        Answer::Got(page.events.iter().filter(|event| event.streams().is_some()).count())
                    }
                    other => other.without_value("the events were not read"),
                }
            }
        };
        let (done, calls) = self.beside(&name, work, self.run.question(&name, ask), |_| false).await;
        (done, recorded(calls))
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
