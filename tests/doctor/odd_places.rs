//! Odd but harmless, in editors, services, wrappers and walls; and two faults at once.

use super::*;

const RIGHT: &str = "{\"claudeCode.environmentVariables\": [{\"name\": \"CLAUDE_CODE_USE_BEDROCK\", \"value\": \"1\"}, {\"name\": \"AWS_REGION\", \"value\": \"us-east-1\"}],\n\"claudeCode.disableLoginPrompt\": true}";

fn extension(machine: Machine, version: &str) -> Machine {
    machine.file(&format!(".vscode/extensions/anthropic.claude-code-{version}/package.json"), "{}")
}

#[test]
fn an_editor_with_all_it_needs_runs() {
    let ready = extension(healthy(), "2.1.330").file(".config/Code/User/settings.json", RIGHT).ready();
    let _editor = ready.runs("code", &[("DISPLAY", ":0")]);
    ready.diagnose().stays_quiet();
}

#[test]
fn an_editor_that_was_started_from_a_terminal() {
    let ready = extension(healthy(), "2.1.330").ready();
    let values = [("CLAUDE_CODE_USE_BEDROCK", "1"), ("AWS_REGION", "us-east-1")];
    let _editor = ready.runs("code", &values);
    ready.diagnose().stays_quiet();
}

#[test]
fn an_editor_without_the_extension_and_one_of_another_home() {
    let ready = healthy().file(".config/Code/User/settings.json", "{\"editor.fontSize\": 13}").ready();
    let _editor = ready.runs("code", &[]);
    ready.diagnose().stays_quiet();
    let ready = extension(healthy(), "2.1.330").ready();
    let _other = ready.runs("code", &[("HOME", "/home/somebody")]);
    ready.diagnose().stays_quiet();
}

#[test]
fn an_extension_a_few_versions_behind_and_one_that_was_given_up() {
    let machine = extension(extension(healthy(), "2.1.326"), "2.1.72");
    let machine = machine.file(".vscode/extensions/.obsolete", "{\"anthropic.claude-code-2.1.72\": true}");
    machine.diagnose().stays_quiet();
}

#[test]
fn services_that_have_the_values_or_want_none() {
    healthy()
        .file(".config/systemd/user/a.service", "[Service]\nEnvironmentFile=%h/a.env\nExecStart=claude -p hi\n")
        .file("a.env", "CLAUDE_CODE_USE_BEDROCK=1\nAWS_REGION=us-east-1\n")
        .file(".config/systemd/user/b.service", "[Service]\nExecStart=/bin/bash -lc 'claude -p hi'\n")
        .file(".config/systemd/user/c.service", "[Service]\nExecStart=/usr/bin/claude-desktop\n")
        .file(".config/systemd/user/d.service", "[Service]\nEnvironment=ANTHROPIC_API_KEY=x\nExecStart=claude -p hi\n")
        .diagnose()
        .stays_quiet();
    let unit = "[Service]\nExecStart=claude -p hi\n";
    let session = "CLAUDE_CODE_USE_BEDROCK=1\nAWS_REGION=us-east-1\n";
    let machine = healthy().file(".config/systemd/user/e.service", unit);
    machine.file(".config/environment.d/aws.conf", session).diagnose().stays_quiet();
}

#[test]
fn wrappers_that_take_nothing_away() {
    healthy().rc_after("alias claude='claude --verbose'").diagnose().stays_quiet();
    healthy().rc_after("claude() { printf '\\033]0;claude\\007'; command claude \"$@\"; }").diagnose().stays_quiet();
    healthy().rc_after("alias claude='AWS_PROFILE=default claude'").diagnose().stays_quiet();
    let text =
        "#!/bin/sh\nunset NODE_OPTIONS\n[ -n \"$CLEAN\" ] && exec env -i claude.real \"$@\"\nexec claude.real \"$@\"\n";
    let machine = healthy().sandbox(|sandbox| {
        let real = std::fs::read_to_string(sandbox.bin().join("claude")).expect("the stand-in");
        sandbox.script("claude.real", &real).script("claude", text)
    });
    machine.diagnose().stays_quiet();
}

#[test]
fn walls_around_a_machine_that_is_signed_in() {
    let ready = healthy().here("REMOTE_CONTAINERS", "true").here("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22").ready();
    ready.system_file(".dockerenv", "");
    ready.system_file("mnt/c/Users/Alice/.aws/config", "[default]\n");
    ready.system_file("proc/sys/kernel/osrelease", "6.6.87.2-microsoft-standard-WSL2\n");
    ready.diagnose_in(|_| {}).stays_quiet();
}

#[test]
fn files_of_another_user_that_can_be_read() {
    // A folder of the host, given to a container whose user has another number.
    let ready = healthy().ready();
    ready.diagnose_in(|world| world.user.uid += 1).stays_quiet();
}

#[test]
fn profiles_of_shells_that_nobody_uses() {
    healthy()
        .file(".config/powershell/profile.ps1", "export CLAUDE_CODE_USE_BEDROCK=1\n")
        .file(".config/fish/config.fish", "set CLAUDE_CODE_USE_BEDROCK 1\nset AWS_PROFILE other\n")
        .diagnose()
        .stays_quiet();
}

#[test]
fn a_tmux_around_a_terminal_that_has_the_values() {
    healthy().here("TMUX", "/tmp/tmux-0/default,1,0").diagnose().stays_quiet();
}

#[test]
fn features_that_are_switched_off() {
    let machine = healthy().env("CLAUDE_CODE_USE_POWERSHELL_TOOL", "0").env("MAX_THINKING_TOKENS", "0");
    machine.env("ANTHROPIC_BETA", "ignored").diagnose().stays_quiet();
}

#[test]
fn a_wrapper_and_a_wrong_prefix_are_two_causes() {
    let report = healthy().rc_after("alias claude='env -u CLAUDE_CODE_USE_BEDROCK claude'").pins_with("eu.").diagnose();
    report.errors(&["wrapper-changes-environment", "model-prefix-mismatch"]);
}

#[test]
fn a_service_without_values_and_an_old_extension() {
    let machine =
        extension(healthy(), "2.1.100").file(".config/systemd/user/a.service", "[Service]\nExecStart=claude\n");
    let report = machine.diagnose();
    report.error("service-environment");
    assert!(report.list("/findings").iter().any(|finding| finding["name"] == "ide-bundles-older-client"), "{report:?}");
}

#[test]
fn a_known_failure_and_keys_that_nobody_knows_are_two_causes() {
    let report = healthy()
        .client("2.1.129")
        .no_aws_files()
        .env_keys(("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), None)
        .diagnose();
    report.errors(&["claude-known-bad-version", "keys-unknown"]);
}

#[test]
fn a_container_and_a_misspelled_profile() {
    // Files are there, so that the wall is not the cause.
    let report = healthy().here("DEVCONTAINER", "true").env("AWS_PROFILE", "defualt").diagnose();
    report.error("profile-not-found").and().never_says("aws-files-on-other-side");
}
