//! `bedrockup usage` and `models` as built: transcripts with known truth, and the account's own numbers from the fake AWS.

mod account;
mod models;
mod page;
mod truth;

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::process::Output;
use crate::support::sandbox::Sandbox;

/// One answer in the making: Opus 5.5 through the `us.` profile, in one line.
#[derive(Clone)]
pub struct Answer {
    pub id: String,
    pub at: String,
    pub session: &'static str,
    pub project: &'static str,
    pub requested: Option<String>,
    pub model: &'static str,
    pub input: u64,
    pub output: u64,
    pub write_5m: u64,
    pub write_1h: u64,
    pub read: u64,
    pub sidechain: bool,
    /// Lines that repeat it, one for each block.
    pub lines: usize,
}

pub fn answer(number: u32, at: &str) -> Answer {
    Answer {
        id: format!("msg_bdrk_01{number:020}"),
        at: at.to_owned(),
        session: "11111111-0000-4000-8000-000000000001",
        project: "/work/api",
        requested: Some("us.anthropic.claude-opus-5-5".to_owned()),
        model: "claude-opus-5-5",
        input: 1000,
        output: 100,
        write_5m: 0,
        write_1h: 0,
        read: 0,
        sidechain: false,
        lines: 1,
    }
}

impl Answer {
    pub fn through(mut self, requested: &str, model: &'static str) -> Self {
        self.requested = Some(requested.to_owned());
        self.model = model;
        self
    }

    /// The lines as the client writes them.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for block in 0..self.lines {
            let line = json!({
                "parentUuid": null, "isSidechain": self.sidechain, "userType": "external", "cwd": self.project, "sessionId": self.session,
                "version": "2.1.330", "gitBranch": "", "type": "assistant", "uuid": format!("{}-{block}", self.id), "timestamp": self.at,
                "requestId": format!("req-{}", self.id), "requestedModel": self.requested,
                "message": {
                    "id": self.id, "type": "message", "role": "assistant", "model": self.model, "stop_reason": "end_turn",
                    "content": [{ "type": "text", "text": "\"usage\": {\"input_tokens\": 999999}" }],
                    "usage": {
                        "input_tokens": self.input, "output_tokens": self.output, "cache_read_input_tokens": self.read,
                        "cache_creation_input_tokens": self.write_5m + self.write_1h,
                        "cache_creation": { "ephemeral_5m_input_tokens": self.write_5m, "ephemeral_1h_input_tokens": self.write_1h },
                        "service_tier": "standard",
                    },
                },
            });
            writeln!(text, "{line}").expect("a string takes everything");
        }
        text
    }
}

/// A home with one transcript of these answers.
pub fn home(answers: &[Answer]) -> Sandbox {
    let text: String = answers.iter().map(Answer::text).collect();
    Sandbox::new().file(".claude/projects/-work-api/11111111-0000-4000-8000-000000000001.jsonl", text)
}

/// The document of `usage --json` with these flags, from the beginning of time.
pub fn document(sandbox: &Sandbox, flags: &[&str]) -> Value {
    let output = run(sandbox, &[&["usage", "--json", "--utc", "--since", "all"], flags].concat());
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("a document")
}

pub fn run(sandbox: &Sandbox, words: &[&str]) -> Output {
    sandbox.run(words)
}

/// Dollars of a cost in a document, to the cent, where low and high are the same.
pub fn cents(value: &Value) -> f64 {
    let (low, high) = (value["low"].as_f64().expect("a cost"), value["high"].as_f64().expect("a cost"));
    assert!((low - high).abs() < 1e-9, "{value}");
    (low * 100.0).round() / 100.0
}

/// The row of a model.
pub fn row<'a>(document: &'a Value, key: &str, value: &str) -> &'a Value {
    let rows = document["rows"].as_array().expect("rows");
    rows.iter().find(|row| row[key] == value).unwrap_or_else(|| panic!("no row with {key} {value} in {document:#}"))
}

/// So many days ago, at noon (UTC).
pub fn ago(days: i64) -> String {
    let day = jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now()).date();
    format!("{}T12:00:00.000Z", day.saturating_sub(jiff::ToSpan::days(days)))
}
