//! CloudTrail's event history: LookupEvents, one page.
//!
//! Event history needs no trail and keeps 90 days of management events; the model calls of `bedrock-runtime` are among them.
//! It allows two requests a second in an account and region, and one attribute to look for: whoever wants many pages must
//! take time (`ask::trail`).

mod event;
mod shape;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::answer::Answer;
use super::awsjson::{Service, Version};
use super::clients::Aws;
use super::loose::{Loose, LooseList, text};
use shape::Row;

pub use event::{Caller, Event};

/// The source of all events of Bedrock's control plane and its model calls. (Mantle's is another, and its calls are data
/// events, which this history never shows.)
pub const BEDROCK: &str = "bedrock.amazonaws.com";

/// AWS's own limit.
const EVENTS_PER_PAGE: u32 = 50;

/// A span of time, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The older end.
    pub since: Timestamp,
    /// The newer end.
    pub until: Timestamp,
}

/// Up to 50 events, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The events.
    pub events: Vec<Event>,
    /// What to ask for the next page with; `None` on the last.
    pub next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Output {
    events: LooseList<Row>,
    next_token: Loose<String>,
}

/// One page of Bedrock's events in a span. The pages of one walk must be asked with the same span.
pub async fn page(aws: &Aws, url: &str, span: Span, next: Option<&str>) -> Answer<Page> {
    let mut body = json!({
        "LookupAttributes": [{ "AttributeKey": "EventSource", "AttributeValue": BEDROCK }],
        "StartTime": span.since.as_second(),
        "EndTime": span.until.as_second(),
        "MaxResults": EVENTS_PER_PAGE,
    });
    if let Some(token) = next {
        body["NextToken"] = json!(token);
    }
    let service = Service { url, name: "cloudtrail", region: &aws.region, version: Version::V1_1 };
    let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
    match service.call::<Output>(aws, target, &body).await {
        Answer::Got(output) => Answer::Got(Page {
            events: output.events.members().map(Event::from).collect(),
            next: text(output.next_token),
        }),
        other => other.without_value("the page was not read"),
    }
}
