//! A key that signs documents, for tests.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use super::{FleetRecord, Keys, Kind, NamedKey, PublicKey, SignedDocument, TrustedKeys, Use};
use crate::time::UnixTime;

/// The fleet of the tests.
pub(crate) const FLEET: &str = "example";
/// The time of the tests.
pub(crate) const NOW: UnixTime = UnixTime(1_795_377_600);

pub(crate) struct Signer {
    name: &'static str,
    keys: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    pub(crate) fn new(name: &'static str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let keys = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        Self { name, keys, random }
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        let prefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
        let mut spki = data_encoding::HEXLOWER.decode(prefix.as_bytes()).unwrap();
        spki.extend_from_slice(self.keys.public_key().as_ref());
        PublicKey::from_spki(&spki).unwrap()
    }

    pub(crate) fn named(&self, purpose: Use) -> NamedKey {
        NamedKey {
            name: self.name.to_owned(),
            purpose,
            public_key: self.public_key(),
        }
    }

    pub(crate) fn sign(&self, kind: Kind, fleet: &str, body: &str) -> SignedDocument {
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

/// A fleet's root key and a key for records.
pub(crate) struct Authority {
    pub(crate) root: Signer,
    pub(crate) records: Signer,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self {
            root: Signer::new("root"),
            records: Signer::new("enrol1"),
        }
    }

    pub(crate) fn keys(&self, serial: u32) -> Keys {
        Keys {
            serial,
            issued: NOW,
            until: NOW.plus(86_400),
            keys: vec![self.records.named(Use::Records)],
        }
    }

    pub(crate) fn sign_keys(&self, keys: &Keys) -> SignedDocument {
        self.root.sign(Kind::Keys, FLEET, &keys.to_body())
    }

    pub(crate) fn trusted_keys(&self) -> TrustedKeys {
        let document = self.sign_keys(&self.keys(1));
        TrustedKeys::verify(&document, FLEET, &self.root.public_key(), NOW).unwrap()
    }

    pub(crate) fn sign_record(&self, record: &FleetRecord) -> SignedDocument {
        self.records.sign(Kind::Record, FLEET, &record.to_body())
    }
}

/// `text` with one bit flipped in each of its bytes in turn, as far as the result is still text. Which bit differs from
/// byte to byte: each verification takes milliseconds.
pub(crate) fn each_byte_flipped(text: &str) -> impl Iterator<Item = String> {
    (0..text.len()).filter_map(|at| {
        let mut bytes = text.as_bytes().to_vec();
        *bytes.get_mut(at)? ^= 1 << (at % 7);
        String::from_utf8(bytes).ok()
    })
}
