//! A host's certificate is renewed when half of its time is over, for the key that it was made for.
//!
//! Where joining put it nobody but root writes, so the next one is kept in the daemon's own folder; it is no secret, and
//! counts only with that key.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use antiphon_certificate::Certificate;
use antiphon_core::wire::{FromDaemon, FromFleet, ToDaemon, ToFleet};
use tokio::time::sleep;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::identity::Identity;
use super::uplink::{Uplink, say};
use crate::{clock, log};

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(6 * 3600);
const FILE: &str = "host.pem";

/// The certificate that was renewed last, in `folder`; `None` if `identity` has a later one, or another key.
pub(crate) fn kept(folder: &Path, identity: &Identity) -> Option<Identity> {
    let pem = fs::read(folder.join(FILE)).ok()?;
    let renewed = Certificate::read(&CertificateDer::from_pem_slice(&pem).ok()?).ok()?;
    let own = identity.certificate().ok()?;
    (renewed.replaces(&own)).then(|| identity.with_certificate(&pem).ok())?
}

/// Renews the certificate of `uplink` from time to time, for ever.
pub(crate) async fn keep_valid(uplink: &Uplink, folder: PathBuf) {
    loop {
        let is_due = uplink
            .identity()
            .certificate()
            .is_ok_and(|certificate| certificate.is_half_over(clock::now()));
        if is_due {
            match renew(uplink, &folder).await {
                Ok(()) => log::note(format_args!("the certificate of this host was renewed")),
                Err(why) => log::warn(format_args!(
                    "the certificate of this host could not be renewed: {why}; it is tried again"
                )),
            }
        }
        sleep(EVERY).await;
    }
}

/// The next certificate, PEM, for the host's key. Only the relay that has the authority's key signs one, so that each is
/// asked.
async fn ask(uplink: &Uplink, key: &[u8]) -> Result<String, String> {
    let asked = ToDaemon::Fleet(ToFleet::Renew { key: key.to_vec() });
    let mut why = "no relay answers".to_owned();
    for place in 0..uplink.relays() {
        let Some(mut relay) = uplink.dial_at(place).await else {
            continue;
        };
        why = match say(&mut relay, &asked).await {
            Ok(FromDaemon::Fleet(FromFleet::Renewed { certificate })) => return Ok(certificate),
            Ok(FromDaemon::Fleet(FromFleet::Refused { reason })) => {
                format!("the relay refuses: {reason:?}")
            }
            Ok(_) => "the relay speaks of something else".to_owned(),
            Err(error) => error,
        };
    }
    Err(why)
}

/// Has a relay sign the next certificate, keeps it and uses it.
pub(super) async fn renew(uplink: &Uplink, folder: &Path) -> Result<(), String> {
    let identity = uplink.identity();
    let own = identity.certificate()?;
    let pem = ask(uplink, own.key()).await?;
    let renewed =
        CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| error.to_string())?;
    if !Certificate::read(&renewed)?.replaces(&own) {
        return Err("the relay gave a certificate for another name or key".to_owned());
    }
    let next = identity.with_certificate(pem.as_bytes())?;
    let written = folder.join("host.pem.new");
    fs::write(&written, pem)
        .and_then(|()| fs::rename(&written, folder.join(FILE)))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    uplink.take(next)
}
