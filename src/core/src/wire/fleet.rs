//! The messages of a fleet: between a host, or root on it, and a relay. They travel on the same connections as the others,
//! inside [`super::ToDaemon::Fleet`] and [`super::FromDaemon::Fleet`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{array, bytes};
use crate::fleet::SignedDocument;
use crate::time::UnixTime;

/// The version of the protocol. A relay speaks this one and the one before.
pub const FLEET_VERSION: u32 = 1;

/// To a relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ToFleet {
    /// The first message of a host's daemon on each connection.
    Hello {
        /// [`FLEET_VERSION`].
        version: u32,
        /// The host's name, as in its certificate.
        name: String,
    },
    /// Which phones does this person have?
    Record {
        /// The person's name in the fleet.
        user: String,
        /// The serial of the keys that the host knows; 0 if none.
        keys: u32,
    },
    /// This is newer: keys, or a person's record.
    Publish {
        /// Signed on an enrolment host.
        document: SignedDocument,
        /// With a record that has telephone numbers, the whole numbers, which take the place of those published before. With any
        /// other record, those before are forgotten.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        numbers: Option<SignedDocument>,
    },
    /// Hosts may join with this token.
    Token {
        /// What the relay keeps of its secret.
        #[serde(with = "array")]
        hash: [u8; 32],
        /// What they may do.
        role: HostRole,
        /// How many may join.
        hosts: u32,
        /// Until when.
        until: UnixTime,
        /// From which network, in CIDR notation; empty for everywhere.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        network: String,
    },
    /// Which tokens can still be used?
    Tokens {
        /// The hash after which to begin, in order; zeros for the first.
        #[serde(with = "array")]
        after: [u8; 32],
    },
    /// Nobody may join with this token any more.
    Withdraw {
        /// As for [`ToFleet::Token`].
        #[serde(with = "array")]
        hash: [u8; 32],
    },
    /// A new host asks to join.
    Join(Join),
    /// A host asks for its next certificate.
    Renew {
        /// Its key, the same as before: SubjectPublicKeyInfo, DER.
        #[serde(with = "bytes")]
        key: Vec<u8>,
    },
    /// This host is no longer one of the fleet.
    Revoke {
        /// Its name.
        host: String,
    },
    /// Which hosts are there?
    Hosts {
        /// The name after which to begin, in order; empty for the first.
        after: String,
    },
}

/// A host that asks to join.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The token's secret, base64url.
    pub secret: String,
    /// The name it asks for.
    pub name: String,
    /// Its key: SubjectPublicKeyInfo, DER. Whoever does not have the private half can do nothing with the certificate.
    #[serde(with = "bytes")]
    pub key: Vec<u8>,
}

