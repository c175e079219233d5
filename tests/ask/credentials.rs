//! Credentials of every kind, and each way in which they fail to come.

use bedrockup::aws::answer::{Answer, CheckStatus, CredentialFailure};
use bedrockup::observe::aws_files::{LoginToken, SsoToken};
use serde_json::{Value, json};

use super::*;
use crate::support::dead_ends::{Silence, refused_url};
use crate::support::fake_aws::account::{
    ACCOUNT_ID, Account, ContainerCredentials, GOOD_BEARER, GOOD_SESSION_TOKEN, KeyPair, LOGIN_REFRESH_TOKEN,
    SESSION_KEY, SSO_ROLE, SSO_TOKEN,
};

const START_URL: &str = "https://example.awsapps.com/start";
const KEYS: [(&str, &str); 2] = [("aws_access_key_id", GOOD_KEY.0), ("aws_secret_access_key", GOOD_KEY.1)];

fn arn(answers: &Answers) -> &str {
    &answers.identity.got().unwrap_or_else(|| panic!("no identity: {:#?}", answers.log)).arn
}

fn role() -> String {
    format!("arn:aws:iam::{ACCOUNT_ID}:role/Developer")
}

fn refusal(answers: &Answers) -> (&'static str, String, u16) {
    match &answers.credential_failure {
        Some(CredentialFailure::Service { service, refusal }) => (service, refusal.code.clone(), refusal.status),
        other => panic!("no refusal of a service: {other:?}"),
    }
}

#[test]
fn a_bearer_token_asks_everything_but_sts() {
    let aws = FakeAws::start();
    let answers = Bed::on(&aws).env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER).answers();
    assert_eq!(status(&answers, "sts-identity"), CheckStatus::Skipped);
    assert!(answers.profiles.got().is_some() && answers.models.iter().all(|model| model.stream.got().is_some()));
    assert!(aws.log().entries().iter().filter(|entry| entry.service != "sts").all(|entry| entry.caller == "bearer"));
    // The keys beside it are looked at, once, since they would work.
    assert!(answers.identity_hidden.got().is_some());
    let bad = Bed::on(&aws).env("AWS_BEARER_TOKEN_BEDROCK", "ABSKnothing-that-is-known-here").answers();
    let refused = bad.model(OPUS).and_then(|model| model.stream.refused()).expect("a refusal");
    assert_eq!(
        (refused.status, refused.message.as_str()),
        (403, "Authentication failed: Please make sure your API Key is valid.")
    );
}

#[test]
fn a_route_without_signature_sends_none() {
    let aws = FakeAws::start();
    let answers = Bed::on(&aws).env("CLAUDE_CODE_SKIP_BEDROCK_AUTH", "1").answers();
    assert!(answers.model(OPUS).and_then(|model| model.stream.refused()).is_some_and(|refusal| refusal.status == 403));
    assert!(aws.log().entries().iter().all(|entry| entry.caller == "none"));
}

