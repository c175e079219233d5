//! `usage`: tokens and dollars of the transcripts, of the whole account, or of the bill.

mod account;

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Outcome;
use super::prices::prices;
use crate::change::keep;
use crate::cli::{ByArg, SourceArg, UsageArgs};
use crate::exit::Exit;
use crate::observe::transcripts::{self, Span, Summary};
use crate::price::{Current, Table};
use crate::report::usage::{Report, csv, json, page, text};
use crate::report::{self, Style};
use crate::usage::advice::advice;
use crate::usage::{Answered, Source, Tally, Usage};
use crate::world::World;

/// When, in whose days, and by which prices.
#[derive(Clone)]
struct Frame {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    now: Timestamp,
    zone: TimeZone,
    prices: Table,
    /// What is wrong with the prices that were refreshed.
    problem: Option<String>,
}

/// Tells what was used.
pub async fn run(world: &World, args: &UsageArgs, style: Style) -> Outcome {
    let frame = match frame(world, args) {
        Ok(frame) => frame,
        Err(outcome) => return outcome,
    };
    if args.reconcile {
        return account::reconciled(world, args, &frame, style).await;
    }
    let is_ours = args.source == SourceArg::Transcripts;
    if !is_ours && matches!(args.by, ByArg::Project | ByArg::Session) {
        return Outcome::failed(
            Exit::Usage,
            "AWS knows neither projects nor sessions; --by day and --by model are there",
        );
    }
    match is_ours {
        true => of_transcripts(world, args, &frame, style).await,
        false => account::run(world, args, &frame, style).await,
    }
}

fn frame(world: &World, args: &UsageArgs) -> Result<Frame, Outcome> {
    // AWS's days are those of UTC.
    let zone = match (&args.timezone, args.utc || args.source != SourceArg::Transcripts) {
        (_, true) => TimeZone::UTC,
        (None, false) => world.timezone(),
        (Some(name), false) => world.timezone_named(name).ok_or_else(|| {
            let name = report::tame(name);
            Outcome::failed(
                Exit::Usage,
                format!("--timezone: this machine knows no time zone {name}; one looks like Europe/Berlin"),
            )
        })?,
    };
    let now = world.now();
    let since = args.since.begin(now, &zone);
    let until = args.until.and_then(|until| until.end(now, &zone));
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        return Err(Outcome::failed(Exit::Usage, "--until is before --since: there is nothing between them"));
    }
    let Current { table, problem, .. } = prices(world);
    Ok(Frame { since, until, now, zone, prices: table, problem })
}

/// Reads the transcripts beside the runtime's own thread, so that Ctrl-C is heard.
async fn read(world: &World, frame: &Frame) -> Result<(Usage, Summary), Outcome> {
    let directories = transcripts::directories(world);
    let span = Span { since: frame.since, until: frame.until };
    let (zone, prices) = (frame.zone.clone(), frame.prices.clone());
    let work = move || {
        let mut tally = Tally::new(&prices, zone);
        let summary = transcripts::read(&directories, span, &mut |turn| tally.add(&Answered::from(turn)));
        (tally.finish(), summary)
    };
    let failed = |error| Outcome::failed(Exit::Problem, format!("reading the transcripts crashed: {error}"));
    tokio::task::spawn_blocking(work).await.map_err(failed)
}

async fn of_transcripts(world: &World, args: &UsageArgs, frame: &Frame, style: Style) -> Outcome {
    let (usage, summary) = match read(world, frame).await {
        Ok(read) => read,
        Err(outcome) => return outcome,
    };
    let gaps = gaps(world, &summary);
    let mut outcome = told(world, args, frame, &usage, Source::Transcripts, gaps, style);
    // What was found stands, but it may not be all.
    if !summary.unreadable.is_empty() && outcome.exit == Exit::Well {
        outcome.exit = Exit::CouldNotTell;
    }
    outcome
}

/// Prints what there is, and writes the page.
fn told(
    world: &World,
    args: &UsageArgs,
    frame: &Frame,
    usage: &Usage,
    source: Source,
    mut gaps: Vec<String>,
    style: Style,
) -> Outcome {
    gaps.extend(frame.problem.clone());
    let report = Report {
        usage,
        source,
        prices: &frame.prices,
        by: args.by.into(),
        since: frame.since,
        until: frame.until.unwrap_or(frame.now),
        zone: frame.zone.clone(),
        advice: advice(usage, &frame.prices),
        home: world.home.clone(),
        gaps,
    };
    let mut outcome = Outcome::well(if args.json {
        report::json_text(&json(&report))
    } else if args.csv {
        csv(&report)
    } else {
        text(&report, style)
    });
    match args.html.as_deref().map(|file| write_page(world, file, &report)) {
        None => outcome,
        Some(Ok(said)) => {
            outcome.messages.push(said);
            outcome
        }
        Some(Err(failed)) => failed,
    }
}

fn gaps(world: &World, summary: &Summary) -> Vec<String> {
    let mut gaps = Vec::new();
    if summary.broken > 0 {
        let lines = if summary.broken == 1 { "1 line".to_owned() } else { format!("{} lines", summary.broken) };
        gaps.push(format!("{lines} of the transcripts look like answers and cannot be read: they are not counted."));
    }
    for (path, reason) in &summary.unreadable {
        gaps.push(format!("{} could not be read ({reason}): what stands there is not counted.", world.short(path)));
    }
    gaps
}

/// Writes the page. A file that is not a page of ours is left alone.
fn write_page(world: &World, file: &Path, report: &Report<'_>) -> Result<String, Outcome> {
    let path = world.directory.join(file);
    let shown = world.short(&path);
    let page = page::page(report).map_err(|error| Outcome::failed(Exit::Problem, format!("the page: {error}")))?;
    let ours = |bytes: &[u8]| bytes.starts_with(page::MARK.as_bytes());
    keep::write(&path, page.as_bytes(), ours)
        .map_err(|problem| Outcome::failed(Exit::Refused, format!("--html: {}", report::tame(&problem))))?;
    Ok(format!("wrote {shown}"))
}
