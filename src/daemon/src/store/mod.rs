//! Persistent data: phones, hashes of their tokens, where to call them, the key that signs pushes, and when codes were
//! sent to telephones.
//!
//! None of it signs anyone in: the public keys that count are in root's records. If it is lost, phones must be enrolled
//! again. Behind a trait: one daemon has a file, several relays share an engine. Every implementation passes `conformance`.

#[cfg(test)]
pub(crate) mod conformance;
pub(crate) mod fleet;
#[cfg(test)]
mod memory;
mod messages;
mod postgres;
mod sqlite;

use std::fmt;
use std::pin::Pin;

use antiphon_core::fleet::Kind;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::HostEntry;

#[cfg(test)]
pub(crate) use memory::Memory;
#[cfg(test)]
pub(crate) use messages::Ceiling;
pub(crate) use messages::{Ceilings, Counted, Sending};
pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;

use crate::push::Target;
use crate::token::TokenHash;
use fleet::{FleetHost, Joining, Newcomer, Numbered, OpenToken, Opening, Publication, Published};

/// Reports kept per person: more than the number of events shown.
pub(crate) const MOST_REPORTS: usize = 200;

/// Devices kept per phone.
pub(crate) const MOST_DEVICES: usize = 5;

/// The longest credential ID in bytes (WebAuthn Level 3, section 5.8.3).
pub(crate) const LONGEST_CREDENTIAL: usize = 1023;

/// The future returned by a store's methods.
pub(crate) type StoreFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// An operation that failed, or may have failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreError {
    /// Not applied: the store is unreachable, full or locked. Safe to retry.
    Unavailable(String),
    /// Possibly applied.
    Indeterminate(String),
    /// Not applied: the stored data is not what the operation expected.
    Conflict,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "the store cannot be used now: {why}"),
            Self::Indeterminate(why) => {
                write!(f, "the store may or may not have written: {why}")
            }
            Self::Conflict => f.write_str("the store holds something else there"),
        }
    }
}

/// A device of an enrolled phone: a synced passkey is on several, each with its own token and push address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Device {
    /// The WebAuthn credential ID; unique per phone, and shared by all its devices.
    pub(crate) credential: Vec<u8>,
    /// The canonical name of its owner.
    pub(crate) user: String,
    /// The host it was enrolled for.
    pub(crate) host: String,
    /// The name given by the person.
    pub(crate) name: String,
    /// SubjectPublicKeyInfo, used to renew a lost token.
    pub(crate) public_key: Vec<u8>,
    /// WebAuthn's BE flag at enrolment.
    pub(crate) backup_eligible: bool,
    /// When it was enrolled.
    pub(crate) enrolled: UnixTime,
    /// The hash of its token.
    pub(crate) token: TokenHash,
    /// Where to call it.
    pub(crate) push: Option<Target>,
}

/// A store. Every operation is durable once it completes.
///
/// One that relays share goes by a clock of its own, and not by the time that a relay gives it: one relay whose clock is wrong
/// would judge for all.
pub(crate) trait Store: Send + Sync + 'static {
    /// Keeps `phone`, replacing one with the same credential and all its devices; `Conflict` if that belongs to another
    /// person.
    fn keep(&self, phone: Device) -> StoreFuture<'_, ()>;

    /// The phone whose token has this hash.
    fn of_token(&self, token: TokenHash) -> StoreFuture<'_, Option<Device>>;

    /// The phone with this credential, with the data of its latest device.
    fn of_credential(&self, credential: &[u8]) -> StoreFuture<'_, Option<Device>>;

    /// All devices of all phones of a person, the oldest phone first, and for each the oldest device first.
    fn of_user(&self, user: &str) -> StoreFuture<'_, Vec<Device>>;

    /// Adds a device with this token to a phone; `Conflict` if the phone is gone. Keeps the latest [`MOST_DEVICES`] of
    /// a phone, and returns the tokens of those dropped.
    fn add_token(&self, credential: &[u8], token: TokenHash) -> StoreFuture<'_, Vec<TokenHash>>;

    /// Sets where to call a device; `Conflict` if it is gone.
    fn call_at(&self, token: TokenHash, target: Option<Target>) -> StoreFuture<'_, ()>;

    /// Forgets that a phone can be called at `target`; does nothing if its address has changed.
    fn lost(&self, credential: &[u8], target: Target) -> StoreFuture<'_, ()>;

    /// Forgets the phones with these credentials and their tokens; returns how many there were. Unknown ones are not an
    /// error.
    fn forget(&self, credentials: Vec<Vec<u8>>) -> StoreFuture<'_, usize>;

    /// Stores that `user` reported an event as "that was not me"; returns whether that is new. Keeps each person's
    /// latest [`MOST_REPORTS`].
    fn report(&self, user: &str, event: &str) -> StoreFuture<'_, bool>;

    /// The events that `user` has reported.
    fn reported(&self, user: &str) -> StoreFuture<'_, Vec<String>>;

    /// The key that signs pushes: the stored one, or else `new`, which is then stored.
    fn push_key(&self, new: Vec<u8>) -> StoreFuture<'_, Vec<u8>>;

    /// How many operations have failed, or may have, since the start.
    fn errors(&self) -> u64;

    /// Counts a message to a telephone, unless a limit is reached. Setting the clock back does not help:
    /// messages in the future count as sent now.
    fn count_message(
        &self,
        sending: Sending,
        now: UnixTime,
        ceilings: Ceilings,
    ) -> StoreFuture<'_, Counted>;

    /// Keeps a document of the fleet, unless there is one with a serial as high or higher.
    fn publish(&self, document: Published) -> StoreFuture<'_, Publication>;

    /// The document of this kind and name, as it was signed.
    fn document(&self, kind: Kind, name: &str) -> StoreFuture<'_, Option<String>>;

    /// The record of this name with the telephone numbers that were published with it, if it has any.
    fn numbered(&self, name: &str) -> StoreFuture<'_, Option<Numbered>>;

    /// Opens a token to join the fleet with, unless there is one with its hash.
    fn open_token(&self, token: OpenToken) -> StoreFuture<'_, Opening>;

    /// The next `most` tokens after the hash `after` with which hosts can still join, in order.
    fn tokens(&self, after: [u8; 32], most: u32, now: UnixTime) -> StoreFuture<'_, Vec<OpenToken>>;

    /// Nobody joins with this token any more; returns whether somebody still could.
    fn withdraw(&self, hash: [u8; 32]) -> StoreFuture<'_, bool>;

    /// Makes `newcomer` a host, if its token serves, no host has its name that is not revoked, and none was revoked that
    /// had its key. A host that joins a second time with its name and key uses nothing up.
    fn join(&self, newcomer: Newcomer) -> StoreFuture<'_, Joining>;

    /// The host of this name.
    fn host(&self, name: &str) -> StoreFuture<'_, Option<FleetHost>>;

    /// Notes that hosts were connected.
    fn seen(&self, names: Vec<String>, now: UnixTime) -> StoreFuture<'_, ()>;

    /// Revokes a host, its key and the tokens that it has opened, for good; returns whether there is one.
    fn revoke(&self, name: &str, now: UnixTime) -> StoreFuture<'_, bool>;

    /// The next `most` hosts after the name `after`, in order.
    fn hosts(&self, after: &str, most: u32) -> StoreFuture<'_, Vec<HostEntry>>;
}
