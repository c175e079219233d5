//! Quotas: before the first 429, and told apart after it.

use super::*;
use crate::support::fake_aws::account::Quota;

const PER_MINUTE: &str = "Too many tokens, please wait before trying again.";

/// A machine whose account has these quotas besides those of a new one.
fn with(quotas: &[(&str, f64)]) -> Machine {
    let quotas = quotas.iter().enumerate().map(|(index, (name, value))| Quota {
        code: format!("L-0000000{index}"),
        name: (*name).to_owned(),
        value: *value,
        adjustable: true,
    });
    let quotas: Vec<_> = quotas.collect();
    healthy().account(|account| account.quotas.get_mut("bedrock").expect("quotas").extend(quotas))
}

fn throttled(machine: Machine, words: &str) -> Machine {
    machine.rule(Rule::on("InvokeModel*", Behaviour::refuse(429, "ThrottlingException", words)).for_model("opus"))
}

const TOKENS: &str = "Cross-region model inference tokens per minute for Anthropic Claude Opus 4.8";
const GLOBAL: &str = "Global cross-region model inference tokens per minute for Anthropic Claude Opus 4.8";
const REQUESTS: &str = "Cross-region model inference requests per minute for Anthropic Claude Opus 4.8";
const DAY: &str = "Model invocation max tokens per day for Anthropic Claude Opus 4.8 (doubled for cross-region calls)";
const GLOBAL_DAY: &str = "Global cross-region model inference tokens per day for Anthropic Claude Opus 4.8";

#[test]
fn throttle_max_tokens_reservation() {
    let report = with(&[(TOKENS, 8_000.0)]).diagnose();
    report.error("output-reservation").fix("CLAUDE_CODE_MAX_OUTPUT_TOKENS=4096").shows("64000").shows("L-00000000");
}

#[test]
fn the_reservation_that_was_chosen_to_fit_is_left_alone() {
    let machine = with(&[(TOKENS, 8_000.0)]).block_value("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "4096");
    let report = machine.diagnose();
    report.never_says("output-reservation").also_says("output-limit-low", "\"note\"");
}

#[test]
fn one_answers_room_is_more_than_the_quota() {
    let report = with(&[(TOKENS, 50_000.0)]).diagnose();
    report.error("output-reservation").fix("CLAUDE_CODE_MAX_OUTPUT_TOKENS=16000").shows("Claude Code's own");
    let report = with(&[(TOKENS, 80_000.0)]).diagnose();
    report.warning("output-reservation").fix("CLAUDE_CODE_MAX_OUTPUT_TOKENS=16000");
}

#[test]
fn throttle_tpm_where_a_small_call_passes() {
    let report = with(&[(TOKENS, 20_000.0)]).diagnose();
    report.error("quota-tokens-per-minute").by("aws-admin").fix("--quota-code L-00000000 --desired-value 50000");
}

#[test]
fn throttle_rpm_where_a_single_call_passes() {
    let report = with(&[(REQUESTS, 1.0)]).diagnose();
    report.error("quota-requests-per-minute").by("aws-admin").shows(REQUESTS);
    with(&[(REQUESTS, 5.0)]).diagnose().warning("quota-requests-per-minute");
}

#[test]
fn a_day_of_few_turns() {
    with(&[(DAY, 100_000.0)]).diagnose().warning("quota-tokens-per-day").by("support").shows(DAY);
    // Calls through a profile may use twice as much.
    with(&[(DAY, 200_000.0)]).diagnose().stays_quiet();
}

#[test]
fn quotas_of_other_routes_and_models_are_no_news() {
    let others = [
        (TOKENS, 5_000_000.0),
        (REQUESTS, 500.0),
        (GLOBAL, 0.0),
        (GLOBAL_DAY, 0.0),
        ("On-demand model inference tokens per minute for Anthropic Claude Opus 4.8", 0.0),
        ("Cross-region model inference tokens per minute for Anthropic Claude Opus 4.8 1M Context Length", 1_000.0),
        ("[bedrock-mantle endpoint] Input tokens per minute for Anthropic Claude Opus 4.8", 0.0),
        ("Cross-region model inference tokens per minute for Anthropic Claude Opus 4", 0.0),
        ("Cross-region model inference tokens per minute for Anthropic Claude 3 Opus", 0.0),
        ("Records per batch inference job for Claude Opus 4.8", 0.0),
    ];
    with(&others).diagnose().stays_quiet();
}

#[test]
fn no_quota_by_the_global_route_does_not_explain_a_throttled_profile_of_a_continent() {
    let report = throttled(with(&[(TOKENS, 500_000.0), (GLOBAL, 0.0)]), PER_MINUTE).diagnose();
    report.error("quota-tokens-per-minute").shows(TOKENS).and().never_says("quota-zero");
}

#[test]
fn no_quota_by_the_global_route() {
    let machine = throttled(with(&[(TOKENS, 500_000.0), (GLOBAL, 0.0)]), PER_MINUTE);
    let report = machine.pins_with("global.").diagnose();
    report.error("quota-zero").by("support").shows(GLOBAL);
}

#[test]
fn a_day_of_no_tokens_is_no_used_up_day() {
    let machine = throttled(with(&[(DAY, 0.0)]), "Too many tokens per day, please wait before trying again.");
    machine.diagnose().error("quota-zero").shows(DAY);
}

#[test]
fn the_quota_of_a_profile_of_the_account_is_that_of_what_it_routes_to() {
    let profile = ApplicationProfile {
        id: "abcdef123456".into(),
        name: "team".into(),
        region: "us-east-1".into(),
        model: "anthropic.claude-opus-4-8".into(),
    };
    let quota = "On-demand model inference tokens per minute for Anthropic Claude Opus 4.8";
    let machine =
        with(&[(quota, 8_000.0), (TOKENS, 5_000_000.0)]).account(|account| account.application_profiles.push(profile));
    let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:application-inference-profile/abcdef123456");
    machine.opus(&arn).diagnose().error("output-reservation").shows(quota);
}

#[test]
fn the_quotas_are_read_to_the_last_page() {
    let mut quotas: Vec<(String, f64)> =
        (0..230).map(|number| (format!("(Flows) Nodes of kind {number}"), 1.0)).collect();
    quotas.push((TOKENS.to_owned(), 8_000.0));
    let quotas: Vec<(&str, f64)> = quotas.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    with(&quotas).diagnose().error("output-reservation");
}

#[test]
fn quotas_that_may_not_be_listed_lower_no_verdict() {
    let machine = healthy().rule(Rule::on("ListServiceQuotas", Behaviour::deny_by_iam()));
    let report = machine.diagnose();
    report.note("evidence-denied").by("aws-admin");
    assert_eq!(report.text("/verdict"), "healthy");
}

#[test]
fn quotas_that_do_not_come_are_not_waited_for() {
    let machine = healthy().rule(Rule::on("ListServiceQuotas", Behaviour::Hang)).timeout("8s");
    let report = machine.diagnose();
    report.stays_quiet().check("quotas", "skipped");
}
