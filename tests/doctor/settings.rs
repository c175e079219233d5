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
    let report = user_settings(r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": 1}}"#).diagnose();
    report.note("settings-env-not-string").shows("CLAUDE_CODE_USE_BEDROCK");
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
    report.note("bedrock-left-on").shows("settings.json");
}

/// With this in the organization's file (and its name), below a root directory of the test's own.
fn managed(machine: Machine, name: &str, text: &str) -> Report {
    let machine = machine.file(&format!("../system/etc/claude-code/{name}"), text).ready();
    machine.diagnose_in(|_| ())
}

#[test]
fn managed_settings_pins_model() {
    let policy = format!(r#"{{"env": {{"ANTHROPIC_MODEL": "{SONNET}"}}}}"#);
    let own = format!(r#"{{"env": {{"ANTHROPIC_MODEL": "{OPUS}"}}}}"#);
    let report = managed(user_settings(&own), "managed-settings.json", &policy);
    report.warning("managed-settings-force").by("org-admin").fix("managed-settings.json:1").shows("ANTHROPIC_MODEL");
    // A drop-in, and the key instead of the variable.
    let report =
        managed(user_settings(r#"{"model": "opus"}"#), "managed-settings.d/20-models.json", r#"{"model": "haiku"}"#);
    report.warning("managed-settings-force").by("org-admin").fix("20-models.json");
}

#[test]
fn managed_settings_that_say_the_same_are_quiet() {
    let policy =
        r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}, "allowedProviders": ["bedrock"]}"#;
    managed(healthy(), "managed-settings.json", policy).stays_quiet();
}

#[test]
fn a_policy_file_of_an_old_name_or_in_a_users_place() {
    let policy = r#"{"env": {"AWS_REGION": "us-east-1"}, "permissions": {}}"#;
    let report = managed(healthy(), "policies.json", policy);
    report.warning("managed-settings-misplaced").by("org-admin").fix("/etc/claude-code/managed-settings.json");
    let report = healthy().file(".claude/managed-settings.json", policy).ready().diagnose_in(|_| ());
    report.warning("managed-settings-misplaced").shows("~/.claude/managed-settings.json");
    // Beside the right one it is an old copy.
    let machine = healthy().file("../system/etc/claude-code/managed-settings.json", "{\"env\": {}}");
    managed(machine, "policies.json", policy).stays_quiet();
}

#[test]
fn a_policy_that_would_switch_bedrock_on() {
    let policy = r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}"#;
    let report = managed(healthy().no_block().client_says("firstParty"), "policies.json", policy);
    report.error("managed-settings-misplaced").by("org-admin");
}

#[test]
fn use_bedrock_left_on() {
    let line = "export CLAUDE_CODE_USE_BEDROCK=1\n";
    let machine = healthy().no_block().file(".zshenv", line).here("SHELL", "/usr/bin/zsh");
    let machine = machine.here("CLAUDE_CODE_USE_BEDROCK", "1").ready();
    let report = machine.diagnose_in(|world| world.user.shell = Some("/usr/bin/zsh".into()));
    report.warning("bedrock-left-on").fix(".zshenv:1").shows(".zshenv");
}

#[test]
fn max_tokens_exceed_model() {
    let old = "us.anthropic.claude-3-5-haiku-20241022-v1:0";
    let words = "The maximum tokens you requested exceeds the model limit of 8192. Try again with a maximum tokens value that is lower than 8192.";
    let rule =
        Rule::on("InvokeModel*", Behaviour::refuse(400, "ValidationException", words)).for_model("claude-3-5-haiku");
    let report = healthy().sonnet(old).env("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "32000").rule(rule).diagnose();
    let first = &report.list("/findings")[0];
    assert_eq!(
        (&first["name"], &first["severity"]),
        (&"output-limit-above-model".into(), &"error".into()),
        "{report:?}"
    );
    report.first().fix("CLAUDE_CODE_MAX_OUTPUT_TOKENS=8192").shows("model limit of 8192");
}

#[test]
fn a_limit_that_the_client_lowers_by_itself() {
    let report = healthy().env("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "128000").diagnose();
    report.note("output-limit-above-model").shows("64000");
}

#[test]
fn a_secret_in_a_start_up_file_and_one_in_the_settings() {
    let machine = || healthy().no_aws_files().secret(GOOD_BEARER);
    machine().env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER).diagnose().note("secrets-in-settings").shows(".bashrc:11");
    let text = format!(r#"{{"env": {{"AWS_BEARER_TOKEN_BEDROCK": "{GOOD_BEARER}"}}}}"#);
    let report = machine().file(".claude/settings.json", text).diagnose();
    report.warning("secrets-in-settings").fix("chmod 600 ~/.claude/settings.json");
}

#[test]
fn a_helper_that_only_the_logs_need() {
    user_settings(r#"{"otelHeadersHelper": "/opt/corp/otel-headers"}"#).diagnose().warning("settings-helper-broken");
    user_settings(r#"{"otelHeadersHelper": "/bin/echo {}"}"#).diagnose().stays_quiet();
}

#[test]
fn a_helper_script_with_windows_line_ends() {
    let machine =
        user_settings(r#"{"awsCredentialExport": "~/bin/keys.sh"}"#).file("bin/keys.sh", "#!/bin/sh\r\necho {}\r\n");
    let report = machine.with_mode("bin/keys.sh", 0o755).diagnose();
    report.error("settings-helper-broken").fix("sed").shows("Windows line ends");
}

#[test]
fn variables_at_the_top_level_of_the_settings() {
    let text = "{\n  \"CLAUDE_CODE_USE_BEDROCK\": \"1\",\n  \"AWS_REGION\": \"us-east-1\",\n  \"model\": \"opus\"\n}\n";
    let machine = healthy().no_block().client_says("firstParty").file(".claude/settings.json", text);
    let ready = machine.ready();
    let report = ready.diagnose();
    report
        .error("settings-wrong-file")
        .fix("\"env\": {")
        .shows("settings.json:2")
        .and()
        .says_as_consequence("not-configured");
    ready.doctor(&["--fix", "--yes"]);
    let fixed: serde_json::Value = serde_json::from_str(&ready.text(".claude/settings.json")).expect("it stays JSON");
    let env = serde_json::json!({"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"});
    assert_eq!(fixed, serde_json::json!({"model": "opus", "env": env}));
}
