//! The law of the block, at its edges and for any bytes.

use proptest::prelude::*;

use super::*;

fn render(separator: Separator) -> Vec<u8> {
    let note = separator.note().map(|note| format!("{note}\n")).unwrap_or_default();
    format!("{BEGIN}\n{note}export A=1\n{END}\n").into_bytes()
}

fn removed(bytes: &[u8]) -> Vec<u8> {
    match parse(bytes) {
        Parsed::Whole(block) => remove(bytes, &block),
        other => panic!("no whole block: {other:?}"),
    }
}

fn problems(text: &str) -> Vec<(usize, Problem)> {
    match parse(text.as_bytes()) {
        Parsed::Damaged(damage) => damage.iter().map(|damage| (damage.line, damage.problem)).collect(),
        other => panic!("not damaged: {other:?}"),
    }
}

#[test]
fn the_law_holds_at_the_edges() {
    let cases: [&[u8]; 16] = [
        b"",
        b"\n",
        b"\n\n\n",
        b"a",
        b"a\n",
        b"a\r\n",
        b"a\r",
        b"\r",
        b"\xEF\xBB\xBF",
        b"\xEF\xBB\xBFa\n",
        b"caf\xE9\n",
        b"a\0b",
        b"a \\",
        b"a \\\n",
        b"a \\\\\n",
        b"#!/bin/sh\n",
    ];
    for bytes in cases {
        assert_eq!(removed(&append(bytes, render)), bytes, "{bytes:?} at the end");
        assert_eq!(removed(&prepend(bytes, render)), bytes, "{bytes:?} at the start");
    }
}

#[test]
fn text_added_below_keeps_its_own_line() {
    let mut bytes = append(b"export A=1", render);
    bytes.extend(b"alias b=c\n");
    assert_eq!(removed(&bytes), b"export A=1\nalias b=c\n");
    let mut bytes = append(b"a \\\n", render);
    bytes.extend(b"below\n");
    assert_eq!(removed(&bytes), b"a \\\nbelow\n");
}

#[test]
fn a_block_may_be_moved_and_lose_its_last_newline() {
    let block = render(Separator::None);
    assert_eq!(removed(&[&block[..], b"a\n"].concat()), b"a\n");
    assert_eq!(removed(&[b"a\n", &block[..block.len() - 1]].concat()), b"a\n");
    assert_eq!(removed(&[BOM, &block[..], b"a\n"].concat()), [BOM, b"a\n"].concat());
    let crlf = String::from_utf8_lossy(&block).replace('\n', "\r\n");
    assert_eq!(removed(format!("a\r\n{crlf}b\r\n").as_bytes()), b"a\r\nb\r\n");
}

#[test]
fn markers_are_whole_lines() {
    for text in [
        format!("echo '{BEGIN}'\n"),
        format!(" {BEGIN}\n"),
        format!("{BEGIN} \n"),
        format!("#{BEGIN}\n{END}x\n"),
        "# bedrockup\n# >>> conda initialize >>>\n# <<< conda initialize <<<\n".to_owned(),
    ] {
        assert_eq!(parse(text.as_bytes()), Parsed::Absent, "{text}");
    }
}

#[test]
fn damage_is_named_by_line() {
    assert_eq!(problems(&format!("a\n{BEGIN}\nb\n")), [(2, Problem::NoEnd)]);
    assert_eq!(problems(&format!("a\n{END}\n")), [(2, Problem::NoBegin)]);
    assert_eq!(problems(&format!("{END}\n{BEGIN}\n")), [(1, Problem::NoBegin), (2, Problem::NoEnd)]);
    assert_eq!(problems(&format!("{BEGIN}\n{BEGIN}\n{END}\n")), [(2, Problem::Nested)]);
    assert_eq!(problems(&format!("{BEGIN}\n{BEGIN}\n{END}\n{END}\n")), [(2, Problem::Nested), (4, Problem::NoBegin)]);
    assert_eq!(problems(&format!("{BEGIN}\n{END}\nx\n{BEGIN}\n{END}\n")), [(4, Problem::SecondBlock)]);
}

proptest! {
    #[test]
    fn removing_what_was_inserted_gives_the_same_bytes(bytes in file()) {
        prop_assume!(parse(&bytes) == Parsed::Absent);
        prop_assert_eq!(removed(&append(&bytes, render)), bytes.clone());
        prop_assert_eq!(removed(&prepend(&bytes, render)), bytes);
    }

    #[test]
    fn any_bytes_are_parsed_and_only_the_block_goes(bytes in file()) {
        if let Parsed::Whole(block) = parse(&bytes) {
            prop_assert_eq!(parse(&remove(&bytes, &block)), Parsed::Absent);
            let again = replace(&bytes, &block, render);
            prop_assert!(matches!(parse(&again), Parsed::Whole(_)));
        }
    }
}

/// Bytes with many line ends, backslashes, odd encodings, and now and then a marker.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => any::<u8>().prop_map(|byte| vec![byte]),
        2 => Just(b"\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\\".to_vec()),
        1 => Just(b"export A='b c'\n".to_vec()),
        1 => Just(BOM.to_vec()),
        1 => Just(format!("{BEGIN}\n").into_bytes()),
        1 => Just(format!("{END}\n").into_bytes()),
        1 => Just(format!("# {BEGIN}").into_bytes()),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}
