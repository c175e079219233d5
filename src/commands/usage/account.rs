//! The account's side: CloudWatch, the bill, and both beside the transcripts.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::{Frame, read};
use crate::ask::account::{AccountAnswers, Wanted, account, why};
use crate::ask::cost;
use crate::aws::answer::Answer;
use crate::aws::cloudtrail::Span;
use crate::aws::cost_explorer::Days;
use crate::cli::{SourceArg, UsageArgs};
use crate::commands::Outcome;
use crate::diagnose::proof::evidence_denied::is_denial;
use crate::exit::Exit;
use crate::observe;
use crate::report::progress::Watch;
use crate::report::prompt::Prompter;
use crate::report::usage::reconcile as told;
use crate::report::{self, Style};
use crate::resolve;
use crate::usage::account::{billed, counted};
use crate::usage::reconcile::{Compared, reconcile};
use crate::usage::{Source, Usage};
use crate::world::World;

/// How long AWS may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Requests to Cost Explorer that one run makes at most.
const COST_REQUESTS: u32 = 10;
/// CloudWatch keeps daily numbers so long; Cost Explorer 14 months.
const OLDEST: SignedDuration = SignedDuration::from_hours(24 * 420);

/// What AWS said, and where.
struct Asked {
    answers: AccountAnswers,
    region: String,
}

/// Tells what CloudWatch counted, or what AWS billed.
pub async fn run(world: &World, args: &UsageArgs, frame: &Frame, style: Style) -> Outcome {
    let is_bill = args.source == SourceArg::CostExplorer;
    if is_bill && let Err(outcome) = consent(world, args, style) {
        return outcome;
    }
    let asked = ask(world, args, frame, !is_bill, is_bill).await;
    let (usage, source) = if is_bill {
        match asked.answers.cost.got() {
            Some(costs) => (billed(costs, &frame.prices), Source::Bill),
            None => return could_not("Cost Explorer", &asked.answers.cost),
        }
    } else {
        match counted_usage(&asked, frame) {
            Some(usage) => (usage, Source::CloudWatch(asked.region.clone())),
            None => return could_not("CloudWatch", &asked.answers.metrics),
        }
    };
    let mut gaps = Vec::new();
    if let Some(costs) = asked.answers.cost.got() {
        let others = costs.others.iter();
        let currency = costs.currency.as_deref().unwrap_or("USD");
        gaps.extend(others.map(|other| {
            format!("Beside it, {}: {} {currency} for {}.", other.record_type, other.amount, other.service)
        }));
        if !costs.complete {
            gaps.push("Not every page of the bill was read: the sum is too low.".to_owned());
        }
    }
    if asked.answers.metrics.got().is_some_and(|metrics| !metrics.complete) {
        gaps.push("CloudWatch did not give all numbers: the sum is too low.".to_owned());
    }
    super::told(world, args, frame, &usage, source, gaps, style)
}

/// Sets estimate, count and bill side by side, by whole days of UTC, as AWS bills.
pub async fn reconciled(world: &World, args: &UsageArgs, frame: &Frame, style: Style) -> Outcome {
    let wants_bill = match consent(world, args, style) {
        Ok(()) => true,
        Err(outcome) if outcome.exit == Exit::Interrupted => false,
        Err(outcome) => return outcome,
    };
    let days = days(frame);
    let whole = |day: Date| TimeZone::UTC.to_timestamp(day.into()).unwrap_or(frame.now);
    let frame =
        Frame { since: Some(whole(days.from)), until: Some(whole(days.to)), zone: TimeZone::UTC, ..frame.clone() };
    let (estimate, _) = match read(world, &frame).await {
        Ok(read) => read,
        Err(outcome) => return outcome,
    };
    let asked = ask(world, args, &frame, true, wants_bill).await;
    let counted = counted_usage(&asked, &frame);
    let costs = asked.answers.cost.got();
    let bill = costs.map(|costs| billed(costs, &frame.prices));
    let compared = Compared {
        estimate: &estimate,
        counted: counted.as_ref(),
        region: &asked.region,
        billed: bill.as_ref().zip(costs),
        last_day: days.to.yesterday().unwrap_or(days.from),
    };
    let mut missing = Vec::new();
    if counted.is_none() {
        missing.push(format!("CloudWatch could not be asked: {}", why(&asked.answers.metrics).unwrap_or_default()));
    }
    if costs.is_none() {
        missing.push(match wants_bill {
            true => format!("Cost Explorer could not be asked: {}", why(&asked.answers.cost).unwrap_or_default()),
            false => "Cost Explorer was not asked.".to_owned(),
        });
    }
    let report = told::Report {
        result: reconcile(&compared),
        prices: &frame.prices,
        days: (days.from, compared.last_day),
        region: asked.region.clone(),
        requests: asked.answers.cost_requests,
        missing,
    };
    let out = if args.json { report::json_text(&told::json(&report)) } else { told::text(&report, style) };
    let exit = if report.missing.is_empty() { Exit::Well } else { Exit::CouldNotTell };
    Outcome { out, messages: Vec::new(), exit }
}

