//! `models`: each model with its profiles, access, price and end; and what `claude` would use.

mod json;

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Style, tame};
use crate::aws::answer::{Answer, Availability, InferenceProfile};
use crate::price::{Current, Rate, Rates, Routing, Row};
use crate::resolve::Model;
use crate::usage::advice::display_name;
use crate::value::ModelId;

pub use json::json;

/// What there is to tell.
pub struct Listing {
    /// The region.
    pub region: String,
    /// Each profile.
    pub entries: Vec<Entry>,
    /// What `claude` would use.
    pub used: Vec<Used>,
    /// What pins would be: of the geography, and worldwide.
    pub pins: [Option<BTreeMap<&'static str, ModelId>>; 2],
    /// Today (UTC).
    pub today: Date,
    /// The prices.
    pub prices: Current,
}

/// A profile.
pub struct Entry {
    /// As listed.
    pub profile: InferenceProfile,
    /// The model behind it.
    pub model: String,
    /// How it routes.
    pub routing: Routing,
    /// Its price: one row, several where the routing is not known, none where there is no price.
    pub rows: Vec<Row>,
    /// Access to the model.
    pub availability: Option<Answer<Availability>>,
    /// AWS calls it legacy.
    pub legacy: bool,
    /// The day on which it ends.
    pub ends: Option<Date>,
    /// The model to move to, where it ends.
    pub successor: Option<String>,
    /// The price of that, by the same route.
    pub successor_rows: Vec<Row>,
}

/// A model in a role.
pub struct Used {
    /// The model.
    pub model: Model,
    /// Why this one.
    pub why: String,
    /// Whether it answers, where it was called.
    pub probe: Option<Result<(), String>>,
}

/// The listing as text.
pub fn text(listing: &Listing, style: Style) -> String {
    if listing.entries.is_empty() {
        return format!("{} lists no model of Claude.\n", listing.region);
    }
    let mut out = format!("Claude in {}, in dollars per million tokens: input / output\n", style.bold(&listing.region));
    out.push_str(&format!("{}\n", style.dim(&style.wrap(&as_of(&listing.prices), "", ""))));
    let mut last = "";
    for entry in &listing.entries {
        if entry.model != last {
            last = &entry.model;
            out.push_str(&model_head(listing, entry, style));
        }
        let id = tame(if entry.profile.application { &entry.profile.arn } else { &entry.profile.id });
        let price = price(&entry.rows);
        let status =
            if entry.profile.status == "ACTIVE" { String::new() } else { format!("  {}", tame(&entry.profile.status)) };
        let room = style.width().saturating_sub(id.len() + 2);
        let line = format!("  {id}{:>room$}", format!("  {price}"));
        out.push_str(&format!("{}{}\n", line.trim_end(), style.yellow(&status)));
        if let Some(step) = step(&entry.rows) {
            out.push_str(&format!("{}\n", style.dim(&format!("{step:>width$}", width = style.width()))));
        }
    }
    out.push_str(&format!("\n{}\n", style.bold("What Claude Code would use here")));
    for used in &listing.used {
        let probe = match &used.probe {
            None => String::new(),
            Some(Ok(())) => format!("  {}", style.green("answers")),
            Some(Err(why)) => format!("  {}", style.red(&tame(why))),
        };
        out.push_str(&format!("  {:<8} {}{probe}\n", used.model.role.name(), tame(&used.model.id)));
        out.push_str(&format!("{}\n", style.dim(&style.wrap(&tame(&used.why), "          ", "          "))));
    }
    out.push_str(&pins(listing, style));
    if let Some(problem) = &listing.prices.problem {
        out.push_str(&format!("\n{}\n", style.yellow(&style.wrap(&tame(problem), "", "  "))));
    }
    out
}

fn as_of(prices: &Current) -> String {
    let age = match prices.age {
        ..1 => String::new(),
        1 => ", a day old".to_owned(),
        days => format!(", {days} days old"),
    };
    let from = match prices.refreshed {
        None => "built in".to_owned(),
        Some((day, number)) => {
            format!(
                "built in on {}, {number} of them from AWS's price list of {day}",
                crate::price::Table::built_in().as_of
            )
        }
    };
    let hint = if prices.age > 30 { "; `bedrockup models --refresh` asks AWS" } else { "" };
    format!(
        "prices as of {}{age} ({from}){hint}; AWS's page: https://aws.amazon.com/bedrock/pricing/",
        prices.table.as_of
    )
}

/// `Opus 5.5  open`, and what is to be said about its end.
fn model_head(listing: &Listing, entry: &Entry, style: Style) -> String {
    let name = display_name(&listing.prices.table, &entry.model);
    let access = match access(entry) {
        Ok(()) => style.green("open"),
        Err(why) => style.yellow(&tame(&why)),
    };
    let mut out = format!("\n{}  {access}", style.bold(&tame(&name)));
    if let Some(end) = ending(listing, entry) {
        out.push_str(&format!("\n{}", style.yellow(&style.wrap(&end, "  ", "  "))));
    }
    out.push('\n');
    out
}

/// Whether the account may call the model; else what is in the way, in AWS's words.
fn access(entry: &Entry) -> Result<(), String> {
    match &entry.availability {
        Some(Answer::Got(access)) => {
            let fields = [
                ("agreement", &access.agreement, "AVAILABLE"),
                ("authorization", &access.authorization, "AUTHORIZED"),
                ("entitlement", &access.entitlement, "AVAILABLE"),
                ("region", &access.region, "AVAILABLE"),
            ];
            let closed: Vec<String> =
                fields.iter().filter(|(_, is, well)| is != well).map(|(name, is, _)| format!("{name} {is}")).collect();
            if closed.is_empty() { Ok(()) } else { Err(closed.join(", ")) }
        }
        Some(other) => {
            Err(format!("access could not be told: {}", crate::ask::account::why(other).unwrap_or_default()))
        }
        None => Err("access was not asked".to_owned()),
    }
}

fn ending(listing: &Listing, entry: &Entry) -> Option<String> {
    let when = match entry.ends {
        Some(day) if day <= listing.today => format!("ended on {day}"),
        Some(day) => format!("ends on {day}"),
        None if entry.legacy => "legacy".to_owned(),
        None => return None,
    };
    let Some(successor) = &entry.successor else { return Some(when) };
    let name = display_name(&listing.prices.table, successor);
    let saving = match (entry.rows.as_slice(), entry.successor_rows.as_slice()) {
        ([old], [new]) if new.rates.input < old.rates.input || new.rates.output < old.rates.output => {
            let extended = if old.from.is_some() && entry.legacy { " (extended access)" } else { "" };
            format!(", {} instead of {}{extended}", both(&new.rates), both(&old.rates))
        }
        _ => String::new(),
    };
    Some(format!("{when}; move to {name}{saving}"))
}

/// `$4.40 / $22`: input and output.
fn both(rates: &Rates) -> String {
    format!("{} / {}", dollars(rates.input), dollars(rates.output))
}

/// With two places, or none, or as many as there are.
fn dollars(rate: Rate) -> String {
    let text = rate.per_million();
    match text.split_once('.') {
        Some((_, places)) if places.len() == 1 => format!("${text}0"),
        _ => format!("${text}"),
    }
}

/// `$4.40 / $22`, a range, or that there is none.
fn price(rows: &[Row]) -> String {
    let Some(first) = rows.first() else { return "no price".to_owned() };
    let by_output = |row: &&Row| row.rates.output;
    let (low, high) =
        (rows.iter().min_by_key(by_output).unwrap_or(first), rows.iter().max_by_key(by_output).unwrap_or(first));
    if low.rates == high.rates { both(&low.rates) } else { format!("{} to {}", both(&low.rates), both(&high.rates)) }
}

/// What a long prompt costs, where it costs more.
fn step(rows: &[Row]) -> Option<String> {
    let step = rows.first()?.steps.first()?;
    Some(format!("above {}K tokens of prompt {}", step.above / 1000, both(&step.rates)))
}

/// What pinning would change, each tier with its price before and after.
fn pins(listing: &Listing, style: Style) -> String {
    let rates = |id: &str| {
        let entry = listing.entries.iter().find(|entry| entry.profile.id == id)?;
        Some(price(&entry.rows))
    };
    let mut out = String::new();
    for (pins, routing) in listing.pins.iter().zip(["geo", "global"]) {
        let Some(pins) = pins else { continue };
        let changes = listing.used.iter().filter_map(|used| {
            let tier = used.model.role.name();
            let pin =
                pins.iter().find(|(variable, _)| variable.to_lowercase().contains(&format!("_{tier}_")))?.1.as_str();
            let now = used.model.id.as_str();
            if pin == now {
                return None;
            }
            let cost = match (rates(now), rates(pin)) {
                (Some(now), Some(then)) if now != then => format!(" ({then} instead of {now})"),
                _ => String::new(),
            };
            Some(format!("{tier} to {}{cost}", tame(pin)))
        });
        let changes: Vec<String> = changes.collect();
        let what = match changes.is_empty() {
            true => "changes nothing today".to_owned(),
            false => format!("moves {}", changes.join(", ")),
        };
        let text =
            format!("`bedrockup setup --routing {routing}` {what}, and keeps it so when Claude Code is updated.");
        out.push_str(&format!("\n{}\n", style.wrap(&text, "", "  ")));
    }
    out
}
