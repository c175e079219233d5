//! The second look at a host that could not be reached: name, connection, certificate, one after the other.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::answer::HostLook;
use super::wire::Wire;

/// How long each hop gets.
const LIMIT: Duration = Duration::from_millis(1500);

/// Looks at the host of a URL, through the proxy that it would be asked through. `trust` asks for the issuer too.
/// `None` when the URL has no host.
pub async fn look(wire: &Wire, url: &str, trust: bool) -> Option<HostLook> {
    let uri: http::Uri = url.parse().ok()?;
    let proxy = wire.proxies.of(&uri).map(str::to_owned);
    look_by(wire, &uri, proxy, trust).await
}

/// Looks at the host of a URL past the proxy, as clients do that do not use it for this host.
pub async fn look_past_the_proxy(wire: &Wire, url: &str) -> Option<HostLook> {
    look_by(wire, &url.parse().ok()?, None, false).await
}

async fn look_by(wire: &Wire, uri: &http::Uri, proxy: Option<String>, trust: bool) -> Option<HostLook> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
    let looking = async {
        match &proxy {
            Some(proxy) => lookup_host(proxy.as_str()).await.map(Iterator::collect::<Vec<_>>),
            None => lookup_host((host.as_str(), port)).await.map(Iterator::collect::<Vec<_>>),
        }
    };
    let addresses = match tokio::time::timeout(LIMIT, looking).await {
        Ok(found) => found.map_err(|error| error.to_string()),
        Err(_) => Err("no answer of the name server in time".to_owned()),
    };
    let (mut tcp, mut tunnel) = (None, None);
    let (mut issuer, mut cure) = (None, None);
    if let Some(found) = addresses.as_ref().ok().filter(|found| !found.is_empty()) {
        match connect(found).await {
            Ok(stream) => {
                tcp = Some(Ok(()));
                let way = match &proxy {
                    // A proxy that is spoken to by TLS is not asked.
                    Some(_) if wire.proxies.by_tls(uri) => None,
                    Some(_) => {
                        let (stream, said) = ask_proxy(stream, &host, port, wire.proxies.authorization(uri)).await;
                        tunnel = Some(said);
                        stream
                    }
                    None => Some(stream),
                };
                if let Some(stream) = way.filter(|_| trust) {
                    let asking = shown(stream, &host);
                    let chain = tokio::time::timeout(LIMIT, asking).await.ok().flatten();
                    issuer = chain.as_ref().and_then(|chain| issuer_of(&chain.end));
                    cure = chain.and_then(|chain| wire.extra.cure(|roots| chain.is_trusted_by(roots)));
                }
            }
            Err(why) => tcp = Some(Err(why)),
        }
    }
    let addresses = addresses.map(|found| found.iter().map(SocketAddr::ip).collect());
    Some(HostLook { host, proxy, addresses, tcp, tunnel, issuer, cure })
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    match tokio::time::timeout(LIMIT, TcpStream::connect(addresses)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    }
}

/// The certificates that are shown. Nothing is sent over the connection: the handshake is refused by us.
async fn shown(stream: TcpStream, host: &str) -> Option<Chain> {
    let seen = Arc::new(Seen::default());
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&seen) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).ok()?;
    // It always ends in an error: the verifier looks and refuses.
    let _ = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    seen.0.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// What a server shows of itself.
#[derive(Debug)]
struct Chain {
    end: CertificateDer<'static>,
    intermediates: Vec<CertificateDer<'static>>,
    name: ServerName<'static>,
    at: UnixTime,
}

impl Chain {
    fn is_trusted_by(&self, roots: RootCertStore) -> bool {
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider())).build();
        verifier.is_ok_and(|verifier| {
            verifier.verify_server_cert(&self.end, &self.intermediates, &self.name, &[], self.at).is_ok()
        })
    }
}

