//! The SDK's clients, all made here and all alike: pinned behaviour, no retries, no corrected clock, endpoints given.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use jiff::Timestamp;

use super::answer::{Answer, Hop, NetworkFailure, Refusal};
use super::exchange::Outcome;
use super::failure;
use super::wire::{Recorder, Wire};
use crate::secret::Secret;
use crate::world::{Clock, Env};

/// What requests are signed with.
#[derive(Debug, Clone)]
pub enum Access {
    /// Keys.
    Keys(Credentials),
    /// A Bedrock API key.
    Bearer(Secret),
    /// Nothing: the `Authorization` header is left out.
    Unsigned,
}

/// Where and as whom questions are asked. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Aws {
    /// The way out.
    pub wire: Arc<Wire>,
    /// The region that is signed for.
    pub region: String,
    /// Who asks.
    pub access: Access,
    /// URL of STS in the region.
    pub sts: String,
    /// URL of the control plane.
    pub control: String,
    /// URL of the model calls.
    pub runtime: String,
    /// Headers that the client adds to model calls (a guardrail, a service tier): policies may ask for them.
    pub headers: Arc<Vec<(String, String)>>,
    /// A word that requests add to their name, so that they are found again in CloudTrail.
    pub tag: Option<Arc<str>>,
}

/// Where requests go.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// URL of the model calls.
    pub runtime: &'a str,
    /// URL of the control plane.
    pub control: &'a str,
    /// URL of STS in the region.
    pub sts: &'a str,
    /// The region that is signed for.
    pub region: &'a str,
    /// The environment of the client: some of its variables become headers.
    pub effective: &'a Env,
}

/// Our clock, as the SDK asks for it.
#[derive(Debug)]
struct OurClock(Clock);

impl TimeSource for OurClock {
    fn now(&self) -> SystemTime {
        system_time(self.0.now())
    }
}

impl Aws {
    /// Clients for these places.
    pub fn new(wire: Arc<Wire>, places: Places<'_>, access: Access) -> Self {
        let Places { runtime, control, sts, region, effective } = places;
        Self {
            wire,
            region: region.to_owned(),
            access,
            sts: sts.to_owned(),
            control: control.to_owned(),
            runtime: runtime.to_owned(),
            headers: Arc::new(model_headers(effective)),
            tag: None,
        }
    }

    /// The same, asked in another region.
    pub fn in_region(&self, region: &str, runtime: &str, control: &str) -> Self {
        Self { region: region.to_owned(), runtime: runtime.to_owned(), control: control.to_owned(), ..self.clone() }
    }

    /// The same, with a word that requests add to their name.
    pub fn tagged(self, tag: &str) -> Self {
        Self { tag: Some(tag.into()), ..self }
    }

    /// A recorder for one question.
    pub fn recorder(&self) -> Recorder {
        let recorder = Recorder::new(Arc::clone(&self.wire)).tagged(self.tag.clone());
        if matches!(self.access, Access::Unsigned) { recorder.unsigned() } else { recorder }
    }

    /// STS at this URL, signed for this region.
    pub fn sts(&self, recorder: &Recorder, url: &str, region: &str) -> aws_sdk_sts::Client {
        let config = self.config(recorder, region);
        aws_sdk_sts::Client::from_conf(aws_sdk_sts::config::Builder::from(&config).endpoint_url(url).build())
    }

    /// The control plane of Bedrock.
    pub fn bedrock(&self, recorder: &Recorder) -> aws_sdk_bedrock::Client {
        let config = self.config(recorder, &self.region);
        let mut builder = aws_sdk_bedrock::config::Builder::from(&config).endpoint_url(&self.control);
        if let Access::Bearer(token) = &self.access {
            builder = builder
                .bearer_token(token.reveal().into())
                .auth_scheme_preference([AuthSchemeId::from("httpBearerAuth")]);
        }
        aws_sdk_bedrock::Client::from_conf(builder.build())
    }