/// Keeps the secret out of logs.
impl fmt::Debug for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a host may do at a relay. See [`super::Peer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostRole {
    /// Ask phones about its own sign-ins.
    Host,
    /// Also enrol and remove phones, publish records, and let hosts join and leave.
    Enrol,
}

/// From a relay. No more is believed than the documents' signatures prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FromFleet {
    /// The relay speaks this version.
    Welcome {
        /// The relay's [`FLEET_VERSION`].
        version: u32,
    },
    /// What the relay has.
    Record {
        /// The person's record; without it, the relay says that there is none, which proves nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        record: Option<SignedDocument>,
        /// The keys, if they are newer than those that the host knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keys: Option<SignedDocument>,
    },
    /// It is published.
    Published {},
    /// It is not: there is another one with this serial.
    Outdated {
        /// The serial of what the relay has.
        serial: u32,
    },
    /// The token serves.
    TokenOpen {},
    /// Some of the tokens that can still be used, in the order of their hashes.
    Tokens {
        /// They.
        tokens: Vec<TokenEntry>,
        /// Whether there are more.
        more: bool,
    },
    /// The token is withdrawn.
    Withdrawn {},
    /// The host has joined.
    Joined(Joined),
    /// The next certificate.
    Renewed {
        /// PEM.
        certificate: String,
    },
    /// The host is revoked.
    Revoked {},
    /// Some of the hosts, in the order of their names.
    Hosts {
        /// They.
        hosts: Vec<HostEntry>,
        /// Whether there are more.
        more: bool,
    },
    /// Refused.
    Refused {
        /// Why.
        reason: FleetRefusal,
    },
}

/// What a new host is told. It believes the root key by the token's fingerprint, and the rest by the root key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joined {
    /// The fleet.
    pub fleet: String,
    /// The root key, SubjectPublicKeyInfo, DER.
    #[serde(with = "bytes")]
    pub root: Vec<u8>,
    /// Which keys sign.
    pub keys: SignedDocument,
    /// The certificate of the authority, PEM.
    pub authority: String,
    /// The host's certificate, PEM.
    pub certificate: String,
    /// The relays.
    pub relays: Vec<String>,
}

/// A token that can still be used. What is shown of it lets nobody join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenEntry {
    /// What the relay keeps of its secret.
    #[serde(with = "array")]
    pub hash: [u8; 32],
    /// What hosts that join with it may do.
    pub role: HostRole,
    /// How many may still join.
    pub hosts: u32,
    /// Until when.
    pub until: UnixTime,
    /// From which network, in CIDR notation; empty for everywhere.
    pub network: String,
    /// The host that has opened it; empty for root at the relay.
    pub opener: String,
}

/// A host of the fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostEntry {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub role: HostRole,
    /// When it joined.
    pub joined: UnixTime,
    /// When it was last connected to this relay, to the hour.
    pub seen: Option<UnixTime>,
    /// When it was revoked.
    pub revoked: Option<UnixTime>,
}

/// Why a relay refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FleetRefusal {
    /// This is not among the rights of whoever asks, or is about another host.
    NotAllowed,
    /// The name is another one than in the certificate, or none that a host can have.
    Name,
    /// Another host has the name.
    NameTaken,
    /// The token does not serve: it is unknown, used up, past its end, or for another network.
    Token,
    /// There is a token with this hash already.
    TokenKnown,
    /// The key is not one, or another one than before.
    Key,
    /// The document is not one that this relay can verify.
    Document,
    /// The host is not known.
    NoSuchHost,
    /// No such token can still be used.
    NoSuchToken,
    /// The relay does not speak this version.
    Version,
    /// The relay cannot write its store.
    Overloaded,
}

#[cfg(test)]
mod tests {
    use super::{FleetRefusal, FromFleet, HostRole, Join, ToFleet};
    use crate::time::UnixTime;
    use crate::wire::{FrameError, FromDaemon, ToDaemon, decode, encode};

    #[test]
    fn a_message_has_the_form_that_is_documented() {
        for (message, json) in [
            (
                ToFleet::Hello {
                    version: 1,
                    name: "db7".into(),
                },
                r#"{"fleet":{"hello":{"version":1,"name":"db7"}}}"#,
            ),
            (
                ToFleet::Record {
                    user: "anna".into(),
                    keys: 3,
                },
                r#"{"fleet":{"record":{"user":"anna","keys":3}}}"#,
            ),
            (
                ToFleet::Token {
                    hash: [0; 32],
                    role: HostRole::Host,
                    hosts: 2,
                    until: UnixTime(7),
                    network: String::new(),
                },
                r#"{"fleet":{"token":{"hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","role":"host","hosts":2,"until":7}}}"#,
            ),
        ] {
            let message = ToDaemon::Fleet(message);
            assert_eq!(&encode(&message).unwrap()[4..], json.as_bytes());
            assert_eq!(decode(json.as_bytes()), Ok(message));
        }
        let message = FromDaemon::Fleet(FromFleet::Record {
            record: None,
            keys: None,
        });
        let json = br#"{"fleet":{"record":{}}}"#;
        assert_eq!(&encode(&message).unwrap()[4..], json);
        assert_eq!(decode(json), Ok(message));
        let refused = br#"{"fleet":{"refused":{"reason":"name_taken"}}}"#;
        let reason = FleetRefusal::NameTaken;
        let expected = FromDaemon::Fleet(FromFleet::Refused { reason });
        assert_eq!(decode(refused), Ok(expected));
    }

    #[test]
    fn what_is_not_known_is_not_understood() {
        for json in [
            r#"{"fleet":{}}"#,
            r#"{"fleet":{"verdict":{}}}"#,
            r#"{"fleet":{"record":{"user":"anna"}}}"#,
            r#"{"fleet":{"record":{"user":"anna","keys":1,"more":1}}}"#,
            r#"{"fleet":{"record":{"user":"anna","keys":-1}}}"#,
            r#"{"fleet":{"revoke":{"host":"a"},"hosts":{"after":""}}}"#,
            r#"{"record":{"user":"anna","keys":1}}"#,
        ] {
            let decoded = decode::<ToDaemon>(json.as_bytes());
            assert_eq!(decoded, Err(FrameError::NotUnderstood), "{json}");
        }
    }

    #[test]
    fn the_secret_of_a_token_is_not_shown() {
        let join = Join {
            secret: "SECRET".into(),
            name: "db7".into(),
            key: vec![1],
        };
        let shown = format!("{:?}", ToDaemon::Fleet(ToFleet::Join(join)));
        assert!(
            shown.contains("db7") && !shown.contains("SECRET"),
            "{shown}"
        );
    }
}
