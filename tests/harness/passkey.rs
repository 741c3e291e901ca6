//! A passkey in software: it signs what it is given, also what no authenticator would.

use antiphon_core::approval::{ApprovalRequest, Assertion, Number};
use antiphon_core::record::Phone;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

/// What comes before the point in the DER of a P-256 key (RFC 5480).
pub(crate) const SPKI_BEFORE_POINT: &[u8] = b"3059301306072a8648ce3d020106082a8648ce3d030107034200";

/// A key pair with its credential id.
pub struct Passkey {
    /// The name of the phone that it is in.
    pub name: String,
    /// The page that it belongs to.
    pub origin: String,
    /// Its id.
    pub credential: Vec<u8>,
    keys: EcdsaKeyPair,
    random: SystemRandom,
}

/// What an authenticator signs, in its parts.
pub struct Signing {
    /// `clientDataJSON`.
    pub client_data: String,
    /// The site whose hash begins the authenticator's data.
    pub site: String,
    /// 1: somebody was there; 4: and was verified.
    pub flags: u8,
    /// The signature counter.
    pub counter: u32,
}

impl Passkey {
    /// A new one, of the phone `name`, for the page at `origin`.
    #[must_use]
    pub fn new(name: &str, origin: &str) -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        let mut credential = vec![0; 16];
        random.fill(&mut credential).unwrap();
        Self {
            name: name.to_owned(),
            origin: origin.to_owned(),
            credential,
            keys: EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).unwrap(),
            random,
        }
    }

    /// The public key as a record holds it.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        let mut key = HEXLOWER.decode(SPKI_BEFORE_POINT).unwrap();
        key.extend_from_slice(self.keys.public_key().as_ref());
        key
    }

    /// The phone as it stands in a record.
    #[must_use]
    pub fn phone(&self) -> Phone {
        Phone {
            name: self.name.clone(),
            credential: self.credential.clone(),
            public_key: self.public_key(),
            origin: self.origin.clone(),
            backup_eligible: false,
            enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
        }
    }

    /// The answer of a phone on which `number` was typed in.
    #[must_use]
    pub fn answer(&self, request: &ApprovalRequest, number: &str) -> Assertion {
        self.answer_with(request, number, |_| {})
    }

    /// The same, after a change of what is signed.
    #[must_use]
    pub fn answer_with(
        &self,
        request: &ApprovalRequest,
        number: &str,
        change: impl FnOnce(&mut Signing),
    ) -> Assertion {
        let number = Number::new(number.parse().unwrap());
        let mut signing = self.signing_for(&request.digest(&number));
        change(&mut signing);
        self.sign(&signing)
    }

    /// What is signed for a challenge.
    #[must_use]
    pub fn signing_for(&self, challenge: &[u8]) -> Signing {
        let challenge = BASE64URL_NOPAD.encode(challenge);
        let origin = &self.origin;
        let (_, host) = origin.split_once("://").unwrap();
        Signing {
            client_data: format!(
                r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#
            ),
            site: host.split(':').next().unwrap().to_owned(),
            flags: 0x05,
            counter: 0,
        }
    }

    /// Signs.
    #[must_use]
    pub fn sign(&self, signing: &Signing) -> Assertion {
        let client_data = signing.client_data.clone().into_bytes();
        let mut data = digest(&SHA256, signing.site.as_bytes()).as_ref().to_vec();
        data.push(signing.flags);
        data.extend(signing.counter.to_be_bytes());
        let mut signed = data.clone();
        signed.extend_from_slice(digest(&SHA256, &client_data).as_ref());
        let signature = self.keys.sign(&self.random, &signed).unwrap();
        Assertion {
            credential: self.credential.clone(),
            client_data,
            authenticator_data: data,
            signature: signature.as_ref().to_vec(),
        }
    }
}
