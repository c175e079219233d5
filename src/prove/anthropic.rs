//! What Anthropic counted on its own side: with all traffic on Bedrock there is nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Case;
use super::line::{Contradiction, Line, Method, Nature, Status, Strength};
use super::words::{self, count};
use crate::ask::anthropic::{Report, Usage};
use crate::variables::ADMIN_KEYS;

/// What is the same for every find.
pub const NATURE: Nature = Nature {
    name: Method::Anthropic,
    delay: "minutes to hours, in whole days",
    could_be_faked_by: "a key of another organization",
};

/// Where people look without a key.
const CONSOLE: &str = "https://platform.claude.com/usage";
/// What Claude Code is called in reports that tell products apart.
const CLAUDE_CODE: &str = "claude_code";

/// The line.
pub fn line(case: &Case<'_>) -> (Line, Vec<Contradiction>) {
    let check = check(case);
    let Some(reports) = case.asked.anthropic.got().filter(|reports| !reports.is_empty()) else {
        let found = format!(
            "Not asked: no key of an Anthropic organization is here ({}). Without one, {CONSOLE} should show no use of Claude Code.",
            ADMIN_KEYS[0]
        );
        return (NATURE.line(Status::Skipped, Strength::Weak, found, check), Vec::new());
    };
    // Messages are everything that the organization's API keys do, not Claude Code alone.
    let about = reports.iter().filter(|reported| reported.report != Report::Messages);
    let by_api: u64 = reports
        .iter()
        .filter(|reported| reported.report == Report::Messages)
        .flat_map(|reported| reported.rows.got().into_iter().flat_map(|rows| &rows.usage))
        .fold(0, |sum, row| sum.saturating_add(tokens(row)));
    let (answered, failed): (Vec<_>, Vec<_>) = about.partition(|reported| reported.rows.got().is_some());
    if answered.is_empty() {
        let lacks: Vec<String> = failed
            .iter()
            .map(|reported| format!("{}: {}", reported.report.name(), words::lack(&reported.rows).0))
            .collect();
        let found = format!("Anthropic's reports could not be read: {}.", lacks.join("; "));
        return (NATURE.line(Status::CouldNotAsk, Strength::Weak, found, check), Vec::new());
    }
    let names: Vec<&str> = answered.iter().map(|reported| reported.report.name()).collect();
    let names = names.join(", ");
    let setup = case.machine.receipt.as_ref().and_then(|receipt| receipt.written).map(day);
    let rows = answered.iter().filter_map(|reported| reported.rows.got()).flat_map(|rows| &rows.usage);
    let mut use_of: BTreeMap<Actor, BTreeSet<Date>> = BTreeMap::new();
    let mut on_setup_day = false;
    for row in rows.filter(|row| is_claude_code(row) && used(row)) {
        match (row.day, setup) {
            (Some(day), Some(setup)) if day < setup => {}
            (Some(day), Some(setup)) if day == setup => on_setup_day = true,
            (day, _) => use_of.entry(actor(case, row)).or_default().extend(day),
        }
    }
    let others = use_of.keys().filter(|actor| matches!(actor, Actor::Other(_))).count() as u64;
    use_of.retain(|actor, _| !matches!(actor, Actor::Other(_)));
    let mut found = match use_of.len() {
        0 => format!("Anthropic's reports ({names}) have no use of Claude Code that could be this machine's."),
        _ => {
            let by: Vec<String> = use_of.iter().map(|(actor, days)| actor.words(days)).collect();
            format!("Anthropic's reports ({names}) have use of Claude Code: {}.", by.join("; "))
        }
    };
    if on_setup_day {
        found.push_str(" There is some on the day of the setup, which may be older than it.");
    }
    if others > 0 {
        found.push_str(&format!(" {} of the organization used it.", count(others, "other person")));
    }
    if by_api > 0 {
        found.push_str(&format!(
            " API keys of the organization used {by_api} tokens in these days, with whatever program."
        ));
    }
    if answered.iter().any(|reported| reported.rows.got().is_some_and(|rows| !rows.complete)) {
        found.push_str(" Not all of their pages were read.");
    }
    if let Some(reported) = answered.iter().find(|reported| reported.from > day(case.span.since)) {
        found.push_str(&format!(" They were asked from {} on: they go back 31 days at most.", reported.from));
    }
    if use_of.is_empty() {
        return (NATURE.line(Status::Supports, Strength::Weak, found, check), Vec::new());
    }
    let own = use_of.keys().any(|actor| matches!(actor, Actor::Own(_)));
    let contradiction = Contradiction {
        line: Method::Anthropic,
        what: found.clone(),
        directory: None,
        session: None,
        pid: None,
        fix: "Which sessions that was is told by the transcripts of those days.".to_owned(),
        command: Some("bedrockup verify --since 31d".to_owned()),
    };
    let strength = if own { Strength::Strong } else { Strength::Medium };
    (NATURE.line(Status::Contradicts, strength, found, check), vec![contradiction])
}

/// Who used Claude Code on Anthropic's side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Actor {
    /// The address that the client here was signed in with.
    Own(String),
    /// An API key, or somebody where no address is known here: whether it was this machine cannot be told.
    Unknown(String),
    /// Another person.
    Other(String),
}

fn actor(case: &Case<'_>, row: &Usage) -> Actor {
    let name = row.actor.clone().unwrap_or_else(|| "somebody".to_owned());
    match case.anthropic_account {
        Some(own) if own.eq_ignore_ascii_case(&name) => Actor::Own(name),
        Some(_) if name.contains('@') => Actor::Other(name),
        _ => Actor::Unknown(name),
    }
}

impl Actor {
    fn words(&self, days: &BTreeSet<Date>) -> String {
        let on = match (days.first(), days.last()) {
            (Some(first), Some(last)) if first == last => format!(" on {first}"),
            (Some(first), Some(last)) => format!(" on {} from {first} to {last}", count(days.len() as u64, "day")),
            _ => String::new(),
        };
        match self {
            Self::Own(name) | Self::Other(name) => format!("by {name}{on}"),
            Self::Unknown(name) => format!("by {name}{on}, and whether that was this machine cannot be told"),
        }
    }
}

fn is_claude_code(row: &Usage) -> bool {
    row.product.as_deref().is_none_or(|product| product == CLAUDE_CODE)
}

fn used(row: &Usage) -> bool {
    tokens(row) > 0
}

fn tokens(row: &Usage) -> u64 {
    [row.input, row.output, row.cache_read, row.cache_write].into_iter().fold(0, u64::saturating_add)
}

fn day(moment: jiff::Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}

fn check(case: &Case<'_>) -> String {
    match case.asked.anthropic.got().and_then(|reports| reports.first()) {
        None => CONSOLE.to_owned(),
        Some(reported) => format!(
            // The key goes in by standard input: on a command line every user of the machine would see it.
            "printf 'x-api-key: %s\\n' \"${}\" | curl -H @- -H 'anthropic-version: 2023-06-01' '{}'",
            reported.variable,
            reported.report.url(reported.from, reported.to)
        ),
    }
}
