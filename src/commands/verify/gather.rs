//! Everything that verify finds out, as one value.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use super::Outcome;
use crate::ask::canary::{Canary, CanaryOptions, Pace};
use crate::ask::evidence::{EvidenceAnswers, EvidenceOptions, Methods};
use crate::ask::trail::Seen;
use crate::ask::{self, cost, trail};
use crate::aws::cloudtrail::{Event, Span};
use crate::cli::VerifyArgs;
use crate::exit::Exit;
use crate::observe::sessions::{self, Session};
use crate::observe::transcripts::{self, Summary};
use crate::observe::{self, Machine};
use crate::prove::line::Method;
use crate::prove::trail::Trail;
use crate::prove::turns::Turns;
use crate::prove::who::Who;
use crate::prove::{self, Case};
use crate::report::Style;
use crate::report::progress::Watch;
use crate::report::prompt::Prompter;
use crate::report::verify::{RouteSummary, SCHEMA, VerifyReport};
use crate::resolve::{self, CredentialKind, Route};
use crate::variables::BEARER_TOKEN;
use crate::world::World;

/// What fresh shells and the client may take.
const LOCAL: Duration = Duration::from_secs(4);
/// What everything but the walk through AWS's log may take.
const ASKING: Duration = Duration::from_secs(15);
/// Pages of AWS's log that are read where nothing is found: about a minute. `--all` reads all of them.
const PAGES: usize = 100;
/// The longest that `--all` reads: two pages a second for a day are more than any window has.
const ALL: Duration = Duration::from_secs(24 * 3600);
/// Requests to Cost Explorer that one yes is good for.
const COST_REQUESTS: u32 = 5;
/// AWS's log goes back so far.
const LOG: jiff::SignedDuration = jiff::SignedDuration::from_hours(90 * 24);

/// The machine and the route that evidence is gathered for.
pub struct Here {
    /// Local facts.
    pub machine: Machine,
    /// What the client would use.
    pub route: Route,
}

/// Looks at this machine, with fresh shells, as doctor does.
pub async fn here(world: &World) -> Here {
    let options = observe::Options { start_shells: true, start_client: true, limit: LOCAL };
    let machine = observe::machine(world, &options).await;
    let route = resolve::resolve(&machine);
    Here { machine, route }
}

/// Whether Cost Explorer may be asked: it is named, and somebody said yes to its price.
pub fn may_spend(world: &World, args: &VerifyArgs, style: Style) -> Result<bool, Outcome> {
    if !args.methods.contains(&Method::CostExplorer) {
        return Ok(false);
    }
    if args.yes {
        return Ok(true);
    }
    if !world.terminal.stdin || !world.terminal.stderr {
        let message = format!("--method cost-explorer costs {} USD a request: add --yes to agree.", cost::REQUEST);
        return Err(Outcome::failed(Exit::Usage, message));
    }
    let prompter = Prompter::new(style, style.colour());
    prompter.hint(&format!(
        "Cost Explorer costs {} USD a request, and this takes 1 to {COST_REQUESTS}. It shows what was used 24 to 48 hours ago.",
        cost::REQUEST
    ));
    prompter.confirm("Ask it?", false).map_err(|stopped| Outcome::failed(Exit::Interrupted, stopped.to_string()))
}

