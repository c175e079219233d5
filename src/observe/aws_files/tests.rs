//! The AWS files of homes made for the purpose.

use std::path::Path;

use super::*;
use crate::world::{Clock, Terminal, User};

fn world(home: &Path) -> World {
    World {
        env: Env::default(),
        home: home.to_owned(),
        directory: home.to_owned(),
        system_root: home.join("root"),
        user: User { uid: 0, gid: 0, name: None, home: None, shell: None },
        terminal: Terminal::default(),
        clock: Clock::System,
    }
}

fn home(files: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }
    home
}

const CONFIG: &str = "[default]\nregion = us-east-1\r\n\n[profile work]\nsso_session = corp\nregion=eu-west-1\ns3 =\n  max_queue_size = 1\n\n[sso-session corp]\n\
                      sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-central-1\n[typo]\nregion = x\n";
const CREDENTIALS: &str = "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = hidden-value\naws_session_token = hidden-token\n";

#[test]
fn both_files_are_one_set_of_profiles() {
    let home = home(&[(".aws/config", CONFIG), (".aws/credentials", CREDENTIALS)]);
    let files = observe(&world(home.path()), &Env::default());
    assert_eq!((&files.config.state, &files.credentials.state), (&FileState::Read, &FileState::Read));
    let default = &files.profiles["default"];
    assert_eq!((default.get("region"), default.get("aws_access_key_id")), (Some("us-east-1"), Some("AKIAEXAMPLE")));
    assert_eq!(default.secret_access_key.as_ref().map(Secret::reveal), Some("hidden-value"));
    assert_eq!(default.session_token.as_ref().map(Secret::reveal), Some("hidden-token"));
    assert!(!format!("{files:?}").contains("hidden"));
    assert_eq!(files.profiles["work"].get("region"), Some("eu-west-1"));
    assert_eq!(files.sso_sessions["corp"]["sso_region"], "eu-central-1");
    assert!(!files.profiles.contains_key("typo"), "the SDKs do not read it");
    let headers: Vec<(&str, usize)> =
        files.config_sections.iter().map(|found| (found.header.as_str(), found.line)).collect();
    assert_eq!(headers, [("default", 1), ("profile work", 4), ("sso-session corp", 10), ("typo", 13)]);
    assert_eq!(files.config_sections[1].keys["region"], 6);
}

#[test]
fn a_line_that_makes_no_sense_hides_nothing() {
    let home =
        home(&[(".aws/config", "region = us-east-1\n[default]\noutput = json\n"), (".aws/credentials", CREDENTIALS)]);
    let files = observe(&world(home.path()), &Env::default());
    assert_eq!((&files.config.state, files.config.problems.len()), (&FileState::Read, 1));
    assert_eq!(files.profiles["default"].get("output"), Some("json"));
    assert!(files.profiles["default"].secret_access_key.is_some());
}

#[test]
fn texts_of_other_encodings() {
    let home = home(&[]);
    std::fs::create_dir(home.path().join(".aws")).expect("a directory");
    let utf_16: Vec<u8> = "\u{feff}[default]\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(home.path().join(".aws/config"), utf_16).expect("a file");
    std::fs::write(home.path().join(".aws/credentials"), b"# caf\xe9\n[default]\naws_access_key_id = A\n")
        .expect("a file");
    let files = observe(&world(home.path()), &Env::default());
    assert_eq!(files.config.state, FileState::Broken("it is UTF-16 text".to_owned()));
    assert_eq!(files.profiles["default"].get("aws_access_key_id"), Some("A"));
}

#[test]
fn secrets_in_capitals_are_not_among_the_facts() {
    let home = home(&[(".aws/credentials", "[default]\nAWS_SECRET_ACCESS_KEY = hidden-value\n")]);
    let files = observe(&world(home.path()), &Env::default());
    assert!(!format!("{files:?}").contains("hidden"), "{files:?}");
    assert!(files.profiles["default"].properties.contains_key("AWS_SECRET_ACCESS_KEY"));
}

#[test]
fn missing_moved_and_unreadable_files() {
    let home = home(&[("elsewhere", "[profile a]\nregion=x\n"), (".aws/config/is-a-directory", "")]);
    let world = world(home.path());
    let files = observe(&world, &Env::default());
    assert_eq!(files.config.state, FileState::Unreadable("it is a directory".to_owned()));
    assert_eq!(files.credentials.state, FileState::Missing);
    let environment: Env = [(variables::AWS_CONFIG_FILE, "~/elsewhere")].into_iter().collect();
    let files = observe(&world, &environment);
    assert_eq!(files.config.path, home.path().join("elsewhere"));
    assert_eq!(files.config.named_by, Some(variables::AWS_CONFIG_FILE));
    assert_eq!(files.profiles["a"].get("region"), Some("x"));
}

#[test]
fn caches_tell_times_and_no_tokens() {
    let token = r#"{"startUrl":"https://corp","region":"eu-central-1","accessToken":"hidden","expiresAt":"2026-11-24T02:59:35Z",
        "refreshToken":"hidden","clientId":"x","clientSecret":"hidden","registrationExpiresAt":"2027-01-01T00:00:00UTC"}"#;
    let registration = r#"{"clientId":"x","clientSecret":"hidden","expiresAt":"2027-01-01T00:00:00Z"}"#;
    let login = r#"{"accessToken":{"accessKeyId":"x","secretAccessKey":"hidden","expiresAt":"2026-11-24T02:59:35Z"}}"#;
    let home = home(&[
        (".aws/sso/cache/abc.json", token),
        (".aws/sso/cache/botocore-client-id-eu-central-1.json", registration),
        (".aws/sso/cache/broken.json", "{"),
        (".aws/sso/cache/other.txt", "x"),
        (".aws/login/cache/def.json", login),
    ]);
    let files = observe(&world(home.path()), &Env::default());
    assert!(!format!("{files:?}").contains("hidden"));
    let token = &files.sso_tokens["abc"];
    assert_eq!(token.expires_at.map(|time| time.to_string()).as_deref(), Some("2026-11-24T02:59:35Z"));
    assert_eq!(token.registration_expires_at.map(|time| time.to_string()).as_deref(), Some("2027-01-01T00:00:00Z"));
    assert!(token.refreshable && token.unusable.is_none());
    assert!(files.sso_tokens["broken"].unusable.is_some());
    assert_eq!(files.sso_tokens.len(), 2);
    assert_eq!(files.login_tokens["def"].expires_at, token.expires_at);
}
