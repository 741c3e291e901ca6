//! The CAs that certify push services and gateways: those the system trusts, private ones included.

use std::env;
use std::fs;
use std::path::PathBuf;

use ureq::tls::{Certificate, PemItem, parse_pem};

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
pub(crate) fn load() -> Result<Vec<Certificate<'static>>, String> {
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
