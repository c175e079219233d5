//! Events of many kinds, and what they are counted as.

use super::*;
use crate::observe::transcripts::{Origin, Turn, Usage};

const ID: &str = "3fceefbd-e1a6-4c42-9840-328cc3cfa24c";

fn span() -> Span {
    let until: Timestamp = "2026-11-25T10:00:00Z".parse().expect("a time");
    Span { since: until - jiff::SignedDuration::from_hours(24), until }
}

/// One answer by Bedrock with this request id.
fn turns() -> Turns {
    let mut turns = Turns::new(span());
    turns.add(&Turn {
        origin: Origin::Bedrock,
        message_id: "msg_bdrk_1".into(),
        request_id: Some(ID.into()),
        at: span().until,
        session: "s".into(),
        project: "/work".into(),
        model: "claude-opus-5-5".into(),
        requested_model: Some("us.anthropic.claude-opus-5-5".into()),
        usage: Usage::default(),
        is_complete: true,
        is_sidechain: false,
        version: None,
        entrypoint: None,
        service_tier: None,
        speed: None,
        file: std::path::Path::new("/t.jsonl"),
        offset: 0,
    });
    turns.ids.seal();
    turns
}

fn event(arn: &str, name: &str, user_agent: &str, request_id: &str) -> Event {
    Event {
        name: Some(name.to_owned()),
        at: Some(span().until),
        request_id: Some(request_id.to_owned()),
        user_agent: Some(user_agent.to_owned()),
        model: Some("us.anthropic.claude-opus-5-5".to_owned()),
        identity: Caller { arn: Some(arn.to_owned()), ..Caller::default() },
        ..Event::default()
    }
}

/// A trail as `arn:a` looks at it.
fn trail() -> Trail {
    let mut trail = Trail::new(span());
    trail.known(Who { arn: Some("arn:a".to_owned()), ..Who::default() });
    trail
}

const CLIENT: &str = "claude-cli/2.1.330 (external, cli)";
const STREAM: &str = "InvokeModelWithResponseStream";

#[test]
fn rows_tell_turns_probes_refusals_and_joined_calls_apart() {
    let (mut trail, turns) = (trail(), turns());
    trail.add(&event("arn:a", STREAM, CLIENT, ID), &turns);
    trail.add(&event("arn:a", "InvokeModel", CLIENT, "other"), &turns);
    let refused = Event { error: Some(("AccessDenied".into(), String::new())), ..event("arn:a", STREAM, CLIENT, ID) };
    trail.add(&refused, &turns);
    trail.add(&event("arn:b", "ConverseStream", "[Boto3/1.44.5 md/Botocore]", "x"), &turns);
    trail.add(&event("arn:a", "ListInferenceProfiles", CLIENT, "y"), &turns);
    let rows = trail.rows();
    assert_eq!(rows.len(), 2, "{rows:#?}");
    let (own, other) = (&rows[0], &rows[1]);
    assert_eq!((own.streaming, own.plain, own.refused, own.joined), (1, 1, 1, 1));
    assert_eq!((other.relation, other.tool.as_str(), other.streaming), (Relation::Other, "Boto3/1.44.5", 1));
    assert_eq!((trail.joined_total(), trail.turns(), trail.probes(), trail.others()), (1, (1, 1), 1, true));
}

#[test]
fn a_call_of_somebody_else_of_another_tool_or_of_another_day_is_no_proof() {
    let turns = turns();
    let old = Event { at: Some(span().since), ..event("arn:a", STREAM, CLIENT, ID) };
    let cases = [
        (event("arn:b", STREAM, CLIENT, ID), 1),
        (event("arn:a", STREAM, "Boto3/1.44.5", ID), 0),
        (old, 0),
        (Event { error: Some(("ThrottlingException".into(), String::new())), ..event("arn:a", STREAM, CLIENT, ID) }, 0),
    ];
    for (event, joined) in cases {
        let mut trail = trail();
        trail.add(&event, &turns);
        assert_eq!((trail.joined_total(), trail.proof()), (joined, None), "{event:?}");
    }
    let mut trail = trail();
    trail.add(&event("arn:a", STREAM, CLIENT, ID), &turns);
    assert!(trail.proof().is_some());
}

#[test]
fn a_request_counts_once_however_often_the_log_tells_of_it() {
    let (mut trail, turns) = (trail(), turns());
    for _ in 0..3 {
        trail.add(&event("arn:a", STREAM, CLIENT, ID), &turns);
    }
    assert_eq!((trail.joined_total(), trail.joined().len(), trail.answered()), (1, 1, 1));
}

#[test]
fn a_tagged_call_of_an_earlier_run_is_known_again() {
    let (mut trail, turns) = (trail(), turns());
    trail.add(&event("arn:b", STREAM, "bedrockup/0.1.0 canary/00", "x"), &turns);
    trail.add(&event("arn:a", STREAM, "bedrockup/0.1.0", "y"), &turns);
    assert_eq!(trail.tagged(), None);
    trail.add(&event("arn:a", STREAM, "[bedrockup/0.1.0 canary/00]", "z"), &turns);
    assert_eq!(trail.tagged().map(|call| call.request_id.as_str()), Some("z"));
}

#[test]
fn a_log_full_of_names_does_not_fill_the_memory_and_hides_no_proof() {
    let (mut trail, turns) = (trail(), turns());
    for number in 0..3 * MOST_KINDS {
        trail.add(&event(&format!("arn:{number}"), "InvokeModel", &format!("tool-{number}"), "x"), &turns);
    }
    assert!(trail.kinds.len() <= MOST_KINDS + 8, "{}", trail.kinds.len());
    assert_eq!(trail.answered(), 3 * MOST_KINDS as u64, "every call is counted");
    trail.add(&event("arn:a", STREAM, CLIENT, ID), &turns);
    assert!(trail.proof().is_some());
}

#[test]
fn without_a_known_asker_nothing_is_ours_and_nothing_anothers() {
    let (mut trail, turns) = (Trail::new(span()), turns());
    trail.add(&event("arn:a", STREAM, CLIENT, ID), &turns);
    assert_eq!((trail.joined_total(), trail.proof(), trail.others()), (1, None, false));
    assert_eq!(trail.rows()[0].relation, Relation::Unknown);
}
