//! Which certificates the client trusts: the system's roots, and the files that two variables add.
//!
//! `AWS_CA_BUNDLE` is not among them on purpose: the client does not read it, so a connection that needs it must fail here too.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::answer::CaFile;
use crate::world::Env;

/// Variables that add certificates, as the client reads them.
const VARIABLES: [&str; 2] = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];

/// Where the systems keep their roots in one file. Read by name, since the usual library asks the process environment
/// (`SSL_CERT_FILE`) first, which is not the environment that the client ends up with.
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/var/lib/ca-certificates/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The system's roots, read at the first TLS connection and once per process: that takes milliseconds.
static SYSTEM: LazyLock<Vec<CertificateDer<'static>>> = LazyLock::new(|| {
    let bundle = BUNDLES.iter().map(Path::new).find(|path| cfg!(unix) && !cfg!(target_os = "macos") && path.is_file());
    let loaded = match bundle {
        Some(path) => rustls_native_certs::load_certs_from_paths(Some(path), None),
        None => rustls_native_certs::load_native_certs(),
    };
    loaded.certs
});

/// The files that the variables name, with what is wrong with each, and the certificates in them.
#[derive(Debug, Clone, Default)]
pub struct Extra {
    /// One for each variable that is set.
    pub files: Vec<CaFile>,
    certificates: Vec<CertificateDer<'static>>,
}

impl Extra {
    /// Reads what the variables name.
    pub fn read(env: &Env) -> Self {
        let mut extra = Self::default();
        for variable in VARIABLES {
            let Some(value) = env.non_empty(variable) else { continue };
            let path = PathBuf::from(value);
            let problem = match certificates(&path) {
                Ok(found) => {
                    extra.certificates.extend(found);
                    None
                }
                Err(problem) => Some(problem),
            };
            extra.files.push(CaFile { variable, path, problem });
        }
        extra
    }

    /// Everything that is trusted.
    pub fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(SYSTEM.iter().chain(&self.certificates).cloned());
        roots
    }

    /// The same for the connector of the SDK, which takes PEM and panics on a certificate that does not parse.
    pub fn tls_context(&self) -> TlsContext {
        let mut pem = String::new();
        for certificate in SYSTEM.iter().chain(&self.certificates).filter(|certificate| parses(certificate)) {
            pem.push_str("-----BEGIN CERTIFICATE-----\n");
            pem.push_str(&BASE64_STANDARD.encode(certificate));
            pem.push_str("\n-----END CERTIFICATE-----\n");
        }
        let trust = TrustStore::empty().with_pem_certificate(pem);
        TlsContext::builder().with_trust_store(trust).build().unwrap_or_default()
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).filter(parses).collect();
    if found.is_empty() { Err("it holds no PEM certificate".to_owned()) } else { Ok(found) }
}

fn parses(certificate: &CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}
