//! What the answers show of the way of working, in dollars: what the same tokens would have cost otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::Answered;
use crate::aws::tables;
use crate::price::{self, Asked, Class, Cost, Money, Rates, Routing, Row, Table, Tokens, model_name};
use crate::resolve::data;
use crate::version::Version;

/// The short and the long life of a cache entry.
const SHORT: SignedDuration = SignedDuration::from_mins(5);
const LONG: SignedDuration = SignedDuration::from_mins(60);
/// The shortest prompt that every model caches.
const CACHEABLE: u64 = 4096;

/// Another way to have the same answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Other {
    /// Through the worldwide profile.
    Global,
    /// By a model of the cheaper class that was the client's default before.
    EarlierDefault,
    /// Subagents by the client's small model.
    SmallSubagents,
    /// By the model that follows one which is about to end.
    Successor,
}

/// Models that the answers of one are compared with, and their prices.
type Others = Arc<[(Other, String, Vec<Row>)]>;

/// The same tokens both ways.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// The other model, where it is another one.
    pub model: String,
    /// Answers.
    pub messages: u64,
    /// Their tokens.
    pub tokens: Tokens,
    /// What they cost.
    pub now: Cost,
    /// What they would have cost.
    pub then: Cost,
}

/// What caching cost, and would have cost with the other life of its entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cache {
    /// Tokens written for five minutes.
    pub short_writes: u64,
    /// Idle gaps of 5 to 60 minutes before an answer that had to write again.
    pub gaps: u64,
    /// The longest of them.
    pub longest_gap: SignedDuration,
    /// Tokens written again after them.
    pub again: u64,
    /// What an hour's life would have spared on those.
    pub hour_spares: Money,
    /// What an hour's life would have cost more on all other writes.
    pub hour_costs: Money,
    /// Tokens written for an hour.
    pub long_writes: u64,
    /// Tokens read after a gap of 5 to 60 minutes: a short life would have lost them.
    pub kept: u64,
    /// Gaps before those.
    pub kept_gaps: u64,
    /// What five minutes' life would have spared on writes.
    pub short_spares: Money,
    /// What it would have cost more on what it lost.
    pub short_costs: Money,
}

/// Long prompts that were neither written into nor read from the cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Uncached {
    /// Answers.
    pub messages: u64,
    /// Tokens of their prompts.
    pub tokens: u64,
    /// Tokens that the prompt before, not five minutes older, had held already.
    pub repeated: u64,
    /// What the prompts cost.
    pub now: Money,
    /// What they would have cost with the cache.
    pub then: Money,
}

/// The last answer of a session.
#[derive(Debug, Clone, Copy)]
struct Last {
    place: usize,
    time: Timestamp,
    prompt: u64,
}

/// Sums of what is seen while answers go by.
#[derive(Debug, Clone, Default)]
pub struct Habits {
    /// Both ways, by the place of what was asked for.
    pub compared: BTreeMap<(Other, usize), Compared>,
    /// Caching.
    pub cache: Cache,
    /// No caching.
    pub uncached: Uncached,
    /// By the place of the session.
    sessions: Vec<Option<Last>>,
    /// By the place of what was asked for.
    others: Vec<Option<Others>>,
    version: (String, Option<&'static str>),
}

/// An answer of Bedrock with what is known of it.
pub(super) struct Priced<'a> {
    /// The answer.
    pub answer: &'a Answered<'a>,
    /// The place of what was asked for.
    pub place: usize,
    /// What was asked for.
    pub asked: &'a Asked,
    /// The rows of its model.
    pub rows: &'a [Row],
    /// All prices.
    pub table: &'a Table,
    /// The place of its session.
    pub session: usize,
    /// Its day, by which prices go.
    pub day: Date,
    /// What it cost.
    pub cost: Cost,
}

impl Habits {
    /// Takes an answer.
    pub(super) fn add(&mut self, priced: &Priced<'_>) {
        let Priced { answer, place, asked, rows, session, day, .. } = *priced;
        self.compare(priced);
        let of_class = |row: &&Row| asked.routing.classes().contains(&row.class) && row.holds(day);
        let Some(rates) = rows.iter().find(of_class).map(|row| *row.rates(answer.tokens.prompt())) else { return };
        let last = if answer.sidechain { None } else { self.sessions.get(session).copied().flatten() };
        let last = last.filter(|last| last.place == place && last.time <= answer.time);
        self.cache.add(answer, &rates, last);
        if !answer.sidechain {
            self.uncached.add(answer, &rates, last);
            let prompt = answer.tokens.prompt();
            *slot(&mut self.sessions, session) = Some(Last { place, time: answer.time, prompt });
        }
    }

    fn compare(&mut self, priced: &Priced<'_>) {
        let Priced { answer, asked, rows, table, place, .. } = *priced;
        if let Routing::Known(Class::Geo | Class::InRegion) = asked.routing {
            self.note(priced, Other::Global, (&asked.model, rows), Routing::Known(Class::Global));
        }
        let default = self.default_of(answer.version);
        let others = Arc::clone(slot(&mut self.others, place).get_or_insert_with(|| {
            let with_rows = |(other, model): (Other, String)| {
                let rows = table.rows(&model).to_vec();
                (other, model, rows)
            };
            others(&asked.model).into_iter().map(with_rows).collect()
        }));
        for (other, model, rows) in others.iter() {
            let applies = match other {
                Other::EarlierDefault => !answer.sidechain && default == Some(asked.model.as_str()),
                Other::SmallSubagents => answer.sidechain,
                Other::Global | Other::Successor => true,
            };
            if applies {
                self.note(priced, *other, (model, rows), asked.routing);
            }
        }
    }

