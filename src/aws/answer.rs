//! What a question to AWS brought, as a fact: nothing is judged here, and nothing that AWS said is lost.

mod models;
mod network;

use jiff::{SignedDuration, Timestamp};

use super::iam::Simulated;
use super::logging::Logging;
pub use models::{
    Availability, Elsewhere, FeatureAnswer, InferenceProfile, Lifecycle, ModelAnswers, ModelReply, Quota,
};
pub use network::{CaFile, CaProblem, Hop, HostLook, NetworkFailure, STALLED};

/// The outcome of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// AWS answered.
    Got(T),
    /// AWS, or something that answers in its place, refused.
    Refused(Refusal),
    /// No answer came: the network, a proxy, or trust failed.
    Unreachable(NetworkFailure),
    /// The time for it was over.
    TimedOut,
    /// It was not asked; the reason.
    NotAsked(String),
    /// The question itself crashed: a defect of ours; what was said.
    Crashed(String),
}

/// A refusal, with AWS's own words.
///
/// An exception inside of the stream of a model call is one too: it has the status that AWS's model gives to it, AWS's
/// request id, and the content type of a stream. A status below 400 means that something else came than AWS's answer (a
/// page of a portal, a redirect): no code, and the text is the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Error code (`AccessDeniedException`), without namespace and suffix; empty when the answer has none.
    pub code: String,
    /// AWS's message, whole.
    pub message: String,
    /// `x-amzn-RequestId`; `None` means that the answer may not be AWS's.
    pub request_id: Option<String>,
    /// `Content-Type` of the answer.
    pub content_type: Option<String>,
}

/// `GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Account id.
    pub account: String,
    /// ARN of the caller.
    pub arn: String,
    /// `UserId`, which CloudTrail calls `principalId`: of a session it is `AROA…:session`. Empty when the answer has none.
    pub user_id: String,
}

/// Credentials as far as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obtained {
    /// Access key id; empty for a bearer token.
    pub key_id: String,
    /// When they end, if they do.
    pub expires: Option<Timestamp>,
    /// How long it took to get them, in milliseconds.
    pub milliseconds: u64,
}

/// Why there are no credentials, where AWS was not the one to say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialFailure {
    /// A helper program (`credential_process`, `awsCredentialExport`) ran and did not give credentials.
    Helper(HelperRun),
    /// A service on the way (SSO, OIDC, STS, container, metadata) refused.
    Service {
        /// `sso`, `sso-oidc`, `sts`, `container`, `imds` or `signin`.
        service: &'static str,
        /// Its words.
        refusal: Refusal,
    },
    /// A service on the way could not be reached.
    Network {
        /// As above.
        service: &'static str,
        /// Where it failed.
        failure: NetworkFailure,
    },
    /// The files do not lead to credentials; what is missing. `resolve` has the details.
    NotThere(String),
    /// The metadata service is the last link and does not answer.
    NoMetadata,
    /// Something else, in the words of the SDK (no secret in it).
    Other(String),
}

/// One run of a helper program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelperRun {
    /// The command as written in the file, words that look like keys struck out.
    pub command: String,
    /// What came of it.
    pub outcome: HelperOutcome,
    /// How long it ran, in milliseconds.
    pub milliseconds: u64,
    /// The end of its standard error.
    pub stderr: String,
}

/// What came of a helper program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelperOutcome {
    /// Its first word is not an executable.
    NotFound,
    /// It ended with this status (`None`: by a signal).
    Exited(Option<i32>),
    /// It ended well and printed something else than credentials; what is wrong with it, never its output.
    NotCredentials(String),
    /// The credentials that it printed are past their own `Expiration`.
    Expired(Timestamp),
    /// It did not end within the limit.
    TimedOut,
    /// It printed keys, and not in the `Credentials` that this version of the client asks for.
    NotWrapped,
}

/// Calls of models that CloudTrail's event history of a region shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The region that was asked.
    pub region: String,
    /// How many calls are among the newest events of Bedrock there, whoever made them.
    pub calls: Answer<usize>,
}

