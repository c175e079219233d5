//! A request as it came over the wire, told apart by service and operation, and the answer to it.

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::http::request::Parts;

use super::ledger::Tokens;
use super::sigv4::Scope;

/// A request, read whole.
pub struct Call {
    /// HTTP method.
    pub method: String,
    /// Path exactly as sent, percent-encoding included.
    pub path: String,
    /// Query string as sent.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// `sts`, `bedrock`, `bedrock-runtime`, `servicequotas`, `sso`, `oidc`, `signin`, `imds`, `container`, or the scope's name.
    pub service: String,
    /// API operation, `Unknown` where none fits.
    pub operation: String,
    /// Region of the signature's scope, else of the host, else the account's default.
    pub region: String,
    /// Region that the `Host` header names, if it is one of AWS's.
    pub host_region: Option<String>,
    /// Model, profile or ARN from the path, percent-decoded.
    pub model: Option<String>,
    /// How the caller proves who they are.
    pub auth: Auth,
}

/// What the `Authorization` header holds.
pub enum Auth {
    /// Signature version 4.
    SigV4(Scope),
    /// `Bearer …` (the token is not printable by mistake: this type has no `Debug`).
    Bearer(String),
    /// Something that cannot be read.
    Malformed,
    /// Nothing.
    None,
}

/// How a service words its answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Form in, XML out (STS, IAM).
    Query,
    /// `awsJson1.1`.
    Json11,
    /// JSON 1.0 of a service that once spoke query: errors have a second code in a header (CloudWatch).
    Json10,
    /// Paths, JSON bodies, error code in a header.
    RestJson,
    /// Anthropic's own API: JSON, the error's type in the body.
    Anthropic,
    /// Metadata endpoints: plain text or JSON without AWS errors.
    Plain,
}

/// An answer.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Payload,
    /// What the answer cost, if a model gave it.
    pub tokens: Tokens,
}

/// Body of an answer.
pub enum Payload {
    /// All at once.
    Full(Bytes),
    /// Frame by frame; `cut` breaks the connection after the last.
    Frames {
        /// The frames.
        frames: Vec<Bytes>,
        /// Whether the connection is dropped after them.
        cut: bool,
    },
}

impl Reply {
    /// A 200 with JSON.
    pub fn json(value: &serde_json::Value) -> Self {
        Self::new(200, "application/json", value.to_string())
    }

    /// Any answer with a whole body.
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, headers: Vec::new(), body: Payload::Full(body.into()), tokens: Tokens::default() }
    }

    /// The same with another status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

impl Call {
    /// Reads a request and tells what it asks for.
    pub fn read(parts: Parts, body: Bytes, default_region: &str) -> Self {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let auth = match header("authorization") {
            None => Auth::None,
            Some(value) => match value.strip_prefix("Bearer ") {
                Some(token) => Auth::Bearer(token.to_owned()),
                None => Scope::parse(value).map_or(Auth::Malformed, Auth::SigV4),
            },
        };
        let host = header("host").unwrap_or_default();
        let host_region = region_of_host(host);
        let (path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned());
        let scope = match &auth {
            Auth::SigV4(scope) => Some(scope),
            _ => None,
        };
        let region = scope
            .map(|scope| scope.region.clone())
            .or_else(|| host_region.clone())
            .unwrap_or_else(|| default_region.to_owned());
        let mut call = Self {
            method: parts.method.to_string(),
            service: String::new(),
            operation: String::new(),
            region,
            host_region,
            model: None,
            path,
            query,
            body,
            auth,
            headers: parts.headers,
        };
        (call.service, call.operation, call.model) = call.identify();
        call
    }

    /// The protocol of the service that was asked.
    pub fn protocol(&self) -> Protocol {
        match self.service.as_str() {
            "sts" | "iam" => Protocol::Query,
            "monitoring" => Protocol::Json10,
            "anthropic" => Protocol::Anthropic,
            "imds" | "container" => Protocol::Plain,
            "bedrock" | "bedrock-runtime" | "sso" | "oidc" | "signin" => Protocol::RestJson,
            _ => Protocol::Json11,
        }
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The scope of the signature.
    pub fn scope(&self) -> Option<&Scope> {
        match &self.auth {
            Auth::SigV4(scope) => Some(scope),
            _ => None,
        }
    }

    /// Access key id of the caller.
    pub fn access_key(&self) -> Option<&str> {
        self.scope().map(|scope| scope.access_key.as_str())
    }

    /// A parameter of the query string, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        pairs(&self.query).find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A parameter of a form body, decoded.
    pub fn form(&self, name: &str) -> Option<String> {
        let body = std::str::from_utf8(&self.body).ok()?.replace('+', " ");
        pairs(&body).find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The body as JSON.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Key and value pairs of `a=b&c=d`, decoded.
pub fn pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (percent_decode(key), percent_decode(value))
    })
}

/// Decodes `%XX`; everything else stays.
pub fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Encodes everything but unreserved characters, and `keep`.
pub fn percent_encode(text: &str, keep: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// `bedrock-runtime.eu-west-1.amazonaws.com:443` -> `eu-west-1`.
fn region_of_host(host: &str) -> Option<String> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let rest = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().find_map(|end| name.strip_suffix(end))?;
    let (_, region) = rest.rsplit_once('.')?;
    region.contains('-').then(|| region.to_owned())
}
