//! Odd but harmless: a false alarm is a defect like a missed cause.

use super::*;

#[test]
fn forty_profiles_and_one_is_used() {
    let mut config = String::from("[default]\nregion = us-east-1\n");
    for number in 0..40 {
        config.push_str(&format!("[profile team-{number}]\nregion = eu-west-1\nrole_arn = arn:aws:iam::{number:012}:role/Admin\nsource_profile = nobody\n"));
    }
    healthy().file(".aws/config", config).diagnose().stays_quiet();
}

#[test]
fn variables_of_vertex_lie_around() {
    healthy()
        .env("ANTHROPIC_VERTEX_PROJECT_ID", "my-project")
        .env("CLOUD_ML_REGION", "us-east5")
        .env("CLAUDE_CODE_USE_VERTEX", "0")
        .diagnose()
        .stays_quiet();
}

#[test]
fn a_key_of_anthropics_lies_around() {
    let machine = healthy().env("ANTHROPIC_API_KEY", "sk-ant-canary").secret("sk-ant-canary");
    machine.diagnose().stays_quiet();
}

#[test]
fn project_settings_agree_with_the_shell() {
    let same = r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "true", "AWS_REGION": "us-east-1"}, "model": "opus"}"#;
    healthy().file("work/.claude/settings.json", same).diagnose().stays_quiet();
}

#[test]
fn user_settings_with_comments_elsewhere_and_unknown_keys() {
    let text = r#"{"$schema": "https://json.schemastore.org/claude-code-settings.json", "permissions": {"allow": ["Bash(ls:*)"]}, "somethingNew": [1, 2]}"#;
    healthy().file(".claude/settings.json", text).diagnose().stays_quiet();
}

#[test]
fn a_bearer_token_and_nothing_else() {
    let report = healthy().no_aws_files().env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER).diagnose();
    report.stays_quiet().check("sts-identity", "skipped");
    assert_eq!(report.text("/route/credentials/kind"), "bearer-token");
}

#[test]
fn session_keys_in_the_environment() {
    healthy().no_aws_files().env_keys(SESSION_KEY, Some(GOOD_SESSION_TOKEN)).diagnose().stays_quiet();
}

#[test]
fn no_block_at_all_and_the_user_wrote_the_lines() {
    let report = healthy()
        .no_block()
        .env("CLAUDE_CODE_USE_BEDROCK", "true")
        .env("AWS_REGION", "us-east-1")
        .env("ANTHROPIC_DEFAULT_OPUS_MODEL", OPUS)
        .env("ANTHROPIC_DEFAULT_SONNET_MODEL", SONNET)
        .env("ANTHROPIC_DEFAULT_HAIKU_MODEL", HAIKU)
        .diagnose();
    // Uninstall would not switch it off; lines that also say where to are meant.
    report.note("bedrock-left-on").shows(".bashrc");
}

#[test]
fn only_this_terminal_was_told() {
    // Typed for one session: works here, on purpose.
    let machine = healthy().no_block().here("CLAUDE_CODE_USE_BEDROCK", "1").here("AWS_REGION", "us-east-1");
    let report = machine.diagnose();
    assert_eq!(report.text("/route/provider"), "bedrock", "{report:?}");
    assert_ne!(report.text("/verdict"), "broken", "{report:?}");
}

#[test]
fn residency_asks_for_another_geography() {
    healthy().region("eu-central-1").pins_with("eu.").diagnose().stays_quiet();
    healthy().region("ap-northeast-1").pins_with("global.").diagnose().stays_quiet();
}

#[test]
fn the_aws_files_have_windows_line_ends() {
    let keys = format!("[default]\r\naws_access_key_id = {}\r\naws_secret_access_key = {}\r\n", GOOD_KEY.0, GOOD_KEY.1);
    healthy().aws_files("[default]\r\nregion = us-east-1\r\n", &keys).diagnose().stays_quiet();
}

#[test]
fn the_profile_names_another_region_than_the_shell() {
    healthy().file(".aws/config", "[default]\nregion = eu-west-1\noutput = json\n").diagnose().stays_quiet();
}

#[test]
fn the_rc_file_holds_bytes_that_are_no_text() {
    let machine = healthy().ready();
    let mut bytes = machine.sandbox.read(".bashrc");
    bytes.extend(b"# caf\xe9 \xff\xfe\n");
    machine.sandbox.write(".bashrc", bytes);
    machine.diagnose().stays_quiet();
}

#[test]
fn the_rc_file_is_a_link_into_a_repository_of_dotfiles() {
    let machine = healthy().ready();
    let text = machine.sandbox.read(".bashrc");
    machine.sandbox.write("dotfiles/bashrc", text);
    std::fs::remove_file(machine.sandbox.path(".bashrc")).expect("the file is there");
    std::os::unix::fs::symlink("dotfiles/bashrc", machine.sandbox.path(".bashrc")).expect("a link can be made");
    machine.diagnose().stays_quiet();
}

#[test]
fn other_shells_are_installed_and_have_rc_files_of_their_own() {
    healthy()
        .file(".zshrc", "export EDITOR=vi\n")
        .file(".config/fish/config.fish", "set -gx EDITOR vi\n")
        .diagnose()
        .stays_quiet();
}

#[test]
fn a_block_for_every_shell_the_user_has() {
    let fish = "# >>> bedrockup >>>\n# Routes Claude Code through Amazon Bedrock. Change it with `bedrockup setup`, remove it with `bedrockup uninstall`.\nset -gx CLAUDE_CODE_USE_BEDROCK 1\nset -gx AWS_REGION us-east-1\n# <<< bedrockup <<<\n";
    healthy().block_in(&[".bashrc", ".zshrc"]).file(".config/fish/config.fish", fish).diagnose().stays_quiet();
}

#[test]
fn a_home_and_a_directory_with_blanks_in_their_names() {
    healthy().sandbox(|sandbox| sandbox.cd("my work/çà et là")).diagnose().stays_quiet();
}

#[test]
fn quotas_logging_and_pages_of_lists_make_no_noise() {
    healthy().account(|account| account.quotas.clear()).diagnose().stays_quiet();
}