    fn note(&mut self, priced: &Priced<'_>, other: Other, (model, rows): (&str, &[Row]), routing: Routing) {
        let Priced { answer, place, day, cost, .. } = *priced;
        let Ok(then) = price::cost(rows, model, routing, day, &answer.tokens) else { return };
        let compared = self.compared.entry((other, place)).or_default();
        if compared.messages == 0 {
            compared.model = model.to_owned();
        }
        compared.messages += 1;
        compared.tokens += answer.tokens;
        compared.now += cost;
        compared.then += then;
    }

    /// The main model that a version of the client takes by default.
    fn default_of(&mut self, version: &str) -> Option<&'static str> {
        if self.version.0 != version {
            let parsed: Option<Version> = version.parse().ok();
            self.version = (version.to_owned(), parsed.map(|version| model_name(data::main_default(version))));
        }
        self.version.1
    }
}

/// What a list has at a place, however short it is yet.
fn slot<T: Clone + Default>(list: &mut Vec<T>, place: usize) -> &mut T {
    if list.len() <= place {
        list.resize(place + 1, T::default());
    }
    &mut list[place]
}

/// Models that the answers of this one are compared with.
fn others(model: &str) -> Vec<(Other, String)> {
    let mut others = Vec::new();
    if let Some(earlier) = earlier_default(model) {
        others.push((Other::EarlierDefault, earlier.to_owned()));
    }
    let small = model_name(&data::defaults(data::present_client()).haiku);
    if !model.contains("haiku") {
        others.push((Other::SmallSubagents, small.to_owned()));
    }
    if let Some(successor) = tables::successor(model) {
        others.push((Other::Successor, model_name(successor).to_owned()));
    }
    others
}

/// The newest lasting model of the cheaper class that was the default of sessions before this one.
fn earlier_default(model: &str) -> Option<&'static str> {
    let defaults: Vec<_> = data::main_defaults().map(model_name).collect();
    let here = defaults.iter().position(|default| *default == model)?;
    let class = |name: &str| ["haiku", "sonnet", "opus", "fable"].into_iter().position(|class| name.contains(class));
    let earlier = defaults[..here].iter().rev().find(|earlier| class(earlier) < class(model)).copied()?;
    Some(tables::successor(earlier).map_or(earlier, model_name))
}

impl Cache {
    fn add(&mut self, answer: &Answered<'_>, rates: &Rates, last: Option<Last>) {
        let (Some(short), Some(long), Some(read)) = (rates.cache_write_5m, rates.cache_write_1h, rates.cache_read)
        else {
            return;
        };
        let tokens = &answer.tokens;
        let idle = last.map(|last| (answer.time.duration_since(last.time), last.prompt));
        let idle = idle.filter(|(gap, _)| *gap > SHORT && *gap <= LONG);
        let gap = idle.map(|(_, prompt)| prompt);
        self.short_writes += tokens.cache_write_5m;
        self.long_writes += tokens.cache_write_1h;
        let again = gap.map_or(0, |prompt| tokens.cache_write_5m.min(prompt));
        self.gaps += u64::from(again > 0);
        if let Some((gap, _)) = idle.filter(|_| again > 0) {
            self.longest_gap = self.longest_gap.max(gap);
        }
        self.again += again;
        self.hour_spares += short.times(again).less(read.times(again));
        let once = tokens.cache_write_5m - again;
        self.hour_costs += long.times(once).less(short.times(once));
        if tokens.cache_write_1h > 0 || self.long_writes > 0 {
            let kept = gap.map_or(0, |prompt| tokens.cache_read.min(prompt));
            self.kept_gaps += u64::from(kept > 0);
            self.kept += kept;
            self.short_costs += short.times(kept).less(read.times(kept));
            self.short_spares += long.times(tokens.cache_write_1h).less(short.times(tokens.cache_write_1h));
        }
    }
}

impl Uncached {
    fn add(&mut self, answer: &Answered<'_>, rates: &Rates, last: Option<Last>) {
        let tokens = &answer.tokens;
        let cached = tokens.cache_read + tokens.cache_write_5m + tokens.cache_write_1h > 0;
        let (Some(write), Some(read)) = (rates.cache_write_5m, rates.cache_read) else { return };
        if cached || tokens.input < CACHEABLE {
            return;
        }
        let fresh = |last: &Last| answer.time.duration_since(last.time) <= SHORT && last.prompt >= CACHEABLE;
        let repeated = last.filter(fresh).map_or(0, |last| last.prompt.min(tokens.input));
        self.messages += 1;
        self.tokens += tokens.input;
        self.repeated += repeated;
        self.now += rates.input.times(tokens.input);
        self.then += read.times(repeated) + write.times(tokens.input - repeated);
    }
}
