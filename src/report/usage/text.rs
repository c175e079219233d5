//! The terminal's view: the sum, a table, bars over time, and what could be had for less.

use super::chart::{self, Step};
use super::{Report, compact, cut_short, route, table};
use crate::price::{Cost, Money};
use crate::report::{Style, tame};
use crate::usage::advice::{Advice, answers, display_name};
use crate::usage::{By, Provider, Row, Source, Sums};
use crate::world::short;

/// The most rows of projects or sessions.
const MOST_ROWS: usize = 20;
/// The most pieces of advice.
const MOST_ADVICE: usize = 3;

/// The report as text.
pub fn text(report: &Report<'_>, style: Style) -> String {
    let all = report.usage.rows(report.by);
    let (bedrock, others): (Vec<Row>, Vec<Row>) = all.into_iter().partition(|row| row.provider == Provider::Bedrock);
    let sums = report.usage.bedrock();
    let mut out = head(report, &sums, style);
    if has_any(&sums) {
        out.push('\n');
        match report.by {
            By::Model => {
                out.push_str(&models(report, &bedrock, style));
                out.push_str(&over_time(report, style));
            }
            By::Day => out.push_str(&over_time(report, style)),
            By::Project | By::Session => out.push_str(&keyed(report, &bedrock, style)),
        }
    }
    out.push_str(&elsewhere(&others, style));
    out.push_str(&incomplete(&sums, style));
    out.push_str(&without_price(&bedrock, style));
    out.push_str(&cheaper(&report.advice, style));
    for gap in &report.gaps {
        out.push_str(&format!("\n{}\n", style.yellow(&style.wrap(&tame(gap), "", "  "))));
    }
    if has_any(&sums) {
        out.push_str(&format!("\n{}\n", style.dim(&style.wrap(report.source.caveat(), "", ""))));
    }
    out
}

/// A bill counts no answers.
fn has_any(sums: &Sums) -> bool {
    sums.messages > 0 || sums.cost.is_some()
}

fn head(report: &Report<'_>, sums: &Sums, style: Style) -> String {
    let span = format!("{} ({})", report.span(), report.zone_name());
    if !has_any(sums) {
        let what = match &report.source {
            Source::Transcripts => "No answer through Amazon Bedrock stands in the transcripts of this machine",
            Source::CloudWatch(_) => "CloudWatch counted no call of Claude in this region",
            Source::Bill => "The bill has nothing of Claude on Amazon Bedrock",
        };
        return format!("{}\n", style.wrap(&format!("{what}, {span}."), "", ""));
    }
    let cost = match sums.cost {
        Some(cost) if report.source == Source::Bill => style.bold(&cost.to_string()),
        Some(cost) => format!("Estimated {}", style.bold(&cost.to_string())),
        None => format!("No price is known, so {}", style.bold("no estimate")),
    };
    let more = if sums.cost.is_some() && sums.unpriced > 0 { " + ?" } else { "" };
    let who = if report.source == Source::Transcripts { "Claude Code" } else { "Claude" };
    let prices =
        if report.source == Source::Bill { String::new() } else { format!(", prices as of {}", report.prices.as_of) };
    let about = format!("{span}, {}{prices}", report.source.counted(sums.messages));
    format!("{cost}{more} for {who} on Amazon Bedrock\n{}\n", style.dim(&style.wrap(&about, "", "")))
}

/// What a row cost, in one column.
fn price(sums: &Sums) -> String {
    let cost = sums.cost.map(|cost| {
        if cost.low.cents() == cost.high.cents() {
            cost.high.to_string()
        } else {
            format!("{}-{}", cost.low, cost.high.to_string().trim_start_matches('$'))
        }
    });
    match (cost, sums.unpriced) {
        (Some(cost), 0) => cost,
        (Some(cost), _) => format!("{cost} + ?"),
        (None, 0) => String::new(),
        (None, _) => "no price".to_owned(),
    }
}

const NUMBERS: [&str; 6] = ["answers", "input", "output", "to cache", "from cache", "dollars"];

fn numbers(report: &Report<'_>, sums: &Sums) -> impl Iterator<Item = String> + use<> {
    super::numbers(&report.source, sums).into_iter().chain([price(sums)])
}

fn models(report: &Report<'_>, rows: &[Row], style: Style) -> String {
    let line = |row: &Row| {
        let name = tame(&display_name(report.prices, &row.asked.model));
        [name, tame(&route(row))].into_iter().chain(numbers(report, &row.sums)).collect()
    };
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.sums.cost.map(|cost| cost.high)));
    let head: Vec<&str> = ["model", "route"].into_iter().chain(NUMBERS).collect();
    table::lines(&head, 2, &rows.into_iter().map(line).collect::<Vec<_>>(), style)
}

/// Projects or sessions, the dearest first.
fn keyed(report: &Report<'_>, rows: &[Row], style: Style) -> String {
    let mut keys: Vec<(String, Sums)> = Vec::new();
    for row in rows {
        let key = row.key.clone().unwrap_or_default();
        match keys.last_mut().filter(|(last, _)| *last == key) {
            Some((_, sums)) => sums.add(&row.sums),
            None => keys.push((key, row.sums.clone())),
        }
    }
    keys.sort_by_key(|(_, sums)| std::cmp::Reverse((sums.cost.map(|cost| cost.high), sums.tokens.all())));
    let rest = keys.split_off(keys.len().min(MOST_ROWS));
    let path = |project: &str| tame(&short(std::path::Path::new(project), &report.home));
    let line = |(key, sums): &(String, Sums)| {
        let names = match report.by {
            By::Session => {
                vec![tame(key.get(..8).unwrap_or(key)), path(report.usage.project_of(key).unwrap_or_default())]
            }
            _ => vec![path(key)],
        };
        names.into_iter().rev().chain(numbers(report, sums)).collect()
    };
    let names: &[&str] = if report.by == By::Session { &["project", "session"] } else { &["project"] };
    let head: Vec<&str> = names.iter().copied().chain(NUMBERS).collect();
    let mut out = table::lines(&head, names.len(), &keys.iter().map(line).collect::<Vec<_>>(), style);
    if !rest.is_empty() {
        let mut sums = Sums::default();
        rest.iter().for_each(|(_, other)| sums.add(other));
        out.push_str(&format!("and {} more, {} (--json and --csv have all)\n", rest.len(), price(&sums)));
    }
    out
}

