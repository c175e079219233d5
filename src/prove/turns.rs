//! The answers of this machine, counted as they are read: per session and day, per model, and by request id.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::buckets::Buckets;
use super::ids::Ids;
use crate::aws::cloudtrail::Span;
use crate::observe::transcripts::{Origin, Turn};

/// What the transcripts of a window say.
#[derive(Debug, Clone)]
pub struct Turns {
    /// The window.
    pub span: Span,
    /// By session.
    pub sessions: BTreeMap<String, SessionTurns>,
    /// Answers by Bedrock, per model as it was asked for.
    pub models: BTreeMap<String, u64>,
    /// Answers by Bedrock over time.
    pub bedrock: Buckets,
    /// Answers by others over time.
    pub others: Buckets,
    /// Request ids of answers by Bedrock, or by a sender that is not told, with the moment of each.
    pub ids: Ids,
}

/// What one session was answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionTurns {
    /// The directory that it worked in last.
    pub directory: String,
    /// Per day (UTC) and origin.
    pub days: BTreeMap<Date, Counts>,
    /// Models as they were asked for.
    pub models: BTreeSet<String>,
    /// The earliest and the latest answer of each origin.
    pub moments: BTreeMap<Origin, (Timestamp, Timestamp)>,
}

/// Answers by origin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// `msg_bdrk_…`.
    pub bedrock: u64,
    /// `msg_01…`.
    pub anthropic: u64,
    /// `msg_vrtx_…`.
    pub vertex: u64,
    /// Anything else: a gateway's own ids.
    pub unknown: u64,
}

impl Counts {
    fn of(&mut self, origin: Origin) -> &mut u64 {
        match origin {
            Origin::Bedrock => &mut self.bedrock,
            Origin::Anthropic => &mut self.anthropic,
            Origin::Vertex => &mut self.vertex,
            Origin::Unknown => &mut self.unknown,
        }
    }

    /// All of them.
    pub fn total(self) -> u64 {
        self.bedrock + self.anthropic + self.vertex + self.unknown
    }

    fn plus(self, other: Self) -> Self {
        Self {
            bedrock: self.bedrock + other.bedrock,
            anthropic: self.anthropic + other.anthropic,
            vertex: self.vertex + other.vertex,
            unknown: self.unknown + other.unknown,
        }
    }
}

impl Turns {
    /// Nothing counted yet.
    pub fn new(span: Span) -> Self {
        Self {
            span,
            sessions: BTreeMap::new(),
            models: BTreeMap::new(),
            bedrock: Buckets::new(span),
            others: Buckets::new(span),
            ids: Ids::default(),
        }
    }

    /// Counts one answer.
    pub fn add(&mut self, turn: &Turn<'_>) {
        if !self.sessions.contains_key(&*turn.session) {
            self.sessions.insert(turn.session.to_string(), SessionTurns::default());
        }
        let Some(session) = self.sessions.get_mut(&*turn.session) else { return };
        if session.directory != turn.project {
            session.directory = turn.project.to_string();
        }
        *session.days.entry(TimeZone::UTC.to_datetime(turn.at).date()).or_default().of(turn.origin) += 1;
        let moments = session.moments.entry(turn.origin).or_insert((turn.at, turn.at));
        *moments = (moments.0.min(turn.at), moments.1.max(turn.at));
        let model: &str = turn.requested_model.as_deref().unwrap_or(&turn.model);
        if !session.models.contains(model) {
            session.models.insert(model.to_owned());
        }
        // A gateway makes message ids of its own and may pass AWS's request ids on.
        if let (Origin::Bedrock | Origin::Unknown, Some(id)) = (turn.origin, &turn.request_id) {
            self.ids.add(id, turn.at);
        }
        if turn.origin != Origin::Bedrock {
            self.others.add(turn.at);
            return;
        }
        self.bedrock.add(turn.at);
        match self.models.get_mut(model) {
            Some(count) => *count += 1,
            None => drop(self.models.insert(model.to_owned(), 1)),
        }
    }

    /// Answers by origin in the whole window.
    pub fn counts(&self) -> Counts {
        self.sessions.values().map(SessionTurns::counts).fold(Counts::default(), Counts::plus)
    }

    /// The first answer by Bedrock.
    pub fn first_by_bedrock(&self) -> Option<Timestamp> {
        self.sessions
            .values()
            .filter_map(|session| session.moments.get(&Origin::Bedrock))
            .map(|(first, _)| *first)
            .min()
    }
}

impl SessionTurns {
    /// Answers by origin.
    pub fn counts(&self) -> Counts {
        self.days.values().copied().fold(Counts::default(), Counts::plus)
    }
}
