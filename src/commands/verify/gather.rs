//! Everything that verify finds out, as one value.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;

use super::{Outcome, findings};
use crate::ask::asker::AskedAs;
use crate::ask::canary::{Canary, CanaryOptions, Pace};
use crate::ask::evidence::{EvidenceOptions, Methods, Witness};
use crate::ask::{self, cost, trail};
use crate::aws::answer::{Answer, Identity};
use crate::aws::cloudtrail::Span;
use crate::cli::VerifyArgs;
use crate::exit::Exit;
use crate::observe::sessions::{self, Session};
use crate::observe::transcripts::{self, Summary};
use crate::observe::{self, Machine};
use crate::prove::line::Method;
use crate::prove::trail::{Trail, latest_call};
use crate::prove::turns::Turns;
use crate::prove::who::Who;
use crate::prove::{self, Case};
use crate::report::Style;
use crate::report::progress::Watch;
use crate::report::prompt::Prompter;
use crate::report::verify::{RouteSummary, SCHEMA, VerifyReport};
use crate::resolve::{self, CredentialKind, Provider, Route};
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
const LOG: SignedDuration = SignedDuration::from_hours(90 * 24);
/// What AWS's clock may be ahead of ours, without whose agreement it accepts no signature.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

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
    let (mut machine, around) = tokio::join!(observe::machine(world, &options), observe::surroundings(world));
    // Sessions are weighed by when the files that they were started with were changed.
    machine.surround(around);
    let route = resolve::resolve(&machine);
    Here { machine, route }
}

/// Whether Cost Explorer may be asked: it is named, and somebody said yes to its price.
pub fn may_spend(world: &World, args: &VerifyArgs, style: Style) -> Result<bool, Outcome> {
    if !args.cost && !args.methods.contains(&Method::CostExplorer) {
        return Ok(false);
    }
    if args.yes {
        return Ok(true);
    }
    if !world.terminal.stdin || !world.terminal.stderr {
        let message = format!("Cost Explorer costs {} USD a request: add --yes to agree.", cost::REQUEST);
        return Err(Outcome::failed(Exit::Usage, message));
    }
    let prompter = Prompter::new(style, style.colour());
    prompter.hint(&format!(
        "Cost Explorer costs {} USD a request, and this takes 1 to {COST_REQUESTS}. It shows what was used 24 to 48 hours ago.",
        cost::REQUEST
    ));
    prompter.confirm("Ask it?", false).map_err(|stopped| Outcome::failed(Exit::Interrupted, stopped.to_string()))
}

/// The window, from the oldest moment that AWS's log can know to now; both by this machine's clock.
///
/// # Errors
/// It begins after now.
pub fn span(world: &World, args: &VerifyArgs) -> Result<Span, Outcome> {
    let now = world.now();
    let oldest = now.checked_sub(LOG).unwrap_or(now);
    let since = args.since.moment(now);
    if since > now {
        return Err(Outcome::failed(Exit::Usage, format!("--since: {since} is yet to come.")));
    }
    Ok(Span { since: since.max(oldest), until: now })
}

