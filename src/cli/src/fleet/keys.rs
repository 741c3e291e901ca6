//! Which keys sign for the fleet: signed with the root key, which only this touches.

use std::path::Path;

use antiphon_certificate::DocumentKey;
use antiphon_core::disk::fleet_home::FleetFile;
use antiphon_core::fleet::{
    Keys, Kind as DocumentKind, NamedKey, SignedDocument, TrustedKeys, Use, is_name,
};
use antiphon_core::logline::LogLine;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromFleet, ToFleet};
use zeroize::Zeroizing;

use super::home::{Home, damaged};
use super::relay;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::plain_file;
use crate::{clock, log};

/// How long they are valid, in seconds: 397 days.
const LIFETIME: u64 = 397 * 86_400;
/// The largest accepted file of the root key, in bytes.
const MAX_KEY: u64 = 16 * 1024;

/// The next serial after `last`. It is the time, so that it grows even where the last one is not known; and grows where
/// the clock was ahead.
pub(super) fn next_serial(last: u32, now: UnixTime) -> u32 {
    let time = u32::try_from(now.0).unwrap_or(u32::MAX);
    time.max(last.saturating_add(1))
}

/// A document of these `keys`, which follows the one with the serial `last`.
pub(super) fn of(last: u32, keys: Vec<NamedKey>, now: UnixTime) -> Keys {
    Keys {
        serial: next_serial(last, now),
        issued: now,
        until: now.plus(LIFETIME),
        keys,
    }
}

/// Signs `keys` with the root key.
pub(super) fn sign(
    keys: &Keys,
    fleet: &str,
    root: &DocumentKey,
) -> Result<SignedDocument, Failure> {
    root.sign(DocumentKind::Keys, fleet, Keys::ROOT, keys.to_body())
        .map_err(|why| Failure::new(Kind::Unavailable, why))
}

/// What the root key has signed, on this computer or at the relay, whichever is later; over or not.
pub(super) fn latest(home: &Home, house: &House) -> Result<Keys, Failure> {
    let pinned = &home.pinned;
    // At the beginning of time no document is over.
    let verified = |document: &SignedDocument| {
        TrustedKeys::verify(document, &pinned.fleet, &pinned.root, UnixTime(0))
    };
    let own = verified(&home.keys()?).map_err(|why| damaged(FleetFile::Keys, &why.to_string()))?;
    let question = ToFleet::Record {
        user: String::new(),
        keys: own.keys().serial,
    };
    let theirs = match relay::ask(house, question) {
        Ok(FromFleet::Record {
            keys: Some(keys), ..
        }) => verified(&keys).ok(),
        _ => None,
    };
    Ok(theirs.unwrap_or(own).keys().clone())
}

/// Signs the keys again, with this computer's key for records among them, a new one if `is_new_wanted`; until when they
/// are valid.
pub(super) fn renew(
    file: &Path,
    is_new_wanted: bool,
    home: &Home,
    house: &House,
) -> Result<UnixTime, Failure> {
    let root = read(file)?;
    let pinned = &home.pinned;
    if root.public().ok().as_ref() != Some(&pinned.root) {
        let what = format!(
            "{}: is not the root key of the fleet {}",
            file.display(),
            pinned.fleet
        );
        return Err(Failure::new(Kind::Data, what));
    }
    let last = latest(home, house)?;
    let kept = match home.text(FleetFile::RecordsKey)? {
        Some(pem) => {
            Some(DocumentKey::read(&pem).map_err(|why| damaged(FleetFile::RecordsKey, &why))?)
        }
        None => None,
    };
    let mut named = last.keys.clone();
    let public = |key: &DocumentKey| key.public().map_err(unusable);
    let former = kept.as_ref().map(&public).transpose()?;
    let is_kept = !is_new_wanted && former.is_some();
    let key = match kept {
        Some(key) if is_kept => key,
        _ => DocumentKey::new().map_err(unusable)?,
    };
    if !is_kept {
        named.retain(|key| Some(&key.public_key) != former.as_ref());
    }
    let own = public(&key)?;
    if !named.iter().any(|key| key.public_key == own) {
        named.push(NamedKey {
            name: free_name(&named, &pinned.host),
            purpose: Use::Records,
            public_key: own,
        });
    }
    let keys = of(last.serial, named, clock::now());
    let document = sign(&keys, &pinned.fleet, &root)?;
    let text = document
        .to_text()
        .map_err(|why| Failure::new(Kind::Data, why))?;
    // The key first: one that nothing names yet signs nothing, and the next attempt takes it.
    home.write(FleetFile::RecordsKey, &key.to_pem())?;
    home.write(FleetFile::Keys, &text)?;
    log::log_by_caller(LogLine::new().with("fleet", "keys-signed").with(
        "detail",
        &format!("serial {}, until {}", keys.serial, keys.until),
    ));
    Ok(keys.until)
}

/// `records-HOST`, or with a number where it is taken.
fn free_name(known: &[NamedKey], host: &str) -> String {
    let is_free = |name: &String| is_name(name) && known.iter().all(|key| key.name != *name);
    let plain = format!("records-{host}");
    let numbered = (2..).map(|number: u32| format!("records-{number}"));
    std::iter::once(plain)
        .chain(numbered)
        .find(is_free)
        .unwrap_or_default()
}

fn read(file: &Path) -> Result<DocumentKey, Failure> {
    let shown = file.display();
    let text = plain_file::text(file, MAX_KEY).map_err(|why| {
        Failure::new(
            Kind::NoInput,
            format!("{shown}: {why}; is its disk mounted?"),
        )
    })?;
    DocumentKey::read(&Zeroizing::new(text))
        .map_err(|why| Failure::new(Kind::Data, format!("{shown}: is no P-256 key ({why})")))
}

fn unusable(why: String) -> Failure {
    Failure::new(Kind::Unavailable, why)
}