    /// The runtime of Bedrock.
    pub fn runtime(&self, recorder: &Recorder) -> aws_sdk_bedrockruntime::Client {
        let config = self.config(recorder, &self.region);
        let mut builder = aws_sdk_bedrockruntime::config::Builder::from(&config).endpoint_url(&self.runtime);
        if let Access::Bearer(token) = &self.access {
            builder = builder
                .bearer_token(token.reveal().into())
                .auth_scheme_preference([AuthSchemeId::from("httpBearerAuth")]);
        }
        aws_sdk_bedrockruntime::Client::from_conf(builder.build())
    }

    /// Built by hand, so that nothing is read from the process environment or from profile files: those would be another
    /// route than the client's, and some of their values make the SDK panic.
    fn config(&self, recorder: &Recorder, region: &str) -> SdkConfig {
        let credentials = match &self.access {
            Access::Keys(keys) => keys.clone(),
            // Signed with a placeholder; the recorder takes the signature off, or the bearer scheme is preferred.
            Access::Bearer(_) | Access::Unsigned => Credentials::new("unsigned", "unsigned", None, None, "bedrockup"),
        };
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(recorder.clone())
            .time_source(OurClock(self.wire.clock))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            // One try each: the client's ten retries are what hides the cause for minutes. The wire has its own limits.
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            // A wrong clock is a finding, not something to put right in silence.
            .disable_clock_skew_correction(true)
            .build()
    }
}

/// `ANTHROPIC_CUSTOM_HEADERS` (lines of `Name: Value`) and the service tier. Headers that the request has anyway stay ours.
fn model_headers(env: &Env) -> Vec<(String, String)> {
    const OURS: [&str; 5] = ["host", "content-type", "content-length", "user-agent", "accept"];
    let custom = env.non_empty("ANTHROPIC_CUSTOM_HEADERS").unwrap_or_default().lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        let sendable = http::HeaderName::try_from(&name).is_ok() && http::HeaderValue::try_from(value).is_ok();
        (sendable && !OURS.contains(&name.as_str())).then(|| (name, value.to_owned()))
    });
    let tier =
        env.non_empty("ANTHROPIC_BEDROCK_SERVICE_TIER").filter(|tier| http::HeaderValue::try_from(*tier).is_ok());
    let tier = tier.map(|tier| ("x-amzn-bedrock-service-tier".to_owned(), tier.to_owned()));
    custom.chain(tier).collect()
}

/// A time as the SDK takes it; one before 1970 is taken for 1970.
pub fn system_time(time: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::try_from(time.as_duration()).unwrap_or_default()
}

/// The SDK's outcome as an answer; `read` takes what is wanted, `None` where the answer lacks it and so is not AWS's.
pub fn settle<T, U, E, R>(
    recorder: &Recorder,
    result: Result<T, SdkError<E, R>>,
    read: impl FnOnce(T) -> Option<U>,
) -> Answer<U>
where
    E: std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match result {
        Ok(output) => match read(output) {
            Some(value) => Answer::Got(value),
            None => not_an_answer(recorder, "the answer lacks what AWS always gives"),
        },
        Err(error) => settle_error(recorder, &error),
    }
}

/// The SDK's error as an answer, told by the wire where the wire knows.
pub fn settle_error<U, E, R>(recorder: &Recorder, error: &SdkError<E, R>) -> Answer<U>
where
    E: std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match recorder.last().map(|exchange| exchange.outcome) {
        Some(Outcome::Failed(failure)) => Answer::Unreachable(failure),
        Some(Outcome::Answered(head)) if head.status >= 300 => Answer::Refused(head.refusal),
        Some(Outcome::Answered(_)) => not_an_answer(recorder, &failure::chain(error)),
        // The request could not even be made.
        None => {
            let detail = recorder.wire().scrub(&failure::chain(error));
            Answer::Unreachable(NetworkFailure { host: String::new(), hop: Hop::Url, detail })
        }
    }
}

