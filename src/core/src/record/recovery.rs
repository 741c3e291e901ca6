//! `[recovery]`: the recovery codes, as salted hashes.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer};

/// Bytes of SHA-256.
pub(crate) const HASH_LENGTH: usize = 32;
/// The most codes a record may hold: their marks stand in 32 bits of the state.
const MOST_CODES: usize = 32;

/// What stands in the record of the recovery codes. The codes have 80 random bits: a plain salted hash is enough.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryHashes {
    /// Hashed before each code.
    pub salt: Salt,
    /// SHA-256(salt ‖ code), one for each code; the place in the list is its number in the state.
    #[serde(deserialize_with = "hashes")]
    pub hashes: Vec<[u8; HASH_LENGTH]>,
}

/// The salt of a set of recovery codes, which also names the set: 8 to 64 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(pub(crate) Vec<u8>);

impl fmt::Debug for RecoveryHashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryHashes({} codes)", self.hashes.len())
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match BASE64URL_NOPAD.decode(text.as_bytes()) {
            Ok(bytes) if (8..=64).contains(&bytes.len()) => Ok(Self(bytes)),
            _ => Err(serde::de::Error::custom("not 8 to 64 bytes of base64url")),
        }
    }
}

fn hashes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<[u8; HASH_LENGTH]>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    if texts.len() > MOST_CODES {
        return Err(serde::de::Error::custom("more than 32 recovery codes"));
    }
    texts
        .iter()
        .map(|text| {
            BASE64URL_NOPAD
                .decode(text.as_bytes())
                .ok()
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or_else(|| serde::de::Error::custom("not 32 bytes of base64url"))
        })
        .collect()
}
