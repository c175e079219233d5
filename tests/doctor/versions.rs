//! Versions of the client that are known to fail, extensions that stay behind, and sessions that were started too early.

use super::*;

const SSO: &str = "[default]\nregion = us-east-1\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = Developer\n[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n";

fn extension(machine: Machine, version: &str) -> Machine {
    machine.file(&format!(".vscode/extensions/anthropic.claude-code-{version}/package.json"), "{}")
}

#[test]
fn bearer_token_auth_missing_2194() {
    let report = healthy().no_aws_files().client("2.1.94").env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER).diagnose();
    report.error("claude-known-bad-version").fix("claude update").fix("2.1.96").shows("2.1.94");
}

#[test]
fn beta_flag_opus47() {
    let report = healthy().client("2.1.111").opus("us.anthropic.claude-opus-4-7").diagnose();
    let told = report.error("claude-known-bad-version");
    told.fix("claude update").fix("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1").shows("invalid beta flag");
}

#[test]
fn a_beta_that_one_version_sent_to_every_model() {
    healthy().client("2.1.129").diagnose().error("claude-known-bad-version").fix("claude update");
    let quiet = healthy().client("2.1.129").env("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", "1").diagnose();
    quiet.never_says_loudly("claude-known-bad-version");
}

#[test]
fn beta_flag_disable_env_ignored() {
    // The fake stands where a gateway would.
    let report = healthy().client("2.1.23").env("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", "1").diagnose();
    report.error("claude-known-bad-version").fix("claude update").fix("2.1.25");
}

#[test]
fn eager_input_streaming() {
    let settings = r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}}"#;
    let machine = extension(healthy().client("2.1.71"), "2.1.72").file(".claude/settings.json", settings);
    let report = machine.diagnose();
    report.error("claude-known-bad-version").fix("Update the extension").fix("2.1.73").shows("eager_input_streaming");
}

#[test]
fn awsauthrefresh_stale_cache() {
    let settings = r#"{"awsAuthRefresh": "aws sso login"}"#;
    let report = healthy().client("2.1.7").file(".claude/settings.json", settings).diagnose();
    report.error("claude-known-bad-version").fix("claude update").shows("awsAuthRefresh");
}

#[test]
fn a_refresh_that_does_not_reach_the_retries() {
    let settings = r#"{"awsAuthRefresh": "aws sso login"}"#;
    let report = healthy().client("2.1.160").file(".claude/settings.json", settings).diagnose();
    report.warning("claude-known-bad-version").fix("claude update").shows("expired credentials");
}

#[test]
fn a_sign_in_that_one_version_asked_of_the_wrong_region() {
    let config = SSO.replace("sso_region = us-east-1", "sso_region = eu-west-1");
    let report = healthy().client("2.1.207").aws_files(&config, "").diagnose();
    assert_eq!(report.list("/findings")[0]["name"], "claude-known-bad-version", "{report:?}");
}

#[test]
fn vscode_model_list_old() {
    let report = extension(healthy().client("2.1.211"), "2.1.100").diagnose();
    report.warning("ide-bundles-older-client").fix("Update the extension").shows("2.1.211").shows("2.1.100");
}

#[test]
fn a_known_failure_runs_before_a_good_copy() {
    let newer = "#!/bin/sh\necho '2.1.330 (Claude Code)'\n";
    let machine = healthy().no_aws_files().client("2.1.95").env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER);
    let machine = machine.file(".local/bin/claude", newer).sandbox(|sandbox| sandbox.mode(".local/bin/claude", 0o755));
    machine.diagnose().error("claude-several-installs").shows("2.1.95").shows("2.1.330");
}

#[test]
fn an_alias_names_an_old_copy() {
    let old = "#!/bin/sh\necho '1.0.15 (Claude Code)'\n";
    let machine = healthy().file(".claude/local/claude", old);
    let machine = machine.sandbox(|sandbox| sandbox.mode(".claude/local/claude", 0o755));
    let report = machine.rc_after("alias claude=\"$HOME/.claude/local/claude\"").diagnose();
    report.error("claude-several-installs").fix("alias").shows("1.0.15");
}

