//! An HTTPS proxy with a certificate authority of its own, in front of a fake AWS.
//!
//! Programs that trust its CA speak to the real host names of AWS (`bedrock.us-east-1.amazonaws.com`) and reach
//! the fake; the log proves which hosts they dialled. The same port also takes TLS without `CONNECT`, as an
//! `https://127.0.0.1:PORT` endpoint whose CA nobody knows.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the proxy does with a connection.
#[derive(Clone)]
pub enum Mode {
    /// Terminates TLS with a certificate made for the host, and forwards to this address with the `Host` kept.
    Intercept(SocketAddr),
    /// The same, and answers 403 to a `CONNECT` to hosts whose name contains this.
    InterceptBut(SocketAddr, &'static str),
    /// The same, after it failed once for each host.
    InterceptAfter(SocketAddr, Once),
    /// Passes the bytes on to this address, whatever host was asked for.
    Tunnel(SocketAddr),
    /// Answers every `CONNECT` with this status.
    Refuse(u16),
    /// Resets every connection after its first request.
    Reset,
    /// Accepts `CONNECT` and never answers.
    Hang,
}

/// How it fails once.
#[derive(Clone, Copy)]
pub enum Once {
    /// Resets the connection in answer to `CONNECT`.
    ResetConnect,
    /// Answers `CONNECT` with this status.
    Refuse(u16),
    /// Resets the connection in the TLS handshake.
    ResetHandshake,
    /// Closes the connection in the TLS handshake.
    CloseHandshake,
}

/// A running proxy. Dropping it stops it.
pub struct HttpsProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    directory: TempDir,
    runtime: Option<Runtime>,
}

struct Shared {
    mode: Mode,
    /// Value that `Proxy-Authorization` must have.
    authorization: Option<String>,
    issuer: Issuer<'static, KeyPair>,
    dialled: Mutex<Vec<String>>,
}

impl HttpsProxy {
    /// Starts a proxy that anybody may use.
    pub fn start(mode: Mode) -> Self {
        Self::launch(mode, None)
    }

