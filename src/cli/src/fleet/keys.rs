//! Which keys sign for the fleet: signed with the root key, which only this touches.

use std::path::Path;

use antiphon_certificate::DocumentKey;
use antiphon_core::disk::fleet_home::FleetFile;
use antiphon_core::fleet::{
    Keys, Kind as DocumentKind, NamedKey, PublicKey, SignedDocument, TrustedKeys, Use, is_name,
};
use antiphon_core::logline::LogLine;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromFleet, ToFleet};
use zeroize::Zeroizing;

use super::home::{Home, damaged};
use super::relay::{self, Unasked};
use super::standing;
use crate::arguments::FleetRenew;
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
///
/// # Errors
/// If `last` was the highest serial: hosts accept no second document with it.
pub(super) fn next_serial(last: u32, now: UnixTime) -> Result<u32, Failure> {
    let Ok(time) = u32::try_from(now.0) else {
        let what = format!("this computer's clock says {now}, after the last serial; set it");
        return Err(Failure::new(Kind::Unavailable, what));
    };
    let Some(after) = last.checked_add(1) else {
        let what = format!(
            "what was signed last has the last serial that there is, {last}: the clock was far ahead then. If no relay has it, remove \
             it (of a person: the file in /var/lib/antiphon/fleet/roster) and try again; else the fleet must be set up anew: \
             antiphon-fleet(7)"
        );
        return Err(Failure::new(Kind::Data, what));
    };
    Ok(time.max(after))
}

/// A document of these `keys`, which follows the one with the serial `last`.
pub(super) fn of(last: u32, keys: Vec<NamedKey>, now: UnixTime) -> Result<Keys, Failure> {
    Ok(Keys {
        serial: next_serial(last, now)?,
        issued: now,
        until: now.plus(LIFETIME),
        keys,
    })
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

/// What the root key has signed, on this computer or at the relay, whichever is later; over or not. Without an answer of
/// the relay, the keys of other enrolment hosts would be left out of what is signed next.
fn latest(home: &Home, house: &House) -> Result<Keys, Failure> {
    let pinned = &home.pinned;
    let own = standing::keys(home, house)?;
    let question = ToFleet::Record {
        user: String::new(),
        keys: own.serial,
    };
    let FromFleet::Record { keys, .. } = relay::ask(house, question)? else {
        return Err(Unasked::Odd.into());
    };
    let Some(theirs) = keys else {
        return Ok(own);
    };
    // At the beginning of time no document is over.
    let theirs = TrustedKeys::verify(&theirs, &pinned.fleet, &pinned.root, UnixTime(0));
    let theirs = theirs.map_err(|why| {
        let what = format!(
            "the relay has other keys of the fleet than this computer, and they are not to be believed ({why}); look at its \
             computer"
        );
        Failure::new(Kind::Config, what)
    })?;
    let theirs = theirs.keys();
    Ok(if theirs.serial > own.serial {
        theirs.clone()
    } else {
        own
    })
}

/// Takes the keys for records called `names` out of `keys`. `own` is this computer's, which cannot be one of them.
fn leave_out(
    names: &[String],
    keys: &mut Vec<NamedKey>,
    own: Option<&PublicKey>,
) -> Result<(), Failure> {
    for name in names {
        let is_meant = |key: &NamedKey| key.purpose == Use::Records && key.name == *name;
        let Some(key) = keys.iter().find(|key| is_meant(key)) else {
            let what = format!("no key for records is called {name}; see: antiphon fleet status");
            return Err(Failure::new(Kind::Data, what));
        };
        if Some(&key.public_key) == own {
            let what = format!(
                "{name} is this computer's own key; to put a new one in its place, run: antiphon fleet renew --root-key FILE --new-key"
            );
            return Err(Failure::new(Kind::Data, what));
        }
        keys.retain(|key| !is_meant(key));
    }
    Ok(())
}

/// Signs the keys again with the root key in `file`, with this computer's key for records among them, a new one if that is
/// `wanted`; until when they are valid.
pub(super) fn renew(
    file: &Path,
    wanted: &FleetRenew,
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
    leave_out(&wanted.leave_out, &mut named, former.as_ref())?;
    let is_kept = !wanted.new_key && former.is_some();
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
    let keys = of(last.serial, named, clock::now())?;
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

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;

    use super::next_serial;

    #[test]
    fn a_serial_grows_and_after_the_last_one_there_is_none() {
        let now = UnixTime(1_795_377_600);
        let next = |last, now| next_serial(last, now).ok();
        assert_eq!(next(0, now), Some(1_795_377_600));
        assert_eq!(next(1_795_377_600, now), Some(1_795_377_601));
        assert_eq!(next(u32::MAX - 1, now), Some(u32::MAX));
        assert_eq!(next(u32::MAX, now), None);
        let last = UnixTime(u32::MAX.into());
        assert_eq!(next(0, last), Some(u32::MAX));
        for late in [last.plus(1), UnixTime(u64::MAX)] {
            assert_eq!(next(0, late), None);
        }
        let said = next_serial(u32::MAX, now).unwrap_err().to_string();
        assert!(said.contains("4294967295"), "{said}");
    }
}
