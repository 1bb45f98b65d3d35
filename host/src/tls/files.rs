//! Certificates and keys, read from their files and held against each other.
//!
//! In it: what an address speaks TLS with, or what is wrong with its files. Not in it: anything
//! that happens on a line. The same is asked by `--check`, by the start and by the thread, so that
//! no start comes further than its check.

use std::fmt;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig};

use crate::config::TlsConfig;

/// Rights of those who are neither the file's owner nor in its group.
const OTHERS: u32 = 0o007;

/// What is wrong with a file.
#[derive(Debug)]
pub(crate) struct FileFault {
    path: PathBuf,
    what: What,
}

#[derive(Debug)]
enum What {
    Unreadable(String),
    NoCertificate,
    NoKey,
    OpenKey,
    KeyUnknown,
    Mismatch,
    BadCertificate(String),
    BadAuthority(String),
}

impl FileFault {
    /// What to do about it.
    pub(crate) const fn remedy(&self) -> &'static str {
        match self.what {
            What::Unreadable(_) => "name a file that the gateway's user may read",
            What::NoCertificate | What::BadCertificate(_) => {
                "put the certificate into it as PEM, with those that lead to its authority behind"
            }
            What::NoKey | What::KeyUnknown => {
                "put one private key into it as PEM, PKCS#8 without a password: RSA, P-256, P-384 \
                 or Ed25519"
            }
            What::OpenKey => "take the rights of others away: chmod o= FILE, or better 0400",
            What::Mismatch => "name the key that the certificate was asked for with",
            What::BadAuthority(_) => {
                "put the certificates of the members' authorities into it, as PEM"
            }
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.what {
            What::Unreadable(cause) => write!(f, "cannot read {path}: {cause}"),
            What::NoCertificate => write!(f, "there is no certificate in {path}"),
            What::NoKey => write!(f, "there is no private key in {path}"),
            What::OpenKey => write!(f, "other users of this host may read the key in {path}"),
            What::KeyUnknown => write!(f, "the key in {path} is of no kind that is known"),
            What::Mismatch => write!(f, "the key in {path} does not belong to the certificate"),
            What::BadCertificate(cause) => {
                write!(f, "the certificate in {path} cannot be used: {cause}")
            }
            What::BadAuthority(cause) => {
                write!(f, "the authorities in {path} cannot be used: {cause}")
            }
        }
    }
}

/// What an address speaks TLS with: versions 1.2 and 1.3, ring's ciphers.
pub(crate) fn server_config(config: &TlsConfig) -> Result<Arc<ServerConfig>, FileFault> {
    let provider = Arc::new(ring::default_provider());
    let identity = identity(config, &provider)?;
    let fault = |what| FileFault {
        path: config.certificate.clone(),
        what,
    };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(What::BadCertificate(error.to_string())))?;
    let builder = match &config.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => builder.with_client_cert_verifier(verifier(path, provider)?),
    };
    let resolver = SingleCertAndKey::from(identity);
    Ok(Arc::new(builder.with_cert_resolver(Arc::new(resolver))))
}

fn identity(config: &TlsConfig, provider: &CryptoProvider) -> Result<CertifiedKey, FileFault> {
    let chain = certificates(&config.certificate)?;
    let fault = |what| FileFault {
        path: config.key.clone(),
        what,
    };
    let rights = std::fs::metadata(&config.key)
        .map_err(|error| fault(What::Unreadable(error.to_string())))?
        .permissions()
        .mode();
    if rights & OTHERS != 0 {
        return Err(fault(What::OpenKey));
    }
    let key = PrivateKeyDer::from_pem_file(&config.key).map_err(|error| match error {
        PemError::Io(error) => fault(What::Unreadable(error.to_string())),
        _ => fault(What::NoKey),
    })?;
    CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => fault(What::Mismatch),
        rustls::Error::InvalidCertificate(_) => FileFault {
            path: config.certificate.clone(),
            what: What::BadCertificate(error.to_string()),
        },
        _ => fault(What::KeyUnknown),
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, FileFault> {
    let fault = |what| FileFault {
        path: path.to_path_buf(),
        what,
    };
    let unreadable = |error: PemError| match error {
        PemError::Io(error) => fault(What::Unreadable(error.to_string())),
        _ => fault(What::NoCertificate),
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(path)
        .map_err(unreadable)?
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    if chain.is_empty() {
        return Err(fault(What::NoCertificate));
    }
    Ok(chain)
}

fn verifier(
    path: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, FileFault> {
    let fault = |cause: String| FileFault {
        path: path.to_path_buf(),
        what: What::BadAuthority(cause),
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| fault(error.to_string()))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| fault(error.to_string()))
}

#[cfg(test)]
mod tests;
