//! This computer's certificate in the fleet, and what the other side's must be.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use antiphon_certificate::Certificate;
use antiphon_core::shell;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Where joining puts the files.
pub(crate) const FOLDER: &str = "/etc/antiphon/fleet";

/// The authority's certificate, and this computer's own with its key.
pub(crate) struct Identity {
    folder: PathBuf,
    roots: Arc<RootCertStore>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads `ca.pem`, `host.pem` and `host.key` in `folder`.
    ///
    /// # Errors
    /// One sentence, with the fix.
    pub(crate) fn load(folder: &Path) -> Result<Self, String> {
        let at = |name: &str| folder.join(name);
        let certificates = |name: &str| {
            let path = at(name);
            readable(&path)?;
            let found = CertificateDer::pem_file_iter(&path)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            if found.is_empty() {
                return Err(format!("{}: holds no certificate", path.display()));
            }
            Ok(found)
        };
        let mut roots = RootCertStore::empty();
        for authority in certificates("ca.pem")? {
            let added = roots.add(authority);
            added.map_err(|error| format!("{}: {error}", at("ca.pem").display()))?;
        }
        let key = at("host.key");
        readable(&key)?;
        Ok(Self {
            folder: folder.to_owned(),
            roots: Arc::new(roots),
            chain: certificates("host.pem")?,
            key: PrivateKeyDer::from_pem_file(&key)
                .map_err(|error| format!("{}: {error}", key.display()))?,
        })
    }

    /// Where the files are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// This computer's certificate.
    ///
    /// # Errors
    /// One sentence.
    pub(super) fn certificate(&self) -> Result<Certificate, String> {
        Certificate::read(self.chain.first().ok_or("there is no certificate")?)
    }

    /// The same with another certificate, PEM, for the same key.
    pub(super) fn with_certificate(&self, pem: &[u8]) -> Result<Self, String> {
        let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        Ok(Self {
            folder: self.folder.clone(),
            roots: Arc::clone(&self.roots),
            chain: chain.map_err(|error| error.to_string())?,
            key: self.key.clone_key(),
        })
    }

    /// For connections from hosts. One without a certificate gets in as well: it may be about to join.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, String> {
        let provider = Arc::new(ring::default_provider());
        let hosts = WebPkiClientVerifier::builder_with_provider(
            Arc::clone(&self.roots),
            Arc::clone(&provider),
        )
        .allow_unauthenticated()
        .build()
        .map_err(|error| error.to_string())?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| error.to_string())?
            .with_client_cert_verifier(hosts)
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|error| error.to_string())?;
        // A resumed session would bring its certificate from before: whoever was revoked shows it anew.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// For connections to relays.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) fn connector(&self) -> Result<TlsConnector, String> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| error.to_string())?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_client_auth_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|error| error.to_string())?;
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

/// Other readers' errors lack the fix.
fn readable(path: &Path) -> Result<(), String> {
    let shown = shell::word(path);
    fs::File::open(path).map(drop).map_err(|error| {
        let group = nix::unistd::getegid();
        format!(
            "{shown}: {error}; join the fleet (antiphon join), or let the daemon read it: chgrp {group} {shown} && chmod \
             g+r {shown}"
        )
    })
}
