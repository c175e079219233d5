//! The client started by something else than a plain shell in a terminal: reports, and machines like them.

use super::*;

const CODE: &str = ".config/Code/User/settings.json";
const RIGHT: &str = r#"{
  // for the panel
  "claudeCode.environmentVariables": [
    {"name": "CLAUDE_CODE_USE_BEDROCK", "value": "1"},
    {"name": "AWS_REGION", "value": "us-east-1"},
  ],
}"#;

/// The extension in a folder of an editor.
fn extension(machine: Machine, version: &str) -> Machine {
    machine.file(&format!(".vscode/extensions/anthropic.claude-code-{version}/package.json"), "{}")
}

/// A unit of the user's.
fn unit(more: &str) -> String {
    format!("[Unit]\nDescription=The board\n\n[Service]\n{more}ExecStart=/usr/bin/env claude -p 'next card'\n")
}

/// A script `claude` before the client itself, which is called `claude.real`.
fn wrapper(text: &str) -> Machine {
    healthy().sandbox(|sandbox| {
        let real = std::fs::read_to_string(sandbox.bin().join("claude")).expect("the stand-in");
        sandbox.script("claude.real", &real).script("claude", text)
    })
}

#[test]
fn vscode_login_prompt_toggle() {
    let report = extension(healthy(), "2.0.53").file(CODE, RIGHT).diagnose();
    report.warning("vscode-login-prompt").fix("claudeCode.disableLoginPrompt").fix("eload the window").shows(CODE);
}

#[test]
fn a_login_screen_in_a_window_on_a_remote_machine() {
    let folder = ".vscode-server/extensions/anthropic.claude-code-2.1.330-linux-x64/package.json";
    let machine = healthy().file(folder, "{}").file(".vscode-server/data/Machine/settings.json", RIGHT);
    machine.diagnose().warning("vscode-login-prompt").shows(".vscode-server/data/Machine/settings.json:3");
}

#[test]
fn a_login_screen_where_the_client_s_own_settings_have_the_values() {
    let settings = r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}}"#;
    let folder = ".cursor/extensions/anthropic.claude-code-2.1.330/package.json";
    let report = healthy().file(".claude/settings.json", settings).file(folder, "{}").diagnose();
    report.warning("vscode-login-prompt").fix("Cursor/User/settings.json");
}

#[test]
fn ide_gui_no_shell_env() {
    let ready = extension(healthy(), "2.1.330").ready();
    let _editor = ready.runs("code", &[("PATH", "/usr/bin"), ("DISPLAY", ":0")]);
    let report = ready.diagnose();
    report.warning("ide-does-not-read-shell").fix("bedrockup setup --target settings").fix("from a terminal");
}

