//! No secret of the machine is ever shown, in any output of any run.

use super::*;
use crate::support::fake_aws::account::LOGIN_REFRESH_TOKEN;
use crate::support::process::Output;

/// Secrets of the healthy account, of what it hands out, and of the wire.
const CANARIES: [&str; 11] = [
    GOOD_KEY.1,
    SESSION_KEY.1,
    EXPIRED_KEY.1,
    GOOD_SESSION_TOKEN,
    GOOD_BEARER,
    SSO_TOKEN,
    LOGIN_REFRESH_TOKEN,
    "fake-sso-refresh-token",
    "mintedSecret",
    "mintedToken",
    "Signature=",
];

/// Neither stream holds one of the canaries, or of the test's own.
#[track_caller]
pub fn assert_none_in(output: &Output, more: &[String]) {
    for secret in CANARIES.iter().copied().chain(more.iter().map(String::as_str)) {
        // Named by its first letters, so that the failure does not do what it complains of.
        let shown = output.out().contains(secret) || output.err().contains(secret);
        let hint: String = secret.chars().take(6).collect();
        assert!(!shown, "the secret {hint}… was printed");
    }
}

/// Every kind of secret at once, in each place where a person may have put one.
fn littered() -> Machine {
    let settings = format!(
        r#"{{"env": {{"AWS_BEARER_TOKEN_BEDROCK": "{GOOD_BEARER}", "ANTHROPIC_API_KEY": "sk-ant-canary-settings"}}}}"#
    );
    healthy()
        .env("AWS_ACCESS_KEY_ID", SESSION_KEY.0)
        .env("AWS_SECRET_ACCESS_KEY", SESSION_KEY.1)
        .env("AWS_SESSION_TOKEN", GOOD_SESSION_TOKEN)
        .env("ANTHROPIC_API_KEY", "sk-ant-canary-shell")
        .env("ANTHROPIC_AUTH_TOKEN", "canary-auth-token")
        .env("HTTP_PROXY", "http://alice:canary-proxy-password@127.0.0.1:9")
        .env("NO_PROXY", "127.0.0.1")
        .file(".claude/settings.json", settings)
        .secret("sk-ant-canary")
        .secret("canary-auth-token")
        .secret("canary-proxy-password")
}

#[test]
fn no_command_shows_one_in_text_or_json() {
    let ready = littered().ready();
    let commands: [&[&str]; 7] = [
        &["doctor"],
        &["doctor", "--json"],
        &["doctor", "--offline"],
        &["why"],
        &["why", "--json"],
        &["why", "AWS_SECRET_ACCESS_KEY"],
        &["why", "AWS_BEARER_TOKEN_BEDROCK", "--json"],
    ];
    for command in commands {
        let output = ready.run(command.iter().map(|&word| word.to_owned()));
        assert!(!output.stdout.is_empty(), "{command:?}: {output:?}");
        assert!(output.code().is_some_and(|code| code != 2), "{command:?}: {output:?}");
    }
}

#[test]
fn a_helper_that_prints_a_secret_in_its_error_is_quoted_without_it() {
    let config = "[default]\nregion = us-east-1\ncredential_process = /bin/sh -c 'echo {\\\"Version\\\":1,\\\"SecretAccessKey\\\":\\\"canaryHelperSecret/K7MDENG/bPxRfiCYHELPER\\\"; exit 1'\n";
    let report = healthy().aws_files(config, "").secret("canaryHelperSecret").diagnose();
    report.error("credential-process-failed");
}

#[test]
fn a_secret_in_the_wrong_variable_is_not_shown_either() {
    let machine = healthy().here("AWS_REGION", GOOD_KEY.1);
    let report = machine.flags(&["--offline"]).ready();
    // What is found is judged elsewhere; here only the run itself is, for what it prints.
    let output = report.run(["doctor", "--json", "--offline"].map(str::to_owned));
    assert!(!output.stdout.is_empty(), "{output:?}");
}
