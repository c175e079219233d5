//! The table: which price holds for a model, a route and a moment.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::id::{self, Asked, model_name};
use super::rows::{self, Invalid, Row};
use super::{Class, Cost, NoPrice, Routing, Tokens};

/// A table of prices.
#[derive(Debug, Clone)]
pub struct Table {
    /// The day on which it was right.
    pub as_of: Date,
    rows: HashMap<String, Vec<Row>>,
    prefixes: Vec<(String, Class)>,
}

// Compiled-in text: a mistake in it is a defect of ours that the first test of this room shows.
#[expect(clippy::expect_used, reason = "the file is compiled in; a test parses it")]
static BUILT_IN: LazyLock<Table> =
    LazyLock::new(|| Table::parse(include_str!("../data/prices.json")).expect("prices.json"));

impl Table {
    /// The table that is compiled in.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Reads and checks a table.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let parsed = rows::parse(text)?;
        Ok(Self { prefixes: parsed.prefixes, ..Self::of(parsed.as_of, parsed.rows) })
    }

    /// A table of these rows.
    pub fn of(as_of: Date, rows: Vec<Row>) -> Self {
        let mut table = Self { as_of, rows: HashMap::new(), prefixes: Vec::new() };
        for row in rows {
            table.rows.entry(model_name(&row.model).to_owned()).or_default().push(row);
        }
        table
    }

    /// What was asked for, by the id as asked for and the model that the answer names.
    pub fn asked(&self, requested: Option<&str>, answered: &str) -> Asked {
        id::read(requested, answered, |prefix| self.class_of(prefix))
    }

    /// The class of a prefix of profile ids.
    pub fn class_of(&self, prefix: &str) -> Option<Class> {
        self.prefixes.iter().find(|(known, _)| known == prefix).map(|(_, class)| *class)
    }

    /// All rows of a model, whatever class and day. A name without its date is that of the one model that it may be.
    pub fn rows(&self, model: &str) -> &[Row] {
        let name = model_name(model);
        if let Some(rows) = self.rows.get(name) {
            return rows;
        }
        let mut dated = self.rows.iter().filter(|(known, _)| undated(known) == Some(name));
        match (dated.next(), dated.next()) {
            (Some((_, rows)), None) => rows,
            _ => &[],
        }
    }

    /// Every row.
    pub fn all(&self) -> impl Iterator<Item = &Row> {
        self.rows.values().flatten()
    }

    /// The row of one class on one day (UTC).
    pub fn row(&self, model: &str, class: Class, day: Date) -> Option<&Row> {
        self.rows(model).iter().find(|row| row.class == class && row.holds(day))
    }

    /// What one request costs.
    pub fn cost(&self, model: &str, routing: Routing, moment: Timestamp, tokens: &Tokens) -> Result<Cost, NoPrice> {
        cost(self.rows(model), model, routing, day_of(moment), tokens)
    }

    /// The same table with other rows for the models and classes that `newer` has. A row that says the same as one of here
    /// changes nothing; one that differs holds from its own day on.
    #[must_use]
    pub fn with(&self, newer: &Self) -> Self {
        let mut table = self.clone();
        let mut rows: Vec<&Row> = newer.all().collect();
        rows.sort_by_key(|row| row.from);
        rows.into_iter().for_each(|row| table.take(row));
        table.as_of = table.as_of.max(newer.as_of);
        table
    }

    fn take(&mut self, newer: &Row) {
        let rows = self.rows.entry(model_name(&newer.model).to_owned()).or_default();
        let from = newer.from.unwrap_or(newer.checked_on);
        let Some(old) = rows.iter_mut().find(|row| row.class == newer.class && row.to.is_none()) else {
            // Nothing ends where nothing was: the price is that of today, and holds from the day that it names.
            rows.push(Row { to: None, ..newer.clone() });
            return;
        };
        let same = old.rates == newer.rates && old.steps == newer.steps;
        if same {
            old.checked_on = old.checked_on.max(newer.checked_on);
        } else if old.from.is_none_or(|begun| begun < from) {
            old.to = Some(from);
            rows.push(Row { from: Some(from), to: None, ..newer.clone() });
        }
    }
}

/// The day that prices go by.
pub fn day_of(moment: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}

/// What one request of a day (UTC) costs by the rows of its model, for who looks them up once for many requests.
pub fn cost(rows: &[Row], model: &str, routing: Routing, day: Date, tokens: &Tokens) -> Result<Cost, NoPrice> {
    if rows.is_empty() {
        return Err(NoPrice::Model(model.to_owned()));
    }
    let classes = routing.classes();
    let (mut found, mut of_class): (Option<Cost>, bool) = (None, false);
    for row in rows.iter().filter(|row| classes.contains(&row.class)) {
        of_class = true;
        if row.holds(day) {
            let money = row.cost(tokens).map_err(|kind| NoPrice::Kind(model.to_owned(), kind))?;
            found = Some(found.map_or(Cost::exact(money), |cost| cost.or(Cost::exact(money))));
        }
    }
    found.ok_or_else(|| match of_class {
        true => NoPrice::Day(model.to_owned(), day),
        false => NoPrice::Class(model.to_owned(), routing),
    })
}

/// What the sums of many requests of a day cost, where their prompts and the lives of their cache entries are not known: writes stand
/// in `cache_write_5m` and are reckoned for five minutes and for an hour, all tokens below and above every step.
pub fn cost_of_sums(rows: &[Row], model: &str, routing: Routing, day: Date, sums: &Tokens) -> Result<Cost, NoPrice> {
    let known = cost(rows, model, routing, day, &Tokens { input: 0, ..Tokens::default() })?;
    let hour = Tokens { cache_write_5m: 0, cache_write_1h: sums.cache_write_5m, ..*sums };
    let mut found: Option<Cost> = None;
    for row in rows.iter().filter(|row| routing.classes().contains(&row.class) && row.holds(day)) {
        for rates in std::iter::once(&row.rates).chain(row.steps.iter().map(|step| &step.rates)) {
            let short = rates.cost(sums).map_err(|kind| NoPrice::Kind(model.to_owned(), kind))?;
            let long = if rates.cache_write_1h.is_some() { rates.cost(&hour).unwrap_or(short) } else { short };
            let range = Cost::exact(short).or(Cost::exact(long));
            found = Some(found.map_or(range, |cost| cost.or(range)));
        }
    }
    Ok(found.unwrap_or(known))
}

/// A model's name without its date, where it has one.
fn undated(name: &str) -> Option<&str> {
    let (before, date) = name.rsplit_once('-')?;
    (date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit())).then_some(before)
}

#[cfg(test)]
mod tests;
