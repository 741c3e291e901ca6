//! TLS with the configured files, reloaded when they change: renewing a certificate needs no restart.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use antiphon_certificate::Certificate;
use antiphon_core::config::{Page, TlsFiles};
use antiphon_core::shell;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ServerConfig, server};

use crate::{clock, log};

/// The files are checked at most this often, and only when somebody connects.
const EVERY: Duration = Duration::from_secs(1);

/// How often to report that phones refuse a certificate, or soon will.
const TOLD_EVERY: Duration = Duration::from_secs(24 * 3600);

/// A TLS acceptor with these files, for `page`.
///
/// # Errors
/// One sentence, with the fix.
pub(super) fn acceptor(files: &TlsFiles, page: &Page) -> Result<TlsAcceptor, String> {
    let provider = Arc::new(ring::default_provider());
    let certificates = Reloading::new(files.clone(), page, Arc::clone(&provider))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Phones rarely come back within hours, so sessions are not kept.
    config.session_storage = Arc::new(server::NoServerSessionStorage {});
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A certificate that follows its files.
struct Reloading {
    files: TlsFiles,
    page: Page,
    provider: Arc<CryptoProvider>,
    held: Mutex<Held>,
}

struct Held {
    certified: Arc<CertifiedKey>,
    /// Of the files last tried, valid or not.
    stamps: [Stamp; 2],
    looked: Instant,
    /// When it was last checked whether phones accept it.
    judged: Instant,
}

/// Identifies a file's version: device, inode, size, ctime in seconds and nanoseconds.
type Stamp = Option<[i64; 5]>;

impl Reloading {
    fn new(files: TlsFiles, page: &Page, provider: Arc<CryptoProvider>) -> Result<Self, String> {
        let stamps = stamps(&files);
        let certified = load(&files, &provider)?;
        if fs::metadata(&files.key).is_ok_and(|found| found.mode() & 0o007 != 0) {
            let key = shell::word(&files.key);
            log::warn(format_args!(
                "{key}: everybody can read this key; run: chmod o= {key}"
            ));
        }
        judge(&certified, &files, page);
        let now = Instant::now();
        Ok(Self {
            files,
            page: page.clone(),
            provider,
            held: Mutex::new(Held {
                certified: Arc::new(certified),
                stamps,
                looked: now,
                judged: now,
            }),
        })
    }

    /// The current certificate. An unusable new one does not replace a usable one.
    fn current(&self, now: Instant) -> Arc<CertifiedKey> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(held.looked) >= EVERY {
            held.looked = now;
            let found = stamps(&self.files);
            if found != held.stamps {
                held.stamps = found;
                match load(&self.files, &self.provider) {
                    Ok(certified) => {
                        log::note(format_args!("the certificate was read again"));
                        judge(&certified, &self.files, &self.page);
                        held.judged = now;
                        held.certified = Arc::new(certified);
                    }
                    Err(why) => {
                        log::fail(format_args!("the old certificate stays: {why}"));
                    }
                }
            }
            if now.saturating_duration_since(held.judged) >= TOLD_EVERY {
                held.judged = now;
                judge(&held.certified, &self.files, &self.page);
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

/// Reports phones' objections to a certificate. It is served all the same, so that a person with a wrong clock sees
/// why.
fn judge(certified: &CertifiedKey, files: &TlsFiles, page: &Page) {
    let file = files.certificate.display();
    let read = certified
        .end_entity_cert()
        .map_err(|error| error.to_string());
    match read.and_then(|der| Certificate::read(der)) {
        Ok(certificate) => {
            let host = page.answering_host(|host| certificate.is_for(host));
            if let Some(finding) = certificate.finding(host, clock::now()) {
                let line = if finding.is_refused() {
                    log::fail
                } else {
                    log::warn
                };
                line(format_args!("{file}: {finding}"));
            }
        }
        Err(why) => log::warn(format_args!("{file}: {why}")),
    }
}

fn load(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let in_file =
        |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    for path in [&files.certificate, &files.key] {
        // First, because other readers' errors lack the fix.
        fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    }
    let at_certificate = |error: &dyn std::fmt::Display| in_file(&files.certificate, error);
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| at_certificate(&error))?;
    if chain.is_empty() {
        return Err(at_certificate(&"holds no certificate"));
    }
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|error| in_file(&files.key, &error))?;
    // Also checks that they match.
    CertifiedKey::from_der(chain, key, provider).map_err(|error| in_file(&files.key, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    let path = path.display();
    let group = nix::unistd::getegid();
    let fix = match error.kind() {
        ErrorKind::PermissionDenied => format!(
            "; run: chgrp {group} {path} && chmod g+r {path}, and let that group enter the folders above it (chmod g+x)"
        ),
        ErrorKind::NotFound => {
            "; put it there, or correct certificate and key in [page]".to_owned()
        }
        _ => String::new(),
    };
    format!("{path}: {error}{fix}")
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
