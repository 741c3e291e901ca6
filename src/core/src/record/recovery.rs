//! `[recovery]`: the recovery codes, as salted hashes.

use std::fmt;

use crate::base64url;
use crate::document::{Fault, Section, texts};

/// Length of a SHA-256 hash, in bytes.
pub(crate) const HASH_LENGTH: usize = 32;
/// The most codes in a record: the state has 32 bits for their marks.
const MOST_CODES: usize = 32;

/// Hashes of the recovery codes. The codes have 80 random bits, so a plain salted hash is enough.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryHashes {
    /// Hashed before each code.
    pub salt: Salt,
    /// SHA-256(salt ‖ code) of each code; the index in the list is the code's number in the state.
    pub hashes: Vec<[u8; HASH_LENGTH]>,
}

/// The salt of a set of recovery codes, which also identifies the set: 8 to 64 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(pub(crate) Vec<u8>);

impl fmt::Debug for RecoveryHashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryHashes({} codes)", self.hashes.len())
    }
}

impl RecoveryHashes {
    /// Reads `[recovery]`; `Ok(None)` if absent.
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