/// A cent is spent with a yes only.
fn consent(world: &World, args: &UsageArgs, style: Style) -> Result<(), Outcome> {
    if args.yes {
        return Ok(());
    }
    let price = cost::REQUEST;
    if args.json || !(world.terminal.stdin && world.terminal.stderr) {
        let message = format!(
            "Cost Explorer takes {price} USD for each request, mostly two; add --yes to spend them. The bill is one or two days late."
        );
        return Err(Outcome::failed(Exit::Usage, message));
    }
    let prompter = Prompter::new(style, style.colour());
    prompter.hint(&format!(
        "Cost Explorer takes {price} USD for each request: mostly two are made, {COST_REQUESTS} at most. The bill is one or two days late."
    ));
    match prompter.confirm("Ask Cost Explorer?", true) {
        Ok(true) => Ok(()),
        _ => Err(Outcome::failed(Exit::Interrupted, "Cost Explorer was not asked.")),
    }
}

async fn ask(world: &World, args: &UsageArgs, frame: &Frame, metrics: bool, bill: bool) -> Asked {
    let options = observe::Options { start_shells: false, start_client: false, limit: Duration::ZERO };
    let mut machine = observe::machine(world, &options).await;
    // The account is asked about Bedrock, whatever this shell would use.
    machine.environment.set(crate::variables::USE_BEDROCK, "1");
    let route = resolve::resolve(&machine);
    let days = days(frame);
    let since = frame.since.unwrap_or_else(|| oldest(frame.now));
    let wanted = Wanted {
        metrics: metrics.then(|| Span { since: since.max(oldest(frame.now)), until: frame.until.unwrap_or(frame.now) }),
        own_profiles: metrics,
        cost: bill.then_some(days),
        cost_requests: COST_REQUESTS,
        ..Wanted::default()
    };
    let progress = Watch::on_terminal(world, !args.json);
    let note = |event| progress.note(event);
    let answers = Box::pin(account(world, &machine, &route, &wanted, LIMIT, &note)).await;
    progress.finish();
    Asked { answers, region: route.region.name }
}

fn oldest(now: Timestamp) -> Timestamp {
    now.checked_sub(OLDEST).unwrap_or(now)
}

fn counted_usage(asked: &Asked, frame: &Frame) -> Option<Usage> {
    let own = asked.answers.own_profiles.got().map(Vec::as_slice).unwrap_or_default();
    asked.answers.metrics.got().map(|metrics| counted(metrics, own, &frame.prices))
}

/// The days (UTC) of the span; the last one is not included.
fn days(frame: &Frame) -> Days {
    let day = |moment: Timestamp| TimeZone::UTC.to_datetime(moment).date();
    let until = frame.until.unwrap_or(frame.now).checked_sub(SignedDuration::from_nanos(1)).unwrap_or(frame.now);
    let from = day(frame.since.unwrap_or_else(|| oldest(frame.now)).max(oldest(frame.now)));
    Days { from, to: day(until).saturating_add(1.day()).max(from.saturating_add(1.day())) }
}

fn could_not<T>(who: &str, answer: &Answer<T>) -> Outcome {
    let why = why(answer).unwrap_or_default();
    let more = match answer.refused().is_some_and(is_denial) {
        true => "; more: `bedrockup explain evidence-denied`",
        false => "",
    };
    Outcome::failed(
        Exit::CouldNotTell,
        format!(
            "{who} could not be asked: {}; `bedrockup iam --for usage` prints what it needs{more}.",
            report::tame(&why)
        ),
    )
}
