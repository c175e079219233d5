//! The AWS configuration and credentials files, and the sign-in caches of the AWS CLI.

mod caches;
mod ini;
mod locks;
mod profiles;

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
    /// Files and directories of these, and the web identity token, that are there and closed to this user.
    pub locked: Vec<Locked>,
}

/// One of the two AWS files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsFile {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Its state.
    pub state: FileState,
    /// The variable that names it; `None` where it is at the usual place.
    pub named_by: Option<&'static str>,
    /// Lines in it that not every reader can make sense of.
    pub problems: Vec<Problem>,
}

/// A line of an AWS file that makes no sense to the client, which passes over it, or to the AWS CLI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong with it; never a value.
    pub what: String,
    /// The AWS CLI refuses the whole file for it.
    pub cli_refuses: bool,
}

/// A file or directory that this user may not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// Where it is.
    pub path: PathBuf,
    /// The user id of its owner.
    pub owner: u32,
    /// Its permission bits.
    pub mode: u32,
    /// The user id of the one who asks.
    pub user: u32,
}

/// A `[header]` line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// What stands between the brackets.
    pub header: String,
    /// How the client knows it (`profile.work`, `default`); `None` where it opens no section.
    pub known_as: Option<String>,
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
    /// It is there and is no text that the client could read; what it is.
    Broken(String),
    /// It was read.
    Read,
}

/// One profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its properties but for the secrets, names as they are written.
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
    let (mut of_config, mut of_credentials) = (ini::parse(&config_text), ini::parse(&credentials_text));
    let (sso_cache, login_cache) = (world.home.join(".aws/sso/cache"), login_cache(world, environment));
    let mut files = AwsFiles {
        config: AwsFile { problems: std::mem::take(&mut of_config.problems), ..config },
        credentials: AwsFile { problems: std::mem::take(&mut of_credentials.problems), ..credentials },
        config_sections: std::mem::take(&mut of_config.headers),
        credentials_sections: std::mem::take(&mut of_credentials.headers),
        sso_tokens: caches::sso_tokens(&sso_cache),
        login_tokens: caches::login_tokens(&login_cache),
        ..AwsFiles::default()
    };
    let token = environment.non_empty("AWS_WEB_IDENTITY_TOKEN_FILE").map(|path| world.directory.join(path));
    files.locked = locks::find(world.user.uid, &files, &[&sso_cache, &login_cache], token.as_deref());
    profiles::fill(&mut files, of_config, of_credentials);
    files
}

/// Where `aws login` keeps its sessions.
fn login_cache(world: &World, environment: &Env) -> PathBuf {
    let moved = environment.non_empty("AWS_LOGIN_CACHE_DIRECTORY");
    moved.map_or_else(|| world.home.join(".aws/login/cache"), |path| world.directory.join(world.expand(path)))
}

/// One file and its text; an empty text where there is none.
fn read(world: &World, environment: &Env, variable: &'static str, default: &str) -> (AwsFile, String) {
    let named = environment.non_empty(variable).map(|path| world.directory.join(world.expand(path)));
    let named_by = named.is_some().then_some(variable);
    let path = named.unwrap_or_else(|| world.home.join(default));
    let (state, text) = match file::read(&path) {
        Ok(None) => (FileState::Missing, String::new()),
        Err(reason) => (FileState::Unreadable(reason), String::new()),
        // Every second byte is nothing: no section in it is found.
        Ok(Some(bytes)) if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0) => {
            (FileState::Broken("it is UTF-16 text".to_owned()), String::new())
        }
        // Other bytes that are no UTF-8 stand in comments, as a rule; the client replaces them.
        Ok(Some(bytes)) => (FileState::Read, String::from_utf8_lossy(&bytes).into_owned()),
    };
    (AwsFile { path, state, named_by, problems: Vec::new() }, text)
}

#[cfg(test)]
mod tests;
