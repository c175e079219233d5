//! However the lines are mixed and cut into buffers and pieces, the sums are the same.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;

use super::super::read::{self, Manner};
use super::{BUFFER, Block, NOW, Span, home};

/// A line of some file: a block of one of a few answers, or something else.
#[derive(Debug, Clone)]
enum Piece {
    Block { answer: usize, output: u64, text: String, is_final: bool },
    Garbage(Vec<u8>),
}

fn piece() -> impl Strategy<Value = Piece> {
    let text = prop_oneof![
        "[a-z\"\\\\\n{}\\[\\]]{0,40}",
        Just("\"assistant\"".to_owned()),
        (0..3000_usize).prop_map(|length| "\\\"x".repeat(length)),
    ];
    let block = (0..12_usize, 0..50_u64, text, any::<bool>()).prop_map(|(answer, output, text, is_final)| {
        // What is final is the same on every line.
        Piece::Block { answer, output: if is_final { 50 + answer as u64 } else { output }, text, is_final }
    });
    let garbage = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        Just(b"{\"type\":\"user\",\"message\":{\"role\":\"user\"}}".to_vec()),
        Just(b"{\"type\":\"api-request-blob\",\"messages\":[{\"role\":\"assistant\"}]}".to_vec()),
        Just(b"{\"type\":\"assistant\",\"message\":{\"id\":\"cut".to_vec()),
        Just(vec![b' '; 300]),
        Just(vec![0; 70]),
    ];
    prop_oneof![3 => block, 1 => garbage.prop_map(Piece::Garbage)]
}

/// The bytes of a file, each piece a line.
fn bytes(pieces: &[Piece], ends: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Block { answer, output, text, is_final } => {
                let id = format!("msg_bdrk_{answer}");
                let block = Block { output: *output, text, is_final: *is_final, ..Block::of(&id) };
                bytes.extend_from_slice(block.to_string().as_bytes());
            }
            // A line break in it makes several lines, none of which is an answer.
            Piece::Garbage(garbage) => bytes.extend_from_slice(garbage),
        }
        bytes.push(b'\n');
    }
    if !ends {
        bytes.pop();
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_buffer_and_any_mixture_gives_the_same(
        files in proptest::collection::vec((proptest::collection::vec(piece(), 0..12), any::<bool>()), 1..4),
        buffer in prop_oneof![20..300_usize, 300..5000_usize, Just(BUFFER)],
        piece in prop_oneof![1..50_u64, 50..3000_u64],
        threads in 1..4_usize,
    ) {
        let mut expected = BTreeMap::new();
        for piece in files.iter().flat_map(|(pieces, _)| pieces) {
            if let Piece::Block { answer, output, .. } = piece {
                let most = expected.entry(format!("msg_bdrk_{answer}")).or_insert(0);
                *most = (*output).max(*most);
            }
        }
        let home = home(&[("p/a.jsonl", String::new())]);
        for (number, (pieces, ends)) in files.iter().enumerate() {
            let path = home.path().join(format!("projects/p/{number}.jsonl"));
            fs::write(path, bytes(pieces, *ends)).expect("room");
        }
        let directories = [home.path().to_owned()];
        let mut told = BTreeMap::new();
        let mut order = Vec::new();
        let summary = read::read(Manner { threads, buffer, piece }, &directories, Span::default(), &mut |turn| {
            assert_eq!((turn.usage.cache_read, turn.at.to_string().as_str()), (100, NOW));
            let before = told.insert(turn.message_id.clone().into_owned(), turn.usage.output);
            assert_eq!(before, None, "{} was told twice", turn.message_id);
            order.push((turn.file.to_owned(), turn.offset));
        });
        prop_assert_eq!(&told, &expected);
        prop_assert_eq!(&summary.unreadable, &[]);
        let mut again = Vec::new();
        let second = super::super::read(&directories, Span::default(), &mut |turn| {
            again.push((turn.file.to_owned(), turn.offset));
        });
        prop_assert_eq!(order, again);
        prop_assert_eq!(summary, second);
    }
}
