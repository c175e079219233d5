//! The one way out: every request of ours passes here, and what came back is written down before an SDK makes sense of it.
//!
//! Facts are taken from the wire and not from the SDK's error types, so that nothing that AWS said is lost, and answers that
//! are not AWS's (a captive portal, a gateway) stay visible.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use super::answer::{Hop, NetworkFailure, STALLED};
use super::exchange::{Exchange, Head, Outcome, is_event_stream};
use super::failure;
use super::proxy::Proxies;
use super::refusal;
use super::trust::{Extra, Trust};
use crate::secret::Secret;
use crate::variables::is_secret;
use crate::world::{Clock, Env};

/// How our calls name themselves, in CloudTrail too.
pub const USER_AGENT: &str = concat!("bedrockup/", env!("CARGO_PKG_VERSION"));

/// The longest answer that is read; a list of profiles is some tens of kilobytes.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// Shorter words are no secrets of AWS, and striking them out would tear holes into texts.
const SHORTEST_SECRET: usize = 8;

/// How long each step of one exchange may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Name, TCP, proxy and TLS together.
    pub connect: Duration,
    /// From the request to the head of the answer, and from there to the end of a body that is read whole.
    pub read: Duration,
}

/// Connectors of one way out. Roots are read with the first TLS connection.
#[derive(Debug, Default)]
struct Connectors {
    plain: OnceLock<Connector>,
    tls: OnceLock<Connector>,
}

/// Connections, trust, proxies and clock, shared by all questions of one run.
#[derive(Debug)]
pub struct Wire {
    direct: Connectors,
    proxied: Connectors,
    /// What is trusted beyond the system's roots.
    pub extra: Extra,
    /// Proxies.
    pub proxies: Proxies,
    /// Limits of each exchange.
    pub limits: Limits,
    /// Our clock.
    pub clock: Clock,
    offset: Mutex<Option<SignedDuration>>,
    secrets: Mutex<Vec<Secret>>,
}

impl Wire {
    /// A way out as the environment of the client makes it. Opens nothing yet, and reads no roots.
    pub fn new(env: &Env, trust: &Trust, clock: Clock, limits: Limits) -> Self {
        let proxies = Proxies::read(env);
        // What the environment holds is struck out from the start, the password of a proxy too.
        let secrets = env.iter().filter(|(name, _)| is_secret(name)).map(|(_, value)| value);
        let secrets = secrets.chain(proxies.password()).filter(|value| value.len() >= SHORTEST_SECRET).map(Secret::new);
        let secrets = Mutex::new(secrets.collect());
        Self {
            direct: Connectors::default(),
            proxied: Connectors::default(),
            extra: Extra::read(trust),
            proxies,
            limits,
            clock,
            offset: Mutex::default(),
            secrets,
        }
    }

    /// From now on this secret is struck out of everything that is written down.
    pub fn keep_secret(&self, secret: &str) {
        if secret.len() >= SHORTEST_SECRET {
            self.secrets.lock().unwrap_or_else(PoisonError::into_inner).push(Secret::new(secret));
        }
    }

    /// The text without the secrets that were met.
    pub fn scrub(&self, text: &str) -> String {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.reveal(), "…"))
    }

    /// AWS's clock minus ours, once AWS has answered.
    pub fn clock_offset(&self) -> Option<SignedDuration> {
        *self.offset.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connector for an address: through the proxy, or past it.
    fn connector(&self, uri: &http::Uri) -> &Connector {
        let https = uri.scheme_str() == Some("https");
        let proxy = self.proxies.of(uri).and_then(|_| self.proxies.config(https));
        let connectors = if proxy.is_some() { &self.proxied } else { &self.direct };
        // Which hosts go past the proxy was decided above, by the client's rules: a connector has no list of its own.
        let proxy = proxy.unwrap_or_else(ProxyConfig::disabled);
        let builder = || Connector::builder().connector_settings(settings(self.limits)).sleep_impl(TokioSleep::new());
        if https {
            connectors.tls.get_or_init(|| {
                builder()
                    .proxy_config(proxy)
                    .tls_provider(tls::Provider::rustls(CryptoMode::AwsLc))
                    .tls_context(self.extra.tls_context())
                    .build()
            })
        } else {
            connectors.plain.get_or_init(|| builder().proxy_config(proxy).build_http())
        }
    }

    /// The clocks are compared by the first answer that is AWS's.
    fn compare_clocks(&self, response: &HttpResponse, ours: Timestamp) {
        let Some(date) = response.headers().get("date") else { return };
        let Ok(date) = rfc2822::parse(date) else { return };
        let mut offset = self.offset.lock().unwrap_or_else(PoisonError::into_inner);
        offset.get_or_insert_with(|| date.timestamp().duration_since(ours));
    }
}

fn settings(limits: Limits) -> HttpConnectorSettings {
    HttpConnectorSettings::builder().connect_timeout(limits.connect).read_timeout(limits.read).build()
}

/// Sends requests by the shared wire and remembers their outcomes: one recorder for each question.
#[derive(Debug, Clone)]
pub struct Recorder {
    wire: Arc<Wire>,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    unsigned: bool,
    tag: Option<Arc<str>>,
}

