//! Which hop failed, read from the chain of errors below the SDK.

use std::error::Error;
use std::io;

use aws_smithy_runtime_api::client::result::ConnectorError;
use tokio_rustls::rustls;

use super::answer::{Hop, NetworkFailure};

/// The failure of one exchange. `proxy` is the one that it went through (`host:port`).
pub fn read(error: &ConnectorError, host: &str, proxy: Option<&str>) -> NetworkFailure {
    let text = chain(error);
    let hop = hop(error, &text, proxy.is_some());
    let text = in_time(&text).unwrap_or(text);
    let detail = match proxy {
        Some(proxy) if hop != Hop::Trust => format!("{text} (through the proxy {proxy})"),
        _ => text,
    };
    NetworkFailure { host: host.to_owned(), hop, detail }
}

/// A limit of ours in words for people; the SDK's chain says it three times over.
fn in_time(text: &str) -> Option<String> {
    let (before, after) = text.split_once(" timeout occurred after ")?;
    let limit = after.split(':').next().unwrap_or(after);
    let what = if before.ends_with("connect") { "no connection" } else { "no byte of an answer" };
    Some(format!("{what} within {limit}"))
}

/// All messages of a chain of errors, outermost first, without repetitions.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for link in links(error) {
        let text = link.to_string();
        // Wrappers often repeat what they wrap.
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

fn hop(error: &ConnectorError, text: &str, proxied: bool) -> Hop {
    let has = |part: &str| text.contains(part);
    // The words of the tunnel in hyper-util, whose error type is private.
    if has("tunnel error: proxy authorization required") {
        return Hop::ProxyAuthentication;
    }
    if has("tunnel error: unsuccessful") || has("tunnel error: proxy response headers too long") {
        return Hop::ProxyRefusal;
    }
    if has("tunnel error") {
        return Hop::Proxy;
    }
    if let Some(tls) = links(error).find_map(|link| link.downcast_ref::<rustls::Error>()) {
        return if matches!(tls, rustls::Error::InvalidCertificate(_)) { Hop::Trust } else { Hop::Tls };
    }
    let direct = |hop| if proxied { Hop::Proxy } else { hop };
    if has("connect timeout") {
        return direct(Hop::Connect);
    }
    if error.is_timeout() {
        return Hop::FirstByte;
    }
    if has("dns error") || has("failed to lookup address") {
        return direct(Hop::Name);
    }
    // A handshake whose connection is closed is a reset.
    if (has("TLS handshake failed") || has("tls handshake")) && !has("tls handshake eof") {
        return Hop::Tls;
    }
    let opening = has("tcp connect error") || has("client error (Connect)");
    // Wrappers are errors of the kind `Other`; what they wrap tells.
    let mut kinds = links(error).filter_map(|link| link.downcast_ref::<io::Error>()).map(io::Error::kind);
    match kinds.find(|kind| *kind != io::ErrorKind::Other) {
        Some(io::ErrorKind::ConnectionRefused) => direct(Hop::Refused),
        Some(io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            direct(Hop::Connect)
        }
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected,
        ) => Hop::Reset,
        _ if has("connection closed before message completed") || has("connection reset") => Hop::Reset,
        _ if opening => direct(Hop::Connect),
        _ if error.is_user() => Hop::Url,
        _ => Hop::Other,
    }
}

/// The chain, which goes into the payload of `io::Error` too (its `source` skips it).
fn links<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}
