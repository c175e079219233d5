//! One tagged one-token call, and the wait for its event in CloudTrail: proof that depends on nobody's habits.
//!
//! The call is shaped as the client's own, by the route's own credentials, for the route's main model. Its user agent carries a
//! nonce, and its event is known by the request id that AWS gave to the call, not by what the call says of itself.

mod look;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use look::{EVENT, Look, SLACK};

use super::asker::{AskedAs, asker};
use super::credentials::{Seeker, Sought};
use super::run::{Run, Stopped, reason, status};
use super::trail::Bounds;
use super::{Progress, limits, places, seeker};
use crate::aws::answer::{Answer, Asked, ModelReply};
use crate::aws::clients::Aws;
use crate::aws::cloudtrail::Event;
use crate::aws::probe::{self, Shape};
use crate::aws::questions;
use crate::aws::wire::Wire;
use crate::observe::Machine;
use crate::resolve::models::with_profiles;
use crate::resolve::{Role, Route};
use crate::variables::is_truthy;
use crate::world::World;

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CanaryOptions {
    /// For the credentials and the call.
    pub timeout: Duration,
    /// For the event: CloudTrail takes minutes, a quarter of an hour at most.
    pub wait: Duration,
    /// Between looks.
    pub pace: Pace,
}

/// How often to look: at first soon, then ever less often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Before the first look.
    pub first: Duration,
    /// At most between two looks.
    pub longest: Duration,
    /// Between two pages of one look.
    pub page: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { first: Duration::from_secs(2), longest: Duration::from_secs(15), page: Bounds::default().pace }
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Canary {
    /// The random word in the user agent of the call.
    pub nonce: String,
    /// The whole user agent.
    pub user_agent: String,
    /// The model that was called.
    pub model: String,
    /// The region where it was called, in whose history the event must be.
    pub region: String,
    /// When it was sent, by our clock.
    pub sent: Timestamp,
    /// When its answer was read to the end, by our clock.
    pub answered: Timestamp,
    /// The answer, with AWS's request id.
    pub reply: Answer<ModelReply>,
    /// Whose credentials looked for the event. The call itself went out with the route's own.
    pub asked_as: AskedAs,
    /// The event with that request id. `TimedOut`: it did not come within the wait, which does not mean that it will not come.
    pub event: Answer<Event>,
    /// How often CloudTrail was looked at.
    pub looks: u32,
    /// How long after the answer the event was seen, or the wait ended.
    pub waited: Duration,
    /// One entry for each question, for the list of checks.
    pub log: Vec<Asked>,
}

/// Waits for the event of a request that somebody else made at `at`, as the canary waits for its own.
pub async fn event(
    world: &World,
    machine: &Machine,
    route: &Route,
    options: CanaryOptions,
    request_id: &str,
    at: Timestamp,
    progress: &(dyn Fn(Progress) + Sync),
) -> Answer<Event> {
    let deadline = Instant::now() + options.timeout;
    let wire = Arc::new(Wire::new(&route.effective, &route.trust, world.clock, limits(options.timeout)));
    let seeker = seeker(&wire, machine, route, deadline);
    let run = Run::new(deadline, progress);
    let (_, looker) = asker(&run, &seeker).await;
    match looker {
        Ok(aws) => {
            let look = Look {
                aws: &aws,
                route,
                world,
                options,
                progress,
                since: at - SLACK,
                offset: SignedDuration::ZERO,
                id: request_id,
            };
            run.watch(EVENT, look.wait(&mut 0), |event| (status(event), reason(event))).await
        }
        Err(why) => run.skip(EVENT, &why),
    }
}

/// A call that was made, and what may be told of it.
struct Call {
    model: String,
    sent: Timestamp,
    reply: Answer<ModelReply>,
}

