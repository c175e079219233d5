//! A line says the same whichever lines were read before it.

use proptest::prelude::*;
use serde_json::json;

use super::super::members::Walk;
use super::super::shape::Shapes;
use super::Block;

/// What somebody may do to a line: at a place (in thousandths of it), with these bytes instead of so many.
type Edit = (usize, usize, &'static str);

fn edit() -> impl Strategy<Value = Edit> {
    let texts: &'static [&str] = &[
        "",
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "0",
        "12",
        "null",
        "true",
        "\"x\"",
        "\"a\\\"b\"",
        "{}",
        "[1]",
        "\u{e9}",
        "\n",
        "\"usage\":{\"output_tokens\":9},",
        "\"message\":null,",
        "\"data\":{\"message\":{\"type\":\"assistant\"}},",
        "\"type\":\"progress\",",
        "\"type\":\"user\",",
    ];
    (0..1000_usize, 0..4_usize, proptest::sample::select(texts))
}

/// A line with one of its values, or some of its bytes, changed.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        any::<u16>().prop_map(|number| json!(number)),
        "[a-z\"\\\\]{0,12}".prop_map(|text| json!(text)),
        Just(json!({})),
        Just(json!({ "message": { "type": "assistant" } })),
        Just(json!({ "output_tokens": 5 })),
        Just(json!([1, "]"])),
    ];
    let pointer = proptest::sample::select(
        &[
            "/type",
            "/sessionId",
            "/cwd",
            "/timestamp",
            "/message",
            "/message/id",
            "/message/content",
            "/message/usage",
            "/message/stop_reason",
            "/message/usage/output_tokens",
            "/message/usage/input_tokens",
            "/isSidechain",
            "/data",
            "/version",
        ][..],
    );
    let values = proptest::collection::vec((pointer, value), 0..3);
    (any::<bool>(), values, proptest::collection::vec(edit(), 0..2)).prop_map(|(is_final, values, edits)| {
        let mut line = Block { is_final, ..Block::of("msg_bdrk_1") }.json();
        line["data"] = json!(null);
        for (pointer, value) in values {
            if let Some(place) = line.pointer_mut(pointer) {
                *place = value;
            }
        }
        let mut bytes = line.to_string().into_bytes();
        for (place, length, text) in edits {
            let start = bytes.len() * place / 1000;
            let end = bytes.len().min(start + length);
            bytes.splice(start..end, text.bytes());
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn what_was_read_before_changes_nothing(lines in proptest::collection::vec(line(), 2..30)) {
        let mut shapes = Shapes::default();
        for line in &lines {
            let alone = Walk::through(line, &mut Vec::new()).map(|found| (found.own, found.embedded));
            let known = shapes.read(line).map(|found| (found.own, found.embedded));
            prop_assert!(known == alone, "{}: {known:?} instead of {alone:?}", String::from_utf8_lossy(line));
        }
    }
}

#[test]
fn lines_that_differ_in_their_values_alone_are_one_shape() {
    let mut shapes = Shapes::default();
    let lines: Vec<String> = (0..100)
        .map(|number| {
            let (id, text) = (format!("msg_{number}"), "\"x\\".repeat(number));
            Block { output: number as u64 * 7, text: &text, ..Block::of(&id) }.to_string()
        })
        .collect();
    for line in &lines {
        assert!(shapes.read(line.as_bytes()).is_some_and(|found| found.is_plain && found.own.has_usage));
    }
    assert_eq!(shapes.count(), 1);
}
