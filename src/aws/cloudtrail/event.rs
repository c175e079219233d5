//! One event of CloudTrail, as far as evidence needs it.
//!
//! LookupEvents gives the event as JSON in a string of JSON, and beside it a few fields of its own. Which fields there are
//! depends on the operation, on the kind of identity and on the year; the strings are whatever the caller sent, terminal
//! escapes in the user agent included. So everything may be missing, and nothing is judged.

use jiff::Timestamp;

use super::shape::{Flag, Inner, Row};
use crate::aws::loose::{Loose, text};

/// One call that CloudTrail recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// CloudTrail's id of the event.
    pub id: Option<String>,
    /// The operation: `InvokeModelWithResponseStream`.
    pub name: Option<String>,
    /// When the call was made.
    pub at: Option<Timestamp>,
    /// The region where it was made, which is not always the one where the model ran.
    pub region: Option<String>,
    /// `x-amzn-RequestId` of the call.
    pub request_id: Option<String>,
    /// The service: `bedrock.amazonaws.com`.
    pub source: Option<String>,
    /// Where the call came from: an address, or the name of an AWS service.
    pub address: Option<String>,
    /// What the caller calls itself: its claim, not evidence.
    pub user_agent: Option<String>,
    /// The model, profile or ARN that was asked for, as the caller sent it where the event keeps that.
    pub model: Option<String>,
    /// Where a cross-region profile let the model run.
    pub inference_region: Option<String>,
    /// Why the call was refused: code and message (empty when there is none). A refused call is no proof of anything.
    pub error: Option<(String, String)>,
    /// The call was made with a Bedrock API key.
    pub bearer: bool,
    /// Who called.
    pub identity: Caller,
}

/// `userIdentity`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// `IAMUser`, `AssumedRole`, `Root`, `AWSService` …
    pub kind: Option<String>,
    /// ARN of the caller, with the name of the session.
    pub arn: Option<String>,
    /// `principalId`: the `UserId` of `GetCallerIdentity`.
    pub principal: Option<String>,
    /// Account id.
    pub account: Option<String>,
    /// Access key id.
    pub key_id: Option<String>,
    /// Name of the user, or of the session of a role.
    pub name: Option<String>,
    /// ARN of the role behind a session.
    pub role: Option<String>,
}

impl Event {
    /// The call of a model, and how: `Some(true)` of one whose answer is a stream.
    pub fn streams(&self) -> Option<bool> {
        match self.name.as_deref() {
            Some("InvokeModelWithResponseStream" | "ConverseStream") => Some(true),
            Some("InvokeModel" | "Converse") => Some(false),
            _ => None,
        }
    }
}