fn over_time(report: &Report<'_>, style: Style) -> String {
    let (step, bars) = chart::bars(report.usage);
    let most = bars.iter().filter_map(|bar| bar.cost).map(|cost| cost.high.micros()).max().unwrap_or(0);
    if bars.len() < 2 && report.by != By::Day {
        return String::new();
    }
    let lead = if report.by == By::Day { "" } else { "\n" };
    let mut out = format!("{lead}{}\n", style.dim(&format!("dollars by {}", step.name())));
    let sums =
        |bar: &chart::Bar| Sums { cost: bar.cost, unpriced: bar.unpriced, messages: bar.messages, ..Sums::default() };
    let prices: Vec<String> = bars.iter().map(|bar| price(&sums(bar))).collect();
    let right = prices.iter().map(|price| price.len()).max().unwrap_or(0);
    let left = match step {
        Step::Day => 10,
        Step::Week => 6,
        Step::Month => 8,
    };
    let width = style.width().saturating_sub(left + right + 4).max(8);
    for (bar, price) in bars.iter().zip(prices) {
        let blocks = chart::bar(bar.cost.map_or(0, |cost| cost.high.micros()), most, width);
        let line =
            format!("{:left$}  {}  {price:>right$}", step.label(bar.from), style.cyan(&format!("{blocks:<width$}")));
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Answers of others: they are on another bill.
fn elsewhere(rows: &[Row], style: Style) -> String {
    let mut out = String::new();
    for provider in [Provider::Anthropic, Provider::Vertex, Provider::Unknown] {
        let mut sums = Sums::default();
        rows.iter().filter(|row| row.provider == provider).for_each(|row| sums.add(&row.sums));
        if sums.messages == 0 {
            continue;
        }
        let (who, bill) = match provider {
            Provider::Anthropic => ("Anthropic itself", "on Anthropic's bill, not on AWS's"),
            Provider::Vertex => ("Google's Vertex AI", "on Google's bill, not on AWS's"),
            _ => ("somebody whom their ids do not name", "not priced here"),
        };
        let tokens = compact(sums.tokens.all());
        let text = format!("Not through Bedrock: {} of {who}, {tokens} tokens, {bill}.", answers(sums.messages));
        out.push_str(&format!("\n{}\n", style.wrap(&text, "", "  ")));
    }
    out
}

/// What old clients did not write down.
fn incomplete(sums: &Sums, style: Style) -> String {
    if sums.incomplete == 0 {
        return String::new();
    }
    format!("\n{}\n", style.yellow(&style.wrap(&cut_short(sums.incomplete), "", "  ")))
}

fn without_price(rows: &[Row], style: Style) -> String {
    let mut reasons: Vec<(String, u64)> = Vec::new();
    for row in rows.iter().filter(|row| row.sums.unpriced > 0) {
        let reason = row.no_price.as_ref().map(ToString::to_string).unwrap_or_default();
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, answers)) => *answers += row.sums.unpriced,
            None => reasons.push((reason, row.sums.unpriced)),
        }
    }
    let line = |(reason, unpriced): &(String, u64)| {
        let text = format!("No price for {}: {} not in the sum.", tame(reason), answers(*unpriced));
        format!("{}\n", style.yellow(&style.wrap(&text, "", "  ")))
    };
    let lines: String = reasons.iter().map(line).collect();
    let hint = "`bedrockup models --refresh` looks for new prices in AWS's price list.";
    if lines.is_empty() { lines } else { format!("\n{lines}{}\n", style.dim(&style.wrap(hint, "", "  "))) }
}

fn cheaper(advice: &[Advice], style: Style) -> String {
    if advice.is_empty() {
        return String::new();
    }
    let overlap = if advice.len() > 1 { "; they overlap, so do not add them up" } else { "" };
    let mut out = format!("\n{}{}\n", style.bold("For less"), style.dim(overlap));
    for advice in advice.iter().take(MOST_ADVICE) {
        let saves = about(advice.saves);
        // Wrapped with the amount in front, which is coloured afterwards.
        let what = style.wrap(&advice.what, &format!("{saves}  "), "  ");
        out.push_str(&format!("{}{}\n", style.green(&saves), &what[saves.len()..]));
        let why = format!("{} The catch: {}", advice.arithmetic, advice.catch);
        out.push_str(&format!("{}\n", style.dim(&style.wrap(&why, "  ", "  "))));
        if let Some(command) = &advice.command {
            out.push_str(&format!("    {}\n", style.cyan(command)));
        }
    }
    out
}

/// `-$12.30`.
fn about(saves: Cost) -> String {
    let amount = if saves.low == Money::ZERO { saves.high } else { saves.low };
    if saves.is_exact() { format!("-{amount}") } else { format!("-{amount} or more") }
}
