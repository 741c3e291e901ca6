//! A provider's public key, which fixes the algorithm of its signatures.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

/// The lengths of accepted RSA moduli, in bits.
const RSA_BITS: std::ops::RangeInclusive<u32> = 2048..=4096;
/// The longest RSA exponent, in bytes.
const LONGEST_EXPONENT: usize = 4;
/// The length of an Ed25519 key, and of a coordinate of P-256, in bytes.
const COORDINATE: usize = 32;

/// A public key. Made only from accepted parameters; a point that is not on its curve has signed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: Algorithm,
    /// What it consists of.
    parts: Vec<Vec<u8>>,
}

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// `EdDSA` on Curve25519.
    EdDsa,
}

impl Algorithm {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this name. `Ed25519` is the later name of `EdDSA` on that curve (RFC 9864).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

impl PublicKey {
    /// An RSA key with these numbers, big-endian; `None` if it has fewer than 2048 or more than 4096 bits, or an exponent
    /// that is even or 1.
    #[must_use]
    pub fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
        let bytes = u32::try_from(modulus.len()).ok()?;
        let bits = bytes.checked_mul(8)? - modulus.first()?.leading_zeros();
        let is_odd = modulus.last()? & 1 == 1 && exponent.last()? & 1 == 1;
        let fits = RSA_BITS.contains(&bits) && exponent.len() <= LONGEST_EXPONENT;
        (fits && is_odd && exponent != [1]).then(|| Self {
            algorithm: Algorithm::Rs256,
            parts: vec![modulus.to_vec(), exponent.to_vec()],
        })
    }

    /// The point of P-256 with these coordinates, each of 32 bytes.
    #[must_use]
    pub fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        (x.len() == COORDINATE && y.len() == COORDINATE).then(|| Self {
            algorithm: Algorithm::Es256,
            parts: vec![x.to_vec(), y.to_vec()],
        })
    }

    /// The Ed25519 key of these 32 bytes.
    #[must_use]
    pub fn ed25519(x: &[u8]) -> Option<Self> {
        (x.len() == COORDINATE).then(|| Self {
            algorithm: Algorithm::EdDsa,
            parts: vec![x.to_vec()],
        })
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What it consists of: modulus and exponent, both coordinates, or the one.
    #[must_use]
    pub fn parts(&self) -> &[Vec<u8>] {
        &self.parts
    }

    /// Whether it signed `message`.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match (self.algorithm, self.parts.as_slice()) {
            (Algorithm::Rs256, [n, e]) => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
            (Algorithm::Es256, [x, y]) => {
                let point = [&[4], x.as_slice(), y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Algorithm::EdDsa, [x]) => {
                UnparsedPublicKey::new(&ED25519, x).verify(message, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use serde_json::json;

    use super::{Algorithm, PublicKey};
    use crate::account::test_provider::TestProvider;
    use crate::base64url;

    /// Made with `openssl dgst -sha256 -sign`, and by RFC 8032, section 7.1.
    #[test]
    fn what_others_have_signed_is_verified_and_nothing_else() {
        let jwk = TestProvider::new().jwk(Algorithm::Rs256, &json!({}));
        let part = |name: &str| base64url::decode(jwk[name].as_str().unwrap()).unwrap();
        let rsa = PublicKey::rsa(&part("n"), &part("e")).unwrap();
        let signature = base64url::decode(include_str!("test_provider/abc-by-openssl")).unwrap();
        assert!(rsa.has_signed(b"abc", &signature));
        assert!(!rsa.has_signed(b"abd", &signature));
        let hex = |text: &str| HEXLOWER.decode(text.as_bytes()).unwrap();
        let key = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let signature = hex(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        );
        let ed25519 = PublicKey::ed25519(&key).unwrap();
        assert!(ed25519.has_signed(b"", &signature));
        assert!(!ed25519.has_signed(b"a", &signature));
    }

    #[test]
    fn a_point_beside_its_curve_has_signed_nothing() {
        for key in [
            PublicKey::p256(&[0; 32], &[0; 32]).unwrap(),
            PublicKey::p256(&[1; 32], &[1; 32]).unwrap(),
            PublicKey::ed25519(&[0xff; 32]).unwrap(),
        ] {
            for signature in [[0; 64], [1; 64]] {
                assert!(!key.has_signed(b"abc", &signature));
            }
        }
    }
}
