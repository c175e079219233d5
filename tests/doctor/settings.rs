//! Settings files beat the shell.

use super::*;

fn user_settings(text: &str) -> Machine {
    healthy().file(".claude/settings.json", text)
}

#[test]
fn use_bedrock_zero_still_on() {
    let report = user_settings(r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}"#)
        .block_value("CLAUDE_CODE_USE_BEDROCK", "0")
        .diagnose();
    report.error("settings-override-shell").shows("settings.json").and().never_says("value-not-truthy");
}

#[test]
fn settings_switch_bedrock_off_against_the_shell() {
    for value in ["0", ""] {
        let text = format!(r#"{{"env": {{"CLAUDE_CODE_USE_BEDROCK": "{value}"}}}}"#);
        let report = user_settings(&text).client_says("firstParty").diagnose();
        report.error("settings-override-shell").shows("~/.claude/settings.json");
    }
}

#[test]
fn setup_bedrock_bearer_rejected() {
    let old = "ABSKQmVkcm9ja0FQSUtleS1vbGQtYXQtMTExMTIyMjIzMzMzOm9sZA==";
    let text = format!(r#"{{"env": {{"AWS_BEARER_TOKEN_BEDROCK": "{old}"}}}}"#);
    let report = user_settings(&text).here("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER).secret(old).diagnose();
    report.error("settings-override-shell").shows("AWS_BEARER_TOKEN_BEDROCK");
}

#[test]
fn settings_json_invalid() {
    let report =
        user_settings("{\"env\": {\"CLAUDE_CODE_USE_BEDROCK\": \"1\",}}\n").no_block().client_says("firstParty");
    report.diagnose().error("settings-invalid-json").fix("settings.json:1");
}

#[test]
fn a_broken_settings_file_without_our_keys_is_a_warning() {
    user_settings("{\"theme\": \"dark\",}\n").diagnose().warning("settings-invalid-json");
}

#[test]
fn settings_env_nonstring() {
    user_settings(r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": 1}}"#).diagnose().stays_quiet();
}

#[test]
fn a_project_switches_bedrock_off() {
    let report = healthy()
        .file("work/.claude/settings.json", r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}}"#)
        .client_says("firstParty")
        .diagnose();
    report.error("project-settings-flip-route").shows("work/.claude/settings.json");
}

#[test]
fn a_project_of_another_region_still_answers() {
    let local = r#"{"env": {"AWS_REGION": "us-west-2"}}"#;
    let report = healthy().file("work/.claude/settings.local.json", local).diagnose();
    report.warning("project-settings-flip-route").shows("settings.local.json");
}

#[test]
fn vertex_is_on_and_bedrock_is_not() {
    let report = healthy().no_block().env("CLAUDE_CODE_USE_VERTEX", "1").client_says("vertex").diagnose();
    report.error("other-provider-selected").fix("CLAUDE_CODE_USE_VERTEX");
}

#[test]
fn vertex_and_bedrock_both() {
    healthy().env("CLAUDE_CODE_USE_VERTEX", "1").diagnose().note("other-provider-selected");
}

#[test]
fn another_directorys_project_settings_do_not_count() {
    healthy()
        .file("elsewhere/.claude/settings.json", r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}}"#)
        .diagnose()
        .stays_quiet();
}

#[test]
fn and_do_count_when_that_directory_is_asked_for() {
    let machine = healthy().file("elsewhere/.claude/settings.json", r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}}"#);
    let report = machine.client_says("firstParty").flags(&["--directory", "../elsewhere"]).diagnose();
    report.error("project-settings-flip-route").shows("elsewhere/.claude/settings.json");
}

#[test]
fn with_a_config_directory_of_its_own_the_usual_settings_are_not_read() {
    user_settings(r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}}"#)
        .sandbox(|sandbox| {
            let place = sandbox.path("claude-config");
            sandbox.dir("claude-config").env("CLAUDE_CONFIG_DIR", place)
        })
        .diagnose()
        .stays_quiet();
}

#[test]
fn settings_that_repair_what_the_shell_lacks_are_no_fault() {
    let text = format!(
        r#"{{"env": {{"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1", "ANTHROPIC_DEFAULT_OPUS_MODEL": "{OPUS}", "ANTHROPIC_DEFAULT_SONNET_MODEL": "{SONNET}", "ANTHROPIC_DEFAULT_HAIKU_MODEL": "{HAIKU}"}}}}"#
    );
    user_settings(&text).diagnose().stays_quiet();
    let report = user_settings(&text).no_block().diagnose();
    report.warning("bedrock-left-on").shows("settings.json");
}
