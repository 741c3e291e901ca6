//! Requests to push services and gateways: what holds for all of them, and the CAs that certify them: those the system
//! trusts, private ones included.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::crypto::ring;
use ureq::config::{Config, ConfigBuilder};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::typestate::AgentScope;

/// From the DNS look-up to the last byte of the response; a sign-in waits for a gateway for 15 s.
const PATIENCE: Duration = Duration::from_secs(10);
/// These services answer with a few lines.
const BUFFER: usize = 8 * 1024;

/// Their paths on Debian and Arch, Fedora, SUSE.
const BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// Requests without redirects and proxies, limited in time and size, to services that `roots` certify.
pub(crate) fn config(roots: &[Certificate<'static>]) -> ConfigBuilder<AgentScope> {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(roots))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build();
    Config::builder()
        // Redirects would give code and password to any host they name.
        .max_redirects(0)
        // Ignores the environment: a proxy would resolve names itself.
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .user_agent("antiphond")
        .input_buffer_size(BUFFER)
        .output_buffer_size(BUFFER)
        .max_response_header_size(BUFFER)
        .tls_config(tls)
}

/// All CAs that the system trusts, or those in `SSL_CERT_FILE`, as for OpenSSL.
///
/// # Errors
/// One sentence.
pub(crate) fn roots() -> Result<Vec<Certificate<'static>>, String> {
    let named = env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let usual = || {
        let mut usual = BUNDLES.map(PathBuf::from).into_iter();
        usual.find(|path| path.exists())
    };
    let path = named
        .or_else(usual)
        .ok_or("no bundle of certificates that the system trusts; install ca-certificates")?;
    let shown = path.display();
    let pem = fs::read(&path).map_err(|error| format!("{shown}: {error}"))?;
    let roots: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if roots.is_empty() {
        return Err(format!("{shown}: holds no certificate"));
    }
    Ok(roots)
}
