//! What makes this computer an enrolment host: a key that the fleet's root key has named for people's records, and the telephone
//! numbers that belong to them.

use antiphon_certificate::DocumentKey;
use antiphon_core::disk::fleet_home::FleetFile;
use antiphon_core::fleet::{
    FleetNumbers, FleetRecord, Kind as DocumentKind, SignedDocument, TrustedKeys, TrustedRecord,
    Untrusted, Use,
};
use antiphon_core::name::UserName;
use antiphon_core::record::TelephoneNumber;
use antiphon_core::time::UnixTime;

use super::home::{Home, damaged};
use crate::clock;
use crate::failure::{Failure, Kind};

/// At the beginning of time no document is over.
const BEGINNING: UnixTime = UnixTime(0);

/// Signs people's records.
pub(crate) struct Signer {
    pub(super) keys: TrustedKeys,
    /// The key's name among them.
    name: String,
    key: DocumentKey,
}

impl Signer {
    /// `None` if this is no enrolment host.
    pub(crate) fn find() -> Result<Option<Self>, Failure> {
        let Some(home) = Home::find()? else {
            return Ok(None);
        };
        let file = FleetFile::RecordsKey;
        let Some(pem) = home.text(file)? else {
            return Ok(None);
        };
        let key = DocumentKey::read(&pem).map_err(|why| damaged(file, &why))?;
        let public = key.public().map_err(|why| damaged(file, &why))?;
        let pinned = &home.pinned;
        let now = clock::now();
        let keys = TrustedKeys::verify(&home.keys()?, &pinned.fleet, &pinned.root, now);
        let keys = keys.map_err(|why| match why {
            Untrusted::Expired(at) => Failure::new(
                Kind::Config,
                format!(
                    "the keys of the fleet {} expired at {at}: fetch the root key, and run: antiphon fleet renew --root-key FILE",
                    pinned.fleet
                ),
            ),
            other => damaged(FleetFile::Keys, &other.to_string()),
        })?;
        let mut named = keys.keys().keys.iter();
        let name = named
            .find(|key| key.purpose == Use::Records && key.public_key == public)
            .map(|key| key.name.clone());
        let name = name.ok_or_else(|| {
            Failure::new(
                Kind::Config,
                "the root key has not named this computer's key for records: fetch it, and run: antiphon fleet renew --root-key \
                 FILE",
            )
        })?;
        Ok(Some(Self { keys, name, key }))
    }

    /// Signs `record` of `user`; every host would believe the result.
    pub(super) fn sign(
        &self,
        record: &FleetRecord,
        user: &UserName,
    ) -> Result<SignedDocument, Failure> {
        let document = self.sign_body(DocumentKind::Record, record.to_body())?;
        let verified = document
            .to_text()
            .and_then(|_| TrustedRecord::verify(&document, &self.keys, user, clock::now()));
        match verified {
            Ok(_) => Ok(document),
            Err(why) => {
                let what = format!("{user}'s record cannot be signed for the fleet: {why}");
                Err(Failure::new(Kind::Data, what))
            }
        }
    }

    /// Signs the telephone numbers that belong to a record.
    pub(super) fn sign_numbers(&self, numbers: &FleetNumbers) -> Result<SignedDocument, Failure> {
        self.sign_body(DocumentKind::Numbers, numbers.to_body())
    }

    fn sign_body(&self, kind: DocumentKind, body: String) -> Result<SignedDocument, Failure> {
        let signed = self.key.sign(kind, self.keys.fleet(), &self.name, body);
        signed.map_err(|why| Failure::new(Kind::Unavailable, why))
    }

    /// Whether hosts still believe `document` of `user`, apart from its time.
    pub(super) fn is_own(&self, document: &SignedDocument, user: &UserName) -> bool {
        document.key == self.name && self.verified(document, user).is_some()
    }

    /// What `document` says, if a key of the fleet has signed it; over or not.
    pub(super) fn verified(
        &self,
        document: &SignedDocument,
        user: &UserName,
    ) -> Option<TrustedRecord> {
        TrustedRecord::verify(document, &self.keys, user, BEGINNING).ok()
    }

    /// The telephone numbers in `document`, if a key of the fleet has signed it; over or not.
    pub(super) fn numbers(
        &self,
        document: &SignedDocument,
        user: &UserName,
    ) -> Option<Vec<TelephoneNumber>> {
        let verified = FleetNumbers::verify(document, &self.keys, user, BEGINNING).ok();
        verified.map(|verified| verified.numbers)
    }
}

/// This computer signs nothing.
pub(super) fn not_enrolling() -> Failure {
    Failure::new(
        Kind::Config,
        "this is not an enrolment host: it has no key for records; run this where the fleet was set up",
    )
}
