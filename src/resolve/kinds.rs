//! Kinds of credentials, and what a profile leads to.

use std::path::PathBuf;

use crate::observe::settings::Scope;
use crate::resolve::Source;

/// The credentials that the client would use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Their kind.
    pub kind: CredentialKind,
    /// Where the choice comes from.
    pub source: Source,
    /// Kinds that are there too and are not looked at because this one wins.
    pub hidden: Vec<CredentialKind>,
}

/// A kind of credentials. Secrets stay in the facts and in the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialKind {
    /// `AWS_BEARER_TOKEN_BEDROCK`.
    BearerToken,
    /// The output of `awsCredentialExport`.
    Export {
        /// The command.
        command: String,
        /// The scope of the settings file that holds it.
        scope: Scope,
    },
    /// Keys in the environment (or in settings `env`).
    EnvironmentKeys {
        /// `AWS_ACCESS_KEY_ID`.
        key_id: String,
        /// A session token is there too.
        has_session_token: bool,
    },
    /// A profile of the AWS files.
    Profile {
        /// Its name.
        name: String,
        /// What it leads to.
        leads_to: ProfileRoute,
    },
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`.
    WebIdentity {
        /// The token file.
        token_file: PathBuf,
        /// The role.
        role_arn: Option<String>,
    },
    /// `AWS_CONTAINER_CREDENTIALS_*_URI`.
    Container {
        /// The URI as given.
        uri: String,
    },
    /// The instance's metadata service: the last link, tried when nothing else is there.
    InstanceMetadata,
    /// Nothing: every link is empty, and the metadata service is switched off.
    Nothing,
    /// `CLAUDE_CODE_SKIP_BEDROCK_AUTH`: no `Authorization` is sent.
    Skipped,
}

/// What a profile leads to, read from the AWS files alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileRoute {
    /// No section of that name.
    NotFound,
    /// The section holds nothing that gives credentials.
    Empty,
    /// Keys in the section.
    Keys {
        /// `aws_access_key_id`.
        key_id: String,
        /// A session token is there too.
        has_session_token: bool,
    },
    /// IAM Identity Center.
    Sso {
        /// `sso_session`; `None` in the legacy form.
        session: Option<String>,
        /// Start URL.
        start_url: String,
        /// Region of the Identity Center instance.
        region: String,
        /// `sso_account_id`.
        account: String,
        /// `sso_role_name`.
        role: String,
        /// File name of the cached token, without `.json`.
        cache_key: String,
    },
    /// `credential_process`.
    Process {
        /// The command.
        command: String,
    },
    /// `aws login`.
    Login {
        /// `login_session`.
        session: String,
        /// File name of the cached session, without `.json`.
        cache_key: String,
    },
    /// A role to assume.
    Role {
        /// `role_arn`.
        role_arn: String,
        /// `mfa_serial`.
        mfa_serial: Option<String>,
        /// `external_id`.
        external_id: Option<String>,
        /// `role_session_name`.
        session_name: Option<String>,
        /// The credentials that assume it.
        base: Box<RoleBase>,
    },
    /// The section cannot work; what is wrong with it.
    Broken(String),
}

/// What assumes a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleBase {
    /// `source_profile`.
    Profile {
        /// Its name.
        name: String,
        /// What it leads to.
        leads_to: ProfileRoute,
    },
    /// `credential_source`: `Environment`, `Ec2InstanceMetadata` or `EcsContainer`.
    Source(String),
    /// `web_identity_token_file`.
    TokenFile(PathBuf),
}

impl CredentialKind {
    /// The kind in a word, as JSON has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::BearerToken => "bearer-token",
            Self::Export { .. } => "credential-export",
            Self::EnvironmentKeys { .. } => "environment-keys",
            Self::Profile { leads_to, .. } => leads_to.name(),
            Self::WebIdentity { .. } => "web-identity",
            Self::Container { .. } => "container",
            Self::InstanceMetadata => "instance-metadata",
            Self::Nothing => "none",
            Self::Skipped => "skipped",
        }
    }
}

impl ProfileRoute {
    /// The kind in a word, as JSON has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "profile-not-found",
            Self::Empty => "profile-empty",
            Self::Keys { .. } => "profile-keys",
            Self::Sso { session: Some(_), .. } => "sso-session",
            Self::Sso { session: None, .. } => "sso-legacy",
            Self::Process { .. } => "credential-process",
            Self::Login { .. } => "aws-login",
            Self::Role { .. } => "assume-role",
            Self::Broken(_) => "profile-broken",
        }
    }
}