/// A success that is none: a page, or content that AWS does not send.
pub fn not_an_answer<U>(recorder: &Recorder, why: &str) -> Answer<U> {
    let refusal = match recorder.last().map(|exchange| exchange.outcome) {
        Some(Outcome::Answered(head)) => head.refusal,
        _ => Refusal { status: 0, code: String::new(), message: String::new(), request_id: None, content_type: None },
    };
    let message = if refusal.message.is_empty() { why.to_owned() } else { refusal.message.clone() };
    Answer::Refused(Refusal { message, ..refusal })
}

/// Why a URL cannot be asked, if it cannot: it needs a scheme and a host.
pub fn url_problem(url: &str) -> Option<NetworkFailure> {
    let parsed = url.parse::<http::Uri>();
    let detail = match &parsed {
        Ok(uri)
            if matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty()) =>
        {
            return None;
        }
        Ok(_) => "it needs https:// and a host".to_owned(),
        Err(error) => error.to_string(),
    };
    Some(NetworkFailure { host: url.to_owned(), hop: Hop::Url, detail })
}

/// The URL of a service on the side (`SSO`, `SSO_OIDC`, `SERVICE_QUOTAS`): `AWS_ENDPOINT_URL[_SERVICE]`, else its own host.
pub fn service_url(env: &Env, service: &str, host: &str, region: &str) -> String {
    let ignored =
        env.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let own = format!("AWS_ENDPOINT_URL_{service}");
    let configured = env.non_empty(&own).or_else(|| env.non_empty("AWS_ENDPOINT_URL")).filter(|_| !ignored);
    match configured {
        Some(url) => url.trim_end_matches('/').to_owned(),
        // The sign-in service has a domain of its own.
        None if service == "SIGNIN" => format!("https://{host}.aws.amazon.com"),
        None if region.starts_with("cn-") => format!("https://{host}.amazonaws.com.cn"),
        None if region.starts_with("eusc-") => format!("https://{host}.amazonaws.eu"),
        None => format!("https://{host}.amazonaws.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_further_headers_are_taken_and_our_own_stay() {
        let lines = "X-Amzn-Bedrock-GuardrailIdentifier: g1\nHost: elsewhere\nnot a header\nX Y: bad name\nX-Two:2\r";
        let env =
            [("ANTHROPIC_CUSTOM_HEADERS", lines), ("ANTHROPIC_BEDROCK_SERVICE_TIER", "flex")].into_iter().collect();
        let expected =
            [("x-amzn-bedrock-guardrailidentifier", "g1"), ("x-two", "2"), ("x-amzn-bedrock-service-tier", "flex")];
        assert_eq!(model_headers(&env), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn services_on_the_side_have_their_hosts_unless_an_endpoint_is_configured() {
        let url = |pairs: &[(&str, &str)], region| {
            service_url(&pairs.iter().copied().collect(), "SSO", &format!("portal.sso.{region}"), region)
        };
        assert_eq!(url(&[], "eu-west-1"), "https://portal.sso.eu-west-1.amazonaws.com");
        assert_eq!(url(&[], "cn-north-1"), "https://portal.sso.cn-north-1.amazonaws.com.cn");
        assert_eq!(url(&[], "eusc-de-east-1"), "https://portal.sso.eusc-de-east-1.amazonaws.eu");
        let configured = [("AWS_ENDPOINT_URL", "http://a/"), ("AWS_ENDPOINT_URL_SSO", "http://b/")];
        assert_eq!(url(&configured, "eu-west-1"), "http://b");
        assert_eq!(url(&configured[..1], "eu-west-1"), "http://a");
        let ignored = [configured[0], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
        assert_eq!(url(&ignored, "eu-west-1"), "https://portal.sso.eu-west-1.amazonaws.com");
    }
}
