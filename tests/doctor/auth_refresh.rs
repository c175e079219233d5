//! The commands of settings files that are to bring credentials: `awsAuthRefresh`, `awsCredentialExport`.

use serde_json::json;

use super::credential_sources::{START_URL, cache, sso, token};
use super::*;

const FRESH: &str = "2099-01-01T00:00:00Z";
const PAST: &str = "2020-01-01T00:00:00Z";

/// Two profiles with a session each; `bedrock` is in use, `other` is signed in.
fn two_sessions() -> Machine {
    let profile = |name: &str, session: &str| {
        format!(
            "[profile {name}]\nregion = us-east-1\nsso_session = {session}\nsso_account_id = {ACCOUNT_ID}\nsso_role_name = {SSO_ROLE}\n"
        )
    };
    let session = |name: &str| format!("[sso-session {name}]\nsso_start_url = {START_URL}\nsso_region = us-east-1\n");
    let config = [profile("bedrock", "corp"), profile("other", "lab"), session("corp"), session("lab")].concat();
    healthy()
        .aws_files(&config, "")
        .file(&cache("lab"), token(SSO_TOKEN, FRESH).to_string())
        .file(&cache("corp"), token("old-sso-token", PAST).to_string())
        .secret("old-sso-token")
}

fn settings(text: serde_json::Value) -> String {
    format!("{text:#}\n")
}

#[test]
fn awsauthrefresh_loop() {
    let text =
        settings(json!({ "env": { "AWS_PROFILE": "bedrock" }, "awsAuthRefresh": "aws sso login --profile other" }));
    let report = two_sessions().file(".claude/settings.json", text).diagnose();
    report.error("auth-refresh-wrong-profile").fix("aws sso login --profile bedrock").shows("settings.json");
}

#[test]
fn awsauthrefresh_loop_region_missing() {
    let machine =
        sso(Some(token(SSO_TOKEN, FRESH))).client("2.0.60").block_without("AWS_REGION").not_here("AWS_REGION");
    let machine = machine.aws_config_without_region();
    let machine =
        machine.file(".claude/settings.json", settings(json!({ "awsAuthRefresh": "aws sso login --profile bedrock" })));
    let report = machine.opus("us.anthropic.claude-opus-4-1-20250805-v1:0").diagnose();
    let first = report.list("/findings")[0]["name"].as_str().unwrap_or_default().to_owned();
    assert_eq!(first, "auth-refresh-loops", "{report:?}");
    report.errors(&["auth-refresh-loops"]).fix("AWS_REGION");
}

#[test]
fn awsauthrefresh_wrong_file() {
    let machine = sso(Some(token(SSO_TOKEN, FRESH)));
    let text = settings(json!({ "awsAuthRefresh": "aws sso login --profile bedrock" }));
    let report = machine.file(".claude/settings-local.json", text).file(".claude/settings.json", "{}\n").diagnose();
    report.error("settings-wrong-file").fix("awsAuthRefresh").fix("~/.claude/settings.json");
}

#[test]
fn a_refresh_of_the_right_profile_is_well() {
    for command in ["aws sso login --profile bedrock", "aws sso login", "/bin/true"] {
        let machine = sso(Some(token(SSO_TOKEN, FRESH)))
            .file("bin/aws", "")
            .sandbox(|sandbox| sandbox.script("aws", "#!/bin/sh\n"));
        let text = settings(json!({ "awsAuthRefresh": command }));
        machine.file(".claude/settings.json", text).diagnose().stays_quiet();
    }
}

#[test]
fn a_refresh_that_cannot_be_started() {
    let text = settings(json!({ "awsAuthRefresh": "~/bin/corp-login --quiet" }));
    let machine =
        || sso(Some(token("old-sso-token", PAST))).secret("old-sso-token").file(".claude/settings.json", &text);
    let report = machine().diagnose();
    report.error("settings-helper-broken").fix("awsAuthRefresh").shows("~/bin/corp-login");
    let report = machine().file("bin/corp-login", "#!/bin/sh\n").diagnose();
    report.error("settings-helper-broken").fix("chmod +x ~/bin/corp-login");
}

