//! What one line says.

use serde_json::{Value, json};

use super::super::{Origin, Span, Usage, read};
use super::{Block, home};

/// The tokens of one line, if it is an answer.
fn usage_of(line: &Value) -> Option<Usage> {
    let home = home(&[("p/a.jsonl", format!("{line}\n"))]);
    let mut usage = None;
    read(&[home.path().to_owned()], Span::default(), &mut |turn| usage = Some(turn.usage));
    usage
}

#[test]
fn a_line_says_all_this() {
    let mut line = Block { is_final: true, ..Block::of("msg_bdrk_01x") }.json();
    line["message"]["usage"] = json!({
        "input_tokens": 3, "cache_creation_input_tokens": 1000, "cache_read_input_tokens": 20000, "output_tokens": 77, "service_tier": "standard",
        "cache_creation": { "ephemeral_1h_input_tokens": 100, "ephemeral_5m_input_tokens": 900 }, "speed": "fast",
    });
    line["requestedModel"] = json!("us.anthropic.claude-opus-5-5");
    line["entrypoint"] = json!("sdk-cli");
    line["isSidechain"] = json!(true);
    line["cwd"] = json!("/home/alice/\"ä\"");
    let home = home(&[("p/s/subagents/agent-1.jsonl", format!("{{\"type\":\"mode\"}}\n{line}\n"))]);
    let mut seen = 0;
    let summary = read(&[home.path().to_owned()], Span::default(), &mut |turn| {
        seen += 1;
        assert_eq!((turn.origin, &*turn.message_id), (Origin::Bedrock, "msg_bdrk_01x"));
        assert_eq!(
            (turn.request_id.as_deref(), turn.at.to_string().as_str()),
            (Some("request"), "2026-11-25T10:32:02.102Z")
        );
        assert_eq!((&*turn.session, &*turn.project, &*turn.model), ("s", "/home/alice/\"ä\"", "claude-opus-5-5"));
        assert_eq!(turn.requested_model.as_deref(), Some("us.anthropic.claude-opus-5-5"));
        let expected = Usage { input: 3, output: 77, cache_write_5m: 900, cache_write_1h: 100, cache_read: 20000 };
        assert_eq!(turn.usage, expected);
        assert!(turn.is_complete && turn.is_sidechain);
        let said = [&turn.version, &turn.entrypoint, &turn.service_tier, &turn.speed].map(Option::as_deref);
        assert_eq!(said, ["2.1.330", "sdk-cli", "standard", "fast"].map(Some));
        assert_eq!((turn.file.file_name().and_then(|name| name.to_str()), turn.offset), (Some("agent-1.jsonl"), 16));
    });
    assert_eq!((seen, summary.files, summary.answers, summary.repeated, summary.broken), (1, 1, 1, 0, 0));
}

#[test]
fn what_a_line_does_not_say_the_path_says() {
    let mut line = Block::of("m").json();
    let members = line.as_object_mut().expect("an object");
    members.retain(|key, _| !["cwd", "sessionId", "requestId", "version"].contains(&key.as_str()));
    let home = home(&[("-home-alice/0815.jsonl", format!("{line}\n"))]);
    read(&[home.path().to_owned()], Span::default(), &mut |turn| {
        assert_eq!((&*turn.session, &*turn.project), ("0815", "-home-alice"));
        assert_eq!((turn.request_id.as_deref(), turn.version.as_deref(), turn.is_complete), (None, None, false));
    });
}

#[test]
fn the_prefix_of_the_id_tells_the_provider() {
    let cases = [
        ("msg_bdrk_014395", Origin::Bedrock),
        ("msg_vrtx_014395", Origin::Vertex),
        ("msg_014395", Origin::Anthropic),
        ("msg_", Origin::Unknown),
        ("msg_bdrk", Origin::Unknown),
        ("chatcmpl-1", Origin::Unknown),
    ];
    for (id, origin) in cases {
        assert_eq!(Origin::of(id.as_bytes()), origin, "{id}");
    }
}

#[test]
fn cache_writes_without_a_time_count_as_five_minutes() {
    let of = |usage: Value| {
        let mut line = Block::of("m").json();
        line["message"]["usage"] = usage;
        let usage = usage_of(&line).expect("an answer");
        (usage.cache_write_5m, usage.cache_write_1h)
    };
    let parts = |five: u64, hour: u64| json!({ "ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour });
    assert_eq!(of(json!({ "cache_creation_input_tokens": 10 })), (10, 0));
    assert_eq!(of(json!({ "cache_creation_input_tokens": 10, "cache_creation": null })), (10, 0));
    assert_eq!(of(json!({ "cache_creation_input_tokens": 10, "cache_creation": parts(4, 6) })), (4, 6));
    assert_eq!(of(json!({ "cache_creation_input_tokens": 10, "cache_creation": parts(1, 6) })), (4, 6));
    assert_eq!(of(json!({ "cache_creation": parts(1, 6) })), (1, 6));
    assert_eq!(of(json!({ "cache_creation_input_tokens": 3, "cache_creation": parts(1, 6) })), (1, 6));
    assert_eq!(of(json!({})), (0, 0));
}

#[test]
fn only_a_models_own_words_are_an_answer() {
    let spoiled = |spoil: &dyn Fn(&mut Value)| {
        let mut line = Block::of("m").json();
        spoil(&mut line);
        usage_of(&line).is_some()
    };
    assert!(spoiled(&|_| {}));
    assert!(!spoiled(&|line| line["type"] = json!("user")));
    assert!(!spoiled(&|line| line["message"]["model"] = json!("<synthetic>")));
    assert!(!spoiled(&|line| line["message"]["model"] = json!(null)));
    assert!(!spoiled(&|line| line["message"]["id"] = json!(null)));
    assert!(!spoiled(&|line| line["message"]["usage"] = json!(null)));
    assert!(!spoiled(&|line| line["isApiErrorMessage"] = json!(true)));
    assert!(spoiled(&|line| line["isApiErrorMessage"] = json!(false)));
    assert!(!spoiled(&|line| line["timestamp"] = json!("yesterday")));
    // An answer that another line only holds is none.
    let line = Block::of("m").json();
    assert_eq!(usage_of(&json!({ "type": "api-request-blob", "messages": [line] })), None);
    assert_eq!(usage_of(&json!({ "type": "user", "toolUseResult": line })), None);
    assert_eq!(usage_of(&json!({ "type": "user", "data": { "message": line } })), None);
}

#[test]
fn sums_never_overflow() {
    let mut sum = Usage { output: u64::MAX, ..Usage::default() };
    sum += Usage { input: 1, output: 1, cache_write_5m: 2, cache_write_1h: 3, cache_read: 4 };
    assert_eq!(sum, Usage { input: 1, output: u64::MAX, cache_write_5m: 2, cache_write_1h: 3, cache_read: 4 });
}
