//! Any text: an edit of a settings file is refused, or comes out again.
#![no_main]

use bedrockup::change::{SettingsRecord, settings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let wanted = [("CLAUDE_CODE_USE_BEDROCK", "1"), ("AWS_REGION", "us-east-1")];
    if let Ok((after, record)) = settings::set(text, &wanted, &SettingsRecord::default()) {
        let env = settings::env(&after).expect("what was written can be read");
        assert_eq!(env["AWS_REGION"], "us-east-1");
        assert_eq!(settings::unset(&after, &record, true), Ok(Some(text.to_owned())));
    }
});
