//! The calls in AWS's own log, counted as they are read: whose, by which tool, of which model, and which of them are
//! answers of this machine.
//!
//! Memory stays flat however long the log is: calls are counted by kind, and only joined ones are kept, the newest few.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::buckets::Buckets;
use super::turns::Turns;
use super::who::{Relation, Who};
use crate::aws::cloudtrail::{Caller, Event, Span};

/// Joined calls that are kept whole, newest first.
const KEPT: usize = 500;
/// Kinds of calls that are told apart; a log full of made-up user agents must not fill the memory.
const MOST_KINDS: usize = 2_000;
/// Characters of a user agent that are kept.
const TOOL: usize = 60;

/// What a look at the log brought.
#[derive(Debug, Clone)]
pub struct Trail {
    kinds: BTreeMap<Kind, Tally>,
    callers: BTreeMap<String, Caller>,
    joined: Vec<Call>,
    joined_total: u64,
    /// Answered calls that are joined to answers of this machine, over time.
    pub joined_calls: Buckets,
    /// Events of Bedrock that are no calls of models.
    pub other_events: u64,
}

/// Calls that are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
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
    /// Whether that is who asks here.
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
    /// Nothing counted yet.
    pub fn new(span: Span) -> Self {
        Self {
            kinds: BTreeMap::new(),
            callers: BTreeMap::new(),
            joined: Vec::new(),
            joined_total: 0,
            joined_calls: Buckets::new(span),
            other_events: 0,
        }
    }

    /// Counts one event.
    pub fn add(&mut self, event: &Event, turns: &Turns) {
        let streaming = match event.name.as_deref() {
            Some("InvokeModelWithResponseStream" | "ConverseStream") => true,
            Some("InvokeModel" | "Converse") => false,
            _ => {
                self.other_events += 1;
                return;
            }
        };
        let joined = event.request_id.as_deref().is_some_and(|id| turns.has(id));
        let caller = label(&event.identity);
        let kind = Kind {
            caller: caller.clone(),
            tool: tool(event.user_agent.as_deref()),
            model: event.model.clone().unwrap_or_default(),
            streaming,
            joined,
        };
        let kind =
            if self.kinds.len() < MOST_KINDS || self.kinds.contains_key(&kind) { kind } else { kind.one_of_many() };
        let tally = self.kinds.entry(kind).or_default();
        *if event.error.is_some() { &mut tally.refused } else { &mut tally.answered } += 1;
        if self.callers.len() < MOST_KINDS {
            self.callers.entry(caller).or_insert_with(|| event.identity.clone());
        }
        if joined && event.error.is_none() {
            self.joined_total += 1;
            if let Some(at) = event.at {
                self.joined_calls.add(at);
            }
            if self.joined.len() < KEPT {
                self.joined.push(Call::of(event));
            }
        }
    }

    /// Answered calls that are answers of this machine, newest first; at most some hundreds.
    pub fn joined(&self) -> &[Call] {
        &self.joined
    }

    /// How many there are in all.
    pub fn joined_total(&self) -> u64 {
        self.joined_total
    }

    /// The newest joined call that was made by who asks here, or by the same role.
    pub fn proof(&self, who: &Who) -> Option<&Call> {
        self.joined.iter().find(|call| self.relation(&call.identity, who).is_ours())
    }

    /// Calls of models in all: answered, refused.
    pub fn totals(&self) -> (u64, u64) {
        self.kinds
            .values()
            .fold((0, 0), |(answered, refused), tally| (answered + tally.answered, refused + tally.refused))
    }

    /// Streaming calls of claude by who asks here: answered, refused. They were made by this identity, maybe elsewhere.
    pub fn turns_of(&self, who: &Who) -> (u64, u64) {
        let of_claude = self.kinds.iter().filter(|(kind, _)| {
            kind.streaming && is_claude(&kind.tool) && self.relation(&kind.caller, who) == Relation::Same
        });
        of_claude.fold((0, 0), |(answered, refused), (_, tally)| (answered + tally.answered, refused + tally.refused))
    }

    /// Whether others called models too.
    pub fn others(&self, who: &Who) -> bool {
        self.kinds.keys().any(|kind| !self.relation(&kind.caller, who).is_ours())
    }

    /// All kinds of calls as rows: those of who asks here first, then the busiest.
    pub fn rows(&self, who: &Who) -> Vec<CallerRow> {
        let mut rows: BTreeMap<(&str, &str, &str), CallerRow> = BTreeMap::new();
        for (kind, tally) in &self.kinds {
            let row = rows.entry((&kind.caller, &kind.tool, &kind.model)).or_insert_with(|| CallerRow {
                identity: kind.caller.clone(),
                relation: self.relation(&kind.caller, who),
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

    fn relation(&self, caller: &str, who: &Who) -> Relation {
        self.callers.get(caller).map_or(Relation::Other, |caller| who.relation(caller))
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
            user_agent: tool(event.user_agent.as_deref()),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::transcripts::{Origin, Turn, Usage};

    const ID: &str = "3fceefbd-e1a6-4c42-9840-328cc3cfa24c";

    fn span() -> Span {
        let until: Timestamp = "2026-11-25T10:00:00Z".parse().expect("a time");
        Span { since: until - jiff::SignedDuration::from_hours(24), until }
    }

    /// One answer by Bedrock with this request id.
    fn turns() -> Turns {
        let mut turns = Turns::new(span());
        turns.add(&Turn {
            origin: Origin::Bedrock,
            message_id: "msg_bdrk_1".into(),
            request_id: Some(ID.into()),
            at: span().until,
            session: "s".into(),
            project: "/work".into(),
            model: "claude-opus-5-5".into(),
            requested_model: Some("us.anthropic.claude-opus-5-5".into()),
            usage: Usage::default(),
            is_complete: true,
            is_sidechain: false,
            version: None,
            entrypoint: None,
            service_tier: None,
            speed: None,
            file: std::path::Path::new("/t.jsonl"),
            offset: 0,
        });
        turns
    }

    fn event(arn: &str, name: &str, user_agent: &str, request_id: &str) -> Event {
        Event {
            name: Some(name.to_owned()),
            at: Some(span().until),
            request_id: Some(request_id.to_owned()),
            user_agent: Some(user_agent.to_owned()),
            model: Some("us.anthropic.claude-opus-5-5".to_owned()),
            identity: Caller { arn: Some(arn.to_owned()), ..Caller::default() },
            ..Event::default()
        }
    }

    fn who() -> Who {
        Who { arn: Some("arn:a".to_owned()), ..Who::default() }
    }

    #[test]
    fn rows_tell_turns_probes_refusals_and_joined_calls_apart() {
        let (mut trail, turns) = (Trail::new(span()), turns());
        let client = "claude-cli/2.1.330 (external, cli)";
        trail.add(&event("arn:a", "InvokeModelWithResponseStream", client, ID), &turns);
        trail.add(&event("arn:a", "InvokeModel", client, "other"), &turns);
        let refused =
            Event { error: Some(("AccessDenied".into(), String::new())), ..event("arn:a", "InvokeModel", client, ID) };
        trail.add(&refused, &turns);
        trail.add(&event("arn:b", "ConverseStream", "[Boto3/1.44.5 md/Botocore]", "x"), &turns);
        trail.add(&event("arn:a", "ListInferenceProfiles", client, "y"), &turns);
        let rows = trail.rows(&who());
        assert_eq!(rows.len(), 2, "{rows:#?}");
        let (own, other) = (&rows[0], &rows[1]);
        assert_eq!((own.streaming, own.plain, own.refused, own.joined), (1, 1, 1, 1));
        assert_eq!((other.relation, other.tool.as_str(), other.streaming), (Relation::Other, "Boto3/1.44.5", 1));
        assert_eq!(trail.joined_total(), 1);
        assert_eq!(trail.other_events, 1);
        assert_eq!(trail.turns_of(&who()), (1, 0));
        assert!(trail.others(&who()));
    }

    #[test]
    fn a_joined_call_of_somebody_else_is_no_proof() {
        let (mut trail, turns) = (Trail::new(span()), turns());
        trail.add(&event("arn:b", "InvokeModelWithResponseStream", "claude-cli/2.1.330", ID), &turns);
        assert_eq!((trail.joined_total(), trail.proof(&who())), (1, None));
        assert!(trail.proof(&Who { arn: Some("arn:b".to_owned()), ..Who::default() }).is_some());
    }

    #[test]
    fn a_log_full_of_names_does_not_fill_the_memory() {
        let (mut trail, turns) = (Trail::new(span()), turns());
        for number in 0..3 * MOST_KINDS {
            trail.add(&event(&format!("arn:{number}"), "InvokeModel", &format!("tool-{number}"), "x"), &turns);
        }
        assert!(trail.kinds.len() <= MOST_KINDS + 4, "{}", trail.kinds.len());
        assert_eq!(trail.totals().0, 3 * MOST_KINDS as u64, "every call is counted");
    }
}
