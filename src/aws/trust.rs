//! Which certificates the client trusts: Mozilla's roots, which it brings along, the system's, and the files that two
//! variables add.
//!
//! `AWS_CA_BUNDLE` is not among them on purpose: the client does not read it, so a connection that needs it must fail here too.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use super::answer::CaFile;
use crate::world::Env;

/// Which of the two stores the client takes, separated by commas; both where it is unset.
const STORES: &str = "CLAUDE_CODE_CERT_STORE";

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
    without_system: bool,
    without_bundled: bool,
    certificates: Vec<CertificateDer<'static>>,
}

impl Extra {
    /// Reads what the variables name.
    pub fn read(env: &Env) -> Self {
        let mut extra = Self::default();
        if let Some(stores) = env.non_empty(STORES) {
            let names = |wanted: &str| stores.split(',').any(|store| store.trim().eq_ignore_ascii_case(wanted));
            // A value that names neither leaves the client with its default.
            let known = names("system") || names("bundled");
            extra.without_system = known && !names("system");
            extra.without_bundled = known && !names("bundled");
        }
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

    /// Everything that is trusted, each certificate once.
    fn all(&self) -> HashSet<&CertificateDer<'static>> {
        let system = SYSTEM.iter().filter(|_| !self.without_system);
        let bundled = TLS_SERVER_ROOT_CERTS.iter().filter(|_| !self.without_bundled);
        system.chain(bundled).chain(&self.certificates).collect()
    }

    /// What is trusted, for the connector of the SDK, which takes PEM and panics on a certificate that does not parse.
    pub fn tls_context(&self) -> TlsContext {
        let mut pem = String::new();
        for certificate in self.all().into_iter().filter(|certificate| parses(certificate)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> Extra {
        Extra::read(&[(name, value)].into_iter().collect())
    }

    #[test]
    fn mozillas_roots_are_trusted_unless_the_client_is_told_otherwise() {
        let bundled = &TLS_SERVER_ROOT_CERTS[0];
        assert!(Extra::default().all().contains(bundled));
        assert!(with(STORES, "bundled").all().contains(bundled));
        assert!(with(STORES, "nonsense").all().contains(bundled));
        let system = with(STORES, "system");
        assert_eq!(system.all().len(), SYSTEM.iter().collect::<HashSet<_>>().len());
    }

    #[test]
    fn a_file_that_is_not_there_is_said() {
        let extra = with("NODE_EXTRA_CA_CERTS", "/nowhere/ca.pem");
        assert!(extra.files[0].problem.as_deref().is_some_and(|problem| problem.contains("No such file")), "{extra:?}");
    }
}
