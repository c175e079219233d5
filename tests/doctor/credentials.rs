//! Who asks: keys, profiles, tokens.

use super::*;

const UNKNOWN_KEY: (&str, &str) = ("AKIAUNKNOWN000000000", "canaryUnknown/K7MDENG/bPxRfiCYUNKNOWNKEY");
const OTHER_KEY: (&str, &str) = ("AKIAOTHERACCOUNT0000", "canaryOther/K7MDENG/bPxRfiCYOTHERACCOUNT");
const OTHER_ACCOUNT: &str = "222233334444";

/// A second account with keys of its own.
fn with_other_account(machine: Machine) -> Machine {
    let key = KeyPair {
        account: OTHER_ACCOUNT.into(),
        arn: format!("arn:aws:iam::{OTHER_ACCOUNT}:user/bob"),
        ..KeyPair::user(OTHER_KEY)
    };
    machine.account(|account| account.keys.push(key)).secret(OTHER_KEY.1)
}

/// `[default]` and a profile `bedrock` with the healthy keys.
fn two_profiles() -> Machine {
    let keys =
        |name: &str| format!("[{name}]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    healthy().aws_files("[profile bedrock]\nregion = us-east-1\n", &format!("{}{}", keys("default"), keys("bedrock")))
}

#[test]
fn no_credentials() {
    let report = healthy().no_aws_files().diagnose();
    report.error("no-credentials").fix("aws configure");
    assert!(report.list("/route/models").iter().all(|model| model["probe"] == "skipped"), "{report:?}");
}

#[test]
fn profile_not_found() {
    let report = two_profiles().env("AWS_PROFILE", "bedrok").diagnose();
    report.error("profile-not-found").shows("bedrok").fix("AWS_PROFILE=bedrock");
}

#[test]
fn valid_keys_do_not_help_a_profile_that_does_not_exist() {
    let report = healthy().env("AWS_PROFILE", "gone").env_keys(GOOD_KEY, None).diagnose();
    assert_eq!(report.list("/findings")[0]["name"], "profile-not-found", "{report:?}");
    assert_eq!(report.text("/verdict"), "broken");
}

#[test]
fn env_keys_shadow_profile() {
    let report = with_other_account(two_profiles()).env("AWS_PROFILE", "bedrock").env_keys(OTHER_KEY, None).diagnose();
    report.warning("profile-hides-env-keys").fix("unset AWS_PROFILE");
    assert_eq!(report.text("/route/credentials/account"), ACCOUNT_ID, "the profile is used");
}

#[test]
fn the_same_identity_twice_hides_nothing() {
    two_profiles().env("AWS_PROFILE", "bedrock").env_keys(GOOD_KEY, None).diagnose().stays_quiet();
}

#[test]
fn expired_env_session_token() {
    let report = healthy().no_aws_files().env_keys(EXPIRED_KEY, Some(GOOD_SESSION_TOKEN)).diagnose();
    report.error("keys-expired").fix("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN");
}

#[test]
fn invalid_key_403() {
    let report = healthy().no_aws_files().env_keys(UNKNOWN_KEY, None).diagnose();
    report.error("keys-unknown").fix("new pair").shows(UNKNOWN_KEY.0);
}

#[test]
fn keys_that_only_an_opt_in_region_does_not_know_are_not_unknown() {
    let machine = healthy().region("ap-southeast-3").pins_with("global.");
    let machine = machine.account(|account| account.keys[0].valid_regions = vec!["us-east-1".into()]);
    let report = machine.diagnose();
    report.never_says("keys-unknown").never_says("secret-wrong");
}

#[test]
fn signature_mismatch_secret() {
    let wrong = "canaryWrong/K7MDENG/bPxRfiCYWRONGSECRET0";
    let report = healthy().no_aws_files().env_keys((GOOD_KEY.0, wrong), None).diagnose();
    report.error("secret-wrong").fix("40 characters").and().never_says("clock-skew");
}

#[test]
fn clock_skew() {
    for minutes in [60, -20] {
        let report = healthy().account(|account| account.date_offset_seconds = minutes * 60).diagnose();
        report.error("clock-skew").fix("timedatectl").and().never_says("keys-unknown");
    }
}

#[test]
fn a_clock_that_sts_forgives_and_bedrock_does_not() {
    let report = healthy().account(|account| account.date_offset_seconds = 10 * 60).diagnose();
    report.error("clock-skew").and().check("sts-identity", "passed");
}

#[test]
fn a_clock_that_is_a_minute_off_is_no_matter() {
    healthy().account(|account| account.date_offset_seconds = 60).diagnose().stays_quiet();
}

#[test]
fn profile_breaks_bearer() {
    let report =
        healthy().no_aws_files().env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER).env("AWS_PROFILE", "default").diagnose();
    report.warning("bearer-token-hides-profile");
    assert_eq!(report.text("/route/credentials/kind"), "bearer-token");
    report.check("sts-identity", "skipped");
}