#[test]
fn a_browser_that_cannot_answer_over_ssh() {
    let machine = || {
        let text = settings(json!({ "awsAuthRefresh": "aws sso login --profile bedrock" }));
        let machine =
            sso(Some(token("old-sso-token", PAST))).secret("old-sso-token").file(".claude/settings.json", text);
        machine
            .sandbox(|sandbox| sandbox.script("aws", "#!/bin/sh\n"))
            .here("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")
    };
    machine().diagnose().error("sso-login-needs-local-browser").fix("--use-device-code --no-browser");
    // A browser of the other side that an editor forwards.
    machine().here("BROWSER", "/vscode/helpers/browser.sh").diagnose().error("sso-session-expired");
}

#[test]
fn awscredentialexport_bad_shape() {
    let flat = json!({ "Version": 1, "AccessKeyId": SESSION_KEY.0, "SecretAccessKey": SESSION_KEY.1, "SessionToken": GOOD_SESSION_TOKEN });
    let machine = || {
        let machine = healthy().no_aws_files().file("keys.json", flat.to_string());
        let command = format!("/bin/cat {}", machine.path("keys.json").display());
        machine.file(".claude/settings.json", settings(json!({ "awsCredentialExport": command })))
    };
    let report = machine().client("2.1.100").diagnose();
    report.errors(&["credential-export-broken"]).fix("Credentials").shows("2.1.100");
    machine().diagnose().stays_quiet();
}

#[test]
fn an_export_that_fails_beside_keys_of_another_kind() {
    let text = settings(json!({ "awsCredentialExport": "/bin/sh -c 'echo corp-login: no session >&2; exit 3'" }));
    let report = healthy().file(".claude/settings.json", text).diagnose();
    report.error("credential-export-broken").shows("corp-login: no session").shows("status 3");
}

#[test]
fn session_keys_that_are_to_make_session_keys() {
    let refused = "#!/bin/sh\necho 'An error occurred (AccessDenied) when calling the GetSessionToken operation: Cannot call GetSessionToken with session credentials' >&2\nexit 254\n";
    let text = settings(json!({ "awsCredentialExport": "aws sts get-session-token --duration-seconds 3600" }));
    let machine = healthy().no_aws_files().file(".claude/settings.json", text);
    let report = machine.sandbox(|sandbox| sandbox.script("aws", refused)).diagnose();
    report.error("credential-export-broken").fix("aws configure export-credentials");
}

#[test]
fn a_sign_in_without_a_refresh_is_worth_a_note() {
    sso(Some(token(SSO_TOKEN, FRESH))).diagnose().note("auth-refresh-missing").fix("aws sso login --profile bedrock");
}

#[test]
fn vscode_no_bearer_refresh() {
    let report = |made: i64| {
        let key = short_term(made, 12 * 3600);
        let accepted = if made + 12 * 3600 > 0 { &key } else { GOOD_BEARER };
        let machine = healthy().no_aws_files().account(|account| account.bearer_tokens[0].token = accepted.to_owned());
        machine.env("AWS_BEARER_TOKEN_BEDROCK", &key).secret(&key).diagnose()
    };
    let day = report(-24 * 3600);
    day.error("bearer-token-expired").fix("AWS_BEARER_TOKEN_BEDROCK").shows("ended at");
    report(-12 * 3600 + 600).warning("credentials-expire-soon");
    report(-3600).stays_quiet();
}

/// A short-term Bedrock API key, made so many seconds from now.
fn short_term(made: i64, life: i64) -> String {
    use base64::Engine;
    let made = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(made);
    let (date, time) = (made.strftime("%Y%m%d").to_string(), made.strftime("%Y%m%dT%H%M%SZ").to_string());
    let url = format!(
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIAEXAMPLE%2F{date}%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Date={time}&X-Amz-Expires={life}&X-Amz-Signature=0&Version=1"
    );
    format!("bedrock-api-key-{}", base64::prelude::BASE64_STANDARD.encode(url))
}

impl Machine {
    /// The region in no AWS file.
    fn aws_config_without_region(self) -> Self {
        let path = self.path(".aws/config");
        let text = std::fs::read_to_string(path).expect("the machine has a config file");
        self.file(".aws/config", text.replace("region = us-east-1\nsso_session", "sso_session"))
    }
}
