//! What the daemon remembers: phones, the hashes of their tokens, where to call them, the key that signs pushes, and
//! when it sent codes to telephones.
//!
//! None of it signs anyone in: the public keys that count stand in root's records. Losing it means that phones are
//! enrolled again. One trait, so that replicas can share an engine one day; every implementation must pass
//! `conformance`.

#[cfg(test)]
pub(crate) mod conformance;
mod error;
#[cfg(test)]
mod memory;
mod messages;
mod sqlite;

use std::pin::Pin;

use antiphon_core::time::UnixTime;

pub(crate) use error::StoreError;
#[cfg(test)]
pub(crate) use memory::Memory;
#[cfg(test)]
pub(crate) use messages::Ceiling;
pub(crate) use messages::{Ceilings, Counted};
pub(crate) use sqlite::Sqlite;

use crate::push::Target;
use crate::token::TokenHash;

/// Reports of a person that are kept: more than events are shown.
pub(crate) const MOST_REPORTS: usize = 200;

/// Devices of a phone that are kept.
pub(crate) const MOST_DEVICES: usize = 5;

/// What a store's method gives in its time.
pub(crate) type StoreFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A device of an enrolled phone: a passkey that is synced is on several, each with a token and an address of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Device {
    /// WebAuthn credential id; no two phones share one, and all devices of a phone do.
    pub(crate) credential: Vec<u8>,
    /// Whose: the canonical name.
    pub(crate) user: String,
    /// For which computer it was enrolled.
    pub(crate) host: String,
    /// The name that the person gave it.
    pub(crate) name: String,
    /// SubjectPublicKeyInfo; a lost token is renewed by it.
    pub(crate) public_key: Vec<u8>,
    /// WebAuthn's BE flag at enrolment.
    pub(crate) backup_eligible: bool,
    /// When it was enrolled.
    pub(crate) enrolled: UnixTime,
    /// Of its token.
    pub(crate) token: TokenHash,
    /// Where to call it.
    pub(crate) push: Option<Target>,
}

/// What stores do. Each deed is durable when it is answered.
pub(crate) trait Store: Send + Sync + 'static {
    /// Keeps `phone`, in the place of one with the same credential and all its devices; `Conflict` if that is another
    /// person's.
    fn keep(&self, phone: Device) -> StoreFuture<'_, ()>;

    /// The phone whose token has this hash.
    fn of_token(&self, token: TokenHash) -> StoreFuture<'_, Option<Device>>;

    /// The phone with this credential, as its latest device has it.
    fn of_credential(&self, credential: &[u8]) -> StoreFuture<'_, Option<Device>>;

    /// All devices of all phones of a person, the oldest phone first, and of each the oldest device.
    fn of_user(&self, user: &str) -> StoreFuture<'_, Vec<Device>>;

    /// Adds a device with this token to a phone; `Conflict` if the phone is gone. Of a phone the latest [`MOST_DEVICES`]
    /// are kept: the tokens that ended.
    fn add_token(&self, credential: &[u8], token: TokenHash) -> StoreFuture<'_, Vec<TokenHash>>;

    /// Sets where to call a device; `Conflict` if it is gone.
    fn call_at(&self, token: TokenHash, target: Option<Target>) -> StoreFuture<'_, ()>;

    /// Forgets that a phone can be called at `target`; does nothing if it is called elsewhere by now.
    fn lost(&self, credential: &[u8], target: Target) -> StoreFuture<'_, ()>;

    /// Forgets the phones with these credentials, and with them their tokens. How many there were: one that is not
    /// there is forgotten already.
    fn forget(&self, credentials: Vec<Vec<u8>>) -> StoreFuture<'_, usize>;

    /// Keeps that `user` has said of an event of their activity "that was not me"; whether that is news. Of a person the
    /// latest [`MOST_REPORTS`] are kept.
    fn report(&self, user: &str, event: &str) -> StoreFuture<'_, bool>;

    /// The events that `user` has reported.
    fn reported(&self, user: &str) -> StoreFuture<'_, Vec<String>>;

    /// The key that signs pushes: `new` if there was none, else the one that is kept.
    fn push_key(&self, new: Vec<u8>) -> StoreFuture<'_, Vec<u8>>;

    /// Counts a message to a telephone of `user`, unless there have been so many. A clock that went back opens nothing:
    /// what lies in the future counts as sent now.
    fn count_message(
        &self,
        user: &str,
        now: UnixTime,
        ceilings: Ceilings,
    ) -> StoreFuture<'_, Counted>;
}
