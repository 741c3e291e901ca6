//! What a fleet's relays keep: signed documents, hosts, and tokens to join with.
//!
//! Nothing of it is to be believed by a host but what the documents' signatures prove.

use std::fmt;
use std::net::IpAddr;

use antiphon_core::fleet::Kind;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{HostEntry, HostRole};
use ipnet::IpNet;

/// A document that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) kind: Kind,
    /// The person; empty for the keys.
    pub(crate) name: String,
    pub(crate) serial: u32,
    /// As it was signed.
    pub(crate) text: String,
    /// With a record, the person's telephone numbers as they were signed, if there are any. No host is given them.
    pub(crate) numbers: Option<NumbersText>,
}

/// Telephone numbers as they were signed, which are kept out of logs.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NumbersText(pub(crate) String);

impl fmt::Debug for NumbersText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NumbersText(..)")
    }
}

/// A record and the telephone numbers that were published with it, as they were signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numbered {
    pub(crate) record: String,
    pub(crate) numbers: NumbersText,
}

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Publication {
    /// It is kept.
    Kept,
    /// There is another one with this serial, which is as high or higher.
    Outdated(u32),
}

/// A token, of whose secret only the hash is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenToken {
    pub(crate) hash: [u8; 32],
    pub(crate) role: HostRole,
    /// How many hosts may still join.
    pub(crate) hosts: u32,
    pub(crate) until: UnixTime,
    pub(crate) network: Option<IpNet>,
    /// The host that has opened it, and with which it ends; empty for root at the relay.
    pub(crate) opener: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Hosts can join with it.
    Opened,
    /// There is a token with this hash, used up or not, which stays as it is: hosts are told the hashes of all.
    Known,
    /// Its opener is not a host, or no longer.
    NoOpener,
}

/// A host that asks to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Newcomer {
    /// Of the token's secret.
    pub(crate) hash: [u8; 32],
    pub(crate) name: String,
    /// The fingerprint of its key.
    pub(crate) key: [u8; 32],
    pub(crate) from: IpAddr,
    pub(crate) now: UnixTime,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joining {
    /// It is a host now; or was with this very key, and asks again because it did not hear the answer.
    Joined(HostRole),
    /// The token does not serve; used up, over, for another network, or none.
    Token,
    /// Another host has the name.
    NameTaken,
    /// A host with this key was revoked: somebody else may have the key.
    Revoked,
}

/// A host, and the key of its certificate: a host that has joined again is another one than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FleetHost {
    pub(crate) entry: HostEntry,
    pub(crate) key: [u8; 32],
}

impl OpenToken {
    /// Whether it counts now and there. One that is used up still serves who has joined and did not hear the answer.
    pub(super) fn serves(&self, newcomer: &Newcomer) -> bool {
        let from = newcomer.from.to_canonical();
        newcomer.now < self.until && self.network.is_none_or(|network| network.contains(&from))
    }
}

/// As stores write it.
pub(super) fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Keys => "keys",
        Kind::Record => "record",
        Kind::Numbers => "numbers",
    }
}

/// As stores write it.
pub(super) fn role_word(role: HostRole) -> &'static str {
    match role {
        HostRole::Host => "host",
        HostRole::Enrol => "enrol",
    }
}

/// What is not known has the fewest rights.
pub(super) fn role_of(word: &str) -> HostRole {
    match word {
        "enrol" => HostRole::Enrol,
        _ => HostRole::Host,
    }
}
