//! The page: one file with its charts in it, for who was not at the terminal. No script, no network, no font from elsewhere.

use std::collections::BTreeMap;

use askama::Template;

use super::chart::{self, Step};
use super::{Report, compact, cut_short, numbers, route};
use crate::price::{Cost, Money, grouped};
use crate::usage::advice::{Advice, answers, display_name};
use crate::usage::{By, Provider, Row, Source, Sums, provider_name};
use crate::world::short;

/// The first bytes of every page: what begins otherwise is not ours to replace.
pub const MARK: &str = "<!doctype html>\n<!-- bedrockup usage -->";
/// Series with a colour of their own; the rest is one more.
const SERIES: usize = 6;
/// Rows of projects.
const PROJECTS: usize = 12;
/// The plot, in the units of its picture.
const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 220.0;

#[derive(Template)]
#[template(path = "report/usage.html")]
struct Page<'a> {
    version: &'static str,
    heading: &'static str,
    counted: String,
    caveat: String,
    cost: String,
    unpriced: bool,
    span: String,
    zone: String,
    /// Empty where no price of the table is in it.
    prices_as_of: String,
    tiles: Vec<(&'static str, String, String)>,
    step: &'static str,
    columns: Vec<Column>,
    ticks: Vec<(String, String)>,
    legend: Vec<(usize, String)>,
    models: Vec<Line>,
    projects: Vec<Line>,
    advice: &'a [Advice],
    notes: Vec<String>,
}

/// One column of the chart.
struct Column {
    x: String,
    width: String,
    middle: String,
    label: String,
    title: String,
    parts: Vec<Part>,
    unpriced: bool,
}

/// One series' part of a column.
struct Part {
    series: usize,
    y: String,
    height: String,
}

/// One row of a table with a bar.
struct Line {
    series: usize,
    name: String,
    note: String,
    numbers: Vec<String>,
    price: String,
    /// Per cent of the longest.
    bar: String,
}

/// The report as a page.
pub fn page(report: &Report<'_>) -> Result<String, String> {
    let rows: Vec<Row> = bedrock(report, By::Model);
    let sums = report.usage.bedrock();
    let series = series(report, &rows);
    let (step, columns, ticks) = columns(report, &series);
    let page = Page {
        version: env!("CARGO_PKG_VERSION"),
        heading: match report.source {
            Source::Transcripts => "Claude Code on Amazon Bedrock, estimated",
            Source::CloudWatch(_) => "Claude on Amazon Bedrock, estimated",
            Source::Bill => "Claude on Amazon Bedrock, billed",
        },
        counted: report.source.counted(sums.messages),
        caveat: report.source.caveat().replace('`', ""),
        cost: sums.cost.map_or_else(|| "no price known".to_owned(), |cost| cost.to_string()),
        unpriced: sums.unpriced > 0,
        span: report.span(),
        zone: report.zone_name(),
        prices_as_of: if report.source == Source::Bill { String::new() } else { report.prices.as_of.to_string() },
        tiles: tiles(&report.source, &sums),
        step: step.name(),
        columns,
        ticks,
        legend: legend(&series),
        models: models(report, &rows, &series),
        projects: projects(report),
        advice: &report.advice,
        notes: notes(report, &rows),
    };
    let body = page.render().map_err(|error| error.to_string())?;
    Ok(format!("{MARK}\n{body}\n"))
}

fn bedrock(report: &Report<'_>, by: By) -> Vec<Row> {
    report.usage.rows(by).into_iter().filter(|row| row.provider == Provider::Bedrock).collect()
}

fn tiles(source: &Source, sums: &Sums) -> Vec<(&'static str, String, String)> {
    let tokens = &sums.tokens;
    #[expect(clippy::cast_precision_loss, reason = "a whole number of per cent is shown")]
    let share = if tokens.prompt() == 0 { 0.0 } else { tokens.cache_read as f64 * 100.0 / tokens.prompt() as f64 };
    let answers = ("answers", grouped(sums.messages.into()), "each counted once".to_owned());
    let tokens = [
        ("tokens read", compact(tokens.prompt()), format!("{share:.0} % of them from the cache")),
        ("tokens written", compact(tokens.output), "by the models".to_owned()),
    ];
    (*source != Source::Bill).then_some(answers).into_iter().chain(tokens).collect()
}