impl From<Row> for Event {
    /// The inner event decides; the row fills the gaps, all of them where the inner event cannot be read.
    fn from(row: Row) -> Self {
        let inner: Inner =
            text(row.cloud_trail_event).and_then(|event| serde_json::from_str(&event).ok()).unwrap_or_default();
        let user = inner.user_identity.or_empty();
        let beside = inner.additional_event_data.or_empty();
        let bearer = match beside.call_with_bearer_token {
            Loose::Read(Flag::Is(is)) => is,
            Loose::Read(Flag::Says(ref word)) => word.eq_ignore_ascii_case("true"),
            Loose::Other(_) => false,
        };
        let inference_region = text(beside.inference_region.clone());
        let resources = inner.resources.members().filter_map(|resource| text(resource.arn));
        let resources: Vec<_> =
            resources.chain(row.resources.members().filter_map(|resource| text(resource.resource_name))).collect();
        let model = inner.request_parameters.or_empty().model().or_else(|| beside.model()).or_else(|| among(resources));
        let at = text(inner.event_time).and_then(|time| time.parse().ok());
        Self {
            id: text(inner.event_id).or_else(|| text(row.event_id)),
            name: text(inner.event_name).or_else(|| text(row.event_name)),
            at: at.or_else(|| row.event_time.read().and_then(from_seconds)),
            region: text(inner.aws_region),
            request_id: text(inner.request_id),
            source: text(inner.event_source).or_else(|| text(row.event_source)),
            address: text(inner.source_ip_address),
            user_agent: text(inner.user_agent),
            model,
            inference_region,
            error: match (text(inner.error_code), text(inner.error_message)) {
                (None, None) => None,
                (code, message) => Some((code.unwrap_or_default(), message.unwrap_or_default())),
            },
            bearer,
            identity: Caller {
                kind: text(user.r#type),
                arn: text(user.arn),
                principal: text(user.principal_id),
                account: text(user.account_id),
                key_id: text(user.access_key_id).or_else(|| text(row.access_key_id)),
                name: text(user.user_name).or_else(|| text(row.username)),
                role: text(user.session_context.or_empty().session_issuer.or_empty().arn),
            },
        }
    }
}

/// The model among the resources of a call: a profile says more than the model behind it.
fn among(resources: Vec<String>) -> Option<String> {
    let of = |kind: &str| resources.iter().find(|resource| resource.contains(kind));
    of("inference-profile/").or_else(|| of("foundation-model/")).cloned()
}

/// Seconds since 1970, with a fraction.
fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let milliseconds = (seconds * 1000.0).round();
    // Beyond this a float is no exact number of milliseconds, and no time that anybody lives in.
    (milliseconds.abs() < 1e15).then(|| Timestamp::from_millisecond(milliseconds as i64).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The event of a model call as the client makes it, by a session of a role, through a cross-region profile.
    fn call() -> Value {
        json!({
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "AssumedRole",
                "principalId": "AROAEXAMPLE:alice@example.com",
                "arn": "arn:aws:sts::111122223333:assumed-role/Developer/alice@example.com",
                "accountId": "111122223333",
                "accessKeyId": "ASIAEXAMPLE",
                "sessionContext": {
                    "sessionIssuer": { "type": "Role", "arn": "arn:aws:iam::111122223333:role/Developer" },
                    "attributes": { "mfaAuthenticated": "false" }
                }
            },
            "eventTime": "2026-11-24T12:00:00Z",
            "eventSource": "bedrock.amazonaws.com",
            "eventName": "InvokeModelWithResponseStream",
            "awsRegion": "us-east-1",
            "sourceIPAddress": "192.0.2.7",
            "userAgent": "claude-cli/2.1.330 (external, cli)",
            "requestParameters": { "modelId": "us.anthropic.claude-opus-5-5" },
            "responseElements": null,
            "additionalEventData": { "inferenceRegion": "us-west-2" },
            "requestID": "11111111-2222-3333-4444-555555555555",
            "eventID": "e-1",
            "readOnly": true,
            "managementEvent": true
        })
    }

    fn row(event: &Value) -> Event {
        let row = json!({
            "EventId": "e-1", "EventName": "Row", "EventTime": 1_795_521_600.5, "Username": "alice@example.com",
            "AccessKeyId": "ASIAROW", "EventSource": "bedrock.amazonaws.com",
            "Resources": [{ "ResourceType": "AWS::Bedrock::Model", "ResourceName": "arn:aws:bedrock:us-east-1::foundation-model/m" }],
            "CloudTrailEvent": event.to_string(),
        });
        Event::from(serde_json::from_value::<Row>(row).expect("a row"))
    }

    fn with(change: impl FnOnce(&mut Value)) -> Event {
        let mut event = call();
        change(&mut event);
        row(&event)
    }

    #[test]
    fn a_model_call_tells_who_what_where_and_by_which_request() {
        let event = row(&call());
        let some = |text: &str| Some(text.to_owned());
        let expected = Event {
            id: some("e-1"),
            name: some("InvokeModelWithResponseStream"),
            at: "2026-11-24T12:00:00Z".parse().ok(),
            region: some("us-east-1"),
            request_id: some("11111111-2222-3333-4444-555555555555"),
            source: some("bedrock.amazonaws.com"),
            address: some("192.0.2.7"),
            user_agent: some("claude-cli/2.1.330 (external, cli)"),
            model: some("us.anthropic.claude-opus-5-5"),
            inference_region: some("us-west-2"),
            error: None,
            bearer: false,
            identity: Caller {
                kind: some("AssumedRole"),
                arn: some("arn:aws:sts::111122223333:assumed-role/Developer/alice@example.com"),
                principal: some("AROAEXAMPLE:alice@example.com"),
                account: some("111122223333"),
                key_id: some("ASIAEXAMPLE"),
                name: some("alice@example.com"),
                role: some("arn:aws:iam::111122223333:role/Developer"),
            },
        };
        assert_eq!(event, expected);
    }

