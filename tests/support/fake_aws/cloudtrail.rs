//! CloudTrail (`awsJson1.1`): `LookupEvents` over the calls made to the fake, the crowd, and the test's own events.

use std::cmp::Reverse;
use std::iter::from_fn;
use std::time::Instant;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::account::Account;
use super::crowd::Act;
use super::errors::Fault;
use super::ledger::Ledger;
use super::sigv4::hex;
use super::trail::{self, Written};
use super::wire::{Call, Reply};

const KEYS: [&str; 8] =
    ["EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"];
const DAYS: i64 = 90;

/// An event's place in the order of answers, newest first: milliseconds, where it comes from, number there.
type Place = (i64, u8, u64);

/// An event that may be answered.
enum Found<'a> {
    Written(&'a Written),
    Crowd(Act<'a>),
}

/// What is looked for.
struct Question {
    /// Attribute and value.
    attribute: Option<(String, String)>,
    /// Seconds since the epoch, inclusive.
    from: f64,
    /// The same.
    to: f64,
    size: usize,
    /// Stands for everything that must stay the same from page to page.
    fingerprint: String,
    /// Answer what comes after this.
    after: Option<Place>,
}

/// Answers one operation.
pub fn answer(call: &Call, account: &Account, ledger: &Ledger, now: Timestamp) -> Result<Reply, Fault> {
    if call.operation != "LookupEvents" {
        return Err(Fault::unknown_operation(call));
    }
    if !ledger.may_look_up(&call.region, account.trail_requests_per_second, Instant::now()) {
        return Err(Fault::new(400, "ThrottlingException", "Rate exceeded"));
    }
    let question = Question::read(&call.json().unwrap_or_default(), now)?;
    let start = ledger.started + SignedDuration::from_secs(account.date_offset_seconds);
    let visible = now - SignedDuration::from_millis(i64::try_from(account.trail_delay_ms).unwrap_or(i64::MAX));

    let calls = ledger.trail();
    let given: Vec<Written> = (account.trail_events.iter().enumerate())
        .map(|(place, event)| trail::of_test(event, place, account, start))
        .collect();
    let mut written: Vec<(Place, &Written)> = Vec::new();
    for (source, list) in [(2, calls.as_slice()), (1, given.as_slice())] {
        let here = list.iter().enumerate().filter(|(_, event)| event.region == call.region && event.at <= visible);
        written.extend(here.map(|(at, event)| ((event.at.as_millisecond(), source, at as u64), event)));
    }
    written.sort_by_key(|(place, _)| Reverse(*place));
    let written = written.into_iter().map(|(place, event)| (place, Found::Written(event)));

    let crowd = account.trail_crowd.as_ref().filter(|crowd| crowd.region == call.region);
    let newest = question.newest().min(visible.as_millisecond());
    let oldest = (question.from * 1000.0) as i64;
    let crowd = crowd.into_iter().flat_map(|crowd| {
        let acts = (crowd.first_place(newest, start)..).map_while(move |at| crowd.act(at, start));
        let acts = acts.map(|act| ((act.at.as_millisecond(), 0, u64::MAX - act.place), Found::Crowd(act)));
        acts.take_while(move |((at, _, _), _)| *at >= oldest)
    });
    let mut fitting = merge(written, crowd)
        .filter(|(place, found)| question.after.is_none_or(|after| *place < after) && question.fits(*place, found));
    let page: Vec<_> = fitting.by_ref().take(question.size).collect();
    let mut body = json!({ "Events": page.iter().map(|(_, found)| found.shape()).collect::<Vec<_>>() });
    if let (Some((last, _)), true) = (page.last(), fitting.next().is_some()) {
        body["NextToken"] = json!(question.token(*last));
    }
    Ok(Reply::new(200, "application/x-amz-json-1.1", body.to_string()))
}

/// Two lists, each newest first, as one.
fn merge<'a>(
    left: impl Iterator<Item = (Place, Found<'a>)>,
    right: impl Iterator<Item = (Place, Found<'a>)>,
) -> impl Iterator<Item = (Place, Found<'a>)> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    from_fn(move || match (left.peek(), right.peek()) {
        (Some((a, _)), Some((b, _))) if a < b => right.next(),
        (Some(_), _) => left.next(),
        (None, _) => right.next(),
    })
}

