//! A software passkey, for tests.

use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use super::Assertion;
use crate::base64url;
use crate::record::Phone;

/// The page's origin.
pub(crate) const ORIGIN: &str = "https://mfa.example.org:8443";

/// What the passkey is made to sign.
pub(crate) struct Saying {
    pub(crate) client_data: String,
    pub(crate) site: String,
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    pub(crate) tail: Vec<u8>,
}

impl Saying {
    /// Valid in every respect.
    pub(crate) fn to(challenge: &[u8]) -> Self {
        Self {
            client_data: client_data("webauthn.get", challenge, ORIGIN, ""),
            site: "mfa.example.org".into(),
            flags: 0x05,
            counter: 0,
            tail: Vec::new(),
        }
    }
}

pub(crate) fn client_data(kind: &str, challenge: &[u8], origin: &str, more: &str) -> String {
    let challenge = base64url::encode(challenge);
    format!(
        r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false{more}}}"#
    )
}

/// A phone's software passkey.
pub(crate) struct Passkey {
    keys: EcdsaKeyPair,
    random: SystemRandom,
}

impl Passkey {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let keys =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random)
                .unwrap();
        Self { keys, random }
    }

    pub(crate) fn phone(&self) -> Phone {
        let prefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
        let mut public_key = data_encoding::HEXLOWER.decode(prefix.as_bytes()).unwrap();
        public_key.extend_from_slice(self.keys.public_key().as_ref());
        Phone {
            name: "Pixel 9".into(),
            credential: vec![1, 2, 3, 4],
            public_key,
            origin: ORIGIN.into(),
            backup_eligible: false,
            enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
        }
    }

    pub(crate) fn says(&self, saying: &Saying) -> Assertion {
        let mut data = digest::digest(&digest::SHA256, saying.site.as_bytes())
            .as_ref()
            .to_vec();
        data.push(saying.flags);
        data.extend_from_slice(&saying.counter.to_be_bytes());
        data.extend_from_slice(&saying.tail);
        let mut signed = data.clone();
        signed.extend_from_slice(
            digest::digest(&digest::SHA256, saying.client_data.as_bytes()).as_ref(),
        );
        Assertion {
            credential: vec![1, 2, 3, 4],
            client_data: saying.client_data.clone().into_bytes(),
            authenticator_data: data,
            signature: self
                .keys
                .sign(&self.random, &signed)
                .unwrap()
                .as_ref()
                .to_vec(),
        }
    }
}
