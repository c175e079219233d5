//! The harness itself: the healthy machine is well, and the judge is awake.

use super::*;
use crate::support::process;

#[test]
fn the_healthy_machine_is_healthy() {
    let report = healthy().diagnose();
    report.stays_quiet();
    assert_eq!(report.text("/route/provider"), "bedrock");
    assert_eq!(report.text("/route/region/value"), "us-east-1");
    assert_eq!(report.text("/route/credentials/account"), ACCOUNT_ID);
    let models = report.list("/route/models");
    assert!(models.iter().all(|model| model["probe"] == "answered"), "{models:#?}");
    for pin in [OPUS, SONNET, HAIKU] {
        assert!(models.iter().any(|model| model["id"] == pin), "{models:#?}");
    }
}

#[test]
fn every_new_shell_of_the_healthy_machine_has_the_values() {
    let ready = healthy().ready();
    for arguments in [["-i", "-c"], ["-l", "-c"]] {
        let mut bash = ready.sandbox.program("bash");
        for name in ["CLAUDE_CODE_USE_BEDROCK", "AWS_REGION"] {
            bash.env_remove(name);
        }
        bash.args(arguments).arg("printenv AWS_REGION");
        assert_eq!(process::run(&mut bash, crate::support::sandbox::RUN_LIMIT).exits(0).out(), "us-east-1\n");
    }
}

#[test]
fn the_text_says_what_the_document_says() {
    let ready = healthy().env("AWS_PROFILE", "missing").ready();
    let words = |more: &[&str]| ["doctor"].iter().chain(more).map(|&word| word.to_owned()).collect::<Vec<_>>();
    let text = ready.run(words(&[]));
    let text = text.exits(1).out();
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part:?} is missing: {text}"));
    assert!(at("profile-not-found") < at("broken:"), "{text}");
    assert!(text.contains("bedrockup explain profile-not-found"), "{text}");
    assert!(!text.contains('\u{1b}'), "colour where no terminal is: {text:?}");
}