/// The models that have a colour, the dearest first; the others share the last.
fn series(report: &Report<'_>, rows: &[Row]) -> Vec<String> {
    let mut costs: BTreeMap<String, Money> = BTreeMap::new();
    for row in rows {
        *costs.entry(display_name(report.prices, &row.asked.model)).or_default() += high(row.sums.cost);
    }
    let mut names: Vec<_> = costs.into_iter().filter(|(_, cost)| *cost > Money::ZERO).collect();
    names.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    names.into_iter().map(|(name, _)| name).collect()
}

fn place(series: &[String], name: &str) -> usize {
    series.iter().position(|known| known == name).map_or(SERIES, |place| place.min(SERIES))
}

fn legend(series: &[String]) -> Vec<(usize, String)> {
    let named = series.iter().take(SERIES).cloned().enumerate();
    let others = (series.len() > SERIES).then(|| (SERIES, "other models".to_owned()));
    named.chain(others).collect()
}

fn high(cost: Option<Cost>) -> Money {
    cost.map_or(Money::ZERO, |cost| cost.high)
}

/// What a row cost, in words.
fn price(sums: &Sums) -> String {
    match (sums.cost, sums.unpriced) {
        (Some(cost), 0) => cost.to_string(),
        (Some(cost), _) => format!("{cost} + ?"),
        (None, _) => "no price".to_owned(),
    }
}

fn columns(report: &Report<'_>, series: &[String]) -> (Step, Vec<Column>, Vec<(String, String)>) {
    let (step, bars) = chart::bars(report.usage);
    let most = bars.iter().map(|bar| high(bar.cost)).max().unwrap_or(Money::ZERO);
    let (top, ticks) = scale(most.dollars());
    let mut parts: BTreeMap<(usize, usize), Money> = BTreeMap::new();
    for row in bedrock(report, By::Day) {
        let day = row.key.as_deref().and_then(|key| key.parse().ok());
        let Some(bar) = day.and_then(|day: jiff::civil::Date| bars.iter().rposition(|bar| bar.from <= day)) else {
            continue;
        };
        *parts.entry((bar, place(series, &display_name(report.prices, &row.asked.model)))).or_default() +=
            high(row.sums.cost);
    }
    #[expect(clippy::cast_precision_loss, reason = "a place on a picture")]
    let pitch = WIDTH / bars.len().max(1) as f64;
    let width = (pitch * 0.72).min(48.0);
    // As many labels as have room.
    let every = bars.len().div_ceil(12).max(1);
    let column = |(index, bar): (usize, &chart::Bar)| {
        #[expect(clippy::cast_precision_loss, reason = "a place on a picture")]
        let middle = pitch * (index as f64 + 0.5);
        let mut y = HEIGHT;
        let parts = parts.range((index, 0)..(index + 1, 0)).map(|((_, series), money)| {
            let height = if top > 0.0 { money.dollars() / top * HEIGHT } else { 0.0 };
            y -= height;
            Part { series: *series, y: number(y), height: number(height) }
        });
        let sums = Sums { cost: bar.cost, unpriced: bar.unpriced, ..Sums::default() };
        let cost = if bar.messages == 0 && bar.cost.is_none() { "nothing".to_owned() } else { price(&sums) };
        let count = if report.source == Source::Bill { String::new() } else { format!(", {}", answers(bar.messages)) };
        Column {
            parts: parts.collect(),
            x: number(middle - width / 2.0),
            width: number(width),
            middle: number(middle),
            label: if index % every == 0 { label(step, bar.from) } else { String::new() },
            title: format!("{}: {cost}{count}", label(step, bar.from)),
            unpriced: bar.unpriced > 0,
        }
    };
    let columns = bars.iter().enumerate().map(column).collect();
    (step, columns, ticks.into_iter().map(|(value, text)| (number(HEIGHT - value / top * HEIGHT), text)).collect())
}

