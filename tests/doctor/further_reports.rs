//! Further machines of the public reports, one after the other.

use super::*;
use crate::support::fake_aws::account::Quota;

fn settings(text: &str) -> Machine {
    healthy().file(".claude/settings.json", text)
}

fn unpinned() -> Machine {
    let tiers = ["OPUS", "SONNET", "HAIKU"].map(|tier| format!("ANTHROPIC_DEFAULT_{tier}_MODEL"));
    tiers.iter().fold(healthy(), |machine, name| machine.block_without(name))
}

fn throttled(words: &str) -> Machine {
    healthy().rule(Rule::on("InvokeModel*", Behaviour::refuse(429, "ThrottlingException", words)))
}

#[test]
fn credential_var_typo() {
    let report = healthy().no_block().env("CLAUDE_CODE_USE_BEDROK", "1").client_says("firstParty").diagnose();
    report.error("variable-misspelled").shows("CLAUDE_CODE_USE_BEDROK").fix("CLAUDE_CODE_USE_BEDROCK");
}

#[test]
fn aws_profile_empty_string() {
    healthy().env("AWS_PROFILE", "").diagnose().note("variable-empty").fix("unset AWS_PROFILE");
}

#[test]
fn multiple_installs() {
    let newer = "#!/bin/sh\necho '2.1.180 (Claude Code)'\n";
    let machine = healthy().client("1.0.15").file("tools/claude", newer);
    let report = machine.sandbox(|sandbox| {
        let also = sandbox.path("tools");
        sandbox.mode("tools/claude", 0o755).path_also(also)
    });
    report.rc_after("export PATH=\"$PATH:$HOME/tools\"").diagnose().error("claude-several-installs").shows("1.0.15");
}

#[test]
fn claude_broken_install() {
    let machine = healthy().without_client();
    let machine = machine.sandbox(|sandbox| sandbox.symlink("/nonexistent/claude", ".local/bin/claude"));
    machine.rc_after("export PATH=\"$HOME/.local/bin:$PATH\"").diagnose().error("claude-broken").by("you");
}

/// A native install whose directory is named by its version, with this for its program.
fn native(program: &[u8]) -> Machine {
    let machine = healthy().without_client().file(".local/share/claude/versions/2.1.330", program);
    let machine = machine.with_mode(".local/share/claude/versions/2.1.330", 0o755);
    let target = machine.path(".local/share/claude/versions/2.1.330");
    let machine = machine.sandbox(|sandbox| sandbox.symlink(&target, ".local/bin/claude"));
    machine.rc_after("export PATH=\"$HOME/.local/bin:$PATH\"")
}

#[test]
fn a_client_that_is_there_and_does_not_start() {
    // The head of a program for a processor that runs no test of ours.
    let mut foreign = b"\x7fELF\x02\x01\x01".to_vec();
    foreign.resize(64, 0);
    foreign[18..20].copy_from_slice(&[243, 0]);
    native(&foreign).diagnose().error("claude-broken").shows("another machine (ELF, processor 243)");
    native(b"#!/nonexistent/node\n").diagnose().error("claude-broken");
    native(b"#!/bin/sh\necho 'Illegal instruction' >&2\nexit 132\n").diagnose().error("claude-broken").shows("132");
}

#[test]
fn gateway_anthropic_base_url_with_bedrock() {
    let report = healthy().env("ANTHROPIC_BASE_URL", "http://localhost:4000").diagnose();
    report.warning("base-url-ignored").fix("ANTHROPIC_BEDROCK_BASE_URL");
}

