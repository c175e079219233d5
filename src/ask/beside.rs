//! What is asked beside everything else, and must cost nobody time: quotas before the first 429, invocation logging.

use std::time::Duration;

use futures_util::future::{Either, select};

use super::Asking;
use crate::aws::answer::{Answer, Quota};
use crate::aws::clients::{Access, Aws, service_url};
use crate::aws::logging::{self, Logging};
use crate::aws::questions;

const QUOTAS: &str = "quotas";

impl Asking<'_> {
    /// Does the work, and lists the quotas meanwhile: AWS gives them in a dozen pages, one after the other. They are waited for
    /// where a call was throttled, and for a small part of the time that is left otherwise.
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
        let listing = self.run.question(QUOTAS, ask);
        match select(Box::pin(work), Box::pin(listing)).await {
            Either::Right((quotas, work)) => (work.await, quotas),
            Either::Left((done, listing)) if throttled(&done) => (done, listing.await),
            Either::Left((done, listing)) => {
                let patience = self.run.left().checked_div(8).unwrap_or(Duration::ZERO);
                match tokio::time::timeout(patience, listing).await {
                    Ok(quotas) => (done, quotas),
                    Err(_) => (done, self.run.give_up(QUOTAS, "the list of quotas takes longer than everything else")),
                }
            }
        }
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
