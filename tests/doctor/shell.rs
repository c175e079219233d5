//! What the process that starts `claude` is given.

use super::*;

#[test]
fn first_run_onboarding_login() {
    let report = healthy().no_block().client_says("firstParty").diagnose();
    report.error("not-configured").fix("bedrockup setup");
}

#[test]
fn installer_clobbers_settings() {
    let backup = r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}}"#;
    let report = healthy()
        .no_block()
        .client_says("firstParty")
        .file(".claude/settings.json", r#"{"env": {"OTEL_METRICS_EXPORTER": "otlp"}}"#)
        .file(".claude/settings.json.bak", backup)
        .diagnose();
    report.error("not-configured").shows("settings.json.bak");
}

#[test]
fn switch_login_confusion() {
    let report = healthy().not_loaded().client_says("firstParty").diagnose();
    report.warning("block-not-loaded-yet").fix(".bashrc");
    assert_eq!(report.text("/verdict"), "degraded", "{report:?}");
}

#[test]
fn wrong_shell_bash_vs_zsh() {
    let report = healthy().block_in(&[".zshrc"]).not_loaded().client_says("firstParty").diagnose();
    report.error("block-not-read-by-shell").fix("bedrockup setup").shows(".zshrc");
}

#[test]
fn nonlogin_shell_zprofile() {
    // Its twin for bash: a login file, and terminals that start no login shell.
    let report = healthy().block_in(&[".bash_profile"]).not_loaded().client_says("firstParty").diagnose();
    report.error("block-not-read-by-shell").shows(".bash_profile");
}

#[test]
fn a_login_file_that_hides_the_one_that_reads_bashrc() {
    // `bash -l` opens .bash_profile and never .profile, which would have read .bashrc.
    let report = healthy().file(".bash_profile", "export EDITOR=vi\n").diagnose();
    report.error("block-not-read-by-shell").shows(".bashrc");
}

#[test]
fn a_line_added_inside_the_block() {
    let report = healthy().edit_block(|text| text.replace("# <<<", "export CLAUDE_CODE_MAX_RETRIES=3\n# <<<"));
    let report = report.here("CLAUDE_CODE_MAX_RETRIES", "3").diagnose();
    report.warning("block-edited").fix("bedrockup setup").shows(".bashrc");
}

#[test]
fn an_end_marker_that_was_deleted() {
    let report = healthy().edit_block(|text| text.replace("# <<< bedrockup <<<\n", "")).diagnose();
    report.error("block-damaged").by("you").shows(".bashrc");
}

#[test]
fn a_block_that_was_pasted_twice() {
    let report = healthy().edit_block(|text| format!("{text}{text}")).diagnose();
    report.error("block-damaged").by("you");
}

#[test]
fn a_line_below_the_block_takes_the_switch_away() {
    let report = healthy().rc_after("unset CLAUDE_CODE_USE_BEDROCK").not_loaded().client_says("firstParty").diagnose();
    report.error("block-overridden-later").shows("unset CLAUDE_CODE_USE_BEDROCK");
}

#[test]
fn a_line_below_the_block_names_another_region() {
    let report = healthy().env("AWS_REGION", "eu-west-1").region("eu-central-1").here("AWS_REGION", "eu-west-1");
    let report = report.pins_with("eu.").not_loaded().here("CLAUDE_CODE_USE_BEDROCK", "1").diagnose();
    report.error("block-overridden-later").shows("eu-west-1").shows(".bashrc");
}

#[test]
fn assigned_and_never_exported() {
    let report = healthy().no_block().rc_after("CLAUDE_CODE_USE_BEDROCK=1").client_says("firstParty").diagnose();
    report.error("variable-not-exported").fix("export CLAUDE_CODE_USE_BEDROCK=1");
}

#[test]
fn a_switch_that_people_read_as_on_and_the_client_as_off() {
    for value in ["y", "2", "enabled"] {
        let report = healthy().block_value("CLAUDE_CODE_USE_BEDROCK", value).client_says("firstParty").diagnose();
        report.error("value-not-truthy").fix("CLAUDE_CODE_USE_BEDROCK=1").shows(value);
    }
}

#[test]
fn credential_value_quotes_crlf() {
    let report = healthy().env("AWS_PROFILE", "\"default\"").diagnose();
    report.error("value-has-stray-characters").shows("AWS_PROFILE").and().never_says("keys-unknown");
    let report = healthy().not_here("AWS_REGION").here("ANTHROPIC_MODEL", format!("{OPUS}\r")).diagnose();
    report.error("value-has-stray-characters").shows("ANTHROPIC_MODEL");
}

#[test]
fn outer_blanks_around_switch_and_region_are_forgiven() {
    healthy().here("CLAUDE_CODE_USE_BEDROCK", " 1 ").here("ANTHROPIC_DEFAULT_FABLE_MODEL", "").diagnose().stays_quiet();
}

#[test]
fn an_interactive_guard_above_the_values_is_no_matter_where_the_login_file_has_them_too() {
    healthy()
        .rc_after("case $- in *i*) ;; *) return;; esac")
        .block_in(&[".bashrc", ".bash_profile"])
        .diagnose()
        .stays_quiet();
}

#[test]
fn a_shell_that_prints_at_start_is_still_read() {
    healthy().rc_before("echo welcome back").rc_before("printf 'no newline' >&2").diagnose().stays_quiet();
}