    /// Starts a proxy that answers 407 to everybody without this user name and password.
    pub fn with_password(mode: Mode, user: &str, password: &str) -> Self {
        Self::launch(mode, Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))))
    }

    fn launch(mode: Mode, authorization: Option<String>) -> Self {
        let (pem, issuer) = authority();
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(directory.path().join("ca.pem"), pem).expect("the CA certificate is written");
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on the loopback interface");
        listener.set_nonblocking(true).expect("a listener can be made non-blocking");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared { mode, authorization, issuer, dialled: Mutex::default() });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("https-proxy")
            .enable_all()
            .build()
            .expect("a runtime");
        let state = Arc::clone(&shared);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("the listener was made non-blocking");
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&state);
                // A client that gives up, for example over an unknown CA, is part of the play.
                tokio::spawn(async move { state.serve(stream).await.ok() });
            }
        });
        Self { address, shared, directory, runtime: Some(runtime) }
    }

    /// `http://127.0.0.1:PORT`, for `HTTPS_PROXY`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `https://127.0.0.1:PORT`, an endpoint with a certificate of this CA (mode [`Mode::Intercept`]).
    pub fn https_url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The CA certificate as a PEM file, for `NODE_EXTRA_CA_CERTS`, `AWS_CA_BUNDLE`, `SSL_CERT_FILE`.
    pub fn ca_pem_path(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// Hosts asked for so far, `host:port`, in order, with repetitions.
    pub fn dialled(&self) -> Vec<String> {
        self.shared.dialled.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for HttpsProxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut first = [0];
        stream.peek(&mut first).await?;
        if first[0] == 0x16 {
            self.log("direct TLS".into());
            return self.forward(stream, &["localhost", "127.0.0.1"]).await;
        }
        let head = read_head(&mut stream).await?;
        let text = String::from_utf8_lossy(&head).into_owned();
        let (method, rest) = text.split_once(' ').unwrap_or_default();
        let target = rest.split(' ').next().unwrap_or_default().to_owned();
        let is_first = self.log(target.clone());
        let offered = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("proxy-authorization").then(|| value.trim())
        });
        if self.authorization.is_some() && self.authorization.as_deref() != offered {
            return refuse(&mut stream, 407).await;
        }
        match &self.mode {
            Mode::Refuse(status) => return refuse(&mut stream, *status).await,
            Mode::Reset => return stream.set_zero_linger(),
            Mode::Hang => std::future::pending().await,
            Mode::InterceptBut(_, refused) if target.contains(refused) => return refuse(&mut stream, 403).await,
            Mode::InterceptAfter(_, once) if is_first => return fail(stream, *once).await,
            Mode::Intercept(_) | Mode::InterceptBut(..) | Mode::InterceptAfter(..) | Mode::Tunnel(_) => {}
        }
        if method != "CONNECT" {
            // A plain request through HTTP_PROXY: the fake reads absolute targets as they are.
            return self.pass(stream, &head).await;
        }
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        let host = target.rsplit_once(':').map_or(target.as_str(), |(host, _)| host).to_owned();
        match &self.mode {
            Mode::Intercept(_) | Mode::InterceptBut(..) | Mode::InterceptAfter(..) => {
                self.forward(stream, &[&host]).await
            }
            _ => self.pass(stream, b"").await,
        }
    }

    /// Speaks TLS as these hosts and passes on what was inside.
    async fn forward(&self, stream: TcpStream, hosts: &[&str]) -> io::Result<()> {
        let acceptor = TlsAcceptor::from(self.certificate(hosts));
        self.pass(acceptor.accept(stream).await?, b"").await
    }

    async fn pass(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, first: &[u8]) -> io::Result<()> {
        let (Mode::Intercept(to) | Mode::InterceptBut(to, _) | Mode::InterceptAfter(to, _) | Mode::Tunnel(to)) =
            self.mode
        else {
            return Ok(());
        };
        let mut upstream = TcpStream::connect(to).await?;
        upstream.write_all(first).await?;
        copy_bidirectional(&mut stream, &mut upstream).await.map(|_| ())
    }

    fn certificate(&self, hosts: &[&str]) -> Arc<ServerConfig> {
        let names: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let key = KeyPair::generate().expect("a key for a host");
        let mut params = CertificateParams::new(names).expect("a host name that a client dialled");
        params.distinguished_name.push(DnType::CommonName, hosts[0]);
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate for a host");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key));
        Arc::new(config.expect("a certificate that was just made"))
    }

    /// Writes the host down; whether it is asked for for the first time.
    fn log(&self, host: String) -> bool {
        let mut dialled = self.dialled.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = !dialled.contains(&host);
        dialled.push(host);
        is_first
    }
}

fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::new()).expect("no names, no error");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "bedrockup test CA");
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    let key = KeyPair::generate().expect("a key for the CA");
    let certificate = params.self_signed(&key).expect("a CA certificate");
    (certificate.pem(), Issuer::new(params, key))
}

/// Reads to the empty line, byte by byte, so that nothing of what follows is swallowed.
async fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > 16 * 1024 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(stream.read_u8().await?);
    }
    Ok(head)
}

async fn fail(mut stream: TcpStream, once: Once) -> io::Result<()> {
    match once {
        Once::Refuse(status) => return refuse(&mut stream, status).await,
        Once::ResetConnect => {}
        Once::ResetHandshake | Once::CloseHandshake => {
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            // The client's hello, whole, so that what follows is a close and no reset.
            let mut hello = [0; 16 * 1024];
            if stream.read(&mut hello).await? > 0 && matches!(once, Once::CloseHandshake) {
                return stream.shutdown().await;
            }
        }
    }
    stream.set_zero_linger()
}

async fn refuse(stream: &mut TcpStream, status: u16) -> io::Result<()> {
    let more = if status == 407 { "Proxy-Authenticate: Basic realm=\"proxy\"\r\n" } else { "" };
    let answer = format!("HTTP/1.1 {status} Refused\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}
