//! A fleet's keys: they sign what a host of the fleet believes, and what it must not.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::fleet::{
    FleetNumbers, FleetRecord, Keys, Kind, NamedKey, Pinned, PublicKey, RelayAddress,
    SignedDocument, Use,
};
use antiphon_core::record::{Phone, TelephoneNumber};
use antiphon_core::time::UnixTime;
use data_encoding::HEXLOWER;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use crate::passkey::SPKI_BEFORE_POINT;

/// A day, in seconds.
const DAY: u64 = 86_400;

/// A fleet.
pub struct Fleet {
    /// Its name.
    pub name: String,
    /// How far the clock of who signs is ahead, in seconds.
    pub ahead: u64,
    root: Signing,
    records: Signing,
}

struct Signing {
    name: &'static str,
    keys: EcdsaKeyPair,
    random: SystemRandom,
}

impl Fleet {
    /// A new one, with a root key and a key for records.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ahead: 0,
            root: Signing::new("root"),
            records: Signing::new("enrol1"),
        }
    }

    /// Makes this computer the host `host` of the fleet, as joining does.
    pub fn join(&self, host: &str) {
        let pinned = self.pinned(host, &["relay1.example.org:8471"]);
        fs::write(Pinned::FILE, pinned.to_toml()).unwrap();
    }

    /// What root has pinned on the host `host`.
    #[must_use]
    pub fn pinned(&self, host: &str, relays: &[&str]) -> Pinned {
        let relays = relays
            .iter()
            .map(|relay| RelayAddress::read(relay).unwrap());
        Pinned {
            fleet: self.name.clone(),
            host: host.to_owned(),
            root: self.root.public_key(),
            relays: relays.collect(),
        }
    }

    /// Which keys sign.
    #[must_use]
    pub fn keys(&self, serial: u32) -> SignedDocument {
        let keys = Keys {
            serial,
            issued: self.now(),
            until: self.now().plus(DAY),
            keys: vec![NamedKey {
                name: self.records.name.to_owned(),
                purpose: Use::Records,
                public_key: self.records.public_key(),
            }],
        };
        self.root.sign(Kind::Keys, &self.name, &keys.to_body())
    }

    /// A record of `user` with these phones, signed, valid for `lasts` seconds.
    #[must_use]
    pub fn record(&self, user: &str, serial: u32, phones: &[Phone], lasts: u64) -> SignedDocument {
        self.sign_record(&FleetRecord {
            user: user.to_owned(),
            serial,
            issued: self.now(),
            until: self.now().plus(lasts),
            language: None,
            phones: phones.to_vec(),
            numbers: Vec::new(),
        })
    }

    /// The same with telephone numbers, valid for a day.
    #[must_use]
    pub fn record_with(
        &self,
        user: &str,
        serial: u32,
        phones: &[Phone],
        numbers: &[TelephoneNumber],
    ) -> SignedDocument {
        self.sign_record(&FleetRecord {
            user: user.to_owned(),
            serial,
            issued: self.now(),
            until: self.now().plus(DAY),
            language: None,
            phones: phones.to_vec(),
            numbers: FleetNumbers::hidden(numbers),
        })
    }

    /// The telephone numbers that belong to a record, whole, signed, valid for a day.
    #[must_use]
    pub fn numbers(&self, user: &str, serial: u32, numbers: &[TelephoneNumber]) -> SignedDocument {
        let numbers = FleetNumbers {
            user: user.to_owned(),
            serial,
            until: self.now().plus(DAY),
            numbers: numbers.to_vec(),
        };
        self.records
            .sign(Kind::Numbers, &self.name, &numbers.to_body())
    }

    fn sign_record(&self, record: &FleetRecord) -> SignedDocument {
        self.records
            .sign(Kind::Record, &self.name, &record.to_body())
    }

    fn now(&self) -> UnixTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        UnixTime(since.as_secs()).plus(self.ahead)
    }
}

impl Signing {
    fn new(name: &'static str) -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        let keys = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).unwrap();
        Self { name, keys, random }
    }

    fn public_key(&self) -> PublicKey {
        let mut spki = HEXLOWER.decode(SPKI_BEFORE_POINT).unwrap();
        spki.extend_from_slice(self.keys.public_key().as_ref());
        PublicKey::from_spki(&spki).unwrap()
    }

    fn sign(&self, kind: Kind, fleet: &str, body: &str) -> SignedDocument {
        let statement = SignedDocument::statement(kind, fleet, body);
        let signature = self.keys.sign(&self.random, &statement).unwrap();
        SignedDocument {
            kind,
            body: body.to_owned(),
            key: self.name.to_owned(),
            signature: signature.as_ref().to_vec(),
        }
    }
}
