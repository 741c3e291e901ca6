//! `[recovery]`: the recovery codes, as salted hashes.

use std::fmt;

use crate::base64url;
use crate::document::{Fault, Section, texts};

/// Bytes of SHA-256.
pub(crate) const HASH_LENGTH: usize = 32;
/// The most codes a record may hold: their marks stand in 32 bits of the state.
const MOST_CODES: usize = 32;

/// What stands in the record of the recovery codes. The codes have 80 random bits: a plain salted hash is enough.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryHashes {
    /// Hashed before each code.
    pub salt: Salt,
    /// SHA-256(salt ‖ code), one for each code; the index in the list is its number in the state.
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

impl RecoveryHashes {
    /// Reads `[recovery]`; `Ok(None)` if there is none.
    pub(super) fn read(mut section: Section<'_>) -> Result<Option<Self>, Fault> {
        if !section.is_present() {
            return Ok(None);
        }
        let recovery = Self {
            salt: section.required("salt", "must be base64url of 8 to 64 bytes", |value| {
                let bytes = base64url::decode(value.as_str()?)?;
                (8..=64).contains(&bytes.len()).then_some(Salt(bytes))
            })?,
            hashes: section.required(
                "hashes",
                "must be at most 32 strings, each base64url of 32 bytes",
                |value| {
                    let texts = texts(value).filter(|texts| texts.len() <= MOST_CODES)?;
                    texts
                        .iter()
                        .map(|text| base64url::decode(text)?.try_into().ok())
                        .collect()
                },
            )?,
        };
        section.done()?;
        Ok(Some(recovery))
    }
}
