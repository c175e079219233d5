//! Records of CloudTrail: how a call is written down, and what an index over the records needs to know.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{ACCOUNT_ID, Account, TrailEvent};
use super::answer::uuid;
use super::errors::Fault;
use super::identity::{self, Identity};
use super::models;
use super::sigv4::Caller;
use super::targets::{self, Profile};
use super::wire::Call;

/// A record in the trail.
pub struct Written {
    /// When it happened.
    pub at: Timestamp,
    /// Region whose event history has it.
    pub region: String,
    /// Values of the eight lookup attributes.
    pub facts: Facts,
    /// `CloudTrailEvent`.
    pub text: String,
}

/// What a record can be looked up by; none where the record does not say.
#[derive(Default)]
pub struct Facts {
    /// `EventId`.
    pub id: String,
    /// `EventName`.
    pub name: Option<String>,
    /// `EventSource`.
    pub source: Option<String>,
    /// `Username`.
    pub username: Option<String>,
    /// `AccessKeyId`.
    pub access_key: Option<String>,
    /// `ReadOnly`, in words.
    pub read_only: Option<String>,
    /// Type and name of each resource.
    pub resources: Vec<(String, String)>,
}

/// What a record is made of.
pub struct Deed<'a> {
    /// `userIdentity`.
    pub who: Value,
    /// When.
    pub at: Timestamp,
    /// Where it was asked for.
    pub region: &'a str,
    /// `eventSource`.
    pub source: &'a str,
    /// `eventName`.
    pub name: &'a str,
    /// `userAgent`.
    pub user_agent: &'a str,
    /// `errorCode` and `errorMessage`.
    pub error: Option<(&'a str, &'a str)>,
    /// `requestParameters`.
    pub parameters: Value,
    /// `additionalEventData`, left out when it is null.
    pub additional: Value,
    /// `requestID`.
    pub request_id: &'a str,
    /// `eventID`.
    pub event_id: &'a str,
    /// Host name that was dialled.
    pub host: &'a str,
}

impl Deed<'_> {
    /// The record.
    pub fn record(&self) -> Value {
        let mut record = json!({
            "eventVersion": "1.11",
            "userIdentity": self.who,
            "eventTime": time(self.at),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": self.region,
            "sourceIPAddress": "203.0.113.17",
            "userAgent": self.user_agent,
        });
        if let Some((code, message)) = self.error {
            record["errorCode"] = json!(code);
            record["errorMessage"] = json!(message);
        }
        record["requestParameters"] = self.parameters.clone();
        record["responseElements"] = Value::Null;
        if !self.additional.is_null() {
            record["additionalEventData"] = self.additional.clone();
        }
        for (name, value) in [
            ("requestID", json!(self.request_id)),
            ("eventID", json!(self.event_id)),
            ("readOnly", json!(true)),
            ("eventType", json!("AwsApiCall")),
            ("managementEvent", json!(true)),
            ("recipientAccountId", json!(ACCOUNT_ID)),
            ("eventCategory", json!("Management")),
            (
                "tlsDetails",
                json!({ "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": self.host }),
            ),
        ] {
            record[name] = value;
        }
        record
    }
}

/// The event of a call that was answered. None: this service writes no management event for it, or nobody signed it.
/// A stream that breaks off later was answered: its event tells no error.
pub fn of_call(
    call: &Call,
    account: &Account,
    caller: &Caller,
    fault: Option<&Fault>,
    now: Timestamp,
    request_id: &str,
) -> Option<Written> {
    let source = match call.service.as_str() {
        "bedrock" | "bedrock-runtime" => "bedrock.amazonaws.com",
        "sts" => "sts.amazonaws.com",
        "cloudtrail" => "cloudtrail.amazonaws.com",
        "iam" => "iam.amazonaws.com",
        "ce" => "ce.amazonaws.com",
        "servicequotas" => "servicequotas.amazonaws.com",
        _ => return None,
    };
    let arn = identity::caller_arn(caller)?;
    let (owner, key) = match caller {
        Caller::Key(key) => (key.account.as_str(), Some(key.id.as_str())),
        _ => (ACCOUNT_ID, None),
    };
    let mut additional = Value::Null;
    if let Some(region) = fault.is_none().then(|| inference_region(call, account)).flatten() {
        additional["inferenceRegion"] = json!(region);
    }
    if matches!(caller, Caller::Bearer(_)) {
        additional["callWithBearerToken"] = json!(true);
    }
    let event_id = uuid();
    let error = fault.map(|fault| {
        // A denial loses its suffix on the way into the trail; the other codes keep theirs.
        let code = if fault.code == "AccessDeniedException" { "AccessDenied" } else { &fault.code };
        (code, fault.message.as_str())
    });
    let deed = Deed {
        who: identity::user_identity(&arn, owner, key, now),
        at: now,
        region: &call.region,
        source,
        name: &call.operation,
        user_agent: call.header("user-agent").unwrap_or_default(),
        error,
        parameters: parameters(call),
        additional,
        request_id,
        event_id: &event_id,
        host: call.header("host").unwrap_or_default(),
    };
    Some(written(now, &deed.record()))
}

