//! Which certificates the client trusts: Mozilla's roots, which it brings along, the system's, and files that variables add.
//!
//! What it sees of the variables depends on its version and on where they stand, which [`Trust`] says. `AWS_CA_BUNDLE` is not
//! among them on purpose: the client does not read it, so a connection that needs it must fail here too.

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use super::answer::{CaFile, CaProblem};

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

/// What the client trusts, as its version, its environment and its settings make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// Mozilla's roots.
    pub bundled: bool,
    /// The system's roots.
    pub system: bool,
    /// Files and directories that add to them.
    pub added: Vec<CaSource>,
    /// Files that are named somewhere and that the client does not read.
    pub unseen: Vec<CaSource>,
}

/// A place with certificates, and who names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaSource {
    /// The variable, or `ca_bundle` of the AWS files.
    pub name: &'static str,
    /// The file; a directory for `SSL_CERT_DIR`.
    pub path: PathBuf,
}

impl Default for Trust {
    fn default() -> Self {
        Self { bundled: true, system: true, added: Vec::new(), unseen: Vec::new() }
    }
}

/// The certificates of a [`Trust`], with what is wrong with each file.
#[derive(Debug, Clone, Default)]
pub struct Extra {
    /// One for each file that adds certificates.
    pub files: Vec<CaFile>,
    trust: Trust,
    certificates: Vec<CertificateDer<'static>>,
}

impl Extra {
    /// Reads the files that add certificates.
    pub fn read(trust: &Trust) -> Self {
        let mut extra = Self { trust: trust.clone(), ..Self::default() };
        for source in &trust.added {
            let problem = match certificates(source) {
                Ok(found) => {
                    extra.certificates.extend(found);
                    None
                }
                Err(problem) => Some(problem),
            };
            extra.files.push(CaFile { variable: source.name, path: source.path.clone(), problem });
        }
        extra
    }

    /// The first file, of those that the client does not read, with which this would be trusted.
    pub fn cure(&self, trusts: impl Fn(RootCertStore) -> bool) -> Option<CaSource> {
        let cures = |source: &&CaSource| {
            certificates(source).is_ok_and(|found| {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(found);
                trusts(roots)
            })
        };
        self.trust.unseen.iter().find(cures).cloned()
    }

    /// Everything that is trusted, each certificate once.
    fn all(&self) -> HashSet<&CertificateDer<'static>> {
        let system = SYSTEM.iter().filter(|_| self.trust.system);
        let bundled = TLS_SERVER_ROOT_CERTS.iter().filter(|_| self.trust.bundled);
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

/// The certificates of a file; of `SSL_CERT_DIR`, which alone may be one, those of the files of a directory.
fn certificates(source: &CaSource) -> Result<Vec<CertificateDer<'static>>, CaProblem> {
    let path = source.path.as_path();
    if source.name == "SSL_CERT_DIR" && path.is_dir() {
        let found = rustls_native_certs::load_certs_from_paths(None, Some(path)).certs;
        return if found.is_empty() { Err(CaProblem::EmptyDirectory) } else { Ok(found) };
    }
    let bytes = std::fs::read(path).map_err(|error| CaProblem::Unreadable(error.to_string()))?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).filter(parses).collect();
    if found.is_empty() { Err(what_it_is(&bytes)) } else { Ok(found) }
}

/// What a file is that holds no PEM certificate.
fn what_it_is(bytes: &[u8]) -> CaProblem {
    const SEQUENCE: u8 = 0x30;
    let text = String::from_utf8_lossy(bytes);
    if text.contains("-----BEGIN CERTIFICATE-----") {
        CaProblem::Damaged
    } else if text.contains("PRIVATE KEY-----") {
        CaProblem::Key
    } else if parses(&CertificateDer::from(bytes.to_vec())) {
        CaProblem::Der
    } else if bytes.first() == Some(&SEQUENCE) && bytes.windows(3).take(8).any(|part| part == [0x02, 0x01, 0x03]) {
        // The version of a PKCS 12 store, right behind the length of the whole.
        CaProblem::Pkcs12
    } else if bytes.iter().all(u8::is_ascii_whitespace) {
        CaProblem::Empty
    } else {
        CaProblem::NoCertificate
    }
}

fn parses(certificate: &CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}

impl fmt::Display for CaProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unreadable(why) => why,
            Self::Der => "it is a certificate in DER form, not in PEM form",
            Self::Pkcs12 => "it is a PKCS 12 store, not a PEM file",
            Self::Key => "it holds a private key and no certificate",
            Self::Damaged => "its `-----BEGIN CERTIFICATE-----` is there, and what follows is damaged",
            Self::Empty => "it is empty",
            Self::EmptyDirectory => "it is a directory without certificates",
            Self::NoCertificate => "it holds no `-----BEGIN CERTIFICATE-----`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stores(bundled: bool, system: bool) -> Extra {
        Extra::read(&Trust { bundled, system, ..Trust::default() })
    }

    #[test]
    fn mozillas_roots_are_trusted_unless_the_client_is_told_otherwise() {
        let bundled = &TLS_SERVER_ROOT_CERTS[0];
        assert!(Extra::default().all().contains(bundled));
        assert!(stores(true, false).all().contains(bundled));
        assert_eq!(stores(false, true).all().len(), SYSTEM.iter().collect::<HashSet<_>>().len());
    }

    #[test]
    fn a_file_that_is_not_there_is_said() {
        let source = CaSource { name: "NODE_EXTRA_CA_CERTS", path: PathBuf::from("/nowhere/ca.pem") };
        let extra = Extra::read(&Trust { added: vec![source], ..Trust::default() });
        let problem = extra.files[0].problem.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(problem.contains("No such file"), "{problem}");
    }

    #[test]
    fn files_of_other_kinds_are_told_apart() {
        let der = TLS_SERVER_ROOT_CERTS[0].to_vec();
        assert_eq!(what_it_is(&der), CaProblem::Der);
        let store = [&[0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x03][..], &[0x30; 40]].concat();
        assert_eq!(what_it_is(&store), CaProblem::Pkcs12);
        let key = b"-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
        assert_eq!(what_it_is(key), CaProblem::Key);
        let cut = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(what_it_is(cut), CaProblem::Damaged);
        assert_eq!(what_it_is(b" \n"), CaProblem::Empty);
        assert_eq!(what_it_is(b"the root of our company"), CaProblem::NoCertificate);
    }
}