/// Sends the call and waits for its event. Costs about ten tokens. Dropping the future ends it.
pub async fn canary(
    world: &World,
    machine: &Machine,
    route: &Route,
    options: CanaryOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Canary {
    let deadline = Instant::now() + options.timeout;
    let wire = Arc::new(Wire::new(&route.effective, &route.trust, world.clock, limits(options.timeout)));
    let seeker = seeker(&wire, machine, route, deadline);
    let run = Run::new(deadline, progress);
    let nonce = nonce();
    let tag = format!("canary/{nonce}");
    let (asked_as, looker) = asker(&run, &seeker).await;
    let caller = match (&looker, asked_as.of_route) {
        (Ok(aws), true) => Ok(aws.clone()),
        _ => caller(&run, &seeker).await,
    };
    let call = match caller {
        Ok(aws) => call(&run, &aws, &aws.clone().tagged(&tag), machine, route).await,
        Err(why) => {
            let (model, sent) = (main_model(&route.models), world.now());
            Call { reply: run.skip(format!("canary:{model}"), &why), model, sent }
        }
    };
    let answered = world.now();
    let waiting = Instant::now();
    let mut looks = 0;
    let event = match (&call.reply, &looker) {
        (Answer::Got(ModelReply { request_id: Some(id), .. }), Ok(aws)) => {
            let (model, region) = (call.model.clone(), route.region.name.clone());
            progress(Progress::Sent { request_id: id.clone(), model, region, wait: options.wait });
            // Events have AWS's time.
            let offset = wire.clock_offset().unwrap_or_default();
            let look = Look { aws, route, world, options, progress, offset, since: call.sent + offset - SLACK, id };
            run.watch(EVENT, look.wait(&mut looks), |event| (status(event), reason(event))).await
        }
        (Answer::Got(_), Ok(_)) => run.skip(EVENT, "the answer to the call has no request id of AWS to look for"),
        (Answer::Got(_), Err(why)) => run.skip(EVENT, why),
        _ => run.skip(EVENT, "the call was not answered"),
    };
    Canary {
        user_agent: format!("{} {tag}", crate::aws::wire::USER_AGENT),
        nonce,
        model: call.model,
        region: route.region.name.clone(),
        sent: call.sent,
        answered,
        reply: call.reply,
        asked_as,
        event,
        looks,
        waited: waiting.elapsed(),
        log: run.into_log(),
    }
}

/// The clients that call as the client would, where others must look for the event.
async fn caller(run: &Run<'_>, seeker: &Seeker) -> Result<Aws, String> {
    let work = {
        let seeker = seeker.clone();
        async move { seeker.seek_route().await }
    };
    let judge = |sought: &Sought| (status(&sought.answer), reason(&sought.answer));
    match run.work("route-credentials", work, judge).await {
        Ok(Sought { access: Some(access), .. }) => {
            Ok(Aws::new(Arc::clone(&seeker.wire), places(&seeker.route), access))
        }
        Ok(_) | Err(Stopped::TimedOut | Stopped::Crashed(_)) => Err("there are no credentials to call with".to_owned()),
    }
}

/// The call, for the model that the client would use.
async fn call(run: &Run<'_>, aws: &Aws, tagged: &Aws, machine: &Machine, route: &Route) -> Call {
    let pinned = route.models.iter().any(|model| model.role == Role::Main && model.pinned_by.is_some());
    let model = if pinned {
        main_model(&route.models)
    } else {
        // What is not pinned is what the region's list says.
        let aws = aws.clone();
        let list = run.question("inference-profiles", move || {
            let aws = aws.clone();
            async move { questions::profiles(&aws, false).await }
        });
        match list.await {
            Answer::Got(profiles) => main_model(&with_profiles(route, machine, &profiles)),
            _ => main_model(&route.models),
        }
    };
    let without_betas = route.effective.get("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS").is_some_and(is_truthy);
    let shape = Shape::first(!without_betas);
    let sent = aws.wire.clock.now();
    let (aws, id) = (tagged.clone(), model.clone());
    let call = move || {
        let (aws, id) = (aws.clone(), id.clone());
        async move { probe::stream(&aws, &id, shape).await }
    };
    let reply = run.question(format!("canary:{model}"), call).await;
    Call { model, sent, reply }
}

fn main_model(models: &[crate::resolve::Model]) -> String {
    models.iter().find(|model| model.role == Role::Main).map(|model| model.id.clone()).unwrap_or_default()
}

/// Two numbers that nobody can guess, from the keys that the standard library seeds its maps with.
fn nonce() -> String {
    let number = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", number(), number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_calls_carry_the_same_word() {
        let (one, other) = (nonce(), nonce());
        assert_ne!(one, other);
        assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
    }
}
