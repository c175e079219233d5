//! Roles, IAM Identity Center and metadata services hand out keys, and those keys work.

use super::*;

pub(super) const START_URL: &str = "https://example.awsapps.com/start";

/// No key variables; profile `p` as the configuration file says.
fn keyless(aws: &FakeAws, config: String) -> Sandbox {
    let sandbox = sandbox(aws).unset("AWS_ACCESS_KEY_ID").unset("AWS_SECRET_ACCESS_KEY").file(".aws/config", config);
    sandbox.env("AWS_PROFILE", "p")
}

/// No key variables and no profile either.
fn bare(aws: &FakeAws) -> Sandbox {
    keyless(aws, String::new()).unset("AWS_PROFILE")
}

/// The ARN that STS tells, or `refused`.
fn arn_with(sandbox: &Sandbox) -> String {
    let result = boto3(sandbox, json!([identity()])).remove(0);
    result.pointer("/answer/Arn").and_then(Value::as_str).unwrap_or("refused").to_owned()
}

fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT_ID}:role/{name}")
}

fn session_arn(session: &str) -> String {
    format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/Developer/{session}")
}

pub(super) fn sha1_hex(text: &str) -> String {
    use sha1::Digest;
    sha1::Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_role_is_assumed_with_the_keys_of_another_profile() {
    let aws = FakeAws::start();
    let assume = |role: &str| {
        let config =
            format!("[profile p]\nrole_arn = {}\nsource_profile = base\nrole_session_name = s1\n", role_arn(role));
        let keys = format!("[base]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
        keyless(&aws, config).file(".aws/credentials", keys)
    };
    assert_eq!(arn_with(&assume("Developer")), session_arn("s1"));
    let refused = boto3(&assume("Another"), json!([identity()])).remove(0);
    assert_eq!(refusal(&refused), ("AccessDenied", 403), "{refused}");
}

#[test]
fn a_web_identity_token_opens_a_role() {
    let aws = FakeAws::start();
    let with = |token: &str| {
        let sandbox = bare(&aws).file("token", token);
        let path = sandbox.path("token");
        sandbox
            .env("AWS_ROLE_ARN", role_arn("Developer"))
            .env("AWS_ROLE_SESSION_NAME", "s2")
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", path)
    };
    assert_eq!(arn_with(&with("fake.web.identity")), session_arn("s2"));
    let refused = boto3(&with("another"), json!([identity()])).remove(0);
    assert_eq!(refusal(&refused), ("InvalidIdentityToken", 400), "{refused}");
}

#[test]
fn sso_tokens_open_roles_and_are_refreshed() {
    let aws = FakeAws::start();
    let role = format!("sso_account_id = {ACCOUNT_ID}\nsso_role_name = {SSO_ROLE}\n");
    let place = |key: &str| format!(".aws/sso/cache/{}.json", sha1_hex(key));
    let expected = format!("AWSReservedSSO_{SSO_ROLE}_");

    let token = |token: &str| json!({ "startUrl": START_URL, "region": "us-east-1", "accessToken": token, "expiresAt": "2099-01-01T00:00:00Z" });
    let legacy = |text: &str| {
        let config = format!("[profile p]\nsso_start_url = {START_URL}\nsso_region = us-east-1\n{role}");
        keyless(&aws, config).file(place(START_URL), token(text).to_string())
    };
    assert!(arn_with(&legacy(SSO_TOKEN)).contains(&expected));
    assert_eq!(arn_with(&legacy("signed-out")), "refused");

    let mut stale = token("stale");
    for (key, value) in [
        ("expiresAt", "2020-01-01T00:00:00Z"),
        ("clientId", "client"),
        ("clientSecret", "client-secret"),
        ("registrationExpiresAt", "2099-01-01T00:00:00Z"),
        ("refreshToken", "fake-sso-refresh-token"),
    ] {
        stale[key] = json!(value);
    }
    let session = format!(
        "[sso-session s]\nsso_start_url = {START_URL}\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n"
    );
    let refreshed =
        keyless(&aws, format!("[profile p]\nsso_session = s\n{role}{session}")).file(place("s"), stale.to_string());
    assert!(arn_with(&refreshed).contains(&expected));
    assert_eq!(aws.log().of("CreateToken").len(), 1);
}

#[test]
fn metadata_services_hand_out_their_keys() {
    let key = KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN);
    let container = ContainerCredentials { key: key.clone(), authorization: Some("container-token".into()) };
    let aws = FakeAws::with(Account { imds: Some(key), container: Some(container), ..Account::default() });
    let expected = session_arn("alice@example.com");

    let instance = bare(&aws).unset("AWS_EC2_METADATA_DISABLED").env("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.url());
    assert_eq!(arn_with(&instance), expected);
    aws.change(|account| account.imds = None);
    assert_eq!(arn_with(&instance), "refused");

    let with = |token: &str| {
        bare(&aws)
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/container-credentials", aws.url()))
            .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", token)
    };
    assert_eq!(arn_with(&with("container-token")), expected);
    assert_eq!(arn_with(&with("another")), "refused");
}