impl Recorder {
    /// A recorder with an empty memory.
    pub fn new(wire: Arc<Wire>) -> Self {
        Self { wire, exchanges: Arc::default(), unsigned: false, tag: None }
    }

    /// The same, taking the signature off each request (`CLAUDE_CODE_SKIP_BEDROCK_AUTH`).
    pub fn unsigned(mut self) -> Self {
        self.unsigned = true;
        self
    }

    /// The same, adding a word to the name of its requests.
    pub fn tagged(mut self, tag: Option<Arc<str>>) -> Self {
        self.tag = tag;
        self
    }

    /// How its requests name themselves.
    pub fn user_agent(&self) -> String {
        match &self.tag {
            Some(tag) => format!("{USER_AGENT} {tag}"),
            None => USER_AGENT.to_owned(),
        }
    }

    /// The latest exchange.
    pub fn last(&self) -> Option<Exchange> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).last().cloned()
    }

    /// The wire below.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    fn note(&self, host: String, started: Instant, outcome: Outcome) {
        let exchange = Exchange { host, outcome, elapsed: started.elapsed() };
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }

    async fn exchange(self, mut request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let started = Instant::now();
        let uri: http::Uri = request.uri().parse().map_err(|error| ConnectorError::user(Box::new(error)))?;
        let host = uri.host().unwrap_or_default().to_owned();
        // The user agent is not part of the signature.
        if request.headers_mut().try_insert("user-agent", self.user_agent()).is_err() {
            request.headers_mut().insert("user-agent", USER_AGENT);
        }
        // A header of the user's own, for a gateway, stays.
        if self.unsigned && request.headers().get("authorization").is_some_and(|value| value.starts_with("AWS4-")) {
            request.headers_mut().remove("authorization");
        }
        if let Some(problem) = self.wire.proxies.problem(&uri) {
            let failure = NetworkFailure { host: host.clone(), hop: Hop::Proxy, detail: problem.to_owned() };
            self.note(host, started, Outcome::Failed(failure));
            return Err(ConnectorError::io(problem.into()));
        }
        let proxy = self.wire.proxies.of(&uri);
        let response = match self.wire.connector(&uri).call(request).await {
            Ok(response) => response,
            Err(error) => {
                let mut failure = failure::read(&error, &host, proxy);
                failure.detail = self.wire.scrub(&failure.detail);
                self.note(host, started, Outcome::Failed(failure));
                return Err(error);
            }
        };
        self.keep(host, proxy.is_some(), started, response).await
    }

    /// Reads a body whole unless it is a stream of events, and writes the answer down.
    async fn keep(
        &self,
        host: String,
        proxied: bool,
        started: Instant,
        response: HttpResponse,
    ) -> Result<HttpResponse, ConnectorError> {
        let arrived = self.wire.clock.now();
        let status = response.status().as_u16();
        if status == 407 && proxied {
            let failure =
                NetworkFailure { host: host.clone(), hop: Hop::ProxyAuthentication, detail: "407".to_owned() };
            self.note(host, started, Outcome::Failed(failure));
            return Err(ConnectorError::other("the proxy asks for a user and a password".into(), None));
        }
        let content_type = response.headers().get("content-type").map(str::to_owned);
        let events = content_type.as_deref().is_some_and(is_event_stream);
        let head = response.headers().clone();
        let (response, bytes) = if events && status < 300 {
            (response, Vec::new())
        } else {
            match read_whole(response, self.wire.limits.read).await {
                Ok(read) => read,
                Err(detail) => {
                    let failure = NetworkFailure { host: host.clone(), hop: Hop::Stream, detail: detail.clone() };
                    self.note(host, started, Outcome::Failed(failure));
                    return Err(ConnectorError::io(detail.into()));
                }
            }
        };
        let mut refusal = refusal::read(status, |name| head.get(name).map(str::to_owned), &bytes);
        refusal.message = self.wire.scrub(&refusal.message);
        let head = Head { status, request_id: refusal.request_id.clone(), content_type, refusal };
        if head.request_id.is_some() {
            self.wire.compare_clocks(&response, arrived);
        }
        self.note(host, started, Outcome::Answered(head));
        Ok(response)
    }
}

/// The answer with its body in memory. Errors: the body is cut, stalls, or is longer than any of AWS's.
async fn read_whole(mut response: HttpResponse, limit: Duration) -> Result<(HttpResponse, Vec<u8>), String> {
    let mut stream = ByteStream::new(response.take_body());
    let reading = async {
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.next().await {
            bytes.extend_from_slice(&chunk.map_err(|error| failure::chain(&error))?);
            if bytes.len() > LONGEST_BODY {
                return Err(format!("the answer is longer than {LONGEST_BODY} bytes"));
            }
        }
        Ok(bytes)
    };
    let bytes = tokio::time::timeout(limit, reading).await.map_err(|_| format!("the answer {STALLED}"))??;
    *response.body_mut() = SdkBody::from(bytes.clone());
    Ok((response, bytes))
}

impl HttpConnector for Recorder {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().exchange(request))
    }
}

impl HttpClient for Recorder {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