/// Everything that was asked of AWS.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Getting the credentials.
    pub credentials: Answer<Obtained>,
    /// Why there are none, when AWS was not the one to refuse.
    pub credential_failure: Option<CredentialFailure>,
    /// Second look: the roles that this person has in the account, asked where IAM Identity Center refused one.
    pub account_roles: Answer<Vec<String>>,
    /// STS in the region.
    pub identity: Answer<Identity>,
    /// Second look: STS in `us-east-1`, asked when the regional one refused.
    pub identity_global: Answer<Identity>,
    /// Second look: STS of another partition, asked where this one knows the keys nowhere.
    pub identity_elsewhere: Answer<Identity>,
    /// Second look: STS with the first credential in `route.credentials.hidden` that is not used, asked where a bearer token
    /// or a profile hides another credential.
    pub identity_hidden: Answer<Identity>,
    /// `ListInferenceProfiles` in the region.
    pub profiles: Answer<Vec<InferenceProfile>>,
    /// Per model id.
    pub models: Vec<ModelAnswers>,
    /// Second look: the main model's call with what a variable adds that is known to make Bedrock refuse.
    pub features: Vec<FeatureAnswer>,
    /// `GetUseCaseForModelAccess`: the form is in. Asked as second look.
    pub use_case_form: Answer<bool>,
    /// Applied quotas of Bedrock. Waited for after a 429; else only as long as the other questions take.
    pub quotas: Answer<Vec<Quota>>,
    /// Model invocation logging of the region.
    pub logging: Answer<Logging>,
    /// CloudTrail's event history of the region, and of another one where tools of AWS look by themselves here.
    pub recorded: Vec<Recorded>,
    /// Second look: the account has enabled the region, asked where keys that are good elsewhere are not known in it.
    pub region_enabled: Answer<bool>,
    /// Second look: access to a refused model in the profile's and in neighbouring regions.
    pub elsewhere: Vec<Elsewhere>,
    /// Second look: what IAM's simulator says of the caller's own policies, asked after a denial that they may explain.
    pub simulation: Answer<Vec<Simulated>>,
    /// Second look: the account's data retention mode, asked where a model wants another.
    pub data_retention: Answer<String>,
    /// AWS's clock minus ours, from the `Date` header of the first answer of AWS.
    pub clock_offset: Option<SignedDuration>,
    /// Files that add to what the client trusts.
    pub ca_files: Vec<CaFile>,
    /// Second look, hop by hop, at each host that could not be reached.
    pub hosts: Vec<HostLook>,
    /// Hosts that this client asks past the proxy, looked at in that way.
    pub past_the_proxy: Vec<HostLook>,
    /// One entry for each question, for the list of checks.
    pub log: Vec<Asked>,
}

/// One question as it shows in the list of checks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Asked {
    /// Stable name (`sts-identity`, `inference-profiles`, `probe:us.anthropic.…`).
    pub name: String,
    /// What came of it.
    pub status: CheckStatus,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// Why it was skipped, failed, or crashed.
    pub reason: Option<String>,
}

impl Asked {
    /// It was asked and answered.
    pub fn passed(&self) -> bool {
        self.status == CheckStatus::Passed
    }
}

/// Status of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckStatus {
    /// It was asked and answered.
    Passed,
    /// It was asked and refused.
    Failed,
    /// It was not asked.
    Skipped,
    /// Its time was over.
    TimedOut,
    /// A defect of ours.
    Crashed,
}

impl<T> Answer<T> {
    /// The answer, if there is one.
    pub fn got(&self) -> Option<&T> {
        match self {
            Self::Got(value) => Some(value),
            _ => None,
        }
    }

    /// The refusal, if it was refused.
    pub fn refused(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The network failure, if there was one.
    pub fn unreachable(&self) -> Option<&NetworkFailure> {
        match self {
            Self::Unreachable(failure) => Some(failure),
            _ => None,
        }
    }
}

impl Refusal {
    /// AWS says that the caller may not do this.
    pub fn is_access_denied(&self) -> bool {
        self.status == 403 && matches!(self.code.as_str(), "AccessDeniedException" | "AccessDenied")
    }
}

impl Answers {
    /// Nothing was asked, for one reason (`--offline`).
    pub fn not_asked(reason: &str) -> Self {
        fn no<T>(reason: &str) -> Answer<T> {
            Answer::NotAsked(reason.to_owned())
        }
        Self {
            credentials: no(reason),
            credential_failure: None,
            account_roles: no(reason),
            identity: no(reason),
            identity_global: no(reason),
            identity_elsewhere: no(reason),
            identity_hidden: no(reason),
            profiles: no(reason),
            models: Vec::new(),
            features: Vec::new(),
            use_case_form: no(reason),
            quotas: no(reason),
            logging: no(reason),
            recorded: Vec::new(),
            region_enabled: no(reason),
            elsewhere: Vec::new(),
            simulation: no(reason),
            data_retention: no(reason),
            clock_offset: None,
            ca_files: Vec::new(),
            hosts: Vec::new(),
            past_the_proxy: Vec::new(),
            log: Vec::new(),
        }
    }

    /// What was asked about a model id.
    pub fn model(&self, id: &str) -> Option<&ModelAnswers> {
        self.models.iter().find(|model| model.id == id)
    }
}
