//! The provider's keys, of the two kinds that providers have, and tokens signed with them.

use antiphon_core::account::Algorithm;
use antiphon_core::base64url;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

/// The one of the core's tests, of 2048 bits: nothing here can make such a key.
const RSA: &[u8] = include_bytes!("../../../src/core/src/account/test_provider/rsa-2048.pk8");

pub(super) struct Signer {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    pub(super) fn new() -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let p256 = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self {
            rsa: RsaKeyPair::from_pkcs8(RSA).unwrap(),
            p256: EcdsaKeyPair::from_pkcs8(kind, p256.as_ref(), &random).unwrap(),
            random,
        }
    }

    /// Both keys as a provider publishes them. The id of each is its algorithm's name.
    pub(super) fn published(&self) -> String {
        let rsa = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public());
        let (x, y) = self.p256.public_key().as_ref()[1..].split_at(32);
        let text = |bytes: &[u8]| base64url::encode(bytes);
        json!({"keys": [
            {"kty": "RSA", "use": "sig", "kid": Algorithm::Rs256.name(), "n": text(&rsa.n), "e": text(&rsa.e)},
            {"kty": "EC", "crv": "P-256", "use": "sig", "kid": Algorithm::Es256.name(), "x": text(x), "y": text(y)},
        ]})
        .to_string()
    }

    /// An ID token.
    pub(super) fn token(&self, algorithm: Algorithm, claims: &Value) -> String {
        let name = algorithm.name();
        let header = json!({"typ": "JWT", "alg": name, "kid": name});
        let part = |value: &Value| base64url::encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = self.signature(algorithm, signed.as_bytes());
        format!("{signed}.{}", base64url::encode(&signature))
    }

    fn signature(&self, algorithm: Algorithm, signed: &[u8]) -> Vec<u8> {
        match algorithm {
            Algorithm::Rs256 => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                self.rsa
                    .sign(&RSA_PKCS1_SHA256, &self.random, signed, &mut signature)
                    .unwrap();
                signature
            }
            Algorithm::Es256 => {
                let signature = self.p256.sign(&self.random, signed).unwrap();
                signature.as_ref().to_vec()
            }
            Algorithm::EdDsa => panic!("there is no such key here"),
        }
    }
}
