//! What the sign-in caches of the AWS CLI say about their tokens; the tokens themselves are passed over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use super::{LoginToken, SsoToken};
use crate::observe::file;

/// More files are not looked at: a cache holds one for each session.
const MOST_FILES: usize = 200;

/// The fields of an SSO cache file, of client registrations too. Tokens become "there is one".
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SsoFile {
    start_url: Option<String>,
    region: Option<String>,
    expires_at: Option<String>,
    registration_expires_at: Option<String>,
    #[serde(default, deserialize_with = "is_text")]
    access_token: bool,
    #[serde(default, deserialize_with = "is_text")]
    refresh_token: bool,
    #[serde(default, deserialize_with = "is_text")]
    client_id: bool,
    #[serde(default, deserialize_with = "is_text")]
    client_secret: bool,
}

/// The fields of a login cache file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoginFile {
    access_token: Option<LoginAccess>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoginAccess {
    expires_at: Option<String>,
}

/// Whether a field holds a text that is not empty. The text is dropped at once.
fn is_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.is_some_and(|text| !text.is_empty()))
}

/// Tokens of IAM Identity Center, by file name without `.json`.
pub fn sso_tokens(directory: &Path) -> BTreeMap<String, SsoToken> {
    let token = |path: PathBuf, bytes: Result<Vec<u8>, String>| {
        let unusable = |reason: String| SsoToken {
            path: path.clone(),
            unusable: Some(reason),
            start_url: None,
            region: None,
            expires_at: None,
            refreshable: false,
            registration_expires_at: None,
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(reason) => return Some(unusable(reason)),
        };
        match serde_json::from_slice::<SsoFile>(&bytes) {
            Err(_) => Some(unusable("it is not the JSON of a token".to_owned())),
            // A registration of a client (`botocore-client-id-…json`) is no token.
            Ok(found) if !found.access_token && found.client_id => None,
            Ok(found) => Some(SsoToken {
                path,
                unusable: (!found.access_token).then(|| "it holds no access token".to_owned()),
                start_url: found.start_url,
                region: found.region,
                expires_at: found.expires_at.as_deref().and_then(timestamp),
                refreshable: found.refresh_token && found.client_id && found.client_secret,
                registration_expires_at: found.registration_expires_at.as_deref().and_then(timestamp),
            }),
        }
    };
    files(directory, token)
}

/// Sessions of `aws login`, by file name without `.json`.
pub fn login_tokens(directory: &Path) -> BTreeMap<String, LoginToken> {
    files(directory, |path, bytes| {
        let found: Option<LoginFile> = bytes.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let expires_at = found.and_then(|found| found.access_token?.expires_at).as_deref().and_then(timestamp);
        Some(LoginToken { path, expires_at })
    })
}

/// What `read` makes of each JSON file of a directory.
fn files<T>(directory: &Path, read: impl Fn(PathBuf, Result<Vec<u8>, String>) -> Option<T>) -> BTreeMap<String, T> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let json = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let found = json.take(MOST_FILES).filter_map(|path| {
        let name = path.file_stem()?.to_str()?.to_owned();
        let bytes = match file::read(&path) {
            Ok(bytes) => Ok(bytes?),
            Err(reason) => Err(reason),
        };
        Some((name, read(path, bytes)?))
    });
    found.collect()
}

/// `2026-11-24T02:59:35Z`, and the `2026-11-24T02:59:35UTC` of old CLIs.
fn timestamp(text: &str) -> Option<Timestamp> {
    text.strip_suffix("UTC").map_or_else(|| text.to_owned(), |time| format!("{time}Z")).parse().ok()
}