/// Gathers and weighs everything.
pub async fn report(world: &World, args: &VerifyArgs, here: Here, may_spend: bool, watch: &Watch) -> VerifyReport {
    let Here { mut machine, route } = here;
    let canary = if args.canary { Some(canary(world, args, &machine, &route, watch).await) } else { None };
    // The call of the canary belongs to the window.
    let now = world.now();
    let oldest = now.checked_sub(LOG).unwrap_or(now);
    let span = Span { since: args.since.moment(now).max(oldest).min(now), until: now };
    let methods = methods(args);
    let (turns, read) = answers(world, span).await;
    let running = running(world).await;
    let mut seen = Trail::new(span);
    let joined = Cell::new(false);
    let options = EvidenceOptions {
        span,
        methods: Methods {
            trail: methods.contains(&Method::CloudTrail),
            metrics: methods.contains(&Method::CloudWatch),
            cost: may_spend,
            anthropic: methods.contains(&Method::Anthropic),
            logging: false,
        },
        timeout: ASKING,
        trail: if args.all {
            trail::Bounds { time: ALL, pages: usize::MAX, ..trail::Bounds::default() }
        } else {
            trail::Bounds { pages: PAGES, ..trail::Bounds::default() }
        },
        cost_requests: COST_REQUESTS,
    };
    let note = |event| watch.note(event);
    let mut visit = |event: &Event| {
        seen.add(event, &turns);
        joined.set(seen.joined_total() > 0);
    };
    let mut stop = |_: &Seen| joined.get() && !args.all;
    let asking = ask::evidence::evidence(world, &machine, &route, options, &note, &mut visit, &mut stop);
    let asked = Box::pin(asking).await;
    observe::confirm(world, &mut machine, LOCAL).await;
    let who = who(&route, &asked);
    let directories: Vec<PathBuf> = transcripts::directories(world);
    let mail = observe::account::mail(world);
    let case = Case {
        machine: &machine,
        route: &route,
        span,
        methods: &methods,
        sessions: running.as_deref().map_err(String::as_str),
        turns: &turns,
        read: &read,
        transcript_directories: &directories,
        trail: &seen,
        asked: &asked,
        canary: canary.as_ref(),
        who: &who,
        anthropic_account: mail.as_deref(),
    };
    VerifyReport {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        since: span.since,
        until: span.until,
        directory: machine.directory.display().to_string(),
        route: RouteSummary {
            provider: route.provider.name(),
            region: route.region.name.clone(),
            credentials: route.credentials.kind.name(),
        },
        asked_as: asked.identity.got().map(|identity| identity.arn.clone()),
        proof: prove::prove(&case),
        identity: who,
    }
}

/// The chosen methods; Cost Explorer only where it is named, since it costs.
fn methods(args: &VerifyArgs) -> Vec<Method> {
    if args.methods.is_empty() {
        Method::ALL.into_iter().filter(|method| *method != Method::CostExplorer).collect()
    } else {
        args.methods.clone()
    }
}

/// The transcripts of the window, read on a thread of their own: they may be gigabytes.
async fn answers(world: &World, span: Span) -> (Turns, Summary) {
    let directories = transcripts::directories(world);
    let read = tokio::task::spawn_blocking(move || {
        let mut turns = Turns::new(span);
        let window = transcripts::Span { since: Some(span.since), until: None };
        let read = transcripts::read(&directories, window, &mut |turn| turns.add(turn));
        (turns, read)
    });
    read.await.unwrap_or_else(|_| (Turns::new(span), Summary { broken: 1, ..Summary::default() }))
}

async fn running(world: &World) -> Result<Vec<Session>, String> {
    let world = world.clone();
    let looking = tokio::task::spawn_blocking(move || sessions::observe(&world));
    looking.await.unwrap_or_else(|_| Err("looking at them crashed, a defect of bedrockup".to_owned()))
}

/// Who calls models from here: who asks, or whom the API key stands for.
fn who(route: &Route, asked: &EvidenceAnswers) -> Who {
    if route.credentials.kind == CredentialKind::BearerToken {
        return route.value(BEARER_TOKEN).map(Who::of_api_key).unwrap_or_default();
    }
    let identity = asked.identity.got();
    Who {
        arn: identity.map(|identity| identity.arn.clone()),
        user_id: identity.map(|identity| identity.user_id.clone()).filter(|id| !id.is_empty()),
        account: identity.map(|identity| identity.account.clone()),
        key_id: asked.asked_as.obtained.got().map(|keys| keys.key_id.clone()).filter(|id| !id.is_empty()),
        api_key_user: None,
    }
}

async fn canary(world: &World, args: &VerifyArgs, machine: &Machine, route: &Route, watch: &Watch) -> Canary {
    let options = CanaryOptions { timeout: ASKING, wait: args.wait, pace: Pace::default() };
    let note = |event| watch.note(event);
    Box::pin(ask::canary::canary(world, machine, route, options, &note)).await
}