#[test]
fn a_stale_bearer_token_beside_keys_that_work() {
    let stale = "ABSKQmVkcm9ja0FQSUtleS1zdGFsZS1hdC0xMTExMjIyMjMzMzM6c3RhbGU=";
    let machine = || healthy().env("AWS_BEARER_TOKEN_BEDROCK", stale).secret(stale);
    let report = machine().env("AWS_PROFILE", "default").diagnose();
    report.error("bearer-token-hides-profile").fix("unset AWS_BEARER_TOKEN_BEDROCK");
    // Keys of [default] that nobody chose: the token is what is meant.
    machine().diagnose().error("bearer-token-rejected").and().never_says("iam-list-denied");
}

#[test]
fn bearer_invalid() {
    let revoked = "ABSKQmVkcm9ja0FQSUtleS1nb25lLWF0LTExMTEyMjIyMzMzMzpnb25l";
    let report = healthy().no_aws_files().env("AWS_BEARER_TOKEN_BEDROCK", revoked).secret(revoked).diagnose();
    report.error("bearer-token-rejected").shows("Please make sure your API Key is valid");
}

#[test]
fn an_empty_bearer_token_is_none() {
    healthy().here("AWS_BEARER_TOKEN_BEDROCK", "").diagnose().stays_quiet();
}

#[test]
fn cred_process_fails() {
    let config = "[default]\nregion = us-east-1\ncredential_process = /bin/sh -c 'echo No valid cached MFA session found. Run: awsmfa >&2; exit 1'\n";
    let report = healthy().aws_files(config, "").diagnose();
    report.error("credential-process-failed").shows("No valid cached MFA session found");
}

#[test]
fn a_helper_that_logs_on_stdout() {
    let config =
        "[default]\nregion = us-east-1\ncredential_process = /bin/sh -c 'echo INFO: looking for a session; echo {}'\n";
    healthy().aws_files(config, "").diagnose().error("credential-process-failed");
}

#[test]
fn cred_process_hang() {
    let config = "[default]\nregion = us-east-1\ncredential_process = /bin/sleep 600\n";
    let report = healthy().aws_files(config, "").timeout("4s").diagnose();
    report.error("credential-process-slow").shows("/bin/sleep 600");
}

#[test]
fn a_broken_profile_that_nobody_selects_is_no_fault() {
    let config = "[default]\nregion = us-east-1\n[profile broken]\ncredential_process = /nonexistent/helper\n[profile sso]\nsso_session = gone\nsso_account_id = 1\nsso_role_name = x\n";
    let keys = format!("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    healthy().aws_files(config, &keys).diagnose().stays_quiet();
}

#[test]
fn default_profile_other_account() {
    let config = format!(
        "[profile bedrock]\nregion = us-east-1\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = {ACCOUNT_ID}\nsso_role_name = {SSO_ROLE}\n"
    );
    let keys = format!("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n", OTHER_KEY.0, OTHER_KEY.1);
    let receipt = r#"{"schema": "bedrockup.receipt/1", "profile": "bedrock", "region": "us-east-1", "files": []}"#;
    let machine = || {
        let machine = with_other_account(healthy()).aws_files(&config, &keys);
        machine.file(".local/state/bedrockup/receipt.json", receipt)
    };
    machine().diagnose().error("wrong-account").fix("AWS_PROFILE=bedrock").shows(OTHER_ACCOUNT);
    // What AWS refuses to that account follows from it.
    let denied = Rule::on("InvokeModel*", Behaviour::deny_by_iam());
    let report = machine().rule(denied).diagnose();
    report.error("wrong-account").fix("AWS_PROFILE=bedrock");
}
