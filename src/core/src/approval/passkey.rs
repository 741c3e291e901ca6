//! A software passkey, for tests. It signs by another library than the one that verifies.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

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
pub(crate) struct Passkey(SigningKey);

impl Passkey {
    pub(crate) fn new() -> Self {
        let mut secret = [0; 32];
        SystemRandom::new().fill(&mut secret).unwrap();
        Self(SigningKey::from_slice(&secret).unwrap())
    }

    pub(crate) fn phone(&self) -> Phone {
        let prefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
        let mut public_key = data_encoding::HEXLOWER.decode(prefix.as_bytes()).unwrap();
        let point = self.0.verifying_key().to_sec1_point(false);
        public_key.extend_from_slice(point.as_bytes());
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
        let mut data = Sha256::digest(&saying.site).to_vec();
        data.push(saying.flags);
        data.extend_from_slice(&saying.counter.to_be_bytes());
        data.extend_from_slice(&saying.tail);
        let mut signed = data.clone();
        signed.extend_from_slice(&Sha256::digest(&saying.client_data));
        let signature: DerSignature = self.0.sign(&signed);
        Assertion {
            credential: vec![1, 2, 3, 4],
            client_data: saying.client_data.clone().into_bytes(),
            authenticator_data: data,
            signature: signature.as_bytes().to_vec(),
        }
    }
}
