//! How this computer stands in its fleet, by its files.

use std::path::Path;

use antiphon_certificate::Certificate;
use antiphon_core::disk::fleet_home::FleetFile;
use antiphon_core::disk::{Walk, fleet_files, roster::Roster};
use antiphon_core::fleet::{Keys, SignedDocument, TrustedKeys};
use antiphon_core::name::UserName;
use antiphon_core::time::UnixTime;
use zeroize::Zeroizing;

use super::home::Home;
use crate::failure::Failure;
use crate::house::House;
use crate::plain_file;

/// Where a host's daemon keeps the certificate that it has renewed.
const RENEWED: &str = "/var/lib/antiphond/host.pem";
/// The largest accepted certificate, in bytes.
const MAX_SIZE: u64 = 64 * 1024;

/// A person in the roster.
pub(super) struct Person {
    pub(super) name: UserName,
    pub(super) until: UnixTime,
    pub(super) phones: usize,
}

/// This computer's certificate that counts, PEM, and what it says.
pub(super) struct Own {
    pub(super) pem: Zeroizing<String>,
    pub(super) certificate: Certificate,
}

/// The certificate that the daemon shows: its own renewed one, if it is later.
pub(super) fn own(home: &Home) -> Result<Own, Failure> {
    let certificate = home.certificate()?;
    let pem = home.text(FleetFile::Certificate)?.unwrap_or_default();
    if let Ok(text) = plain_file::text(Path::new(RENEWED), MAX_SIZE)
        && let Ok(renewed) = Certificate::read_pem(text.as_bytes())
        && renewed.replaces(&certificate)
    {
        return Ok(Own {
            pem: Zeroizing::new(text),
            certificate: renewed,
        });
    }
    Ok(Own { pem, certificate })
}

/// When the certificate that the daemon shows is no longer valid; `None` if it cannot be read.
pub(crate) fn certificate_ends(home: &Home) -> Option<UnixTime> {
    own(home).ok().map(|own| own.certificate.ends())
}

/// The latest keys that this computer has, signed by the pinned root key; over or not.
pub(super) fn keys(home: &Home, house: &House) -> Result<Keys, Failure> {
    let pinned = &home.pinned;
    // At the beginning of time no document is over.
    let verified = |document: &SignedDocument| {
        TrustedKeys::verify(document, &pinned.fleet, &pinned.root, UnixTime(0))
    };
    let joined = home.keys()?;
    let own =
        verified(&joined).map_err(|why| super::home::damaged(FleetFile::Keys, &why.to_string()))?;
    let learnt = fleet_files::known_keys(&house.config.paths, &Walk::default())?;
    let learnt = learnt.and_then(|document| verified(&document).ok());
    let later = learnt.filter(|learnt| learnt.keys().serial > own.keys().serial);
    Ok(later.unwrap_or(own).keys().clone())
}

/// Everybody whom this computer has signed for.
pub(super) fn people(house: &House) -> Result<Vec<Person>, Failure> {
    let Some(roster) = Roster::look(&house.config.paths, &Walk::default())? else {
        return Ok(Vec::new());
    };
    let mut people = Vec::new();
    for name in roster.people()? {
        if let Some(signed) = roster.of(&name)? {
            people.push(Person {
                name,
                until: signed.record.until,
                phones: signed.record.phones.len(),
            });
        }
    }
    Ok(people)
}
