//! ES256, ECDSA with P-256 and SHA-256 (RFC 7518, section 3.4): the only signatures that are accepted.

use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

/// The DER prefix before the point of a P-256 key (RFC 5480 §2): only that curve, only the uncompressed form.
const SPKI_PREFIX: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
/// The prefix and both coordinates.
const SPKI_LENGTH: usize = SPKI_PREFIX.len() + 64;
/// The prefix without the first byte of the point, which says that it is uncompressed.
const BEFORE_POINT: usize = SPKI_PREFIX.len() - 1;

/// Whether `spki` (SubjectPublicKeyInfo, DER) has the form of an accepted key.
pub(crate) fn is_key(spki: &[u8]) -> bool {
    spki.len() == SPKI_LENGTH && spki.starts_with(&SPKI_PREFIX)
}

/// Whether `signature` (DER) over `message` was made by the key of `spki`.
pub(crate) fn is_signed(spki: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let point = spki.get(BEFORE_POINT..).filter(|_| is_key(spki));
    point.is_some_and(|point| {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point);
        key.verify(message, signature).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::{SPKI_PREFIX, is_key, is_signed};

    #[test]
    fn only_an_uncompressed_point_of_p_256_is_taken() {
        let mut key = SPKI_PREFIX.to_vec();
        key.extend([7; 64]);
        assert!(is_key(&key));
        assert!(!is_key(&key[..90]));
        assert!(!is_key(&[&key[..], &[0]].concat()));
        // The hybrid form, which some libraries accept.
        key[26] = 6;
        assert!(!is_key(&key));
        assert!(!is_key(&[]));
    }

    #[test]
    fn a_point_beside_the_curve_signs_nothing() {
        let mut key = SPKI_PREFIX.to_vec();
        key.extend([7; 64]);
        assert!(is_key(&key) && !is_signed(&key, b"", &[0x30, 6, 2, 1, 1, 2, 1, 1]));
        assert!(!is_signed(&[], b"", &[]));
    }
}
