//! What a relay publishes: a person's telephone numbers with their record alone, and nothing that hosts would not believe.
//!
//! It verifies what it is given as a host does. That is tidiness: hosts verify everything themselves.

use std::sync::Arc;

use antiphon_core::fleet::{
    FleetNumbers, FleetRecord, Kind, Pinned, SignedDocument, TrustedKeys, TrustedRecord,
};
use antiphon_core::name::UserName;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FleetRefusal, FromFleet, Peer};

use super::relay::{Relay, refused};
use crate::store::fleet::{NumbersText, Publication, Published};
use crate::store::{Store, StoreError};
use crate::{clock, log};

/// How far the clock of who signs may be ahead of ours, in seconds. A serial is the time: one from far ahead would outdo all
/// that is signed till then.
const AHEAD: u64 = 86_400;

/// What somebody wants published.
pub(super) struct Offered {
    pub(super) document: SignedDocument,
    /// The telephone numbers that belong to it.
    pub(super) numbers: Option<SignedDocument>,
}

impl From<SignedDocument> for Offered {
    fn from(document: SignedDocument) -> Self {
        let numbers = None;
        Self { document, numbers }
    }
}

impl Relay {
    pub(super) async fn publish(
        &self,
        offered: Offered,
        by: &Peer,
        store: &Arc<dyn Store>,
    ) -> Result<FromFleet, StoreError> {
        let now = clock::now();
        let verified = match offered.document.kind {
            Kind::Keys => self.verified_keys(&offered, now),
            Kind::Record => {
                let keys = self.trusted_keys(store, now).await?;
                keys.and_then(|keys| verified_record(&offered, &keys, now))
            }
            // Only with their record.
            Kind::Numbers => None,
        };
        let Some(published) = verified else {
            return refused(FleetRefusal::Document);
        };
        let what = if published.name.is_empty() {
            "the keys".to_owned()
        } else {
            format!("the record of {}", published.name)
        };
        let serial = published.serial;
        Ok(match store.publish(published).await? {
            Publication::Kept => {
                log::note(format_args!("published by {by}: {what}, serial {serial}"));
                FromFleet::Published {}
            }
            Publication::Outdated(serial) => FromFleet::Outdated { serial },
        })
    }

    /// The keys that sign for the fleet now, as far as the store has them.
    pub(super) async fn trusted_keys(
        &self,
        store: &Arc<dyn Store>,
        now: UnixTime,
    ) -> Result<Option<TrustedKeys>, StoreError> {
        let Pinned { fleet, root, .. } = &self.pinned;
        let known = store.document(Kind::Keys, "").await?;
        let known = known.and_then(|text| SignedDocument::parse(text.as_bytes()).ok());
        Ok(known.and_then(|keys| TrustedKeys::verify(&keys, fleet, root, now).ok()))
    }

    fn verified_keys(&self, offered: &Offered, now: UnixTime) -> Option<Published> {
        let Offered { document, numbers } = offered;
        let Pinned { fleet, root, .. } = &self.pinned;
        let keys = TrustedKeys::verify(document, fleet, root, now).ok()?;
        let keys = keys.keys();
        if keys.issued > now.plus(AHEAD) || numbers.is_some() {
            return None;
        }
        Some(Published {
            kind: Kind::Keys,
            name: String::new(),
            serial: keys.serial,
            text: document.to_text().ok()?,
            numbers: None,
        })
    }
}

/// `None` if hosts would not believe the record, or its numbers are not the whole of what it says of them.
fn verified_record(offered: &Offered, keys: &TrustedKeys, now: UnixTime) -> Option<Published> {
    let Offered { document, numbers } = offered;
    let user = UserName::new(&FleetRecord::user_of(&document.body)?).ok()?;
    let record = TrustedRecord::verify(document, keys, &user, now).ok()?;
    let record = record.record();
    if record.issued > now.plus(AHEAD) {
        return None;
    }
    let numbers = match numbers {
        Some(numbers) => {
            let whole = FleetNumbers::verify(numbers, keys, &user, now).ok()?;
            if !whole.belong_to(record) {
                return None;
            }
            Some(NumbersText(numbers.to_text().ok()?))
        }
        None if record.numbers.is_empty() => None,
        None => return None,
    };
    Some(Published {
        kind: Kind::Record,
        name: user.to_string(),
        serial: record.serial,
        text: document.to_text().ok()?,
        numbers,
    })
}
