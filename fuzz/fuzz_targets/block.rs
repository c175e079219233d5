//! Any bytes: what is put in comes out again, and only the block goes.
#![no_main]

use bedrockup::shell::Syntax;
use bedrockup::shell::block::{self, Parsed, Separator};
use bedrockup::shell::render::{Content, is_edited, read, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for syntax in Syntax::ALL {
        let values = [("CLAUDE_CODE_USE_BEDROCK", "1"), ("AWS_REGION", "us-east-1"), ("AWS_PROFILE", "it's $HOME")];
        let content = Content {
            values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            ..Content::default()
        };
        let draw = |separator: Separator| render(&content, syntax, separator);
        match block::parse(bytes) {
            Parsed::Absent => {
                for written in [block::append(bytes, draw), block::prepend(bytes, draw)] {
                    let Parsed::Whole(found) = block::parse(&written) else { panic!("the block is not found again") };
                    assert_eq!(block::remove(&written, &found), bytes);
                }
            }
            Parsed::Whole(found) => {
                // Whatever somebody wrote between the markers can be read without harm.
                let own = &bytes[found.span.clone()];
                let _ = (read(own, syntax), is_edited(own, syntax, found.separator));
                assert_eq!(block::parse(&block::remove(bytes, &found)), Parsed::Absent);
                assert!(matches!(block::parse(&block::replace(bytes, &found, draw)), Parsed::Whole(_)));
            }
            Parsed::Damaged(damage) => assert!(!damage.is_empty()),
        }
    }
});
