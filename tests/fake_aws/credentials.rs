//! Who is believed, and how each protocol words a refusal.

use super::*;

#[test]
fn the_cli_gets_an_identity_and_lists_profiles() {
    let aws = FakeAws::start();
    let sandbox = sandbox(&aws);
    let who = cli(&sandbox, &["sts", "get-caller-identity"])
        .exits(0)
        .json();
    assert_eq!(who["Arn"], format!("arn:aws:iam::{ACCOUNT_ID}:user/alice"));

    let query = "inferenceProfileSummaries[].inferenceProfileId";
    let listed = cli(
        &sandbox,
        &[
            "bedrock",
            "list-inference-profiles",
            "--type-equals",
            "SYSTEM_DEFINED",
            "--max-items",
            "500",
            "--page-size",
            "5",
            "--query",
            query,
        ],
    );
    let listed = listed.exits(0).json();
    let ids: Vec<&str> = listed
        .as_array()
        .expect("ids")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        ids.contains(&HAIKU) && ids.contains(&"global.anthropic.claude-opus-5-5"),
        "{ids:?}"
    );
    assert!(
        !ids.iter()
            .any(|id| id.starts_with("eu.") || id.starts_with("jp.")),
        "{ids:?}"
    );
    let pages = aws.log().of("ListInferenceProfiles");
    assert_eq!(pages.len(), ids.len().div_ceil(5), "five to a page");
    assert!(
        pages
            .iter()
            .all(|page| page.caller == GOOD_KEY.0 && page.status == Some(200))
    );
}

#[test]
fn the_cli_understands_refusals_of_both_protocols() {
    let aws = FakeAws::start();
    let wrong = sandbox(&aws).keys((GOOD_KEY.0, "not-the-secret"), None);
    let sts = cli(&wrong, &["sts", "get-caller-identity"]);
    assert!(
        sts.exits(255)
            .err()
            .contains("(SignatureDoesNotMatch) when calling the GetCallerIdentity"),
        "{sts:?}"
    );
    let bedrock = cli(&wrong, &["bedrock", "list-inference-profiles"]);
    assert!(
        bedrock
            .exits(255)
            .err()
            .contains("(InvalidSignatureException) when calling the ListInferenceProfiles"),
        "{bedrock:?}"
    );
}

#[test]
fn each_kind_of_bad_credentials_has_its_code_per_protocol() {
    let aws = FakeAws::start();
    let both = || json!([identity(), profiles()]);
    let cases = [
        (
            "wrong secret",
            (GOOD_KEY.0, "x"),
            None,
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
        ),
        (
            "unknown key",
            ("AKIAUNKNOWN000000000", "x"),
            None,
            "InvalidClientTokenId",
            "UnrecognizedClientException",
        ),
        (
            "token of another",
            SESSION_KEY,
            Some("another"),
            "InvalidClientTokenId",
            "UnrecognizedClientException",
        ),
        (
            "session over",
            EXPIRED_KEY,
            Some(GOOD_SESSION_TOKEN),
            "ExpiredToken",
            "ExpiredTokenException",
        ),
    ];
    for (name, key, token, in_sts, in_bedrock) in cases {
        let results = boto3(&sandbox(&aws).keys(key, token), both());
        assert_eq!(refusal(&results[0]), (in_sts, 403), "{name}: {results:?}");
        assert_eq!(
            refusal(&results[1]),
            (in_bedrock, 403),
            "{name}: {results:?}"
        );
    }
    let results = boto3(
        &sandbox(&aws).keys(SESSION_KEY, Some(GOOD_SESSION_TOKEN)),
        both(),
    );
    assert_eq!(results[0]["answer"]["Account"], ACCOUNT_ID);
    assert!(
        results[1]["answer"]["inferenceProfileSummaries"].is_array(),
        "{results:?}"
    );
}

#[test]
fn a_key_is_unknown_where_its_region_is_not_enabled() {
    let mut account = Account::default();
    account.keys[0].valid_regions = vec!["us-east-1".into()];
    let aws = FakeAws::with(account);
    let away = boto3(
        &sandbox(&aws).env("AWS_DEFAULT_REGION", "ap-southeast-3"),
        json!([profiles()]),
    );
    assert_eq!(refusal(&away[0]), ("UnrecognizedClientException", 403));
    let home = boto3(&sandbox(&aws), json!([profiles()]));
    assert!(home[0]["answer"].is_object(), "{home:?}");
}

