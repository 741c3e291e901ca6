//! TLS by the files of the configuration, read again when they change: renewing a certificate needs no restart.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use antiphon_core::config::TlsFiles;
use antiphon_core::shell;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ServerConfig, server};

use crate::journal;

/// The files are looked at this often at most, and only when somebody connects.
const EVERY: Duration = Duration::from_secs(1);

/// What shakes hands by these files.
///
/// # Errors
/// One sentence.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, String> {
    let provider = Arc::new(ring::default_provider());
    let certificates = Reloading::new(files.clone(), Arc::clone(&provider))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Few come back within hours; what is not kept needs no bound.
    config.session_storage = Arc::new(server::NoServerSessionStorage {});
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A certificate that follows its files.
struct Reloading {
    files: TlsFiles,
    provider: Arc<CryptoProvider>,
    held: Mutex<Held>,
}

struct Held {
    certified: Arc<CertifiedKey>,
    /// Of the files that were last tried, good or not.
    stamps: [Stamp; 2],
    looked: Instant,
}

/// By what a changed file is known: device, inode, size, time of change in seconds and nanoseconds.
type Stamp = Option<[i64; 5]>;

impl Reloading {
    fn new(files: TlsFiles, provider: Arc<CryptoProvider>) -> Result<Self, String> {
        let stamps = stamps(&files);
        let certified = load(&files, &provider)?;
        if fs::metadata(&files.key).is_ok_and(|found| found.mode() & 0o007 != 0) {
            let key = shell::word(&files.key);
            journal::warn(format_args!(
                "{key}: everybody can read this key; run: chmod o= {key}"
            ));
        }
        Ok(Self {
            files,
            provider,
            held: Mutex::new(Held {
                certified: Arc::new(certified),
                stamps,
                looked: Instant::now(),
            }),
        })
    }

    /// The certificate of now. One that cannot be used does not take the place of one that can.
    fn current(&self, now: Instant) -> Arc<CertifiedKey> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(held.looked) >= EVERY {
            held.looked = now;
            let found = stamps(&self.files);
            if found != held.stamps {
                held.stamps = found;
                match load(&self.files, &self.provider) {
                    Ok(certified) => {
                        journal::note(format_args!("the certificate was read again"));
                        held.certified = Arc::new(certified);
                    }
                    Err(why) => {
                        journal::fail(format_args!("the old certificate stays: {why}"));
                    }
                }
            }
        }
        Arc::clone(&held.certified)
    }
}

impl ResolvesServerCert for Reloading {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current(Instant::now()))
    }
}

impl std::fmt::Debug for Reloading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Reloading").field(&self.files).finish()
    }
}

fn load(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let in_file =
        |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let at_certificate = |error: &dyn std::fmt::Display| in_file(&files.certificate, error);
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| at_certificate(&error))?;
    if chain.is_empty() {
        return Err(at_certificate(&"holds no certificate"));
    }
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| in_file(&files.key, &error))?;
    // Also compares the two.
    CertifiedKey::from_der(chain, key, provider).map_err(|error| in_file(&files.key, &error))
}

fn stamps(files: &TlsFiles) -> [Stamp; 2] {
    [&files.certificate, &files.key].map(|path| {
        let found = fs::metadata(path).ok()?;
        Some([
            i64::try_from(found.dev()).unwrap_or_default(),
            i64::try_from(found.ino()).unwrap_or_default(),
            i64::try_from(found.size()).unwrap_or_default(),
            found.ctime(),
            found.ctime_nsec(),
        ])
    })
}
