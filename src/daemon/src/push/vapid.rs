//! Identifies the sender to a push service with a signed token (RFC 8292).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use antiphon_core::time::UnixTime;
use data_encoding::BASE64URL_NOPAD;
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde::Serialize;

/// Lifetime of a token; at most a day is allowed (section 2).
const LIFETIME: u64 = 12 * 3600;
/// For how many seconds a token is used again for its push service, which saves a signature each time.
const AGAIN: u64 = 3600;
/// For how many push services a token is kept. Most phones share two or three; one more than this and all are signed anew.
const MOST_KEPT: usize = 64;
const HEADER: &[u8] = br#"{"typ":"JWT","alg":"ES256"}"#;

/// This daemon's key; browsers subscribe with its public half.
pub(super) struct Key {
    pair: EcdsaKeyPair,
    public: String,
    deriving: hmac::Key,
    contact: Option<String>,
    /// The last token for each push service.
    kept: Mutex<HashMap<String, Kept>>,
}

struct Kept {
    authorization: String,
    signed: UnixTime,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
}

impl Key {
    /// A new key in PKCS#8.
    pub(super) fn generate() -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)?;
        Ok(document.as_ref().to_vec())
    }

    /// With the contact for complaints.
    pub(super) fn read(pkcs8: &[u8], contact: Option<String>) -> Result<Self, Unspecified> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random)
            .map_err(|_| Unspecified)?;
        let public = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
        Ok(Self {
            pair,
            public,
            deriving: hmac::Key::new(hmac::HMAC_SHA256, pkcs8),
            contact,
            kept: Mutex::default(),
        })
    }

    /// A secret for `purpose` that all have who have this key.
    pub(super) fn derive(&self, purpose: &str) -> hmac::Tag {
        hmac::sign(&self.deriving, purpose.as_bytes())
    }

    /// The public half, base64url.
    pub(super) fn public(&self) -> &str {
        &self.public
    }

    /// The value of `Authorization` for the push service at `origin`.
    pub(super) fn authorization(&self, origin: &str, now: UnixTime) -> Result<String, Unspecified> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // After the clock was set back, a token of a later time is not used.
        let serves = |kept: &Kept| kept.signed <= now && now < kept.signed.plus(AGAIN);
        if let Some(kept) = kept.get(origin).filter(|kept| serves(kept)) {
            return Ok(kept.authorization.clone());
        }
        let authorization = self.sign(origin, now)?;
        if kept.len() >= MOST_KEPT && !kept.contains_key(origin) {
            kept.clear();
        }
        let new = Kept {
            authorization: authorization.clone(),
            signed: now,
        };
        kept.insert(origin.to_owned(), new);
        Ok(authorization)
    }

    fn sign(&self, origin: &str, now: UnixTime) -> Result<String, Unspecified> {
        let claims = Claims {
            aud: origin,
            exp: now.plus(LIFETIME).0,
            sub: self.contact.as_deref(),
        };
        let claims = serde_json::to_vec(&claims).map_err(|_| Unspecified)?;
        let signed = [HEADER, &claims].map(|part| BASE64URL_NOPAD.encode(part));
        let signed = signed.join(".");
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes())?;
        let signature = BASE64URL_NOPAD.encode(signature.as_ref());
        Ok(format!("vapid t={signed}.{signature}, k={}", self.public))
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;
    use data_encoding::BASE64URL_NOPAD;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::Key;

    #[test]
    fn a_word_is_signed_and_names_its_receiver_with_the_port() {
        let contact = Some("mailto:root@example.org".to_owned());
        let key = Key::read(&Key::generate().unwrap(), contact).unwrap();
        let said = key
            .authorization("https://push.example:8443", UnixTime(1_795_377_600))
            .unwrap();
        let (word, public) = said
            .strip_prefix("vapid t=")
            .and_then(|rest| rest.split_once(", k="))
            .unwrap();
        let (signed, signature) = word.rsplit_once('.').unwrap();
        let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(public))
            .verify(signed.as_bytes(), &decode(signature))
            .unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        assert_eq!(decode(header), br#"{"typ":"JWT","alg":"ES256"}"#);
        let claims = String::from_utf8(decode(claims)).unwrap();
        assert_eq!(
            claims,
            r#"{"aud":"https://push.example:8443","exp":1795420800,"sub":"mailto:root@example.org"}"#
        );
    }

    #[test]
    fn a_token_is_used_again_for_an_hour_and_for_its_service_alone() {
        let key = Key::read(&Key::generate().unwrap(), None).unwrap();
        let at = |origin: &str, now| key.authorization(origin, UnixTime(now)).unwrap();
        let first = at("https://push.example", 10_000);
        assert_eq!(at("https://push.example", 13_599), first);
        for now in [9_999, 20_000] {
            let other = at("https://push.example", now);
            assert_ne!(other, first);
            assert_eq!(at("https://push.example", now), other);
        }
        for number in 0..1000 {
            at(&format!("https://{number}.example"), 20_000);
        }
        assert!(key.kept.lock().unwrap().len() <= super::MOST_KEPT);
    }

    #[test]
    fn without_a_contact_none_is_claimed() {
        let key = Key::read(&Key::generate().unwrap(), None).unwrap();
        let said = key.authorization("https://push.example", UnixTime(0));
        let said = said.unwrap();
        let claims = said.split('.').nth(1).unwrap();
        let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap();
        assert!(!String::from_utf8(claims).unwrap().contains("sub"));
    }
}
