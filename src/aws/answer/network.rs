//! What was seen of the way to an answer.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::aws::trust::CaSource;

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

/// How an answer failed that began, and of which no more came in time.
pub const STALLED: &str = "began and did not go on";

impl NetworkFailure {
    /// It failed before the request was sent: which request it was had no part in it.
    pub fn before_the_request(&self) -> bool {
        match self.hop {
            Hop::Proxy | Hop::ProxyRefusal | Hop::Name | Hop::Refused | Hop::Connect | Hop::Tls => true,
            Hop::Reset => self.while_connecting(),
            _ => false,
        }
    }

    /// Something of a moment: a reset, a cut, or a proxy that was asked for a way and did not give one. The client asks again
    /// after these.
    pub fn may_pass(&self) -> bool {
        match self.hop {
            Hop::Reset | Hop::ProxyRefusal => true,
            // A proxy that cannot be reached at all is not in the middle of a tunnel.
            Hop::Proxy => self.detail.contains("tunnel error"),
            // What stalled for as long as it is waited for would do so again.
            Hop::Stream => !self.detail.contains(STALLED),
            _ => false,
        }
    }

    /// The words of hyper-util, whose error type is private.
    fn while_connecting(&self) -> bool {
        self.detail.contains("client error (Connect)")
    }
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
    /// What the proxy said to `CONNECT`: its status line, or why there is none; `None` when it was not asked.
    pub tunnel: Option<Result<String, String>>,
    /// Who issued the certificate that is shown there, asked only where it is not trusted.
    pub issuer: Option<String>,
    /// A file with which that certificate would be trusted, and which the client does not read.
    pub cure: Option<CaSource>,
}

impl HostLook {
    /// The name resolves, and one of the addresses takes a connection.
    pub fn is_open(&self) -> bool {
        matches!((&self.addresses, &self.tcp), (Ok(_), Some(Ok(()))))
    }

    /// The status of the proxy's answer to `CONNECT`.
    pub fn tunnel_status(&self) -> Option<u16> {
        self.tunnel.as_ref()?.as_ref().ok()?.split(' ').nth(1)?.parse().ok()
    }
}
