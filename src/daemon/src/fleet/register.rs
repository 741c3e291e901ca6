//! Where certificates of hosts are signed: at the relay that has the authority's key.

use std::fs;
use std::path::Path;

use antiphon_certificate::authority::{Authority, Side};
use antiphon_core::fleet::PublicKey;
use antiphon_core::time::UnixTime;

/// The authority.
pub(crate) struct Register {
    authority: Authority,
    /// Its certificate, PEM.
    certificate: String,
    /// How many times it has signed.
    #[cfg(test)]
    pub(super) signed: std::sync::atomic::AtomicU32,
}

impl Register {
    /// Reads `ca.key` and `ca.pem` of `fleet` in `folder`; `None` if the key is not there, as on most relays.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) fn find(fleet: &str, folder: &Path) -> Result<Option<Self>, String> {
        let (key, certificate) = (folder.join("ca.key"), folder.join("ca.pem"));
        let read = |path: &Path| {
            fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
        };
        if !key.exists() {
            return Ok(None);
        }
        let authority = Authority::read(fleet, &read(&key)?);
        Ok(Some(Self {
            authority: authority.map_err(|why| format!("{}: {why}", key.display()))?,
            certificate: read(&certificate)?,
            #[cfg(test)]
            signed: std::sync::atomic::AtomicU32::default(),
        }))
    }

    /// The authority's certificate, PEM.
    pub(super) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate, PEM, for the host `name` with this key.
    pub(super) fn sign(
        &self,
        name: &str,
        key: &PublicKey,
        now: UnixTime,
    ) -> Result<String, String> {
        #[cfg(test)]
        self.signed
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.authority.sign(name, key, Side::Host, now)
    }
}
