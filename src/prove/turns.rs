//! The answers of this machine, counted as they are read: per session and day, per model, and by request id.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::buckets::Buckets;
use crate::aws::cloudtrail::Span;
use crate::observe::transcripts::{Origin, Turn};

/// A request id in 16 bytes: ids of AWS are UUIDs. A window may hold a million of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestKey(u128);

impl RequestKey {
    /// The key of a UUID; `None` for anything else, which is then no request id of Bedrock.
    pub fn of(id: &str) -> Option<Self> {
        let mut value: u128 = 0;
        let mut digits = 0;
        for byte in id.bytes().filter(|byte| *byte != b'-') {
            value = value << 4 | u128::from(char::from(byte).to_digit(16)?);
            digits += 1;
        }
        (digits == 32).then_some(Self(value))
    }
}

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
    /// Request ids of Bedrock's answers, with the moment of each.
    ids: HashMap<RequestKey, i64>,
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
            ids: HashMap::new(),
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
        if turn.origin != Origin::Bedrock {
            self.others.add(turn.at);
            return;
        }
        self.bedrock.add(turn.at);
        match self.models.get_mut(model) {
            Some(count) => *count += 1,
            None => drop(self.models.insert(model.to_owned(), 1)),
        }
        if let Some(key) = turn.request_id.as_deref().and_then(RequestKey::of) {
            self.ids.insert(key, turn.at.as_second());
        }
    }

    /// Answers by origin in the whole window.
    pub fn counts(&self) -> Counts {
        self.sessions.values().map(SessionTurns::counts).fold(Counts::default(), Counts::plus)
    }

    /// Whether an answer of this machine has this request id.
    pub fn has(&self, request_id: &str) -> bool {
        RequestKey::of(request_id).is_some_and(|key| self.ids.contains_key(&key))
    }

    /// Answers with a request id that AWS could have written down by now and that lie inside of what was looked at.
    ///
    /// `from` is the oldest moment that the look at AWS's log reached; answers after `until` are too young for it.
    pub fn joinable(&self, from: Timestamp, until: Timestamp) -> u64 {
        let inside = from.as_second()..=until.as_second();
        self.ids.values().filter(|at| inside.contains(at)).count() as u64
    }

    /// Answers with a request id.
    pub fn with_id(&self) -> u64 {
        self.ids.len() as u64
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

#[cfg(test)]
mod tests {
    use super::RequestKey;

    #[test]
    fn only_uuids_are_request_ids_of_aws() {
        let id = "3fceefbd-e1a6-4c42-9840-328cc3cfa24c";
        assert_eq!(RequestKey::of(id), RequestKey::of(&id.to_uppercase()));
        assert!(RequestKey::of(id).is_some());
        for other in ["", "req_011CSHoEeqs5C35K2UUqR7Fy", &id[1..], "zfceefbd-e1a6-4c42-9840-328cc3cfa24c"] {
            assert_eq!(RequestKey::of(other), None, "{other}");
        }
    }
}
