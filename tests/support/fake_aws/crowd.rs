//! The crowd of [`Account::trail_crowd`], event by event, made when it is looked at.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::account::{ACCOUNT_ID, Action, Crowd};
use super::identity::{self, Identity};
use super::sigv4::hex;
use super::trail::Deed;

/// One event of the crowd, before it is put into words.
pub struct Act<'a> {
    /// Its place; 0 is the newest.
    pub place: u64,
    /// When.
    pub at: Timestamp,
    crowd: &'a Crowd,
    tool: &'a str,
    model: &'a str,
    action: &'a Action,
    user: u64,
}

impl Crowd {
    /// The event at a place, for a server that started at `start`. None: there are not so many.
    pub fn act(&self, place: u64, start: Timestamp) -> Option<Act<'_>> {
        let sizes = [self.tools.len(), self.actions.len(), self.models.len()].map(|size| size as u64);
        let period = sizes.iter().product::<u64>() * self.users;
        if place >= self.events || period == 0 {
            return None;
        }
        // Stepping by something coprime visits every combination once per period, well mixed.
        let step = (period * 5 / 8..).find(|step| gcd(*step, period) == 1)?;
        let mut left = (place % period) * step % period;
        let [tool, action, model] = sizes.map(|size| {
            let digit = left % size;
            left /= size;
            digit as usize
        });
        let age = i64::try_from(place * self.spacing_ms).ok()?;
        Some(Act {
            place,
            at: start - SignedDuration::from_secs(self.newest_seconds_ago) - SignedDuration::from_millis(age),
            crowd: self,
            tool: &self.tools[tool],
            model: &self.models[model],
            action: &self.actions[action],
            user: left,
        })
    }

    /// The place of the newest event that is not after this moment (in milliseconds since the epoch).
    pub fn first_place(&self, newest: i64, start: Timestamp) -> u64 {
        let first = start.as_millisecond() - self.newest_seconds_ago * 1000;
        let later = u64::try_from(first.saturating_sub(newest)).unwrap_or_default();
        if self.spacing_ms == 0 { 0 } else { later.div_ceil(self.spacing_ms) }
    }
}

impl Act<'_> {
    /// The value of a lookup attribute.
    pub fn attribute(&self, key: &str) -> Option<String> {
        match key {
            "EventId" => Some(self.id("e0")),
            "EventName" => Some(self.action.name.clone()),
            "EventSource" => Some("bedrock.amazonaws.com".into()),
            "ReadOnly" => Some("true".into()),
            "Username" => Some(Identity::of(&self.arn()).user_name().to_owned()),
            "AccessKeyId" => Some(self.access_key()),
            _ => None,
        }
    }

    /// The record.
    pub fn record(&self) -> Value {
        let runtime = !self.action.name.starts_with("List") && !self.action.name.starts_with("Get");
        let service = if runtime { "bedrock-runtime" } else { "bedrock" };
        let profile = ["us.", "global."].iter().any(|prefix| self.model.starts_with(prefix));
        let routed = runtime && profile && self.action.error.is_none();
        let deed = Deed {
            who: identity::user_identity(&self.arn(), ACCOUNT_ID, Some(&self.access_key()), self.at),
            at: self.at,
            region: &self.crowd.region,
            source: "bedrock.amazonaws.com",
            name: &self.action.name,
            user_agent: self.tool,
            error: self.action.error.as_deref().map(|code| (code, "The request of somebody else was refused.")),
            parameters: if runtime { json!({ "modelId": self.model }) } else { Value::Null },
            additional: if routed { json!({ "inferenceRegion": "us-west-2" }) } else { Value::Null },
            request_id: &self.id("a0"),
            event_id: &self.id("e0"),
            host: &format!("{service}.{}.amazonaws.com", self.crowd.region),
        };
        deed.record()
    }

    fn arn(&self) -> String {
        let user = self.user;
        match user % 3 {
            0 => format!("arn:aws:iam::{ACCOUNT_ID}:user/person-{user:02}"),
            kind => {
                let role = if kind == 1 { "Developer" } else { "AWSReservedSSO_BedrockUsers_0123456789abcdef" };
                format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role}/person-{user:02}@example.com")
            }
        }
    }

    fn access_key(&self) -> String {
        let prefix = if self.user.is_multiple_of(3) { "AKIA" } else { "ASIA" };
        format!("{prefix}{}", &hex(&Sha256::digest(self.user.to_string())).to_uppercase()[..16])
    }

    fn id(&self, kind: &str) -> String {
        format!("c20d{kind}00-0000-4000-8000-{:012x}", self.place)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