#[test]
fn only_an_editor_has_a_client() {
    let report = extension(healthy().without_client(), "2.1.330").diagnose();
    report.note("claude-missing").shows("anthropic.claude-code-2.1.330");
}

/// The register and the transcript of a session.
fn session(ready: &super::ready::Ready, pid: u32, lines: &str) {
    let directory = ready.sandbox.path("work").display().to_string();
    let started = jiff::Timestamp::now().as_millisecond();
    let entry = format!(
        r#"{{"pid": {pid}, "sessionId": "0a1b", "cwd": "{directory}", "startedAt": {started}, "version": "2.1.330", "kind": "interactive"}}"#
    );
    ready.sandbox.write(format!(".claude/sessions/{pid}.json"), entry);
    ready.sandbox.write(".claude/projects/-work/0a1b.jsonl", lines);
}

fn failed(at: jiff::Timestamp) -> String {
    format!(
        r#"{{"type":"assistant","isApiErrorMessage":true,"timestamp":"{at}","message":{{"content":[{{"type":"text","text":"API Error: 403 The security token included in the request is expired"}}]}}}}"#
    )
}

/// Sets the time of the last change of a file in the home.
fn touched(ready: &super::ready::Ready, file: &str, at: jiff::Timestamp) {
    let file = std::fs::File::options().append(true).open(ready.sandbox.path(file)).expect("the file");
    let seconds = u64::try_from(at.as_second()).expect("a time of this age");
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    file.set_modified(time).expect("a time can be set");
}

#[test]
fn stale_creds_need_restart() {
    let values = [("CLAUDE_CODE_USE_BEDROCK", "1"), ("AWS_REGION", "us-east-1")];
    let ready = healthy().ready();
    let running = ready.runs("claude", &values);
    let now = jiff::Timestamp::now();
    let later = |minutes: i64| now + jiff::SignedDuration::from_mins(minutes);
    session(&ready, running.id(), &format!("{}\n", failed(later(15))));
    touched(&ready, ".aws/credentials", later(10));
    touched(&ready, ".bashrc", now - jiff::SignedDuration::from_hours(5));
    let report = ready.diagnose();
    report.warning("session-has-old-settings").fix("claude --continue").shows("is expired").shows(".aws/credentials");
}

#[test]
fn a_session_from_before_the_region_was_changed() {
    let ready = healthy().ready();
    let running = ready.runs("claude", &[("CLAUDE_CODE_USE_BEDROCK", "1"), ("AWS_REGION", "us-west-2")]);
    session(&ready, running.id(), "");
    touched(&ready, ".bashrc", jiff::Timestamp::now() + jiff::SignedDuration::from_mins(5));
    ready.diagnose().warning("session-has-old-settings").fix("claude --continue").shows("AWS_REGION");
}

#[test]
fn a_session_that_went_on_after_its_credentials_were_renewed() {
    let ready = healthy().ready();
    let values =
        ["CLAUDE_CODE_USE_BEDROCK=1", "AWS_REGION=us-east-1"].map(|pair| pair.split_once('=').expect("a pair"));
    let pins = [
        ("ANTHROPIC_DEFAULT_OPUS_MODEL", OPUS),
        ("ANTHROPIC_DEFAULT_SONNET_MODEL", SONNET),
        ("ANTHROPIC_DEFAULT_HAIKU_MODEL", HAIKU),
    ];
    let running = ready.runs("claude", &[&values[..], &pins[..]].concat());
    let now = jiff::Timestamp::now();
    let answered = format!(
        r#"{{"type":"assistant","timestamp":"{}","message":{{"content":[{{"type":"text","text":"hi"}}]}}}}"#,
        now + jiff::SignedDuration::from_mins(20)
    );
    session(&ready, running.id(), &format!("{}\n{answered}\n", failed(now + jiff::SignedDuration::from_mins(15))));
    touched(&ready, ".aws/credentials", now + jiff::SignedDuration::from_mins(10));
    ready.diagnose().stays_quiet();
}
