//! Credentials that somebody else hands out: sign-in, roles, helpers, metadata.

use super::*;
use serde_json::{Value, json};

pub const START_URL: &str = "https://example.awsapps.com/start";

/// Where the token of a session (or of a start URL, in the old form) is kept.
pub fn cache(key: &str) -> String {
    use sha1::Digest;
    let name: String = sha1::Sha1::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
    format!(".aws/sso/cache/{name}.json")
}

/// Profile `bedrock` signs in through session `corp`; its cache holds this.
pub fn sso(cached: Option<Value>) -> Machine {
    let config = format!(
        "[profile bedrock]\nregion = us-east-1\nsso_session = corp\nsso_account_id = {ACCOUNT_ID}\nsso_role_name = {SSO_ROLE}\n\n[sso-session corp]\nsso_start_url = {START_URL}\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n"
    );
    let machine = healthy().aws_files(&config, "").env("AWS_PROFILE", "bedrock");
    match cached {
        Some(token) => machine.file(&cache("corp"), token.to_string()),
        None => machine,
    }
}

pub fn token(access_token: &str, expires: &str) -> Value {
    json!({ "startUrl": START_URL, "region": "us-east-1", "accessToken": access_token, "expiresAt": expires })
}

#[test]
fn an_sso_session_that_is_open_is_healthy() {
    let report = sso(Some(token(SSO_TOKEN, "2099-01-01T00:00:00Z"))).diagnose();
    report.stays_quiet();
    assert!(report.text("/route/credentials/arn").contains(SSO_ROLE), "{report:?}");
}

#[test]
fn an_sso_session_that_renews_itself_is_healthy() {
    let mut stale = token("old-sso-token", "2020-01-01T00:00:00Z");
    stale["refreshToken"] = json!("fake-sso-refresh-token");
    stale["clientId"] = json!("client");
    stale["clientSecret"] = json!("canary-client-secret");
    stale["registrationExpiresAt"] = json!("2099-01-01T00:00:00Z");
    sso(Some(stale)).secret("canary-client-secret").secret("old-sso-token").diagnose().stays_quiet();
}

#[test]
fn sso_session_expired() {
    let report = sso(Some(token("old-sso-token", "2020-01-01T00:00:00Z"))).secret("old-sso-token").diagnose();
    report.error("sso-session-expired").fix("aws sso login --profile bedrock");
}

#[test]
fn an_sso_session_that_was_ended_on_the_server() {
    let report = sso(Some(token("signed-out-token", "2099-01-01T00:00:00Z"))).secret("signed-out-token").diagnose();
    report.error("sso-session-expired").shows("Session token not found or invalid");
}

#[test]
fn sso_profile_login_wrong_profile() {
    let report = sso(None).file(&cache("other"), token(SSO_TOKEN, "2099-01-01T00:00:00Z").to_string()).diagnose();
    report.error("sso-never-logged-in").fix("aws sso login --profile bedrock");
}

#[test]
fn an_sso_cache_that_was_cut_off_while_it_was_written() {
    let whole = token(SSO_TOKEN, "2099-01-01T00:00:00Z").to_string();
    let report = sso(None).file(&cache("corp"), &whole[..whole.len() / 2]).diagnose();
    report.error("sso-session-expired").fix("aws sso login --profile bedrock").shows(".aws/sso/cache");
}

#[test]
fn sso_legacy_hourly() {
    let config = format!(
        "[default]\nregion = us-east-1\nsso_start_url = {START_URL}\nsso_region = us-east-1\nsso_account_id = {ACCOUNT_ID}\nsso_role_name = {SSO_ROLE}\n"
    );
    let machine = healthy().aws_files(&config, "");
    let report = machine.file(&cache(START_URL), token(SSO_TOKEN, "2099-01-01T00:00:00Z").to_string()).diagnose();
    report.note("sso-legacy-profile").fix("aws configure sso-session");
}

#[test]
fn an_expired_sso_session_beside_working_keys_is_no_fault() {
    let stale = token("old-sso-token", "2020-01-01T00:00:00Z");
    let keys = format!("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    let machine = sso(Some(stale)).env("AWS_PROFILE", "default").file(".aws/credentials", keys);
    machine.secret("old-sso-token").diagnose().stays_quiet();
}

#[test]
fn a_role_that_is_assumed_is_healthy() {
    let config = format!(
        "[default]\nregion = us-east-1\nrole_arn = arn:aws:iam::{ACCOUNT_ID}:role/Developer\nsource_profile = base\n"
    );
    let keys = format!("[base]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    let report = healthy().aws_files(&config, &keys).diagnose();
    report.stays_quiet();
    assert!(report.text("/route/credentials/arn").contains("assumed-role/Developer"), "{report:?}");
}

#[test]
fn a_helper_that_works_is_healthy() {
    let answer = json!({ "Version": 1, "AccessKeyId": SESSION_KEY.0, "SecretAccessKey": SESSION_KEY.1, "SessionToken": GOOD_SESSION_TOKEN, "Expiration": "2099-01-01T00:00:00Z" });
    let machine = healthy().file("answer.json", answer.to_string()).sandbox(|sandbox| {
        let config = format!(
            "[default]\nregion = us-east-1\ncredential_process = /bin/cat {}\n",
            sandbox.path("answer.json").display()
        );
        sandbox.file(".aws/config", config).file(".aws/credentials", "")
    });
    machine.diagnose().stays_quiet();
}

#[test]
fn a_web_identity_is_healthy() {
    let machine = healthy().no_aws_files().file("token", "fake.web.identity").sandbox(|sandbox| {
        let place = sandbox.path("token");
        sandbox
            .env("AWS_ROLE_ARN", format!("arn:aws:iam::{ACCOUNT_ID}:role/Developer"))
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", place)
    });
    machine.diagnose().stays_quiet();
}

#[test]
fn a_container_that_hands_out_keys_is_healthy() {
    let key = KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN);
    let machine = healthy().no_aws_files();
    let url = format!("http://{}/container-credentials", machine.aws_address());
    machine
        .account(|account| account.container = Some(ContainerCredentials { key, authorization: None }))
        .here("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
        .diagnose()
        .stays_quiet();
}

#[test]
fn an_instance_with_a_role_is_healthy() {
    let key = KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN);
    let machine = healthy().no_aws_files();
    let url = format!("http://{}", machine.aws_address());
    machine
        .account(|account| account.imds = Some(key))
        .not_here("AWS_EC2_METADATA_DISABLED")
        .here("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
        .diagnose()
        .stays_quiet();
}

#[test]
fn a_role_that_one_does_not_have() {
    let machine = sso(Some(token(SSO_TOKEN, "2099-01-01T00:00:00Z")));
    let machine = machine.account(|account| account.sso[0].roles = vec![format!("{ACCOUNT_ID}/BedrockUser")]);
    let report = machine.diagnose();
    report.error("sso-role-denied").fix("sso_role_name = BedrockUser").shows("No access");
}

#[test]
fn a_sign_in_of_another_region_than_the_profile_says() {
    let mut cached = token("signed-in-elsewhere", "2099-01-01T00:00:00Z");
    cached["region"] = json!("eu-central-1");
    let report = sso(Some(cached)).secret("signed-in-elsewhere").diagnose();
    report.error("sso-misconfigured").fix("sso_region = eu-central-1");
}