#[test]
fn a_wrong_clock_is_refused_by_bedrock_after_five_minutes_and_by_sts_after_fifteen() {
    let signature = |minutes: i64, calls: Value| {
        let aws = FakeAws::with(Account {
            date_offset_seconds: minutes * 60,
            ..Account::default()
        });
        boto3(&sandbox(&aws), calls)
    };
    let ten = signature(10, json!([identity(), profiles()]));
    assert_eq!(
        ten[0]["answer"]["Account"], ACCOUNT_ID,
        "STS allows ten minutes"
    );
    assert_eq!(refusal(&ten[1]), ("InvalidSignatureException", 403));
    let message = ten[1]["error"]["message"].as_str().unwrap_or_default();
    assert!(
        message.starts_with("Signature expired: ") && message.ends_with(" - 5 min.)"),
        "{message}"
    );
    let twenty = signature(-20, json!([identity()]));
    assert_eq!(refusal(&twenty[0]), ("SignatureDoesNotMatch", 403));
    let message = twenty[0]["error"]["message"].as_str().unwrap_or_default();
    assert!(
        message.starts_with("Signature not yet current: ") && message.ends_with(" + 15 min.)"),
        "{message}"
    );
}

#[test]
fn bearer_tokens_open_bedrock_and_nothing_else() {
    let aws = FakeAws::start();
    // boto3 sends a bearer token over TLS only.
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let bearer =
        |token: &str| through(&proxy, Sandbox::new()).env("AWS_BEARER_TOKEN_BEDROCK", token);
    let results = boto3(
        &bearer(GOOD_BEARER),
        json!([profiles(), stream(HAIKU), identity()]),
    );
    assert!(
        results[0]["answer"].is_object() && results[1]["answer"]["broken"].is_null(),
        "{results:?}"
    );
    assert_eq!(refusal(&results[2]).0, "NoCredentialsError", "{results:?}");
    assert!(
        aws.log()
            .entries()
            .iter()
            .all(|entry| entry.caller == "bearer" && entry.region == "us-east-1")
    );

    let results = boto3(&bearer("ABSKanother"), json!([profiles()]));
    assert_eq!(refusal(&results[0]), ("AccessDeniedException", 403));
    assert!(
        results[0]["error"]["message"]
            .as_str()
            .is_some_and(|text| text.starts_with("Authentication failed:")),
        "{results:?}"
    );
    aws.change(|account| account.bearer_tokens[0].expired = true);
    let results = boto3(&bearer(GOOD_BEARER), json!([profiles()]));
    assert_eq!(results[0]["error"]["message"], "Bearer Token has expired");
}

#[test]
fn roles_sso_and_metadata_hand_out_keys_that_work() {
    let role = format!("arn:aws:iam::{ACCOUNT_ID}:role/Developer");
    let aws = FakeAws::with(Account {
        imds: Some(KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN)),
        ..Account::default()
    });
    let bare = || {
        sandbox(&aws)
            .unset("AWS_ACCESS_KEY_ID")
            .unset("AWS_SECRET_ACCESS_KEY")
            .env("AWS_PROFILE", "p")
    };
    let arn_with = |sandbox: &Sandbox| {
        boto3(sandbox, json!([identity()]))[0]
            .pointer("/answer/Arn")
            .and_then(Value::as_str)
            .unwrap_or("refused")
            .to_owned()
    };

    let keys = format!(
        "[base]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        GOOD_KEY.0, GOOD_KEY.1
    );
    let assumed = bare().file(".aws/credentials", keys).file(
        ".aws/config",
        format!("[profile p]\nrole_arn = {role}\nsource_profile = base\nrole_session_name = s1\n"),
    );
    assert_eq!(
        arn_with(&assumed),
        format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/Developer/s1")
    );

    let web = bare()
        .file("token", "fake.web.identity")
        .file(".aws/config", "[profile p]\n")
        .unset("AWS_PROFILE")
        .env("AWS_ROLE_ARN", &role)
        .env("AWS_ROLE_SESSION_NAME", "s2");
    let token = web.path("token");
    let web = web.env("AWS_WEB_IDENTITY_TOKEN_FILE", token);
    assert_eq!(
        arn_with(&web),
        format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/Developer/s2")
    );

    let url = "https://example.awsapps.com/start";
    let cache = json!({ "startUrl": url, "region": "us-east-1", "accessToken": SSO_TOKEN, "expiresAt": "2099-01-01T00:00:00Z" });
    let sso = bare()
        .file(".aws/sso/cache/4a4f43a80cf8ad2b4ec9d3a7d9e1f4ba5c8f3d3d.json", "{}")
        .file(".aws/config", format!("[profile p]\nsso_start_url = {url}\nsso_region = us-east-1\nsso_account_id = {ACCOUNT_ID}\nsso_role_name = {SSO_ROLE}\n"))
        .file(format!(".aws/sso/cache/{}.json", sha1_hex(url)), cache.to_string());
    assert!(
        arn_with(&sso).contains(&format!("AWSReservedSSO_{SSO_ROLE}_")),
        "{:#?}",
        aws.log().entries()
    );

    let instance = bare()
        .unset("AWS_PROFILE")
        .unset("AWS_EC2_METADATA_DISABLED")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.url());
    assert_eq!(
        arn_with(&instance),
        format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/Developer/alice@example.com")
    );
}

fn sha1_hex(text: &str) -> String {
    use sha1::Digest;
    sha1::Sha1::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