/// Gathers and weighs everything.
pub async fn report(
    world: &World,
    args: &VerifyArgs,
    here: Here,
    span: Span,
    may_spend: bool,
    watch: &Watch,
) -> VerifyReport {
    let Here { mut machine, route } = here;
    let canary = if args.canary { canary(world, args, &machine, &route, watch).await } else { None };
    // The call of the canary belongs to the window.
    let span = Span { until: world.now(), ..span };
    let methods = methods(args, may_spend);
    let sessions = running(world).await;
    let directories = transcript_directories(world, &sessions);
    let (turns, read) = answers(&directories, span).await;
    let trail = RefCell::new(Trail::new(span));
    let options = EvidenceOptions {
        span,
        trail_span: trail_span(span, &turns, args.all || args.canary),
        methods: Methods {
            trail: methods.contains(&Method::CloudTrail),
            metrics: methods.contains(&Method::CloudWatch),
            cost: methods.contains(&Method::CostExplorer),
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
    let mut witness = Witness {
        identified: &mut |asked_as, identity| trail.borrow_mut().known(who(&route, asked_as, identity)),
        visit: &mut |event| trail.borrow_mut().add(event, &turns),
        stop: &mut |_| !args.all && trail.borrow().proof().is_some(),
    };
    let asking = ask::evidence::evidence(world, &machine, &route, options, &note, &mut witness);
    let asked = Box::pin(asking).await;
    observe::confirm(world, &mut machine, LOCAL).await;
    let trail = trail.into_inner();
    let mail = observe::account::mail(world);
    let case = Case {
        machine: &machine,
        route: &route,
        span,
        methods: &methods,
        sessions: sessions.as_deref().map_err(String::as_str),
        turns: &turns,
        read: &read,
        transcript_directories: &directories,
        trail: &trail,
        asked: &asked,
        canary: canary.as_ref(),
        who: trail.who(),
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
        findings: findings::of(&machine, &route, &asked, &trail, &turns),
        identity: trail.who().clone(),
    }
}

/// What is weighed: what this machine tells, always, and the records that were chosen; Cost Explorer only where somebody agreed
/// to its price.
fn methods(args: &VerifyArgs, may_spend: bool) -> Vec<Method> {
    let is_chosen = |method: Method| match method {
        Method::Configuration | Method::Sessions | Method::Transcripts => true,
        Method::CostExplorer => may_spend,
        _ => args.methods.is_empty() || args.methods.contains(&method),
    };
    Method::ALL.into_iter().filter(|method| is_chosen(*method)).collect()
}

/// The part of the window that AWS's log is read for. Nothing that is younger than the newest answer can prove one, and in a busy
/// account that is many pages.
fn trail_span(span: Span, turns: &Turns, whole: bool) -> Span {
    let now = span.until.checked_add(SLACK).unwrap_or(span.until);
    let newest = turns.ids.newest().filter(|_| !whole).map(latest_call);
    Span { until: newest.map_or(now, |newest| newest.min(now)), ..span }
}

/// Where this user's clients write their transcripts; a running one may have been given a place of its own.
fn transcript_directories(world: &World, sessions: &Result<Vec<Session>, String>) -> Vec<PathBuf> {
    let mut directories = transcripts::directories(world);
    let readable = sessions.iter().flatten().filter(|session| session.environment.is_ok());
    for directory in readable.flat_map(|session| transcripts::directories(&session.world(world))) {
        if !directories.contains(&directory) {
            directories.push(directory);
        }
    }
    directories
}

/// The transcripts of the window, read on a thread of their own: they may be gigabytes.
async fn answers(directories: &[PathBuf], span: Span) -> (Turns, Summary) {
    let directories = directories.to_vec();
    let read = tokio::task::spawn_blocking(move || {
        let mut turns = Turns::new(span);
        let window = transcripts::Span { since: Some(span.since), until: None };
        let read = transcripts::read(&directories, window, &mut |turn| turns.add(turn));
        turns.ids.seal();
        (turns, read)
    });
    read.await.unwrap_or_else(|_| (Turns::new(span), Summary { broken: 1, ..Summary::default() }))
}

/// Running clients. Their directories may lie on a disk that does not answer.
async fn running(world: &World) -> Result<Vec<Session>, String> {
    let world = world.clone();
    let looking = tokio::task::spawn_blocking(move || sessions::observe(&world));
    match tokio::time::timeout(LOCAL, looking).await {
        Ok(Ok(sessions)) => sessions,
        Ok(Err(_)) => Err("looking at them crashed, a defect of bedrockup".to_owned()),
        Err(_) => Err(format!("looking at them took longer than {} s", LOCAL.as_secs())),
    }
}

/// Who calls models from here: who asks, or whom the API key stands for. Where others ask for the route, nobody knows.
fn who(route: &Route, asked_as: &AskedAs, identity: &Answer<Identity>) -> Who {
    if route.credentials.kind == CredentialKind::BearerToken {
        return route.value(BEARER_TOKEN).map(Who::of_api_key).unwrap_or_default();
    }
    if !asked_as.of_route {
        return Who::default();
    }
    let identity = identity.got();
    Who {
        arn: identity.map(|identity| identity.arn.clone()),
        user_id: identity.map(|identity| identity.user_id.clone()).filter(|id| !id.is_empty()),
        account: identity.map(|identity| identity.account.clone()),
        key_id: asked_as.obtained.got().map(|keys| keys.key_id.clone()).filter(|id| !id.is_empty()),
        api_key_user: None,
    }
}

/// The tagged call, where it can say something of this route.
async fn canary(world: &World, args: &VerifyArgs, machine: &Machine, route: &Route, watch: &Watch) -> Option<Canary> {
    if route.provider != Provider::Bedrock || route.mantle() {
        let where_to = prove::other_side(&route.provider);
        let mantle = if route.mantle() { ", whose calls AWS's event history does not show" } else { "" };
        watch.say(&format!("--canary: no call was made, since claude goes to {where_to} here{mantle}"));
        return None;
    }
    let options = CanaryOptions { timeout: ASKING, wait: args.wait, pace: Pace::default() };
    let note = |event| watch.note(event);
    Some(Box::pin(ask::canary::canary(world, machine, route, options, &note)).await)
}
