//! The CAs that the system trusts, private ones included.

use std::env;
use std::path::PathBuf;

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// Their paths on Debian and Arch, Fedora, SUSE.
const BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// All CAs that the system trusts, or those in `SSL_CERT_FILE`, as for OpenSSL.
///
/// # Errors
/// One sentence.
pub fn trusted() -> Result<RootCertStore, String> {
    let named = env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let usual = || {
        let mut usual = BUNDLES.map(PathBuf::from).into_iter();
        usual.find(|path| path.exists())
    };
    let path = named
        .or_else(usual)
        .ok_or("no bundle of certificates that the system trusts; install ca-certificates")?;
    let shown = path.display();
    let certificates =
        CertificateDer::pem_file_iter(&path).map_err(|error| format!("{shown}: {error}"))?;
    let mut roots = RootCertStore::empty();
    // One that cannot be read is not trusted; the others are.
    roots.add_parsable_certificates(certificates.filter_map(Result::ok));
    if roots.is_empty() {
        return Err(format!("{shown}: holds no certificate"));
    }
    Ok(roots)
}
