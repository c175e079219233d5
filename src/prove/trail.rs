//! The calls in AWS's own log, counted as they are read: whose, by which tool, of which model, and which of them are
//! answers of this machine.
//!
//! Memory stays flat however long the log is: calls are counted by kind, and only joined ones are kept, the newest few.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::buckets::Buckets;
use super::ids;
use super::turns::Turns;
use super::who::{Relation, Who};
use crate::aws::cloudtrail::{Caller, Event, Span};

/// Joined calls that are kept whole, newest first.
const KEPT: usize = 500;
/// Kinds of calls that are told apart; a log full of made-up user agents must not fill the memory.
const MOST_KINDS: usize = 2_000;
/// Characters of a user agent's first word that tell tools apart.
const TOOL: usize = 60;
/// Characters of a user agent that are kept whole.
const USER_AGENT: usize = 120;
/// An answer is written down when it has ended: its call may have begun so long before, and no later than that after.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);
const AFTER: SignedDuration = SignedDuration::from_mins(10);

/// What a look at the log brought.
#[derive(Debug, Clone)]
pub struct Trail {
    who: Who,
    kinds: BTreeMap<Kind, Tally>,
    joined: Vec<Call>,
    joined_ids: HashSet<u64>,
    proof: Option<Call>,
    tagged: Option<Call>,
    /// Answered calls that are joined to answers of this machine, over time.
    pub joined_calls: Buckets,
}

/// Calls that are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    relation: Relation,
    caller: String,
    tool: String,
    model: String,
    streaming: bool,
    joined: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    answered: u64,
    refused: u64,
}

/// One call of a model as AWS wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// `x-amzn-RequestId` of the call.
    pub request_id: String,
    /// The event in the log.
    pub event_id: String,
    /// `InvokeModelWithResponseStream`, …
    pub event_name: String,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it (ARN).
    pub identity: String,
    /// The model, profile or ARN that was asked for.
    pub model: String,
    /// The region where it was sent.
    pub region: String,
    /// The region where it was served, where AWS says so.
    pub inference_region: Option<String>,
    /// What the caller called itself.
    pub user_agent: String,
}

/// A row of the table of callers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallerRow {
    /// Who (ARN, or what there is of it).
    pub identity: String,
    /// How that stands to who asks here.
    pub relation: Relation,
    /// The first word of the user agent.
    pub tool: String,
    /// The model as it was asked for.
    pub model: String,
    /// Streaming calls that were answered: turns, where the tool is claude.
    pub streaming: u64,
    /// Plain calls that were answered: where the tool is claude these are its start-up probes, and repeats of broken streams.
    pub plain: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// Of the answered ones, those that are answers of this machine.
    pub joined: u64,
}

impl Trail {
    /// Nothing counted yet, and nobody known.
    pub fn new(span: Span) -> Self {
        Self {
            who: Who::default(),
            kinds: BTreeMap::new(),
            joined: Vec::new(),
            joined_ids: HashSet::new(),
            proof: None,
            tagged: None,
            joined_calls: Buckets::new(span),
        }
    }

    /// From now on events are told apart by whether this one made them.
    pub fn known(&mut self, who: Who) {
        self.who = who;
    }

    /// Who makes calls from here.
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// Counts one event; they come newest first.
    pub fn add(&mut self, event: &Event, turns: &Turns) {
        let Some(streaming) = event.streams() else { return };
        let answered = event.error.is_none();
        let relation = self.who.relation(&event.identity);
        let tool = tool(event.user_agent.as_deref());
        let request_id = event.request_id.as_deref().unwrap_or_default();
        let joined = is_claude(&tool) && turns.ids.find(request_id).is_some_and(|written| fits(event.at, written));
        if joined && answered {
            // A request is one call, however often the log tells of it.
            if !ids::key(request_id).is_some_and(|key| self.joined_ids.insert(key)) {
                return;
            }
            if let Some(at) = event.at {
                self.joined_calls.add(at);
            }
            if self.joined.len() < KEPT {
                self.joined.push(Call::of(event));
            }
            if relation.is_ours() && self.proof.is_none() {
                self.proof = Some(Call::of(event));
            }
        }
        if answered && relation == Relation::Same && self.tagged.is_none() && is_tagged(event.user_agent.as_deref()) {
            self.tagged = Some(Call::of(event));
        }
        let model = event.model.clone().unwrap_or_default();
        let kind = Kind { relation, caller: label(&event.identity), tool, model, streaming, joined };
        let kind =
            if self.kinds.len() < MOST_KINDS || self.kinds.contains_key(&kind) { kind } else { kind.one_of_many() };
        let tally = self.kinds.entry(kind).or_default();
        *if answered { &mut tally.answered } else { &mut tally.refused } += 1;
    }

    /// Answered calls that are answers of this machine, newest first; at most some hundreds.
    pub fn joined(&self) -> &[Call] {
        &self.joined
    }

    /// How many answers of this machine the log has.
    pub fn joined_total(&self) -> u64 {
        self.joined_ids.len() as u64
    }

