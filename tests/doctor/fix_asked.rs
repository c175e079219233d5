//! `doctor --fix`: who is asked, what is refused, and what is never done.

use std::process::Stdio;
use std::time::Duration;

use expectrl::process::unix::WaitStatus;
use expectrl::{Eof, Expect, Session};
use serde_json::json;

use super::credential_sources::{cache, sso, token};
use super::fix::{by_hand, tree};
use super::ready::Ready;
use super::*;

#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_written() {
    let ready = by_hand("CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1").client_says("firstParty").ready();
    let before = tree(&ready);
    for words in [&["--fix"][..], &["--fix", "--json"], &["--undo"]] {
        assert!(ready.doctor(words).exits(2).err().contains("--yes"));
    }
    ready.doctor(&["--yes"]).exits(2);
    assert_eq!(tree(&ready), before);
}

#[test]
fn a_file_that_must_not_be_written_refuses_everything() {
    let rc = "CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1";
    let settings = json!({ "awsAuthRefersh": "/bin/true" }).to_string();
    let ready = by_hand(rc).client_says("firstParty").file(".claude/settings.json", settings).ready();
    std::fs::set_permissions(
        ready.sandbox.path(".claude/settings.json"),
        std::os::unix::fs::PermissionsExt::from_mode(0o444),
    )
    .expect("it is ours");
    let before = tree(&ready);
    let output = ready.doctor(&["--fix", "--yes"]);
    assert!(output.exits(4).err().contains("read-only"), "{output:?}");
    assert_eq!(tree(&ready), before);
    // Damaged markers of ours.
    let damaged = "# >>> bedrockup >>>\nCLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1";
    let ready = by_hand(damaged).client_says("firstParty").ready();
    let before = tree(&ready);
    assert_eq!(ready.doctor(&["--fix", "--yes"]).code(), Some(4));
    assert_eq!(tree(&ready), before);
}

#[test]
fn what_is_not_certain_stays_a_command() {
    // A choice of two, a file of the project's, a secret, an account-wide thing, a word for "off".
    let stale = "ABSKQmVkcm9ja0FQSUtleS1zdGFsZS1hdC0xMTExMjIyMjMzMzM6c3RhbGU=";
    let machines = [
        healthy().no_aws_files(),
        healthy()
            .file("work/.claude/settings.json", r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}}"#)
            .client_says("firstParty"),
        healthy().env("AWS_BEARER_TOKEN_BEDROCK", stale).env("AWS_PROFILE", "default").secret(stale),
        healthy().rule(Rule::on("InvokeModel*", Behaviour::deny_by_iam())),
        by_hand("export CLAUDE_CODE_USE_BEDROCK=0\nexport AWS_REGION=us-east-1").client_says("firstParty"),
    ];
    for machine in machines {
        let ready = machine.ready();
        let before = tree(&ready);
        let document = ready.doctor(&["--fix", "--yes", "--json"]).json();
        assert_eq!(document["fix"]["status"], "nothing-to-do", "{document:#}");
        assert_eq!(tree(&ready), before);
    }
}

/// A run in a terminal of its own.
fn in_terminal(ready: &Ready, words: &[&str]) -> expectrl::session::OsSession {
    let mut command = ready.sandbox.command(["doctor", "--timeout", "30s"].iter().chain(words));
    command.stdin(Stdio::inherit()).env("TERM", "xterm-256color");
    let mut session = Session::spawn(command).expect("a terminal");
    session.set_expect_timeout(Some(Duration::from_secs(60)));
    session
}

fn end(mut session: expectrl::session::OsSession) -> (i32, String) {
    let rest = session.expect(Eof).expect("it ends");
    let text = String::from_utf8_lossy(rest.as_bytes()).into_owned();
    match session.get_process().wait().expect("an exit status") {
        WaitStatus::Exited(_, code) => (code, text),
        other => panic!("ended by {other:?}: {text}"),
    }
}

#[test]
fn in_a_terminal_the_diff_is_shown_and_no_means_no() {
    let ready = by_hand("CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1").client_says("firstParty").ready();
    let before = tree(&ready);
    let mut session = in_terminal(&ready, &["--fix"]);
    session.expect("export CLAUDE_CODE_USE_BEDROCK=1").expect("the diff");
    session.expect("Change this file?").expect("the question");
    session.send("n").expect("n");
    let (code, text) = end(session);
    assert_eq!(code, 130, "{text}");
    assert_eq!(tree(&ready), before);
    let mut session = in_terminal(&ready, &["--fix"]);
    session.expect("Change this file?").expect("the question");
    session.send("y").expect("y");
    let (_, text) = end(session);
    assert!(text.contains("variable-not-exported is gone"), "{text}");
    assert!(ready.text(".bashrc").contains("\nexport CLAUDE_CODE_USE_BEDROCK=1\n"));
}

#[test]
fn a_sign_in_is_offered_in_a_terminal_alone() {
    let script = "#!/bin/sh\n[ -t 0 ] && [ -t 1 ] || exit 9\n[ \"$*\" = 'sso login --profile bedrock' ] || exit 8\n";
    let good = token(SSO_TOKEN, "2099-01-01T00:00:00Z").to_string();
    let machine = sso(Some(token("old-sso-token", "2020-01-01T00:00:00Z"))).secret("old-sso-token");
    let place = machine.path(&cache("corp")).display().to_string();
    let script = format!("{script}cat > {place} <<'EOF'\n{good}\nEOF\necho signed in\n");
    // A browser of its own, so that the usual sign-in is the one that is offered.
    let ready = machine.sandbox(|sandbox| sandbox.script("aws", &script)).here("BROWSER", "firefox").ready();
    let before = tree(&ready);
    let document = ready.doctor(&["--fix", "--yes", "--json"]).json();
    assert_eq!(document["fix"]["status"], "nothing-to-do", "{document:#}");
    assert_eq!(tree(&ready), before);
    let mut session = in_terminal(&ready, &["--fix"]);
    session.expect("Run `aws sso login --profile bedrock` now?").expect("the question");
    session.send("y").expect("y");
    let (code, text) = end(session);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("signed in") && text.contains("sso-session-expired is gone"), "{text}");
}

#[test]
fn who_wants_no_file_changed_may_still_sign_in() {
    let good = token(SSO_TOKEN, "2099-01-01T00:00:00Z").to_string();
    let machine = sso(Some(token("old-sso-token", "2020-01-01T00:00:00Z"))).secret("old-sso-token");
    let place = machine.path(&cache("corp")).display().to_string();
    let script = format!("#!/bin/sh\ncat > {place} <<'EOF'\n{good}\nEOF\n");
    // Without a login file other bash shells lack the values, which the program can change.
    let machine = machine.sandbox(|sandbox| sandbox.script("aws", &script)).here("BROWSER", "firefox");
    let ready = machine.without_file(".profile").ready();
    let mut session = in_terminal(&ready, &["--fix"]);
    session.expect("Change this file?").expect("the question");
    session.send("n").expect("n");
    session.expect("Run `aws sso login --profile bedrock` now?").expect("the next question");
    session.send("y").expect("y");
    let (code, text) = end(session);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("No file was changed.") && text.contains("sso-session-expired is gone"), "{text}");
    assert!(!ready.sandbox.path(".profile").exists());
}