impl Question {
    fn read(asked: &Value, now: Timestamp) -> Result<Self, Fault> {
        let attributes: &[Value] = asked["LookupAttributes"].as_array().map_or(&[], Vec::as_slice);
        let attribute = match attributes {
            [] => None,
            [one] => {
                let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
                let (key, value) = (text("AttributeKey"), text("AttributeValue"));
                if !KEYS.contains(&key.as_str()) || value.is_empty() {
                    return Err(Fault::new(400, "InvalidLookupAttributesException", "Invalid lookup attribute."));
                }
                Some((key, value))
            }
            _ => {
                let text = "You can specify only one lookup attribute.";
                return Err(Fault::new(400, "InvalidLookupAttributesException", text));
            }
        };
        let oldest = (now - SignedDuration::from_hours(24 * DAYS)).as_second() as f64;
        let (from, to) = (asked["StartTime"].as_f64(), asked["EndTime"].as_f64());
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            let text = "The start time must be before the end time.";
            return Err(Fault::new(400, "InvalidTimeRangeException", text));
        }
        let size = asked["MaxResults"].as_i64().unwrap_or(50);
        if !(1..=50).contains(&size) {
            let text = "Invalid Max Results. Please provide a value from 1 to 50.";
            return Err(Fault::new(400, "InvalidMaxResultsException", text));
        }
        let mut rest = asked.clone();
        let token = rest.as_object_mut().and_then(|fields| fields.shift_remove("NextToken"));
        let mut question = Self {
            attribute,
            from: from.unwrap_or(oldest).max(oldest),
            to: to.unwrap_or(f64::INFINITY),
            size: size as usize,
            fingerprint: hex(&Sha256::digest(rest.to_string()))[..16].to_owned(),
            after: None,
        };
        if let Some(token) = token {
            let place = token.as_str().and_then(|token| question.place(token));
            question.after = Some(place.ok_or_else(|| {
                let text = "Invalid token or a token that was previously used in a request with different parameters.";
                Fault::new(400, "InvalidNextTokenException", text)
            })?);
        }
        Ok(question)
    }

    fn fits(&self, (millisecond, _, _): Place, found: &Found) -> bool {
        let second = millisecond.div_euclid(1000) as f64;
        (self.from..=self.to).contains(&second)
            && self.attribute.as_ref().is_none_or(|(key, value)| found.has(key, value))
    }

    /// Milliseconds after which nothing can fit.
    fn newest(&self) -> i64 {
        self.after
            .map_or(i64::MAX, |(millisecond, _, _)| millisecond)
            .min(((self.to * 1000.0) as i64).saturating_add(999))
    }

    fn token(&self, (millisecond, source, at): Place) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{} {millisecond} {source} {at}", self.fingerprint))
    }

    fn place(&self, token: &str) -> Option<Place> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let mut parts = text.split(' ');
        if parts.next()? != self.fingerprint {
            return None;
        }
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }
}

impl Found<'_> {
    fn has(&self, key: &str, value: &str) -> bool {
        let event = match self {
            Self::Crowd(act) => return act.attribute(key).as_deref() == Some(value),
            Self::Written(event) => &event.facts,
        };
        let is = |found: &Option<String>| found.as_deref() == Some(value);
        match key {
            "EventId" => event.id == value,
            "EventName" => is(&event.name),
            "EventSource" => is(&event.source),
            "Username" => is(&event.username),
            "AccessKeyId" => is(&event.access_key),
            "ReadOnly" => is(&event.read_only),
            "ResourceType" => event.resources.iter().any(|(kind, _)| kind == value),
            _ => event.resources.iter().any(|(_, name)| name == value),
        }
    }

    fn shape(&self) -> Value {
        let (at, mut shape) = match self {
            Self::Crowd(act) => {
                let mut shape = json!({ "CloudTrailEvent": act.record().to_string(), "Resources": [] });
                for key in KEYS {
                    if let Some(value) = act.attribute(key) {
                        shape[key] = json!(value);
                    }
                }
                (act.at, shape)
            }
            Self::Written(event) => {
                let facts = &event.facts;
                let resource = |(kind, name): &(String, String)| json!({ "ResourceType": kind, "ResourceName": name });
                let resources: Vec<_> = facts.resources.iter().map(resource).collect();
                let mut shape = json!({ "EventId": facts.id, "CloudTrailEvent": event.text, "Resources": resources });
                for (key, value) in [
                    ("EventName", &facts.name),
                    ("EventSource", &facts.source),
                    ("Username", &facts.username),
                    ("AccessKeyId", &facts.access_key),
                    ("ReadOnly", &facts.read_only),
                ] {
                    if let Some(value) = value {
                        shape[key] = json!(value);
                    }
                }
                (event.at, shape)
            }
        };
        shape["EventTime"] = json!(at.as_second());
        shape
    }
}