    #[test]
    fn the_model_is_found_wherever_the_event_keeps_it() {
        let profile = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-opus-5-5";
        let model = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-5-5";
        let clear = |event: &mut Value| event["requestParameters"] = Value::Null;
        for field in ["modelId", "inferenceProfileArn", "inferenceProfileIdentifier", "modelArn", "modelIdentifier"] {
            let asked = with(|event| event["requestParameters"] = json!({ field: profile }));
            assert_eq!(asked.model.as_deref(), Some(profile), "{field}");
            let beside = with(|event| {
                clear(event);
                event["additionalEventData"] = json!({ field: profile });
            });
            assert_eq!(beside.model.as_deref(), Some(profile), "beside: {field}");
        }
        let listed = with(|event| {
            clear(event);
            event["resources"] = json!([{ "ARN": model, "type": "x" }, { "ARN": profile }, "odd"]);
        });
        assert_eq!(listed.model.as_deref(), Some(profile));
        let of_the_row = with(clear).model;
        assert_eq!(of_the_row.as_deref(), Some("arn:aws:bedrock:us-east-1::foundation-model/m"));
    }

    #[test]
    fn a_refused_call_and_one_with_a_bearer_token_say_so() {
        let refused = with(|event| {
            event["errorCode"] = json!("AccessDenied");
            event["errorMessage"] = json!("User is not authorized");
        });
        assert_eq!(refused.error, Some(("AccessDenied".to_owned(), "User is not authorized".to_owned())));
        for word in [json!(true), json!("true"), json!("True")] {
            assert!(with(|event| event["additionalEventData"] = json!({ "callWithBearerToken": word })).bearer);
        }
        for word in [json!(false), json!("false"), json!(1), Value::Null] {
            assert!(!with(|event| event["additionalEventData"] = json!({ "callWithBearerToken": word })).bearer);
        }
    }

    #[test]
    fn odd_shapes_lose_what_is_odd_and_keep_the_rest() {
        let fields = call().as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        for odd in [Value::Null, json!(7), json!([{}]), json!({ "modelId": ["x"], "arn": 1 }), json!("{\"modelId\":1}")]
        {
            for field in &fields {
                let event = with(|event| event[field] = odd.clone());
                let kept = [&event.request_id, &event.user_agent, &event.identity.arn];
                assert!(kept.iter().filter(|kept| kept.is_some()).count() >= 2, "{field} {odd}: {event:?}");
            }
        }
    }

    #[test]
    fn an_event_that_cannot_be_read_is_what_its_row_says() {
        let nested = format!("{}{}", "[".repeat(4000), "]".repeat(4000));
        for text in ["", "{", "null", "[]", "\"\\u0000\"", nested.as_str()] {
            let row = json!({
                "EventName": "Converse", "EventTime": 1_795_521_600, "Username": "bob", "AccessKeyId": "AKIA", "Resources": null,
                "CloudTrailEvent": text,
            });
            let event = Event::from(serde_json::from_value::<Row>(row).expect("a row"));
            assert_eq!((event.name.as_deref(), event.request_id), (Some("Converse"), None), "{text}");
            assert_eq!(event.at.map(|at| at.as_second()), Some(1_795_521_600));
            assert_eq!((event.identity.name.as_deref(), event.identity.key_id.as_deref()), (Some("bob"), Some("AKIA")));
        }
    }

    #[test]
    fn what_callers_wrote_is_kept_as_it_is() {
        let agent = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}claude-cli\0\n";
        assert_eq!(with(|event| event["userAgent"] = json!(agent)).user_agent.as_deref(), Some(agent));
        let times = [f64::MAX, -1e300, 1e15, f64::MIN_POSITIVE];
        assert!(times.map(from_seconds).iter().filter(|time| time.is_some()).count() == 1);
    }
}
