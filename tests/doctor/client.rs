//! Which `claude` runs.

use super::*;

#[test]
fn no_client_at_all() {
    healthy().without_client().diagnose().error("claude-missing").by("you");
}

#[test]
fn auto_mode_unavailable_bedrock() {
    let settings = r#"{"permissions": {"defaultMode": "auto"}}"#;
    let report = healthy().client("2.1.100").file(".claude/settings.json", settings).diagnose();
    report.error("claude-too-old").fix("claude update").shows("2.1.100");
}

#[test]
fn a_bearer_token_before_the_client_knew_them() {
    let report = healthy().no_aws_files().client("1.0.40").here("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER).diagnose();
    report.error("claude-too-old").fix("claude update");
}

#[test]
fn an_aws_sign_in_session_before_the_client_knew_them() {
    let session = format!("arn:aws:iam::{ACCOUNT_ID}:user/alice");
    let config = format!("[default]\nregion = us-east-1\nlogin_session = {session}\n");
    let report = healthy().client("2.0.60").aws_files(&config, "").diagnose();
    assert_eq!(report.list("/findings")[0]["name"], "claude-too-old", "{report:?}");
}

#[test]
fn an_old_client_that_knows_all_that_is_used_is_no_fault() {
    healthy().client("2.1.240").diagnose().stays_quiet();
}

#[test]
fn a_second_install_that_never_runs_is_no_fault() {
    // On no PATH: `npx` and editors leave such copies.
    let old = "#!/bin/sh\necho '2.1.330 (Claude Code)'\n";
    let machine =
        healthy().file(".claude/local/claude", old).sandbox(|sandbox| sandbox.mode(".claude/local/claude", 0o755));
    machine.diagnose().stays_quiet();
}
