//! What verify says: one value, as text for people and as JSON for programs.

mod text;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::style::tame;
use crate::diagnose::Finding;
use crate::prove::Proof;
use crate::prove::who::Who;
pub use text::text;

/// Schema of `verify --json`.
pub const SCHEMA: &str = "bedrockup.verify/1";

/// Everything that verify says.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyReport {
    /// Name and version of the document.
    pub schema: &'static str,
    /// The program's version.
    pub version: &'static str,
    /// The first moment that was looked at.
    pub since: Timestamp,
    /// The last one.
    pub until: Timestamp,
    /// The directory that the configuration was resolved for.
    pub directory: String,
    /// Where requests go.
    pub route: RouteSummary,
    /// Who calls models from here.
    pub identity: Who,
    /// Whose credentials asked AWS for the records.
    pub asked_as: Option<String>,
    /// The evidence and what it comes to.
    #[serde(flatten)]
    pub proof: Proof,
    /// What doctor calls the reasons why some of it is not there.
    pub findings: Vec<Finding>,
}

/// The route in a few words.
#[derive(Debug, Clone, Serialize)]
pub struct RouteSummary {
    /// `bedrock`, `firstParty`, …
    pub provider: &'static str,
    /// The region.
    pub region: String,
    /// Kind of the credentials.
    pub credentials: &'static str,
}

/// The report as JSON. Strings that came from elsewhere hold no control characters.
pub fn json(report: &VerifyReport) -> Value {
    let mut value = serde_json::to_value(report).unwrap_or_default();
    tame_all(&mut value);
    value
}

fn tame_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = tame(text),
        Value::Array(items) => items.iter_mut().for_each(tame_all),
        Value::Object(members) => members.values_mut().for_each(tame_all),
        _ => {}
    }
}
