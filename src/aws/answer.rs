//! What a question to AWS brought, as a fact: nothing is judged here, and nothing that AWS said is lost.

use std::net::IpAddr;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::trust::CaSource;

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

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkFailure {
    /// The host that was to be reached.
    pub host: String,
    /// The hop at which it failed.
    pub hop: Hop,
    /// The failure in the words of the system or the TLS library.
    pub detail: String,
}

/// The hops on the way to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hop {
    /// The URL itself is not one.
    Url,
    /// The name of the proxy does not resolve, or it refuses or drops the connection.
    Proxy,
    /// The proxy answered `CONNECT` with 407.
    ProxyAuthentication,
    /// The proxy answered `CONNECT` with another refusal.
    ProxyRefusal,
    /// The name does not resolve.
    Name,
    /// The connection is refused.
    Refused,
    /// The connection does not open in time.
    Connect,
    /// The certificate is not trusted.
    Trust,
    /// TLS fails for another reason.
    Tls,
    /// The connection opens, and no byte of an answer comes.
    FirstByte,
    /// The connection is reset or closed before an answer.
    Reset,
    /// The answer began (a 200 for a stream of events) and was cut, or stalled, before its end.
    Stream,
    /// Something else; see the detail.
    Other,
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
    /// It gave credentials.
    Gave,
}

/// One inference profile of the region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferenceProfile {
    /// `us.anthropic.…`, or the opaque id of an application profile.
    pub id: String,
    /// ARN.
    pub arn: String,
    /// ARNs of the models that it routes to.
    pub model_arns: Vec<String>,
    /// `ACTIVE` or another status.
    pub status: String,
    /// It is a profile of the account (`APPLICATION`).
    pub application: bool,
}

/// `GetFoundationModelAvailability`: four fields, in AWS's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// `agreementAvailability.status`: `AVAILABLE`, `PENDING`, `NOT_AVAILABLE` or `ERROR`.
    pub agreement: String,
    /// `authorizationStatus`: `AUTHORIZED` or `NOT_AUTHORIZED`.
    pub authorization: String,
    /// `entitlementAvailability`: `AVAILABLE` or `NOT_AVAILABLE`.
    pub entitlement: String,
    /// `regionAvailability`: `AVAILABLE` or `NOT_AVAILABLE`.
    pub region: String,
}

/// `GetFoundationModel`, as far as the life of the model goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    /// `ACTIVE` or `LEGACY`.
    pub status: String,
    /// End of life, if announced.
    pub end_of_life: Option<Timestamp>,
}

/// A model call that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelReply {
    /// `x-amzn-RequestId`.
    pub request_id: Option<String>,
    /// It answered only after the client's own fallback (no betas, adaptive thinking), with AWS's words on the first try.
    pub after_fallback: Option<Refusal>,
}

/// Everything that was asked about one model id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelAnswers {
    /// The id as sent.
    pub id: String,
    /// The streaming one-token call, as the client makes it.
    pub stream: Answer<ModelReply>,
    /// Second look: the plain call, made where the streaming one was refused or cut.
    pub invoke: Answer<ModelReply>,
    /// The four fields for the model behind the id.
    pub availability: Answer<Availability>,
    /// The life of the model behind the id.
    pub lifecycle: Answer<Lifecycle>,
    /// `GetInferenceProfile`, where the id is an ARN of an application profile.
    pub profile: Answer<InferenceProfile>,
}

/// One line of a quota list.
#[derive(Debug, Clone, PartialEq)]
pub struct Quota {
    /// Quota code (`L-…`).
    pub code: String,
    /// Its name.
    pub name: String,
    /// The applied value.
    pub value: f64,
}

/// Everything that was asked of AWS.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Getting the credentials.
    pub credentials: Answer<Obtained>,
    /// Why there are none, when AWS was not the one to refuse.
    pub credential_failure: Option<CredentialFailure>,
    /// STS in the region.
    pub identity: Answer<Identity>,
    /// Second look: STS in `us-east-1`, asked when the regional one refused.
    pub identity_global: Answer<Identity>,
    /// Second look: STS with the first credential in `route.credentials.hidden` that is not used, asked where a bearer token
    /// or a profile hides another credential.
    pub identity_hidden: Answer<Identity>,
    /// `ListInferenceProfiles` in the region.
    pub profiles: Answer<Vec<InferenceProfile>>,
    /// Per model id.
    pub models: Vec<ModelAnswers>,
    /// `GetUseCaseForModelAccess`: the form is in. Asked as second look.
    pub use_case_form: Answer<bool>,
    /// Applied quotas of Bedrock, asked as second look after a 429.
    pub quotas: Answer<Vec<Quota>>,
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

/// A file of certificates that a variable names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaFile {
    /// `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` or `SSL_CERT_DIR`.
    pub variable: &'static str,
    /// The file.
    pub path: PathBuf,
    /// Why nothing can be taken from it; `None` when it holds certificates.
    pub problem: Option<CaProblem>,
}

/// Why nothing can be taken from a file of certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaProblem {
    /// It is not there, or cannot be read; the system's words.
    Unreadable(String),
    /// A certificate in DER form.
    Der,
    /// A PKCS 12 store.
    Pkcs12,
    /// A private key.
    Key,
    /// PEM that does not hold what its marks promise.
    Damaged,
    /// Nothing is in it.
    Empty,
    /// A directory without certificates.
    EmptyDirectory,
    /// Something else.
    NoCertificate,
}

/// A host that could not be reached, looked at hop by hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostLook {
    /// The host that was to be reached.
    pub host: String,
    /// The proxy on the way, as `host:port`.
    pub proxy: Option<String>,
    /// What the first host on the way (the proxy, if there is one) resolves to, or why it does not.
    pub addresses: Result<Vec<IpAddr>, String>,
    /// Whether one of the addresses takes a TCP connection, or why not; `None` when there is no address.
    pub tcp: Option<Result<(), String>>,
    /// Who issued the certificate that is shown there, asked only where it is not trusted.
    pub issuer: Option<String>,
    /// A file with which that certificate would be trusted, and which the client does not read.
    pub cure: Option<CaSource>,
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

impl HostLook {
    /// The name resolves, and one of the addresses takes a connection.
    pub fn is_open(&self) -> bool {
        matches!((&self.addresses, &self.tcp), (Ok(_), Some(Ok(()))))
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
            identity: no(reason),
            identity_global: no(reason),
            identity_hidden: no(reason),
            profiles: no(reason),
            models: Vec::new(),
            use_case_form: no(reason),
            quotas: no(reason),
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
