//! Ways by which a value gets into the client, or stays out of it: earlier terminals, files that are read by files, other
//! shells, aliases, files of a directory.

use super::*;

const PROFILE: &str = "[profile bedrock]\nregion = us-east-1\n";

/// A machine whose block has a profile with good keys.
fn with_profile() -> Machine {
    let keys = format!("[bedrock]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    healthy().aws_files(PROFILE, &keys).block_value("AWS_PROFILE", "bedrock")
}

#[test]
fn a_terminal_with_the_profile_of_an_earlier_block() {
    let here = |machine: Machine, name: &'static str, value: &'static str| machine.not_loaded().here(name, value);
    let machine = here(with_profile(), "AWS_PROFILE", "legacy-ai");
    let machine = machine.here("CLAUDE_CODE_USE_BEDROCK", "1").here("AWS_REGION", "us-east-1");
    let report = machine.diagnose();
    let told = report.error("block-not-loaded-yet");
    told.fix("source ~/.bashrc").shows("AWS_PROFILE is `legacy-ai`");
    // A profile of that name in the block itself is what is wrong.
    let report = with_profile().block_value("AWS_PROFILE", "legacy-ai").diagnose();
    report.error("profile-not-found").fix("bedrock");
}

#[test]
fn a_terminal_with_the_region_of_an_earlier_block() {
    let machine = healthy().not_loaded().here("CLAUDE_CODE_USE_BEDROCK", "1").here("AWS_REGION", "eu-central-1");
    let report = machine.diagnose();
    report
        .error("block-not-loaded-yet")
        .fix("source ~/.bashrc")
        .shows("another AWS_REGION than the block, which fails");
    report.says_as_consequence("model-prefix-mismatch");
}

#[test]
fn a_file_of_plain_assignments_that_bashrc_reads() {
    let values = "# claude\nCLAUDE_CODE_USE_BEDROCK=1\nAWS_REGION=us-east-1\n";
    let machine = || healthy().no_block().file(".env", values);
    let report = machine().client_says("firstParty").rc_after("source ~/.env").diagnose();
    let told = report.error("variable-not-exported");
    told.fix("vi +2 ~/.env").shows("~/.env:2").shows("~/.env:3").shows("reads ~/.env");
    machine().rc_after("set -a; . ~/.env; set +a").diagnose().never_says_loudly("variable-not-exported");
    // In a function that nobody has called.
    let report = healthy().file(".env", "AWS_PROFILE=client-x\n").rc_after("client() { . ~/.env; }").diagnose();
    report.stays_quiet();
}

#[test]
fn a_login_bash_that_goes_over_to_zsh() {
    let machine = healthy().block_in(&[".bashrc", ".profile"]).not_loaded().client_says("firstParty");
    let report = machine.file(".bash_profile", "export EDITOR=vi\n[ -n \"$PATH\" ] && exec zsh -l\n").diagnose();
    let told = report.error("block-not-reached");
    told.fix("bedrockup setup --shell zsh").shows("~/.bash_profile:2");
}

#[test]
fn an_alias_that_gives_settings_of_its_own() {
    let off = r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}}"#;
    let alias = "alias claude='claude --settings ~/.claude/max.json'";
    let report = healthy().file(".claude/max.json", off).rc_after(alias).diagnose();
    let told = report.error("settings-override-shell");
    told.fix("~/.claude/max.json:1").shows("`claude` is this alias").shows("~/.bashrc:");
    let same = r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}, "model": "opus"}"#;
    healthy().file(".claude/max.json", same).rc_after(alias).diagnose().stays_quiet();
    healthy().rc_after("alias claude='claude --settings \"{}\"'").diagnose().stays_quiet();
}

#[test]
fn a_profile_that_a_file_of_the_directory_sets() {
    for (file, text, line) in [
        ("work/mise.toml", "[tools]\nnode = \"22\"\n[env]\nAWS_PROFILE = \"client-x\"\n", 4),
        ("work/.envrc", "export AWS_PROFILE=client-x\n", 1),
    ] {
        let report = healthy().file(file, text).here("AWS_PROFILE", "client-x").diagnose();
        report.error("profile-not-found").fix(&format!("{file}:{line}")).shows(&format!("{file}:{line}"));
    }
}

#[test]
fn a_byte_order_mark_before_settings() {
    let settings = "\u{feff}{\"env\": {\"CLAUDE_CODE_USE_BEDROCK\": \"1\", \"AWS_REGION\": \"us-east-1\"}}\n";
    let machine = || healthy().no_block().file(".claude/settings.json", settings);
    machine().diagnose().stays_quiet();
    let report = machine().client_says("firstParty").diagnose();
    report.error("settings-invalid-json").fix("tail -c +4").shows("byte order mark");
}

#[test]
fn a_header_in_the_place_of_a_key() {
    let machine = healthy().no_aws_files().env("AWS_BEARER_TOKEN_BEDROCK", format!("Bearer {GOOD_BEARER}"));
    machine.diagnose().error("bearer-token-malformed").fix("without the word Bearer");
}
