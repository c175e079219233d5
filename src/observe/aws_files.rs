//! The AWS configuration and credentials files, and the sign-in caches of the AWS CLI.

mod caches;
mod profiles;
mod sections;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use super::file;
use crate::secret::Secret;
use crate::variables;
use crate::world::{Env, World};

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
    /// The section headers of the config file as they are written, in order, also those that no SDK reads.
    pub config_sections: Vec<Section>,
    /// Likewise those of the credentials file.
    pub credentials_sections: Vec<Section>,
}

/// One of the two AWS files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsFile {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Its state.
    pub state: FileState,
}

/// A `[header]` line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// What stands between the brackets.
    pub header: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Its properties in lower case with their lines; no values, since any may be a secret.
    pub keys: BTreeMap<String, usize>,
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

/// The AWS files as `environment` (that of the client: shell and settings together) points to them.
///
/// The caches lie in the home whatever the environment says.
pub fn observe(world: &World, environment: &Env) -> AwsFiles {
    let (config, config_text) = read(world, environment, variables::AWS_CONFIG_FILE, ".aws/config");
    let (credentials, credentials_text) = read(world, environment, variables::AWS_CREDENTIALS_FILE, ".aws/credentials");
    let mut files = AwsFiles {
        config,
        credentials,
        config_sections: sections::scan(&config_text),
        credentials_sections: sections::scan(&credentials_text),
        sso_tokens: caches::sso_tokens(&world.home.join(".aws/sso/cache")),
        login_tokens: caches::login_tokens(&login_cache(world, environment)),
        ..AwsFiles::default()
    };
    profiles::fill(&mut files, config_text, credentials_text);
    files
}

/// Where `aws login` keeps its sessions.
fn login_cache(world: &World, environment: &Env) -> PathBuf {
    let moved = environment.non_empty("AWS_LOGIN_CACHE_DIRECTORY");
    moved.map_or_else(|| world.home.join(".aws/login/cache"), |path| world.directory.join(world.expand(path)))
}

/// One file and its text; an empty text where there is none.
fn read(world: &World, environment: &Env, variable: &str, default: &str) -> (AwsFile, String) {
    let named = environment.non_empty(variable).map(|path| world.directory.join(world.expand(path)));
    let path = named.unwrap_or_else(|| world.home.join(default));
    let (state, text) = match file::read(&path) {
        Ok(None) => (FileState::Missing, String::new()),
        Err(reason) => (FileState::Unreadable(reason), String::new()),
        Ok(Some(bytes)) => match String::from_utf8(bytes) {
            Ok(text) => (FileState::Read, text),
            Err(_) => (FileState::Broken("it is not UTF-8".to_owned()), String::new()),
        },
    };
    (AwsFile { path, state }, text)
}

#[cfg(test)]
mod tests;
