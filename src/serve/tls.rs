//! Certificate and key for an encrypted link.

use std::path::Path;
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("{path}: cannot be read as PEM ({reason})")]
    Pem {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// Certificate and key do not fit.
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// A certificate with its key.
#[derive(Debug, Clone)]
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// Reads a certificate chain and its key from PEM files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let wrong = |path: &Path, error: rustls::pki_types::pem::Error| TlsError::Pem {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong(certificate, error))?;
        let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, secret)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    pub(super) fn into_config(self) -> RustlsConfig {
        RustlsConfig::from_config(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_with_its_key_is_taken_and_any_other_refused() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let made = |name: &str| {
            let own = rcgen::generate_simple_self_signed(["desk.clinic".to_owned()]).unwrap();
            let key = own.signing_key.serialize_pem();
            (write(name, &own.cert.pem()), write(&format!("{name}.key"), &key))
        };
        let (certificate, key) = made("one");
        let (_, other) = made("two");
        assert!(Tls::load(&certificate, &key).is_ok());
        assert!(matches!(Tls::load(&certificate, &other), Err(TlsError::Unusable(_))));
        let nothing = write("nothing", "");
        assert!(matches!(
            Tls::load(&nothing, &key),
            Err(TlsError::Pem { .. } | TlsError::Unusable(_))
        ));
        let missing = folder.path().join("missing");
        assert!(matches!(Tls::load(&certificate, &missing), Err(TlsError::Pem { .. })));
    }
}