#[test]
fn an_editor_that_lacks_the_profile_alone() {
    let config = "[profile work]\nregion = us-east-1\n";
    let keys = format!("[work]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    let machine = healthy().aws_files(config, &keys).block_value("AWS_PROFILE", "work");
    let ready = machine.file(".windsurf/extensions/anthropic.claude-code-2.1.330/package.json", "{}").ready();
    let _editor = ready.runs("windsurf", &[("CLAUDE_CODE_USE_BEDROCK", "1"), ("AWS_REGION", "us-east-1")]);
    ready.diagnose().warning("ide-does-not-read-shell").shows("AWS_PROFILE").shows("Windsurf");
}

#[test]
fn vscode_wrong_setting_key() {
    let text = r#"{"claudeCode.env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}, "claudeCode.disableLoginPrompt": true}"#;
    let report = extension(healthy(), "2.1.330").file(CODE, text).diagnose();
    report.error("vscode-settings-shape").fix("claudeCode.environmentVariables").fix(r#"{"name""#).shows(CODE);
    // As it stands in the report: nothing is said about the extension.
    healthy().file(CODE, text).diagnose().error("vscode-settings-shape");
}

#[test]
fn an_object_in_the_place_of_the_list_and_a_wrapper_that_is_never_started() {
    let text = "{\n\"claudeCode.environmentVariables\": {\"CLAUDE_CODE_USE_BEDROCK\": \"1\"}\n}";
    healthy().file(".config/Cursor/User/settings.json", text).diagnose().error("vscode-settings-shape").shows(":2");
    let text = r#"{"claudeCode.claudeProcessWrapper": "/opt/sign-in", "claudeCode.useTerminal": true}"#;
    healthy().file(CODE, text).diagnose().error("vscode-settings-shape").fix("useTerminal");
}

#[test]
fn values_that_stand_in_the_editor_s_settings_alone() {
    let text = r#"{"claudeCode.env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}"#;
    let report = extension(healthy(), "2.1.330").no_block().client_says("firstParty").file(CODE, text).diagnose();
    report.error("vscode-settings-shape");
}

#[test]
fn embedding_app_other_env() {
    let path = ".config/systemd/user/board.service";
    let text = unit("Environment=PATH=/usr/bin:/bin\nEnvironment=\"HOME=%h\"\n");
    let report = healthy().file(path, text).diagnose();
    report.error("service-environment").fix("user settings").fix("CLAUDE_CODE_USE_BEDROCK=1").shows(path);
}

#[test]
fn an_app_that_is_known_to_start_the_client() {
    let text = "[Service]\nExecStart=/usr/bin/npx vibe-kanban\n";
    let report = healthy().file(".config/systemd/user/kanban.service", text).diagnose();
    report.error("service-environment").shows("Vibe Kanban");
}

#[test]
fn a_line_of_cron_that_runs_a_script() {
    let ready = healthy()
        .file("tools/nightly.sh", "#!/bin/bash\ncd ~/work || exit 1\nclaude -p 'review what changed'\n")
        .ready();
    let script = ready.sandbox.path("tools/nightly.sh");
    ready.system_file("var/spool/cron/crontabs/alice", &format!("MAILTO=me\n0 3 * * * {}\n", script.display()));
    let report = ready.diagnose_in(|_| {});
    report.error("service-environment").shows("nightly.sh").shows("crontabs/alice:2");
}

#[test]
fn a_slip_in_a_unit() {
    let report = healthy().file(".config/systemd/user/board.service", unit("Environment=CLAUDE_CODE_USE_BEDROK=1\n"));
    report.diagnose().error("variable-misspelled").fix("CLAUDE_CODE_USE_BEDROCK").shows("board.service:5");
}

#[test]
fn wrapper_strips_claude_env() {
    let text = "#!/bin/sh\nexec env -i HOME=\"$HOME\" PATH=\"$PATH\" claude.real \"$@\"\n";
    let report = wrapper(text).diagnose();
    report.error("wrapper-changes-environment").fix("wrapper").fix("user settings").shows("env -i");
}

#[test]
fn wrappers_that_filter() {
    for text in [
        "#!/bin/bash\nfor name in $(compgen -e CLAUDE_); do unset \"$name\"; done\nexec claude.real \"$@\"\n",
        "#!/bin/sh\nexec env -i $(env | grep -v ^CLAUDE_ | grep -v ' ') claude.real \"$@\"\n",
        "#!/usr/bin/env python3\nimport os, sys\nos.environ.pop('CLAUDE_CODE_USE_BEDROCK', None)\nos.execvp('claude.real', sys.argv)\n",
    ] {
        wrapper(text).diagnose().error("wrapper-changes-environment");
    }
}

#[test]
fn an_alias_and_a_function_that_take_the_switch_away() {
    let report = healthy().rc_after("alias claude='env -u CLAUDE_CODE_USE_BEDROCK claude'").diagnose();
    report.error("wrapper-changes-environment").shows("env -u CLAUDE_CODE_USE_BEDROCK").shows(".bashrc");
    let report = healthy().rc_after("claude() { CLAUDE_CODE_USE_BEDROCK=0 command claude \"$@\"; }").diagnose();
    report.error("wrapper-changes-environment").shows("function");
    let fish = "set -gx CLAUDE_CODE_USE_BEDROCK 1\nset -gx AWS_REGION us-east-1\nfunction claude\n  env -i HOME=$HOME PATH=\"$PATH\" claude $argv\nend\n";
    let ready = healthy().no_block().not_here("AWS_REGION").file(".config/fish/config.fish", fish).ready();
    ready.diagnose_with_login_shell("fish").error("wrapper-changes-environment").shows("config.fish");
}

#[test]
fn an_alias_whose_program_is_gone() {
    let report = healthy().rc_after("alias claude='/gone/claude'").diagnose();
    report.error("wrapper-changes-environment").shows("/gone/claude");
}

#[test]
fn a_wrapper_that_gives_another_profile_is_part_of_the_route() {
    let report = healthy().rc_after("alias claude='AWS_PROFILE=gone claude'").diagnose();
    report.error("profile-not-found").shows("gone");
}

#[test]
fn container_no_aws_mount() {
    let report = healthy().no_aws_files().here("REMOTE_CONTAINERS", "true").diagnose();
    report.error("aws-files-on-other-side").fix("writable").shows("REMOTE_CONTAINERS");
}

#[test]
fn a_container_whose_definition_forgot_the_folder() {
    let text = "{\n  \"image\": \"x\", // ours\n  \"remoteEnv\": {\"AWS_REGION\": \"us-east-1\"},\n}";
    let ready = healthy().no_aws_files().file("work/.devcontainer/devcontainer.json", text).ready();
    ready.system_file("run/.containerenv", "");
    ready.diagnose_in(|_| {}).error("aws-files-on-other-side").fix("devcontainer.json").fix("mounts");
}

#[test]
fn a_server_s_container_without_credentials_has_none() {
    let ready = healthy().no_aws_files().ready();
    ready.system_file(".dockerenv", "");
    ready.diagnose_in(|_| {}).error("no-credentials");
}

#[test]
fn the_windows_side_was_signed_in() {
    let ready = healthy().no_aws_files().ready();
    ready.system_file("proc/sys/kernel/osrelease", "6.6.87.2-microsoft-standard-WSL2\n");
    ready.system_file("mnt/c/Users/Alice/.aws/credentials", "[default]\n");
    let report = ready.diagnose_in(|_| {});
    report.error("aws-files-on-other-side").fix("ln -s").fix("/mnt/c/Users/Alice/.aws");
}

#[test]
fn powershell_tool_503() {
    let unavailable =
        Behaviour::refuse(503, "ServiceUnavailableException", "Bedrock is unable to process your request.");
    let rule = Rule { body_contains: Some("PowerShell".to_owned()), ..Rule::on("InvokeModel*", unavailable) };
    let report = healthy().env("CLAUDE_CODE_USE_POWERSHELL_TOOL", "1").rule(rule).diagnose();
    report.error("feature-variable-harmful").fix("unset CLAUDE_CODE_USE_POWERSHELL_TOOL").fix(".bashrc");
}

#[test]
fn betas_that_the_model_does_not_know() {
    let refused = Behaviour::refuse(400, "ValidationException", "invalid beta flag");
    let rule = Rule { body_contains: Some("made-up-beta".to_owned()), ..Rule::on("InvokeModel*", refused) };
    let report = healthy().env("ANTHROPIC_BETAS", "made-up-beta-2026-01-01").rule(rule.clone()).diagnose();
    // The present client drops them and repeats the call.
    report.warning("feature-variable-harmful").fix("unset ANTHROPIC_BETAS");
}

#[test]
fn a_home_that_is_somebody_else_s() {
    let ready = healthy().ready();
    let report = ready.diagnose_in(|world| {
        // The files are those of the user that runs this test; to doctor another one runs.
        world.user.uid += 1;
        world.user.home = Some("/home/another".into());
    });
    report.error("home-of-another-user").shows("/home/another");
}