/// An event that the test gave. `start` is when the server started.
pub fn of_test(event: &TrailEvent, place: usize, account: &Account, start: Timestamp) -> Written {
    let mut record = event.record.clone();
    let told = record["eventTime"].as_str().and_then(|time| time.parse().ok());
    let at = told.unwrap_or(start - jiff::SignedDuration::from_secs(event.seconds_ago));
    if let Some(fields) = record.as_object_mut() {
        fields.entry("eventTime").or_insert_with(|| json!(time(at)));
        fields.entry("eventID").or_insert_with(|| json!(format!("7e570000-0000-4000-8000-{place:012}")));
        fields.entry("awsRegion").or_insert_with(|| json!(account.default_region));
        fields.entry("eventCategory").or_insert_with(|| json!("Management"));
    }
    let mut written = written(at, &record);
    if let Some(text) = &event.text {
        written.text.clone_from(text);
    }
    written
}

/// `2026-11-22T10:00:00Z`, as records tell time.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn written(at: Timestamp, record: &Value) -> Written {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let who = &record["userIdentity"];
    let facts = Facts {
        id: text(&record["eventID"]).unwrap_or_default(),
        name: text(&record["eventName"]),
        source: text(&record["eventSource"]),
        username: text(&who["userName"])
            .or_else(|| who["arn"].as_str().map(|arn| Identity::of(arn).user_name().to_owned()))
            .or_else(|| who["principalId"].as_str()?.split_once(':').map(|(_, session)| session.to_owned())),
        access_key: text(&who["accessKeyId"]),
        read_only: record["readOnly"].as_bool().map(|is| is.to_string()),
        resources: (record["resources"].as_array().into_iter().flatten())
            .filter_map(|resource| Some((text(&resource["type"])?, text(&resource["ARN"])?)))
            .collect(),
    };
    let region = text(&record["awsRegion"]).unwrap_or_default();
    Written { at, region, facts, text: record.to_string() }
}

fn parameters(call: &Call) -> Value {
    let model = call.model.as_deref();
    match (call.service.as_str(), call.operation.as_str(), model) {
        ("bedrock", "GetInferenceProfile", Some(id)) => json!({ "inferenceProfileIdentifier": id }),
        ("bedrock", "GetFoundationModel", Some(id)) => json!({ "modelIdentifier": id }),
        ("bedrock" | "bedrock-runtime", _, Some(id)) => json!({ "modelId": id }),
        ("sts", "AssumeRole", _) => {
            json!({ "roleArn": call.form("RoleArn"), "roleSessionName": call.form("RoleSessionName") })
        }
        ("cloudtrail", _, _) => call.json().unwrap_or_default(),
        _ => Value::Null,
    }
}

/// Where a call through a system profile ran: another region than the caller's, where the route has one.
fn inference_region(call: &Call, account: &Account) -> Option<String> {
    if call.service != "bedrock-runtime" || call.operation == "CountTokens" {
        return None;
    }
    let target = targets::resolve(account, call.model.as_deref()?, &call.region).ok()?;
    let Some(Profile::System(geography)) = target.profile else {
        return None;
    };
    let elsewhere = |region: &&str| !region.is_empty() && *region != call.region;
    let routes = models::routes(geography, &target.model.id, &call.region);
    let on_route = routes.iter().filter_map(|arn| arn.split(':').nth(3)).find(elsewhere);
    // A global profile's route does not tell its regions: any commercial one will do.
    let anywhere = || ["us-west-2", "eu-west-1"].into_iter().find(elsewhere);
    on_route.or_else(anywhere).map(str::to_owned)
}
