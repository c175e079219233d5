//! What stands in CloudTrail besides the calls that were really made: other people's events, and odd ones.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ACCOUNT_ID;

/// One event, given by the test. `eventTime`, `eventID`, `awsRegion` and `eventCategory` are filled in where the record
/// does not have them; everything else is as given, also what is missing.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrailEvent {
    /// When it happened, in seconds before the server started (negative: after); a record's own `eventTime` wins.
    pub seconds_ago: i64,
    /// The record, as in `CloudTrailEvent`.
    pub record: Value,
    /// What `CloudTrailEvent` holds instead of the record, to the letter.
    pub text: Option<String>,
}

impl TrailEvent {
    /// An event so many seconds before the server started.
    pub fn ago(seconds_ago: i64, record: Value) -> Self {
        Self { seconds_ago, record, text: None }
    }
}

/// Other people's events: every combination of tool, action, model and user equally often.
///
/// Events repeat after tools × actions × models × users; a multiple of that makes counts exact. The default has
/// 5 × 5 × 4 × 40 = 4,000 combinations, five times each in its 20,000 events. So each tool has 4,000 of them, each
/// user 500, each action 4,000, and each model 4,000 that name it (the fifth action is a list, which names none).
/// Users are called `person-00`, `person-01`, … and are, in turn, an IAM user, a session of role `Developer`
/// (`person-01@example.com`), and a person of IAM Identity Center with role `BedrockUsers`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Crowd {
    /// Number of events.
    pub events: u64,
    /// Number of people.
    pub users: u64,
    /// Time between two events, in milliseconds.
    pub spacing_ms: u64,
    /// Age of the newest event when the server starts, in seconds.
    pub newest_seconds_ago: i64,
    /// Where they call.
    pub region: String,
    /// Their user agents.
    pub tools: Vec<String>,
    /// The ids that they call.
    pub models: Vec<String>,
    /// What they do.
    pub actions: Vec<Action>,
}

/// Something that the crowd does.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Action {
    /// `eventName`.
    pub name: String,
    /// `errorCode`; none: it succeeded.
    pub error: Option<String>,
}

impl Default for Crowd {
    fn default() -> Self {
        let done = |name: &str| Action { name: name.into(), error: None };
        Self {
            events: 20_000,
            users: 40,
            spacing_ms: 1_000,
            newest_seconds_ago: 60,
            region: "us-east-1".into(),
            tools: [
                "claude-cli/2.1.330 (external, cli)",
                "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.2",
                "aws-sdk-js/3.980.0 ua/2.1 os/linux#6.1.0 lang/js md/nodejs#22.12.0 api/bedrock-runtime#3.980.0",
                "aws-cli/2.31.0 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.13.7 md/command#bedrock-runtime",
                "claude-cli/\u{1b}[2J\u{1b}]0;not a title\u{7}9.9.9 (external, cli)",
            ]
            .map(str::to_owned)
            .into(),
            models: vec![
                "us.anthropic.claude-opus-5-5".into(),
                "us.anthropic.claude-haiku-4-5-20251001-v1:0".into(),
                "global.anthropic.claude-sonnet-4-5-20250929-v1:0".into(),
                format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:application-inference-profile/c0ffee000001"),
            ],
            actions: vec![
                done("InvokeModelWithResponseStream"),
                done("InvokeModel"),
                done("Converse"),
                Action { error: Some("AccessDenied".into()), ..done("InvokeModelWithResponseStream") },
                done("ListInferenceProfiles"),
            ],
        }
    }
}
