//! Answers of transcripts, AWS's count and AWS's bill -> rows of tokens and dollars, and what could be had for less. Pure.
//!
//! Answers come one by one and are forgotten: what is kept is one cell for each session, day and model.

pub mod account;
pub mod advice;
pub mod habits;
pub mod reconcile;
mod tally;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::observe::transcripts::{self, Turn};
use crate::price::{Asked, Cost, NoPrice, Tokens};

pub use crate::observe::transcripts::Origin as Provider;

pub use tally::Tally;

/// One answer of a model, as far as it is reckoned with.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// Who answered.
    pub provider: Provider,
    /// The id as asked for: a profile, a model, an ARN.
    pub requested: Option<&'a str>,
    /// The model that the answer names.
    pub model: &'a str,
    /// When.
    pub time: Timestamp,
    /// The session.
    pub session: &'a str,
    /// The directory of the session.
    pub project: &'a str,
    /// Version of the client.
    pub version: &'a str,
    /// A subagent's answer.
    pub sidechain: bool,
    /// A tier of service or a speed that is not the standard one: the table has no price for it.
    pub tier: Option<&'a str>,
    /// It was written down after its end; if not, it may have more output tokens than were written down.
    pub complete: bool,
    /// Its tokens.
    pub tokens: Tokens,
}

/// Who told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The transcripts of this machine.
    Transcripts,
    /// CloudWatch of this region: the whole account there.
    CloudWatch(String),
    /// Cost Explorer: the bill of the whole account.
    Bill,
}

/// What rows are told apart by, beside provider, model and profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Nothing else.
    Model,
    /// The day, in the time zone of the reader.
    Day,
    /// The directory.
    Project,
    /// The session.
    Session,
}

/// Sums of some answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Answers.
    pub messages: u64,
    /// Their tokens.
    pub tokens: Tokens,
    /// What the priced ones cost; `None` where there are none.
    pub cost: Option<Cost>,
    /// Answers of Bedrock without a price.
    pub unpriced: u64,
    /// Answers of which an old client wrote down the beginning alone: their output may be more.
    pub incomplete: u64,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The day, project or session.
    pub key: Option<String>,
    /// Who answered.
    pub provider: Provider,
    /// What was asked for.
    pub asked: Asked,
    /// The sums.
    pub sums: Sums,
    /// Why some of it has no price.
    pub no_price: Option<NoPrice>,
}

/// Everything that was answered in a span.
#[derive(Debug, Clone)]
pub struct Usage {
    /// Cells, in no order.
    cells: Vec<Cell>,
    /// What was asked for, with its provider.
    asked: Vec<(Provider, Asked, Option<NoPrice>)>,
    projects: Vec<String>,
    sessions: Vec<String>,
    /// What the answers show of the way of working.
    pub habits: habits::Habits,
    /// Time of the first and the last answer.
    pub between: Option<(Timestamp, Timestamp)>,
}

#[derive(Debug, Clone)]
struct Cell {
    asked: usize,
    day: Date,
    project: usize,
    session: usize,
    sums: Sums,
}

/// The name of a provider in documents.
pub fn provider_name(provider: Provider) -> &'static str {
    match provider {
        Provider::Bedrock => "bedrock",
        Provider::Anthropic => "anthropic",
        Provider::Vertex => "vertex",
        Provider::Unknown => "unknown",
    }
}

impl<'a> From<&'a Turn<'_>> for Answered<'a> {
    fn from(turn: &'a Turn<'_>) -> Self {
        let transcripts::Usage { input, output, cache_write_5m, cache_write_1h, cache_read } = turn.usage;
        Self {
            provider: turn.origin,
            requested: turn.requested_model.as_deref(),
            model: &turn.model,
            time: turn.at,
            session: &turn.session,
            project: &turn.project,
            version: turn.version.as_deref().unwrap_or_default(),
            sidechain: turn.is_sidechain,
            tier: [
                (turn.service_tier.as_deref(), ["standard", "default"]),
                (turn.speed.as_deref(), ["standard", "normal"]),
            ]
            .into_iter()
            .find_map(|(is, usual)| is.filter(|is| !is.is_empty() && !usual.contains(is))),
            complete: turn.is_complete,
            tokens: Tokens { input, output, cache_write_5m, cache_write_1h, cache_read },
        }
    }
}

impl By {
    /// The name of the key in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Day => "day",
            Self::Project => "project",
            Self::Session => "session",
        }
    }
}

impl Sums {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.tokens += other.tokens;
        self.unpriced += other.unpriced;
        self.incomplete += other.incomplete;
        self.cost = match (self.cost, other.cost) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
    }
}

impl Usage {
    /// Rows, one for each key, provider, model and profile: by key, the dearest first among those of a key (and for
    /// [`By::Model`]).
    pub fn rows(&self, by: By) -> Vec<Row> {
        let mut rows: std::collections::BTreeMap<(Option<String>, usize), Row> = std::collections::BTreeMap::new();
        for cell in &self.cells {
            let key = match by {
                By::Model => None,
                By::Day => Some(cell.day.to_string()),
                By::Project => Some(self.projects[cell.project].clone()),
                By::Session => Some(self.sessions[cell.session].clone()),
            };
            let (provider, asked, no_price) = &self.asked[cell.asked];
            let row = rows.entry((key.clone(), cell.asked)).or_insert_with(|| Row {
                key,
                provider: *provider,
                asked: asked.clone(),
                sums: Sums::default(),
                no_price: None,
            });
            row.sums.add(&cell.sums);
            if row.sums.unpriced > 0 {
                row.no_price.clone_from(no_price);
            }
        }
        let mut rows: Vec<Row> = rows.into_values().collect();
        let order = |row: &Row| {
            let cost = std::cmp::Reverse(row.sums.cost.map(|cost| cost.high));
            let asked = (row.asked.model.clone(), row.asked.profile.clone());
            (row.key.clone(), row.provider, cost, std::cmp::Reverse(row.sums.tokens.all()), asked)
        };
        rows.sort_by_cached_key(order);
        rows
    }

    /// The sums of everything, or of one provider.
    pub fn totals(&self, provider: Option<Provider>) -> Sums {
        let mut sums = Sums::default();
        let wanted = |cell: &&Cell| provider.is_none_or(|provider| self.asked[cell.asked].0 == provider);
        self.cells.iter().filter(wanted).for_each(|cell| sums.add(&cell.sums));
        sums
    }

    /// The session's project, for who shows sessions.
    pub fn project_of(&self, session: &str) -> Option<&str> {
        let index = self.sessions.iter().position(|known| known == session)?;
        self.cells.iter().find(|cell| cell.session == index).map(|cell| self.projects[cell.project].as_str())
    }
}
