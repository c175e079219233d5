//! Two faults at once, faults beside harmless oddities, and credentials that look wrong and are well.

use serde_json::json;

use super::credential_sources::{START_URL, cache, sso, token};
use super::*;

const FRESH: &str = "2099-01-01T00:00:00Z";
const PAST: &str = "2020-01-01T00:00:00Z";

fn keys(header: &str) -> String {
    format!("{header}\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1)
}

fn settings(machine: Machine, text: serde_json::Value) -> Machine {
    machine.file(".claude/settings.json", text.to_string())
}

#[test]
fn sections_that_are_no_profiles_and_comments_everywhere() {
    let config = "# team\n[default] ; mine\nregion = us-east-1 # near\noutput=json\n\n[plugins]\ncli_legacy_plugin_path = x\n[services lab]\nbedrock =\n  endpoint_url = http://x\n[preview]\ncloudfront=true\n";
    healthy().file(".aws/config", config).diagnose().stays_quiet();
}

#[test]
fn the_default_profile_by_its_long_name() {
    healthy().aws_files(&keys("[profile default]"), "").diagnose().stays_quiet();
}

#[test]
fn a_profile_of_two_halves_in_two_files() {
    let half = |name: &str, key: &str, value: &str| format!("{name}\n{key} = {value}\n");
    let config = half("[profile work]", "aws_secret_access_key", GOOD_KEY.1);
    let credentials = half("[work]", "aws_access_key_id", GOOD_KEY.0);
    healthy().aws_files(&config, &credentials).env("AWS_PROFILE", "work").diagnose().stays_quiet();
}

#[test]
fn another_session_that_is_over_and_a_helper_that_nobody_uses() {
    let config = format!(
        "[profile old]\nsso_session = old\nsso_account_id = {ACCOUNT_ID}\nsso_role_name = X\n[profile helper]\ncredential_process = /nonexistent/helper\n[sso-session old]\nsso_start_url = {START_URL}\nsso_region = us-east-1\n"
    );
    let machine = healthy().file(".aws/config", config).file(&cache("old"), token("old-sso-token", PAST).to_string());
    machine.secret("old-sso-token").diagnose().stays_quiet();
}

#[test]
fn the_same_token_in_the_settings_and_in_the_shell() {
    let machine = settings(healthy().no_aws_files(), json!({ "env": { "AWS_BEARER_TOKEN_BEDROCK": GOOD_BEARER } }));
    let report = machine.here("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER).diagnose();
    // In plain text it is a warning; two places that agree are none.
    report.warning("secrets-in-settings").and().never_says("settings-override-shell");
}

#[test]
fn wrapped_keys_for_an_old_client_and_a_path_with_the_home_in_it() {
    let wrapped = json!({ "Credentials": { "AccessKeyId": SESSION_KEY.0, "SecretAccessKey": SESSION_KEY.1, "SessionToken": GOOD_SESSION_TOKEN } });
    let machine = healthy()
        .no_aws_files()
        .file("keys.json", wrapped.to_string())
        .file("my bin/keys", "#!/bin/sh\ncat ~/keys.json\n");
    let machine = machine.with_mode("my bin/keys", 0o755).client("2.1.170");
    let report = settings(machine, json!({ "awsCredentialExport": "\"$HOME/my bin/keys\" --quiet" })).diagnose();
    report.never_says("credential-export-broken").never_says("settings-helper-broken");
    assert_ne!(report.text("/verdict"), "broken");
}

#[test]
fn a_home_that_is_mounted_from_somebody_else() {
    let machine = healthy().with_mode(".aws/credentials", 0o600).with_mode(".aws/config", 0o600);
    for path in [".aws", ".aws/credentials", ".aws/config"] {
        // Only root can make it so; for others it is the healthy machine.
        let _ = std::os::unix::fs::chown(machine.path(path), Some(12345), Some(12345));
    }
    machine.diagnose().stays_quiet();
}

#[test]
fn keys_over_ssh_need_no_browser() {
    healthy().here("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22").diagnose().stays_quiet();
    let machine = sso(Some(token(SSO_TOKEN, FRESH))).here("SSH_TTY", "/dev/pts/3");
    let text = json!({ "awsAuthRefresh": "aws sso login --profile bedrock --use-device-code --no-browser" });
    settings(machine.sandbox(|sandbox| sandbox.script("aws", "#!/bin/sh\n")), text).diagnose().stays_quiet();
}

#[test]
fn keys_that_end_soon_and_are_handed_out_again() {
    let key = KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN);
    let machine = healthy().no_aws_files().account(|account| account.imds = Some(key));
    let url = format!("http://{}", machine.aws_address());
    let machine = machine.not_here("AWS_EC2_METADATA_DISABLED").here("AWS_EC2_METADATA_SERVICE_ENDPOINT", url);
    machine.diagnose().stays_quiet().never_says("credentials-expire-soon");
}

#[test]
fn project_settings_of_other_matters() {
    let text = json!({ "env": { "DATABASE_URL": "postgres://x", "AWS_PAGER": "" }, "permissions": { "deny": ["Read(.env)"] } });
    healthy().file("work/.claude/settings.json", text.to_string()).diagnose().stays_quiet();
}

#[test]
fn a_misnamed_section_beside_a_session_that_is_over() {
    let config =
        format!("{}[sso-session corp]\nsso_start_url = {START_URL}\nsso_region = us-east-1\n", keys("[bedrock]"));
    let machine = healthy().aws_files(&config, "").file(&cache("corp"), token("old-sso-token", PAST).to_string());
    machine.secret("old-sso-token").env("AWS_PROFILE", "bedrock").diagnose().error("profile-section-misnamed");
}

#[test]
fn a_profile_that_is_not_there_and_a_model_that_is_not_either() {
    let report = healthy().env("AWS_PROFILE", "gone").opus("eu.anthropic.claude-opus-4-8").diagnose();
    assert_eq!(report.first().and().list("/findings")[0]["name"], "profile-not-found", "{report:?}");
}

#[test]
fn the_settings_override_the_region_and_the_keys_are_over() {
    let machine = settings(healthy().no_aws_files(), json!({ "env": { "AWS_REGION": "us-west-2" } }));
    let report = machine.env_keys(EXPIRED_KEY, Some(GOOD_SESSION_TOKEN)).diagnose();
    // The region is another one and no fault of it; the keys are the cause.
    report.error("keys-expired");
}

#[test]
fn a_broken_settings_file_that_matters_and_a_helper_that_fails() {
    let config = "[default]\nregion = us-east-1\ncredential_process = /bin/sh -c 'echo sign in first >&2; exit 1'\n";
    let machine = healthy().aws_files(config, "").no_block().client_says("firstParty");
    let report = machine.file(".claude/settings.json", "{\"env\": {\"CLAUDE_CODE_USE_BEDROCK\": \"1\",}}\n").diagnose();
    report.errors(&["settings-invalid-json", "credential-process-failed"]).fix("settings.json:1");
}

#[test]
fn a_clock_that_is_off_beside_a_chosen_profile() {
    let machine = healthy().account(|account| account.date_offset_seconds = 3600);
    machine.env("AWS_PROFILE", "default").diagnose().error("clock-skew");
}

#[test]
fn an_account_that_is_not_meant_and_a_denial_there() {
    let receipt = r#"{"schema": "bedrockup.receipt/1", "profile": "bedrock", "region": "us-east-1", "files": []}"#;
    let config = "[profile bedrock]\nrole_arn = arn:aws:iam::444455556666:role/Developer\nsource_profile = default\n";
    let machine = healthy().file(".aws/config", config).file(".local/state/bedrockup/receipt.json", receipt);
    let report = machine.rule(Rule::on("InvokeModel*", Behaviour::deny_by_iam())).diagnose();
    report.error("wrong-account").fix("AWS_PROFILE=bedrock").shows("444455556666");
}
