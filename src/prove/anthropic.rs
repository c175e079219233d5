//! What Anthropic counted on its own side: with all traffic on Bedrock there is nothing.

use std::collections::BTreeSet;

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
    let all = answered
        .iter()
        .filter_map(|reported| reported.rows.got())
        .flat_map(|rows| &rows.usage)
        .filter(|row| is_claude_code(row) && used(row));
    let own = case.anthropic_account;
    let setup = case.machine.receipt.as_ref().and_then(|receipt| receipt.written).map(day);
    let mut days = BTreeSet::new();
    let mut others = BTreeSet::new();
    let mut on_setup_day = false;
    for row in all {
        match (own, row.actor.as_deref()) {
            (Some(own), Some(actor)) if !actor.eq_ignore_ascii_case(own) => drop(others.insert(actor)),
            _ => match (row.day, setup) {
                (Some(day), Some(setup)) if day < setup => {}
                (Some(day), Some(setup)) if day == setup => on_setup_day = true,
                (day, _) => drop(days.insert(day)),
            },
        }
    }
    let mut found = match days.len() as u64 {
        0 => format!(
            "Anthropic's reports ({}) have no use of Claude Code that could be this machine's.",
            names.join(", ")
        ),
        number => format!(
            "Anthropic's reports ({}) have use of Claude Code on {}{}.",
            names.join(", "),
            count(number, "day"),
            own.map_or_else(|| ", by somebody of the organization".to_owned(), |own| format!(" by {own}")),
        ),
    };
    if on_setup_day {
        found.push_str(" There is some on the day of the setup, which may be older than it.");
    }
    if !others.is_empty() {
        found.push_str(&format!(" {} of the organization used it too.", count(others.len() as u64, "other person")));
    }
    if days.is_empty() {
        return (NATURE.line(Status::Supports, Strength::Weak, found, check), Vec::new());
    }
    let listed: Vec<String> =
        days.iter().map(|day| day.map_or_else(|| "a day".to_owned(), |day| day.to_string())).collect();
    let contradiction = Contradiction {
        line: Method::Anthropic,
        what: format!("{found} Days: {}.", listed.join(", ")),
        directory: None,
        session: None,
        pid: None,
        fix: "The transcripts of those days tell which sessions: `bedrockup verify --method transcripts --since 31d`."
            .to_owned(),
    };
    (
        NATURE.line(Status::Contradicts, if own.is_some() { Strength::Strong } else { Strength::Medium }, found, check),
        vec![contradiction],
    )
}

fn is_claude_code(row: &Usage) -> bool {
    row.product.as_deref().is_none_or(|product| product == CLAUDE_CODE)
}

fn used(row: &Usage) -> bool {
    row.input + row.output + row.cache_read + row.cache_write > 0
}

fn day(moment: jiff::Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}

fn check(case: &Case<'_>) -> String {
    match case.asked.anthropic.got().and_then(|reports| reports.first()) {
        None => CONSOLE.to_owned(),
        Some(reported) => format!(
            "curl -H \"x-api-key: ${}\" -H 'anthropic-version: 2023-06-01' '{}'",
            reported.variable,
            reported.report.url(reported.from, reported.to)
        ),
    }
}
