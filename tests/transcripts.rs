//! The transcripts of the real client, against what the fake AWS was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bedrockup::observe::transcripts::tail::Tail;
use bedrockup::observe::transcripts::{self, Origin, Span, Summary, Usage};
use serde_json::{Value, json};

use crate::support::claude_client::{ClaudeClient, VERSION};
use crate::support::fake_aws::FakeAws;
use crate::support::sandbox::Sandbox;

const OPUS: &str = "us.anthropic.claude-opus-5-5";

/// What was told of one answer.
#[derive(Debug, PartialEq)]
struct Told {
    session: String,
    usage: Usage,
    is_sidechain: bool,
}

struct Bed {
    aws: FakeAws,
    sandbox: Sandbox,
    client: ClaudeClient,
}

impl Bed {
    fn new() -> Self {
        let aws = FakeAws::start();
        let sandbox = Sandbox::new().bedrock("us-east-1").point_at(&aws).cd("work");
        Self { aws, sandbox, client: ClaudeClient::get() }
    }

    /// Runs the client; returns its session.
    fn run(&self, prompt: &str, further: &[&str]) -> String {
        let arguments = [&["-p", prompt, "--output-format", "json", "--allowedTools", "Bash,Agent"], further].concat();
        let answer = self.client.run(&self.sandbox, &arguments).exits(0).json();
        answer["session_id"].as_str().expect("a session").to_owned()
    }

    fn directories(&self) -> Vec<PathBuf> {
        vec![self.sandbox.path(".claude")]
    }

    /// Every answer by its request id.
    fn read(&self) -> (BTreeMap<String, Told>, Summary) {
        let mut told = BTreeMap::new();
        let summary = transcripts::read(&self.directories(), Span::default(), &mut |turn| {
            assert_eq!((turn.origin, turn.is_complete), (Origin::Bedrock, true), "{turn:?}");
            assert_eq!((turn.requested_model.as_deref(), turn.version.as_deref()), (Some(OPUS), Some(VERSION)));
            assert_eq!(turn.project, self.sandbox.path("work").display().to_string());
            assert_eq!((&*turn.model, turn.entrypoint.as_deref()), ("claude-opus-5-5", Some("sdk-cli")));
            let request = turn.request_id.as_deref().expect("a request id").to_owned();
            let answer = Told { session: turn.session.to_string(), usage: turn.usage, is_sidechain: turn.is_sidechain };
            assert_eq!(told.insert(request, answer), None, "{turn:?} was told twice");
        });
        assert_eq!((summary.broken, &summary.unreadable), (0, &vec![]));
        (told, summary)
    }

    /// The request ids of all turns; the one-token probes at start leave no trace in transcripts.
    fn asked(&self) -> BTreeSet<String> {
        self.aws.log().of("InvokeModelWithResponseStream").into_iter().map(|entry| entry.request_id).collect()
    }
}

/// A prompt that gets these blocks for an answer.
fn prompt(content: &Value, output: u64) -> String {
    let answer = json!({ "content": content, "usage": {
        "input_tokens": 3, "cache_creation_input_tokens": 1000, "cache_read_input_tokens": 20000, "output_tokens": output,
        "cache_creation": { "ephemeral_5m_input_tokens": 900, "ephemeral_1h_input_tokens": 100 },
    } });
    format!("go on <answer>{answer}</answer>")
}

fn bash(id: &str) -> Value {
    json!({ "type": "tool_use", "id": id, "name": "Bash", "input": { "command": "echo '\"type\":\"assistant\"'", "description": "say" } })
}

fn with_tools(output: u64) -> String {
    prompt(&json!([{ "type": "text", "text": "I look." }, bash("toolu_bdrk_a"), bash("toolu_bdrk_b")]), output)
}

#[test]
fn each_request_is_one_answer_however_many_lines_and_files_hold_it() {
    let bed = Bed::new();
    let session = bed.run(&with_tools(77), &[]);
    let (told, summary) = bed.read();
    assert_eq!(told.keys().cloned().collect::<BTreeSet<_>>(), bed.asked());
    assert_eq!((summary.files, summary.answers, summary.repeated), (1, 2, 2), "three blocks, then an answer of one");
    let expected = Usage { input: 3, output: 77, cache_write_5m: 900, cache_write_1h: 100, cache_read: 20000 };
    assert_eq!(told.values().filter(|told| told.usage == expected).count(), 1, "{told:?}");

    assert_eq!(bed.run("more", &["--continue"]), session);
    let fork = bed.run(&with_tools(78), &["--resume", &session, "--fork-session"]);
    assert_ne!(fork, session);
    let (told, summary) = bed.read();
    assert_eq!(told.keys().cloned().collect::<BTreeSet<_>>(), bed.asked());
    assert_eq!((summary.files, summary.answers), (2, 5));
    let of = |session: &str| told.values().filter(|told| told.session == session).count();
    assert_eq!((of(&session), of(&fork)), (3, 2), "{told:?}");
}

#[test]
fn a_subagents_answers_belong_to_its_session() {
    let bed = Bed::new();
    let task = prompt(&json!([{ "type": "text", "text": "I look." }, bash("toolu_bdrk_c")]), 55);
    let agent = json!({ "type": "tool_use", "id": "toolu_bdrk_d", "name": "Agent", "input": {
        "description": "look", "prompt": task, "subagent_type": "general-purpose", "run_in_background": false,
    } });
    let session = bed.run(&prompt(&json!([agent]), 22), &[]);
    let (told, summary) = bed.read();
    assert_eq!(told.keys().cloned().collect::<BTreeSet<_>>(), bed.asked());
    assert_eq!((summary.files, summary.answers), (2, 4));
    assert!(told.values().all(|told| told.session == session), "{told:?}");
    let of_agent: Vec<u64> = told.values().filter(|told| told.is_sidechain).map(|told| told.usage.output).collect();
    assert_eq!(of_agent.len(), 2);
    assert!(of_agent.contains(&55), "{of_agent:?}");
}

#[test]
fn what_the_client_writes_later_is_followed() {
    let bed = Bed::new();
    let session = bed.run("before", &[]);
    let mut tail = Tail::new(&bed.directories(), jiff::Timestamp::now());
    let mut poll = || {
        let mut requests = BTreeSet::new();
        let unreadable = tail.poll(&mut |turn| {
            assert!(requests.insert(turn.request_id.as_deref().expect("a request id").to_owned()));
        });
        assert_eq!(unreadable, []);
        requests
    };
    assert!(poll().is_empty());
    let before = bed.asked();
    bed.run(&with_tools(77), &["--continue"]);
    bed.run("copy", &["--resume", &session, "--fork-session"]);
    let new: BTreeSet<String> = bed.asked().difference(&before).cloned().collect();
    assert_eq!((new.len(), poll()), (3, new));
    assert!(poll().is_empty());
}

#[test]
fn a_refused_call_is_no_answer() {
    let bed = Bed::new();
    let sandbox = Sandbox::new().bedrock("us-east-1").endpoint(&bed.aws).keys(("AKIAUNKNOWN", "secret"), None);
    bed.client.print(&sandbox, "hi").exits(1);
    let mut turns = 0;
    let summary = transcripts::read(&[sandbox.path(".claude")], Span::default(), &mut |_| turns += 1);
    assert_eq!((turns, summary.files, summary.broken), (0, 1, 0));
}
