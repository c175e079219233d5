//! The AWS files themselves: how they are written, and who may read them.

use std::os::unix::fs::{PermissionsExt, chown};

use super::credential_sources::{cache, sso, token};
use super::*;

fn keys(header: &str) -> String {
    format!("{header}\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1)
}

/// Somebody else's, or closed: what keeps a user who is not root out. Root can give files away; others can only close them.
fn close(machine: &machine::Machine, path: &str) {
    let path = machine.path(path);
    if chown(&path, Some(12345), Some(12345)).is_err() {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).expect("the file is ours");
    }
}

#[test]
fn profile_section_missing_prefix() {
    let machine = healthy().aws_files(&keys("[bedrock]"), "").env("AWS_PROFILE", "bedrock");
    machine.diagnose().error("profile-section-misnamed").fix("[profile bedrock]").fix(".aws/config").shows(":1");
}

#[test]
fn a_header_with_a_word_too_many_in_the_credentials_file() {
    let machine = healthy().aws_files("[profile work]\nregion = us-east-1\n", &keys("[profile work]"));
    machine
        .env("AWS_PROFILE", "work")
        .diagnose()
        .error("profile-section-misnamed")
        .fix("`[work]`")
        .fix("credentials:1");
}

#[test]
fn the_section_of_a_source_profile_without_its_word() {
    let role =
        format!("[profile work]\nrole_arn = arn:aws:iam::{ACCOUNT_ID}:role/Developer\nsource_profile = base\n\n");
    let machine = healthy().aws_files(&format!("{role}{}", keys("[base]")), "").env("AWS_PROFILE", "work");
    machine.diagnose().error("profile-section-misnamed").fix("[profile base]").shows(":5");
}

#[test]
fn a_name_that_the_cli_reads_and_the_client_does_not() {
    let machine = healthy().aws_files(&keys("[profile my team]"), "").env("AWS_PROFILE", "my team");
    machine.diagnose().error("profile-section-misnamed").fix("[profile my-team]");
    let machine = healthy().aws_files(&keys("[profile  work]"), "").env("AWS_PROFILE", "work");
    machine.diagnose().error("profile-section-misnamed").fix("[profile work]");
}

#[test]
fn misnamed_sections_that_nobody_chooses() {
    healthy()
        .file(".aws/config", "[default]\nregion = us-east-1\n[old]\nregion = eu-west-1\n")
        .diagnose()
        .stays_quiet();
}

#[test]
fn sso_cache_permission() {
    let machine = sso(Some(token(SSO_TOKEN, "2099-01-01T00:00:00Z"))).with_mode(&cache("corp"), 0o600);
    close(&machine, &cache("corp"));
    machine.diagnose().error("aws-files-unreadable").fix("chown").fix("chmod").shows(".aws/sso/cache");
}

#[test]
fn a_credentials_file_that_nobody_may_read() {
    let machine = healthy().with_mode(".aws/credentials", 0o000);
    machine.diagnose().error("aws-files-unreadable").fix("chmod -R u+rwX").shows("mode 0000");
}

#[test]
fn another_sessions_file_in_the_cache_may_be_closed() {
    let machine = sso(Some(token(SSO_TOKEN, "2099-01-01T00:00:00Z")));
    let machine = machine.file(&cache("other"), token("other", "2099-01-01T00:00:00Z").to_string());
    let machine = machine.with_mode(&cache("other"), 0o600);
    close(&machine, &cache("other"));
    machine.diagnose().stays_quiet();
}

#[test]
fn a_variable_that_names_a_file_that_is_not_there() {
    let machine = healthy().env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials");
    machine
        .diagnose()
        .error("aws-files-unreadable")
        .shows("/nonexistent/credentials")
        .fix("AWS_SHARED_CREDENTIALS_FILE");
}

#[test]
fn files_elsewhere_and_files_switched_off_are_healthy() {
    let machine = healthy().aws_files("", "").file("elsewhere/keys", keys("[default]"));
    let place = machine.path("elsewhere/keys").to_string_lossy().into_owned();
    let machine = machine.env("AWS_SHARED_CREDENTIALS_FILE", place).env("AWS_CONFIG_FILE", "/dev/null");
    machine.diagnose().stays_quiet();
}

#[test]
fn a_header_that_is_not_closed() {
    let machine = healthy().aws_files(&keys("[profile work"), "").env("AWS_PROFILE", "work");
    machine.diagnose().error("aws-config-broken").fix(".aws/config:1").shows("not closed");
}

#[test]
fn a_file_that_an_editor_wrote_in_utf_16() {
    let text: Vec<u8> = format!("\u{feff}{}", keys("[default]")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    healthy().file(".aws/credentials", text).diagnose().error("aws-config-broken").fix("iconv");
}

#[test]
fn two_sections_of_one_name_that_disagree() {
    let twice = format!("{}[default]\naws_access_key_id = AKIAIOSFODNN7UNKNOWN\n", keys("[default]"));
    let report = healthy().file(".aws/credentials", twice).diagnose();
    report.error("aws-config-broken").fix("credentials:5").and().never_says("secret-wrong");
}

#[test]
fn a_stray_line_that_only_the_cli_minds() {
    let machine = healthy().file(".aws/config", "managed by hand\n[default]\nregion = us-east-1\n");
    machine.diagnose().warning("aws-config-broken").fix(".aws/config:1").shows("AWS CLI");
}

#[test]
fn bytes_of_an_older_encoding_in_a_comment() {
    let mut text = b"# Schl\xfcssel\n".to_vec();
    text.extend(keys("[default]").into_bytes());
    healthy().file(".aws/credentials", text).diagnose().stays_quiet();
}