#[test]
fn keys_of_a_profile_and_a_role_on_top_of_them() {
    let aws = FakeAws::start();
    assert_eq!(arn(&Bed::on(&aws).profile(&KEYS).answers()), "arn:aws:iam::111122223333:user/alice");
    let assume = |arn: &str| {
        let mut bed =
            Bed::on(&aws).profile(&[("role_arn", arn), ("source_profile", "base"), ("role_session_name", "s1")]);
        bed.section("base", &KEYS);
        bed.answers()
    };
    let answers = assume(&role());
    assert_eq!(arn(&answers), format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/Developer/s1"));
    assert!(answers.credentials.got().expect("keys").expires.is_some());
    let denied = assume("arn:aws:iam::111122223333:role/Another");
    assert_eq!(refusal(&denied), ("sts", "AccessDenied".to_owned(), 403));
    assert!(denied.credentials.refused().is_some());
    assert_eq!(status(&denied, "inference-profiles"), CheckStatus::Skipped);
}

#[test]
fn a_role_that_asks_for_a_code_is_not_tried() {
    let aws = FakeAws::start();
    let mfa = ("mfa_serial", "arn:aws:iam::111122223333:mfa/alice");
    let mut bed = Bed::on(&aws).profile(&[("role_arn", &role()), ("source_profile", "base"), mfa]);
    bed.section("base", &KEYS);
    let answers = bed.answers();
    assert!(
        matches!(answers.credential_failure, Some(CredentialFailure::NotThere(_))),
        "{:?}",
        answers.credential_failure
    );
    assert!(aws.log().entries().is_empty());
}

#[test]
fn a_web_identity_token_opens_a_role() {
    let aws = FakeAws::start();
    let with = |token: &str| {
        let bed = Bed::on(&aws).unset(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
        let path = bed.home.path().join("token");
        std::fs::write(&path, token).expect("the token is written");
        bed.env("AWS_WEB_IDENTITY_TOKEN_FILE", path.to_string_lossy()).env("AWS_ROLE_ARN", role()).answers()
    };
    assert!(arn(&with("fake.web.identity\n")).contains("assumed-role/Developer/"));
    assert_eq!(refusal(&with("another")), ("sts", "InvalidIdentityToken".to_owned(), 400));
    assert!(matches!(with("").credential_failure, Some(CredentialFailure::NotThere(_))));
}

/// A chosen SSO profile with this cache file.
fn sso(aws: &FakeAws, session: bool, role: &str, cache: &Value) -> Bed {
    let mut properties = vec![("sso_account_id", ACCOUNT_ID), ("sso_role_name", role)];
    if session {
        properties.push(("sso_session", "s"));
    } else {
        properties.extend([("sso_start_url", START_URL), ("sso_region", "us-east-1")]);
    }
    let mut bed = Bed::on(aws).profile(&properties);
    let section = [("sso_start_url", START_URL), ("sso_region", "us-east-1")];
    let section = section.map(|(key, value)| (key.to_owned(), value.to_owned()));
    bed.machine.aws.sso_sessions.insert("s".to_owned(), section.into_iter().collect());
    let path = bed.home.path().join("sso.json");
    std::fs::write(&path, cache.to_string()).expect("the cache is written");
    let time = |name: &str| cache[name].as_str().and_then(|text| text.parse().ok());
    let token = SsoToken {
        path,
        unusable: None,
        start_url: Some(START_URL.to_owned()),
        region: Some("us-east-1".to_owned()),
        expires_at: time("expiresAt"),
        refreshable: cache["refreshToken"].is_string(),
        registration_expires_at: time("registrationExpiresAt"),
    };
    for key in ["s", START_URL] {
        bed.machine.aws.sso_tokens.insert(sha1_hex(key), token.clone());
    }
    bed
}

fn sha1_hex(text: &str) -> String {
    use sha1::Digest;
    sha1::Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn fresh(token: &str) -> Value {
    json!({ "startUrl": START_URL, "region": "us-east-1", "accessToken": token, "expiresAt": "2099-01-01T00:00:00Z" })
}

#[test]
fn sso_tokens_open_roles_and_the_portals_refusals_are_facts() {
    let aws = FakeAws::start();
    for session in [true, false] {
        let good = sso(&aws, session, SSO_ROLE, &fresh(SSO_TOKEN)).answers();
        assert!(arn(&good).contains("AWSReservedSSO_BedrockUsers_"), "{}", arn(&good));
    }
    let ended = sso(&aws, true, SSO_ROLE, &fresh("signed-out-on-the-server")).answers();
    assert_eq!(refusal(&ended), ("sso", "UnauthorizedException".to_owned(), 401));
    let another = sso(&aws, true, "Administrators", &fresh(SSO_TOKEN)).answers();
    assert_eq!(refusal(&another), ("sso", "ForbiddenException".to_owned(), 403));
    let mut past = fresh(SSO_TOKEN);
    past["expiresAt"] = json!("2020-01-01T00:00:00Z");
    let past = sso(&aws, false, SSO_ROLE, &past).answers();
    assert!(matches!(past.credential_failure, Some(CredentialFailure::NotThere(_))), "{:?}", past.credential_failure);
}

#[test]
fn an_ended_sso_token_is_renewed_and_kept_as_the_aws_tools_keep_it() {
    let aws = FakeAws::start();
    let mut stale = fresh("stale-access-token");
    for (key, value) in [
        ("expiresAt", "2020-01-01T00:00:00Z"),
        ("clientId", "client"),
        ("clientSecret", "client-secret"),
        ("registrationExpiresAt", "2099-01-01T00:00:00Z"),
        ("refreshToken", "fake-sso-refresh-token"),
        ("unknownKey", "kept"),
    ] {
        stale[key] = json!(value);
    }
    let bed = sso(&aws, true, SSO_ROLE, &stale);
    assert!(arn(&bed.answers()).contains("AWSReservedSSO_BedrockUsers_"));
    let kept = std::fs::read_to_string(bed.home.path().join("sso.json")).expect("the cache");
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    assert_eq!(kept["unknownKey"], "kept");
    assert_ne!(kept["accessToken"], "stale-access-token");
    assert!(kept["expiresAt"].as_str().is_some_and(|end| end > "2026"), "{kept}");

    stale["refreshToken"] = json!("a-refresh-token-nobody-knows");
    let refused = sso(&aws, true, SSO_ROLE, &stale).answers();
    assert_eq!(refusal(&refused), ("sso-oidc", "InvalidGrantException".to_owned(), 400));
}

#[test]
fn aws_login_sessions_are_used_and_renewed() {
    let aws = FakeAws::start();
    // The scalar 1: a key that is nobody's.
    let key = rcgen::KeyPair::generate().expect("a P-256 key").serialize_pem();
    let bed = |end: &str, refresh: &str| {
        let cache = json!({
            "accessToken": {
                "accessKeyId": SESSION_KEY.0, "secretAccessKey": SESSION_KEY.1, "sessionToken": GOOD_SESSION_TOKEN,
                "accountId": ACCOUNT_ID, "expiresAt": end,
            },
            "tokenType": "aws_sigv4", "refreshToken": refresh, "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": key,
        });
        let mut bed = Bed::on(&aws).profile(&[("login_session", "arn:aws:iam::111122223333:user/alice")]);
        let path = bed.home.path().join("login.json");
        std::fs::write(&path, cache.to_string()).expect("the cache is written");
        let cache_key = match resolve(&bed.machine).credentials.kind {
            bedrockup::resolve::CredentialKind::Profile {
                leads_to: bedrockup::resolve::ProfileRoute::Login { cache_key, .. },
                ..
            } => cache_key,
            other => panic!("not a login profile: {other:?}"),
        };
        bed.machine.aws.login_tokens.insert(cache_key, LoginToken { path, expires_at: end.parse().ok() });
        bed
    };
    let live = bed("2099-01-01T00:00:00Z", LOGIN_REFRESH_TOKEN).answers();
    assert_eq!(live.credentials.got().expect("keys").key_id, SESSION_KEY.0);
    let renewed = bed("2020-01-01T00:00:00Z", LOGIN_REFRESH_TOKEN).answers();
    assert!(renewed.identity.got().is_some(), "{:?}", renewed.credential_failure);
    assert_ne!(renewed.credentials.got().expect("keys").key_id, SESSION_KEY.0);
    let ended = bed("2020-01-01T00:00:00Z", "a-refresh-token-nobody-knows").answers();
    assert_eq!(refusal(&ended).0, "signin");
}

#[test]
fn containers_and_instances_hand_out_their_keys() {
    let key = KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN);
    let container = ContainerCredentials { key: key.clone(), authorization: Some("container-token".into()) };
    let aws = FakeAws::with(Account { imds: Some(key), container: Some(container), ..Account::default() });
    let keyless = || Bed::on(&aws).unset(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    let uri = format!("{}/container-credentials", aws.url());
    let in_container = |token: &str| {
        keyless()
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri)
            .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", token)
            .answers()
    };
    assert!(arn(&in_container("container-token")).contains("assumed-role/Developer/"));
    assert_eq!(refusal(&in_container("another")).0, "container");

    let on_instance = |url: &str| {
        keyless().unset(&["AWS_EC2_METADATA_DISABLED"]).env("AWS_EC2_METADATA_SERVICE_ENDPOINT", url).answers()
    };
    assert!(arn(&on_instance(&aws.url())).contains("assumed-role/Developer/"));
    aws.change(|account| account.imds = None);
    assert_eq!(refusal(&on_instance(&aws.url())), ("imds", String::new(), 404));
    assert!(matches!(on_instance(&refused_url()).credential_failure, Some(CredentialFailure::NoMetadata)));
    assert!(matches!(on_instance(&Silence::start().url()).credential_failure, Some(CredentialFailure::NoMetadata)));
}

#[test]
fn nothing_at_all_is_said_and_nothing_is_asked() {
    let aws = FakeAws::start();
    let answers = Bed::on(&aws).unset(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]).answers();
    assert!(matches!(answers.credentials, Answer::NotAsked(_)));
    assert!(matches!(answers.credential_failure, Some(CredentialFailure::NotThere(_))));
    assert_eq!(status(&answers, &format!("probe:{OPUS}")), CheckStatus::Skipped);
    assert!(aws.log().entries().is_empty());
}

#[test]
fn keys_that_a_broken_profile_hides_are_looked_at() {
    let aws = FakeAws::start();
    let answers = Bed::on(&aws).env("AWS_PROFILE", "nowhere").answers();
    assert!(answers.identity.got().is_none());
    assert_eq!(answers.identity_hidden.got().expect("the hidden keys work").account, ACCOUNT_ID);
}
