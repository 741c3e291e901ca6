//! A fleet: hosts that share people's phones.
//!
//! | item | purpose |
//! | --- | --- |
//! | [`Pinned`] | what root has pinned on this host: the fleet, this host's name in it, the root key, the relays |
//! | [`SignedDocument`] | a text and its signature, as they travel and as a host keeps them |
//! | [`Keys`], [`TrustedKeys`] | which keys sign for the fleet; signed with the root key |
//! | [`FleetRecord`], [`TrustedRecord`] | a person's phones, and the endings of their telephone numbers; signed with one of those keys |
//! | [`FleetNumbers`] | the whole numbers, for relays alone; signed with the same key |
//! | [`Untrusted`] | why a document is not believed |
//! | [`JoinToken`], [`RelayAddress`] | how a host gets in, and where it asks |
//!
//! Relays carry documents and are not trusted with them: only a signature counts that leads to the pinned root key. A
//! document has a serial, and a host never goes back to a lower one; and an end, after which it is no longer valid. What
//! a relay can still do is to withhold a newer document until the end of the one that a host knows.
//!
//! A fleet record holds phones and the last digits of telephone numbers, and nothing else: no code, no recovery code, no
//! whole number. **That there is none is only a relay's word**, so it never means that somebody is not enrolled, and lets
//! nobody in.
//!
//! A relay is trusted with a person's telephone numbers, and with the codes that it sends there, as a daemon is everywhere: it
//! can lose, read or divert a text. It cannot have a code accepted that the host has not drawn.

mod address;
mod checks;
mod document;
mod keys;
mod name;
mod numbers;
mod pinned;
mod record;
mod token;
mod untrusted;

#[cfg(test)]
pub(crate) mod signer;

pub use address::RelayAddress;
pub use document::{Kind, LONGEST_BODY, LONGEST_DOCUMENT, SignedDocument};
pub use keys::{Keys, NamedKey, PublicKey, TrustedKeys, Use};
pub use name::{is_host_name, is_name};
pub use numbers::FleetNumbers;
pub use pinned::Pinned;
pub use record::{FleetRecord, MOST_PHONES, TrustedRecord};
pub use token::{JoinToken, TokenSecret};
pub use untrusted::Untrusted;

use toml::de::DeValue;

use crate::time::UnixTime;

/// The format version of all bodies that we read and write.
const VERSION: u32 = 1;

/// An instant in a body, in the one form that we write.
fn instant(value: &DeValue<'_>) -> Option<UnixTime> {
    UnixTime::read(&value.as_datetime()?.to_string())
}

const INSTANT: &str = "must be a date and time in UTC, such as 2027-01-15T06:00:00Z";