    /// The newest joined call that was made by who asks here.
    pub fn proof(&self) -> Option<&Call> {
        self.proof.as_ref()
    }

    /// The newest tagged call by who asks here, of this run or of an earlier one.
    pub fn tagged(&self) -> Option<&Call> {
        self.tagged.as_ref()
    }

    /// Calls of models that were answered, by anybody.
    pub fn answered(&self) -> u64 {
        self.sum(|_| true).0
    }

    /// Streaming calls of claude by who asks here: answered, refused. They were made by this identity, maybe elsewhere.
    pub fn turns(&self) -> (u64, u64) {
        self.sum(|kind| kind.streaming && kind.relation == Relation::Same && is_claude(&kind.tool))
    }

    /// Plain calls of claude by who asks here that belong to no answer: the client's start-up probes.
    pub fn probes(&self) -> u64 {
        self.sum(|kind| !kind.streaming && !kind.joined && kind.relation == Relation::Same && is_claude(&kind.tool)).0
    }

    /// Whether somebody else called models too.
    pub fn others(&self) -> bool {
        self.kinds.keys().any(|kind| kind.relation == Relation::Other)
    }

    fn sum(&self, wanted: impl Fn(&Kind) -> bool) -> (u64, u64) {
        let some = self.kinds.iter().filter(|(kind, _)| wanted(kind));
        some.fold((0, 0), |(answered, refused), (_, tally)| (answered + tally.answered, refused + tally.refused))
    }

    /// All kinds of calls as rows: those of who asks here first, then the busiest.
    pub fn rows(&self) -> Vec<CallerRow> {
        let mut rows: BTreeMap<(Relation, &str, &str, &str), CallerRow> = BTreeMap::new();
        for (kind, tally) in &self.kinds {
            let key = (kind.relation, kind.caller.as_str(), kind.tool.as_str(), kind.model.as_str());
            let row = rows.entry(key).or_insert_with(|| CallerRow {
                identity: kind.caller.clone(),
                relation: kind.relation,
                tool: kind.tool.clone(),
                model: kind.model.clone(),
                streaming: 0,
                plain: 0,
                refused: 0,
                joined: 0,
            });
            *if kind.streaming { &mut row.streaming } else { &mut row.plain } += tally.answered;
            row.refused += tally.refused;
            row.joined += if kind.joined { tally.answered } else { 0 };
        }
        let mut rows: Vec<CallerRow> = rows.into_values().collect();
        rows.sort_by_key(|row| (row.relation, std::cmp::Reverse(row.streaming + row.plain + row.refused)));
        rows
    }
}

impl Kind {
    /// The same without what tells it from many.
    fn one_of_many(self) -> Self {
        Self { caller: "(others)".to_owned(), tool: "(others)".to_owned(), model: "(others)".to_owned(), ..self }
    }
}

impl Call {
    /// The call that an event tells of.
    pub fn of(event: &Event) -> Self {
        Self {
            request_id: event.request_id.clone().unwrap_or_default(),
            event_id: event.id.clone().unwrap_or_default(),
            event_name: event.name.clone().unwrap_or_default(),
            at: event.at.unwrap_or_default(),
            identity: label(&event.identity),
            model: event.model.clone().unwrap_or_default(),
            region: event.region.clone().unwrap_or_default(),
            inference_region: event.inference_region.clone(),
            user_agent: event.user_agent.as_deref().unwrap_or_default().chars().take(USER_AGENT).collect(),
        }
    }
}

/// Whether a call may be the one that an answer was written down for.
fn fits(called: Option<Timestamp>, written: Timestamp) -> bool {
    called.is_some_and(|called| {
        let passed = written.duration_since(called);
        passed <= BEFORE && passed >= -AFTER
    })
}

/// The latest moment at which the log can have the call of an answer that was written down then.
pub fn latest_call(written: Timestamp) -> Timestamp {
    written.checked_add(AFTER).unwrap_or(written)
}

/// What tells a caller best: the ARN, else what else there is.
fn label(caller: &Caller) -> String {
    [&caller.arn, &caller.principal, &caller.name, &caller.key_id, &caller.account]
        .into_iter()
        .find_map(Clone::clone)
        .unwrap_or_else(|| "(unknown)".to_owned())
}

/// The first word of a user agent; CloudTrail puts some into brackets.
fn tool(user_agent: Option<&str>) -> String {
    let first = user_agent.unwrap_or_default().trim_start_matches('[').split([' ', ']']).next().unwrap_or_default();
    first.chars().take(TOOL).collect()
}

/// The client's own name for itself. Its start-up probes carry it too (measured with 2.1.330), so a plain call of it is no turn.
fn is_claude(tool: &str) -> bool {
    tool.starts_with("claude-cli/")
}

/// The name of a call of `verify --canary`.
fn is_tagged(user_agent: Option<&str>) -> bool {
    user_agent.is_some_and(|name| {
        let mut words = name.trim_start_matches('[').split([' ', ']']);
        words.next().is_some_and(|first| first.starts_with("bedrockup/"))
            && words.next().is_some_and(|second| second.starts_with("canary/"))
    })
}

#[cfg(test)]
mod tests;