/// Asks the proxy for a way to the host: the stream where it leads on, and what it said.
async fn ask_proxy(
    mut stream: TcpStream,
    host: &str,
    port: u16,
    authorization: Option<HeaderValue>,
) -> (Option<TcpStream>, Result<String, String>) {
    let asking = tunnel(&mut stream, host, port, authorization);
    let said = match tokio::time::timeout(LIMIT, asking).await {
        Ok(Ok(line)) => Ok(line),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    };
    let leads_on = said.as_ref().is_ok_and(|line| line.split(' ').nth(1) == Some("200"));
    (leads_on.then_some(stream), said)
}

/// The status line of the proxy's answer to `CONNECT`.
async fn tunnel(
    stream: &mut TcpStream,
    host: &str,
    port: u16,
    authorization: Option<HeaderValue>,
) -> io::Result<String> {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").into_bytes();
    if let Some(value) = authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(value.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        head.push(stream.read_u8().await?);
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    Ok(status_line(&String::from_utf8_lossy(line)))
}

/// Version and status of a status line, with the usual words. Those of the proxy may repeat what it was given: they are dropped.
fn status_line(line: &str) -> String {
    let mut words = line.split(' ');
    let (version, status) = (words.next().unwrap_or_default(), words.next().and_then(|word| word.parse().ok()));
    match status.and_then(|status: u16| http::StatusCode::from_u16(status).ok()) {
        Some(status) if version.starts_with("HTTP/") && version.len() <= "HTTP/1.1".len() => {
            let usual = status.canonical_reason().map(|reason| format!(" {reason}")).unwrap_or_default();
            format!("{version} {}{usual}", status.as_u16())
        }
        _ => "something that is no answer of a proxy".to_owned(),
    }
}

/// Remembers the certificates that are shown and refuses them, whoever signed them.
#[derive(Debug, Default)]
struct Seen(Mutex<Option<Chain>>);

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        at: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let intermediates = intermediates.iter().map(|one| one.clone().into_owned()).collect();
        let chain = Chain { end: end.clone().into_owned(), intermediates, name: name.to_owned(), at };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(chain);
        Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// The organization and the common name of the issuer, read from the DER of a certificate.
fn issuer_of(certificate: &[u8]) -> Option<String> {
    const SEQUENCE: u8 = 0x30;
    let (_, certificate, _) = element(certificate)?;
    let (_, mut fields, _) = element(certificate)?;
    // Version (tagged 0, may be absent), serial number, signature algorithm; then the issuer.
    let mut sequences = 0;
    loop {
        let (tag, value, rest) = element(fields)?;
        if tag == SEQUENCE {
            sequences += 1;
        }
        if sequences == 2 {
            return names(value);
        }
        fields = rest;
    }
}

fn names(mut issuer: &[u8]) -> Option<String> {
    const ORGANIZATION: &[u8] = &[0x55, 4, 10];
    const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    let mut parts = Vec::new();
    while !issuer.is_empty() {
        let (_, set, rest) = element(issuer)?;
        issuer = rest;
        let (_, pair, _) = element(set)?;
        let (_, kind, value) = element(pair)?;
        let (_, value, _) = element(value)?;
        if kind == ORGANIZATION || kind == COMMON_NAME {
            parts.push(String::from_utf8_lossy(value).into_owned());
        }
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Tag, content and what follows of a DER element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f).min(8))?;
            (digits.iter().fold(0_usize, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_of_a_certificate_is_read() {
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::OrganizationName, "Example Corp");
        params.distinguished_name.push(rcgen::DnType::CommonName, "Inspection CA");
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let issuer = issuer_of(certificate.der()).expect("an issuer");
        assert!(issuer.contains("Example Corp") && issuer.contains("Inspection CA"), "{issuer}");
        assert_eq!(issuer_of(b"\x30\x03abc"), None);
        assert_eq!(issuer_of(b"\x30\x84\xff\xff\xff\xff"), None);
    }
}
