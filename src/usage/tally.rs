//! The pass over all answers.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::habits::{Habits, Priced};
use super::{Answered, Cell, Provider, Sums, Usage};
use crate::price::{self, Asked, NoPrice, Row, Table};

/// Takes answers, one by one and in any order, and keeps their sums.
pub struct Tally<'t> {
    table: &'t Table,
    zone: TimeZone,
    asked: Vec<Known<'t>>,
    by_ids: HashMap<Ids, usize>,
    projects: Names,
    sessions: Names,
    cells: Vec<Cell>,
    /// The places of cells.
    by_key: HashMap<(usize, Date, usize, usize), usize>,
    habits: Habits,
    between: Option<(Timestamp, Timestamp)>,
    /// The ids of the last answer: the next one is mostly of the same.
    last: Option<(Ids, usize)>,
}

/// Provider, requested id and answered model, as they stand in transcripts.
type Ids = (Provider, Option<String>, String);

/// What was asked for, and its prices.
struct Known<'t> {
    provider: Provider,
    asked: Asked,
    rows: &'t [Row],
    no_price: Option<NoPrice>,
}

/// Texts, each once.
#[derive(Default)]
struct Names {
    list: Vec<String>,
    places: HashMap<String, usize>,
    last: usize,
}

impl Names {
    fn place(&mut self, name: &str) -> usize {
        if self.list.get(self.last).is_some_and(|last| last == name) {
            return self.last;
        }
        self.last = match self.places.get(name) {
            Some(place) => *place,
            None => {
                let place = self.list.len();
                self.list.push(name.to_owned());
                self.places.insert(name.to_owned(), place);
                place
            }
        };
        self.last
    }
}

impl<'t> Tally<'t> {
    /// An empty tally with these prices; days are those of `zone`.
    pub fn new(table: &'t Table, zone: TimeZone) -> Self {
        Self {
            table,
            zone,
            asked: Vec::new(),
            by_ids: HashMap::new(),
            projects: Names::default(),
            sessions: Names::default(),
            cells: Vec::new(),
            by_key: HashMap::new(),
            habits: Habits::default(),
            between: None,
            last: None,
        }
    }

    /// Takes one answer.
    pub fn add(&mut self, answer: &Answered<'_>) {
        let place = self.place(answer);
        let session = self.sessions.place(answer.session);
        let project = self.projects.place(answer.project);
        let day = self.zone.to_datetime(answer.time).date();
        let known = &mut self.asked[place];
        let mut sums = Sums { messages: 1, tokens: answer.tokens, ..Sums::default() };
        sums.incomplete = u64::from(!answer.complete);
        if known.provider == Provider::Bedrock {
            let bill_day = price::day_of(answer.time);
            let Asked { model, routing, .. } = &known.asked;
            let cost = match answer.tier {
                Some(tier) => Err(NoPrice::Tier(model.clone(), tier.to_owned())),
                None => price::cost(known.rows, model, *routing, bill_day, &answer.tokens),
            };
            match cost {
                Ok(cost) => {
                    sums.cost = Some(cost);
                    let (asked, rows, table) = (&known.asked, known.rows, self.table);
                    self.habits.add(&Priced { answer, place, asked, rows, table, session, day: bill_day, cost });
                }
                Err(reason) => {
                    sums.unpriced = 1;
                    known.no_price.get_or_insert(reason);
                }
            }
        }
        self.cell(place, day, project, session).add(&sums);
        let (first, last) = self.between.unwrap_or((answer.time, answer.time));
        self.between = Some((first.min(answer.time), last.max(answer.time)));
    }

    /// Everything that was taken.
    pub fn finish(self) -> Usage {
        Usage {
            cells: self.cells,
            asked: self.asked.into_iter().map(|known| (known.provider, known.asked, known.no_price)).collect(),
            projects: self.projects.list,
            sessions: self.sessions.list,
            habits: self.habits,
            between: self.between,
        }
    }

    /// The sums that an answer belongs to; mostly it is the cell that came last.
    fn cell(&mut self, asked: usize, day: Date, project: usize, session: usize) -> &mut Sums {
        let key = (asked, day, project, session);
        let is_last = self.cells.last().is_some_and(|cell| (cell.asked, cell.day, cell.project, cell.session) == key);
        let place = match is_last {
            true => self.cells.len() - 1,
            false => *self.by_key.entry(key).or_insert(self.cells.len()),
        };
        if place == self.cells.len() {
            self.cells.push(Cell { asked, day, project, session, sums: Sums::default() });
        }
        &mut self.cells[place].sums
    }

    fn place(&mut self, answer: &Answered<'_>) -> usize {
        let same =
            |ids: &Ids| ids.0 == answer.provider && ids.1.as_deref() == answer.requested && ids.2 == answer.model;
        if let Some((ids, place)) = &self.last
            && same(ids)
        {
            return *place;
        }
        let ids = (answer.provider, answer.requested.map(str::to_owned), answer.model.to_owned());
        let place = match self.by_ids.get(&ids) {
            Some(place) => *place,
            None => {
                let place = self.known(answer);
                self.by_ids.insert(ids.clone(), place);
                place
            }
        };
        self.last = Some((ids, place));
        place
    }

    /// The place of what these ids ask for; several spellings may ask for the same.
    fn known(&mut self, answer: &Answered<'_>) -> usize {
        let asked = self.table.asked(answer.requested, answer.model);
        let same = |known: &Known<'_>| known.provider == answer.provider && known.asked == asked;
        if let Some(place) = self.asked.iter().position(same) {
            return place;
        }
        let rows = self.table.rows(&asked.model);
        self.asked.push(Known { provider: answer.provider, asked, rows, no_price: None });
        self.asked.len() - 1
    }
}