#[test]
fn child_procs_wrong_identity() {
    settings(r#"{"env": {"AWS_PROFILE": "default"}}"#).diagnose().note("credentials-leak-to-tools");
}

#[test]
fn prompt_caching_disabled_left() {
    healthy()
        .env("DISABLE_PROMPT_CACHING", "1")
        .diagnose()
        .warning("prompt-caching-disabled")
        .fix("DISABLE_PROMPT_CACHING");
}

#[test]
fn max_output_4096_truncation() {
    healthy().env("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "4096").diagnose().warning("output-limit-low");
}

#[test]
fn awscredentialsexport_typo() {
    let report = settings(r#"{"awsCredentialsExport": "/opt/helper"}"#).no_aws_files().diagnose();
    report.error("settings-key-misspelled").fix("awsCredentialExport");
}

#[test]
fn china_partition_region() {
    healthy().region("cn-northwest-1").diagnose().error("partition-unsupported");
}

#[test]
fn non_bedrock_model_id() {
    let report = healthy().client("2.1.100").env("ANTHROPIC_MODEL", "claude-sonnet-4-20250514").diagnose();
    assert_eq!(report.list("/findings")[0]["name"], "model-not-bedrock-id", "{report:?}");
}

#[test]
fn region_not_in_profile() {
    let report = healthy().region("eu-central-2").pins_with("eu.").diagnose();
    assert!(
        ["model-not-in-region", "model-prefix-mismatch"]
            .map(Some)
            .contains(&report.list("/findings")[0]["name"].as_str())
    );
    assert_eq!(report.text("/verdict"), "broken");
}

#[test]
fn non_claude_model() {
    let report = healthy().env("ANTHROPIC_MODEL", "moonshotai.kimi-k2.5").diagnose();
    assert_eq!(report.list("/findings")[0]["name"], "model-not-claude", "{report:?}");
}

#[test]
fn opusplan_wrong_sonnet() {
    let report = unpinned().file(".claude/settings.json", r#"{"model": "opusplan"}"#).diagnose();
    report.note("model-unpinned").fix("bedrockup setup");
}

#[test]
fn aip_region_mismatch() {
    let arn = format!("arn:aws:bedrock:eu-west-1:{ACCOUNT_ID}:application-inference-profile/abcdef123456");
    healthy().opus(&arn).diagnose().error("profile-arn-other-region").fix("eu-west-1");
}

#[test]
fn aip_arn_account_mismatch() {
    let arn = "arn:aws:bedrock:us-east-1:222233334444:application-inference-profile/abcdef123456";
    healthy().opus(arn).diagnose().error("profile-arn-other-account").shows("222233334444");
}

#[test]
fn throttle_tpd() {
    let report = throttled("Too many tokens per day, please wait before trying again.").diagnose();
    report.error("quota-tokens-per-day").and().never_says("quota-tokens-per-minute");
}

#[test]
fn new_account_effective_quota_zero() {
    let quota = |tier: &str| Quota {
        code: "L-00000000".into(),
        name: format!("Cross-region model inference tokens per minute for Anthropic Claude {tier}"),
        value: 0.0,
        adjustable: true,
    };
    let quotas = ["Opus 4.8", "Sonnet 4.5 V1", "Haiku 4.5"].map(quota).to_vec();
    let machine = throttled("Too many tokens, please wait before trying again.");
    let machine = machine.account(|account| _ = account.quotas.insert("bedrock".into(), quotas));
    machine.diagnose().error("quota-zero").by("support");
}

#[test]
fn throttle_rpm() {
    throttled("Too many requests, please wait before trying again.").diagnose().error("quota-requests-per-minute");
}

#[test]
fn cred_resolve_stall_imds_proxy() {
    let portal = Behaviour::Html { status: 200, body: "<html>Sign in".into() };
    let machine = healthy().rule(Rule::always(portal.clone()).for_service("bedrock"));
    machine.rule(Rule::always(portal).for_service("bedrock-runtime")).diagnose().error("answer-not-from-aws");
}

#[test]
fn stream_econnreset() {
    let cut = Rule::on("InvokeModelWithResponseStream", Behaviour::CutStream { after_events: 1 });
    healthy().rule(cut).diagnose().error("stream-broken");
}

#[test]
fn web_identity_fallthrough() {
    // A file that is not there reads like one that may not be read, also for root.
    let report = healthy()
        .no_aws_files()
        .here("AWS_ROLE_ARN", format!("arn:aws:iam::{ACCOUNT_ID}:role/Developer"))
        .here("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token")
        .diagnose();
    report.error("web-identity-unreadable").shows("/nonexistent/token");
    // As it was reported: the file is there, and closed.
    let machine = healthy().no_aws_files().file("token", "fake.web.identity").with_mode("token", 0o000);
    let place = machine.path("token").to_string_lossy().into_owned();
    let machine = machine.here("AWS_ROLE_ARN", format!("arn:aws:iam::{ACCOUNT_ID}:role/Developer"));
    machine.here("AWS_WEB_IDENTITY_TOKEN_FILE", place).diagnose().error("web-identity-unreadable").shows("mode 0000");
}

#[test]
fn a_web_identity_token_that_is_over() {
    use base64::Engine;
    let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(r#"{"sub":"pod","exp":1700000000}"#);
    let machine = healthy().no_aws_files().file("token", format!("e30.{claims}.sig"));
    let place = machine.path("token").to_string_lossy().into_owned();
    let machine = machine.here("AWS_ROLE_ARN", format!("arn:aws:iam::{ACCOUNT_ID}:role/Developer"));
    machine
        .here("AWS_WEB_IDENTITY_TOKEN_FILE", place)
        .diagnose()
        .error("web-identity-unreadable")
        .shows("ended at 2023-11-14");
}
