//! The AWS configuration and credentials files, and the sign-in caches of the AWS CLI.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::secret::Secret;

/// What the AWS files hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsFiles {
    /// `~/.aws/config` or what `AWS_CONFIG_FILE` names.
    pub config: AwsFile,
    /// `~/.aws/credentials` or what `AWS_SHARED_CREDENTIALS_FILE` names.
    pub credentials: AwsFile,
    /// Profiles of both files, merged as the SDKs do.
    pub profiles: BTreeMap<String, Profile>,
    /// `[sso-session NAME]` sections.
    pub sso_sessions: BTreeMap<String, BTreeMap<String, String>>,
    /// Tokens in `~/.aws/sso/cache`, by file name without `.json`: the SHA-1 of session name or start URL, in hex.
    pub sso_tokens: BTreeMap<String, SsoToken>,
    /// Sessions in `~/.aws/login/cache`, by file name without `.json`: the SHA-256 of `login_session`, in hex.
    pub login_tokens: BTreeMap<String, LoginToken>,
}

/// One of the two AWS files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsFile {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Its state.
    pub state: FileState,
}

/// The state of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FileState {
    /// There is none.
    #[default]
    Missing,
    /// It is there and cannot be read; the reason.
    Unreadable(String),
    /// It does not parse; the parser's words.
    Broken(String),
    /// It was read.
    Read,
}

/// One profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its properties but for the secrets, names in lower case.
    pub properties: BTreeMap<String, String>,
    /// `aws_secret_access_key`.
    pub secret_access_key: Option<Secret>,
    /// `aws_session_token`.
    pub session_token: Option<Secret>,
}

/// A cached SSO token; the token itself is not read into facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoToken {
    /// The cache file.
    pub path: PathBuf,
    /// Why it cannot be used at all (unreadable, not JSON).
    pub unusable: Option<String>,
    /// `startUrl`.
    pub start_url: Option<String>,
    /// `region` of the SSO instance.
    pub region: Option<String>,
    /// `expiresAt`.
    pub expires_at: Option<Timestamp>,
    /// It holds a refresh token and a client registration to use it with.
    pub refreshable: bool,
    /// `registrationExpiresAt`.
    pub registration_expires_at: Option<Timestamp>,
}

/// A cached session of `aws login`; the keys in it are not read into facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginToken {
    /// The cache file.
    pub path: PathBuf,
    /// `accessToken.expiresAt`.
    pub expires_at: Option<Timestamp>,
}

impl Profile {
    /// A property, where empty counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
