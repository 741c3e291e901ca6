//! A key that signs a fleet's documents: the root key, or one for records.

use antiphon_core::fleet::{Kind, PublicKey, SignedDocument};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData, SigningKey};
use zeroize::Zeroizing;

/// A key that signs documents.
pub struct DocumentKey(KeyPair);

impl DocumentKey {
    /// Draws one.
    ///
    /// # Errors
    /// One sentence.
    pub fn new() -> Result<Self, String> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256);
        key.map(Self).map_err(|error| error.to_string())
    }

    /// The one in this text, PKCS#8 in PEM.
    ///
    /// # Errors
    /// One sentence.
    pub fn read(pem: &str) -> Result<Self, String> {
        let key = KeyPair::from_pem_and_sign_algo(pem, &PKCS_ECDSA_P256_SHA256);
        key.map(Self).map_err(|error| error.to_string())
    }

    /// Both halves, PKCS#8 in PEM: wiped when dropped.
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.serialize_pem())
    }

    /// The public half.
    ///
    /// # Errors
    /// One sentence.
    pub fn public(&self) -> Result<PublicKey, String> {
        let public = PublicKey::from_spki(&self.0.subject_public_key_info());
        public.ok_or_else(|| "the key is of another form".to_owned())
    }

    /// Signs `body` as a `kind` of `fleet`, by the `name` that this key has there.
    ///
    /// # Errors
    /// One sentence.
    pub fn sign(
        &self,
        kind: Kind,
        fleet: &str,
        name: &str,
        body: String,
    ) -> Result<SignedDocument, String> {
        let statement = SignedDocument::statement(kind, fleet, &body);
        let signature = self.0.sign(&statement).map_err(|error| error.to_string())?;
        Ok(SignedDocument {
            kind,
            body,
            key: name.to_owned(),
            signature,
        })
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::fleet::{Keys, Kind, TrustedKeys, Untrusted};
    use antiphon_core::time::UnixTime;

    use super::DocumentKey;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    #[test]
    fn what_a_key_has_signed_is_believed_by_whoever_has_pinned_it() {
        let keys = Keys {
            serial: 1,
            issued: NOW,
            until: NOW.plus(60),
            keys: Vec::new(),
        };
        let root = DocumentKey::new().unwrap();
        // The same key, read again.
        let again = DocumentKey::read(&root.to_pem()).unwrap();
        let document = again.sign(Kind::Keys, "example", "root", keys.to_body());
        let document = document.unwrap();
        let verified = |fleet: &str, key: &DocumentKey| {
            TrustedKeys::verify(&document, fleet, &key.public().unwrap(), NOW)
        };
        assert_eq!(*verified("example", &root).unwrap().keys(), keys);
        assert_eq!(verified("other", &root), Err(Untrusted::Signature));
        let other = DocumentKey::new().unwrap();
        assert_eq!(verified("example", &other), Err(Untrusted::Signature));
        assert!(DocumentKey::read("nothing").is_err());
    }
}
