//! Recovery codes: ten, with 80 random bits each, for when the usual method is lost.
//!
//! Shown as `ABCD-EFGH-IJKL-MNOP` (base32, RFC 4648 §6) and accepted in any case, with or without dashes and spaces.
//! The record keeps SHA-256(salt ‖ the ten bytes).

use base32ct::{Base32UpperUnpadded, Encoding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::record::{HASH_LENGTH, RecoveryHashes, Salt, in_groups};

/// Length of a code, in bytes.
pub const CODE_LENGTH: usize = 10;
/// Length of a new salt, in bytes.
pub const SALT_LENGTH: usize = 16;
/// Codes per set.
pub const CODES: usize = 10;
/// Length of a code's text without its dashes.
const CHARACTERS: usize = 16;

/// One recovery code. Wiped on drop.
pub struct RecoveryCode(Zeroizing<[u8; CODE_LENGTH]>);

impl RecoveryCode {
    /// The code made of `random`.
    #[must_use]
    pub fn new(random: [u8; CODE_LENGTH]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Parses typed text; `None` if it is not a recovery code.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut characters = Zeroizing::new([0_u8; CHARACTERS]);
        let mut given = typed.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
        for target in characters.iter_mut() {
            *target = given.next()?.to_ascii_uppercase();
        }
        if given.next().is_some() {
            return None;
        }
        let mut bytes = Zeroizing::new([0; CODE_LENGTH]);
        Base32UpperUnpadded::decode(*characters, &mut *bytes).ok()?;
        Some(Self(bytes))
    }

    /// `ABCD-EFGH-IJKL-MNOP`.
    #[must_use]
    pub fn shown(&self) -> Zeroizing<String> {
        let plain = Zeroizing::new(Base32UpperUnpadded::encode_string(&*self.0));
        in_groups(&plain, '-')
    }

    pub(crate) fn hash(&self, salt: &Salt) -> [u8; HASH_LENGTH] {
        Sha256::new_with_prefix(&salt.0)
            .chain_update(*self.0)
            .finalize()
            .into()
    }

    /// The index of this code in `known`, used or not.
    ///
    /// Not in constant time: it compares salted hashes of 80 random bits, whose timing reveals nothing useful.
    #[must_use]
    pub fn index_in(&self, known: &RecoveryHashes) -> Option<u32> {
        let hash = self.hash(&known.salt);
        known
            .hashes
            .iter()
            .position(|stored| *stored == hash)
            .and_then(|index| u32::try_from(index).ok())
    }
}

/// Hashes `codes` for the record.
#[must_use]
pub fn hashes_of(codes: &[RecoveryCode], salt: [u8; SALT_LENGTH]) -> RecoveryHashes {
    let salt = Salt(salt.to_vec());
    let hashes = codes.iter().map(|code| code.hash(&salt)).collect();
    RecoveryHashes { salt, hashes }
}

#[cfg(test)]
mod tests {
    use super::{RecoveryCode, hashes_of};

    fn ten() -> Vec<RecoveryCode> {
        (0..10).map(|n| RecoveryCode::new([n; 10])).collect()
    }

    #[test]
    fn a_code_is_known_in_any_case_with_or_without_dashes() {
        let codes = ten();
        let known = hashes_of(&codes, [7; 16]);
        assert_eq!(known.hashes.len(), 10);
        for (index, code) in codes.iter().enumerate() {
            let shown = code.shown();
            assert_eq!(shown.len(), 19);
            for typed in [
                shown.to_string(),
                shown.to_lowercase(),
                shown.replace('-', ""),
                shown.replace('-', " ").to_lowercase(),
            ] {
                let found = RecoveryCode::parse(&typed).unwrap().index_in(&known);
                assert_eq!(found, Some(u32::try_from(index).unwrap()));
            }
        }
    }

    #[test]
    fn another_code_or_another_salt_is_not_known() {
        let codes = ten();
        let known = hashes_of(&codes, [7; 16]);
        assert_eq!(RecoveryCode::new([99; 10]).index_in(&known), None);
        assert_eq!(codes[0].index_in(&hashes_of(&codes[1..], [7; 16])), None);
        let other = hashes_of(&codes, [8; 16]);
        assert!(known.hashes.iter().all(|hash| !other.hashes.contains(hash)));
    }

    #[test]
    fn what_has_not_the_form_is_no_recovery_code() {
        for typed in [
            "",
            "123456",
            "ABCD-EFGH-IJKL-MNO",
            "ABCD-EFGH-IJKL-MNOPQ",
            "ABCD-EFGH-IJKL-MNO1",
            "ABCD_EFGH_IJKL_MNOP",
            "ÅBCD-EFGH-IJKL-MNOP",
            "ABCD-EFGH-IJKL-MNO\0",
        ] {
            assert!(RecoveryCode::parse(typed).is_none(), "{typed:?}");
        }
    }
}