fn label(step: Step, day: jiff::civil::Date) -> String {
    if step == Step::Month { step.label(day) } else { day.strftime("%-d %b").to_string() }
}

/// The top of an axis that holds this value, and its lines: round numbers, three to six of them.
fn scale(most: f64) -> (f64, Vec<(f64, String)>) {
    if most <= 0.0 {
        return (1.0, Vec::new());
    }
    let magnitude = 10f64.powf((most / 4.0).log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|part| part * magnitude).find(|step| most / step <= 5.0);
    let step = step.unwrap_or(magnitude * 10.0);
    let lines = (most / step).ceil();
    let text = |value: f64| match step {
        step if step >= 1.0 && step.fract() == 0.0 => format!("${value:.0}"),
        step if step >= 0.01 => format!("${value:.2}"),
        _ => format!("${value:.4}"),
    };
    let values = std::iter::successors(Some(0.0), |value| Some(value + 1.0)).take_while(|value| *value <= lines);
    (lines * step, values.map(|line| (line * step, text(line * step))).collect())
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}

fn bar(sums: &Sums, most: Money) -> String {
    number(high(sums.cost).share(most).unwrap_or(0.0) * 100.0)
}

fn models(report: &Report<'_>, rows: &[Row], series: &[String]) -> Vec<Line> {
    let most = rows.iter().map(|row| high(row.sums.cost)).max().unwrap_or(Money::ZERO);
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(high(row.sums.cost)));
    let line = |row: &&Row| {
        let name = display_name(report.prices, &row.asked.model);
        Line {
            series: place(series, &name),
            name,
            note: route(row),
            numbers: numbers(&report.source, &row.sums).into(),
            price: price(&row.sums),
            bar: bar(&row.sums, most),
        }
    };
    rows.iter().map(line).collect()
}

/// AWS knows no projects.
fn projects(report: &Report<'_>) -> Vec<Line> {
    if report.source != Source::Transcripts {
        return Vec::new();
    }
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    for row in bedrock(report, By::Project) {
        sums.entry(row.key.unwrap_or_default()).or_default().add(&row.sums);
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, sums)| std::cmp::Reverse(high(sums.cost)));
    let most = sums.first().map_or(Money::ZERO, |(_, sums)| high(sums.cost));
    let line = |(path, sums): &(String, Sums)| Line {
        series: 0,
        name: short(std::path::Path::new(path), &report.home),
        note: answers(sums.messages),
        numbers: Vec::new(),
        price: price(sums),
        bar: bar(sums, most),
    };
    let mut lines: Vec<Line> = sums.iter().take(PROJECTS).map(line).collect();
    if sums.len() > PROJECTS {
        let mut rest = Sums::default();
        sums[PROJECTS..].iter().for_each(|(_, sums)| rest.add(sums));
        lines.push(Line { name: format!("{} more", sums.len() - PROJECTS), ..line(&(String::new(), rest)) });
    }
    lines
}

fn notes(report: &Report<'_>, rows: &[Row]) -> Vec<String> {
    let unpriced = rows.iter().filter_map(|row| {
        let reason = row.no_price.as_ref()?;
        Some(format!("No price for {reason}: {} not in the sum.", answers(row.sums.unpriced)))
    });
    let elsewhere = [Provider::Anthropic, Provider::Vertex, Provider::Unknown].into_iter().filter_map(|provider| {
        let sums = report.usage.totals(Some(provider));
        let who = if provider == Provider::Unknown { "an unknown provider" } else { provider_name(provider) };
        let tokens = compact(sums.tokens.all());
        (sums.messages > 0).then(|| {
            format!("Not through Bedrock, and not priced here: {} of {who}, {tokens} tokens.", answers(sums.messages))
        })
    });
    let old = report.usage.bedrock().incomplete;
    let old = (old > 0).then(|| cut_short(old));
    unpriced.chain(elsewhere).chain(old).chain(report.gaps.iter().cloned()).collect()
}
