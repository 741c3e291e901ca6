//! A person's new factors before anything is written: a secret for an authenticator app and ten recovery codes. Derived
//! from the random bytes passed in: the same bytes make the same draft, so that it can be kept.

use zeroize::Zeroizing;

use crate::record::{CodeSecret, RecoveryHashes};
use crate::recovery::{self, CODE_LENGTH, CODES, RecoveryCode, SALT_LENGTH};

/// Length of a new secret in bytes: 160 bits (RFC 4226 §4).
const SECRET_LENGTH: usize = 20;
/// Random bytes needed for ten recovery codes and their salt.
pub const RECOVERY_BYTES: usize = SALT_LENGTH + CODES * CODE_LENGTH;
/// Random bytes needed for a draft.
pub const DRAFT_BYTES: usize = SECRET_LENGTH + RECOVERY_BYTES;
/// Recovery codes per line.
const COLUMNS: usize = 2;

/// A new secret and new recovery codes.
pub struct Draft {
    /// The secret, with the parameters that every app supports.
    pub code: CodeSecret,
    /// The recovery codes.
    pub recovery: RecoverySet,
}

/// Ten new recovery codes and what the record keeps of them.
pub struct RecoverySet {
    /// The codes in the form that people type.
    pub shown: Vec<Zeroizing<String>>,
    /// The hashes for the record.
    pub hashes: RecoveryHashes,
}

impl Draft {
    /// The draft made of `random`.
    #[must_use]
    pub fn new(random: &[u8; DRAFT_BYTES]) -> Self {
        let (secret, rest) = parted(random);
        Self {
            code: CodeSecret::usual(secret),
            recovery: RecoverySet::of(rest),
        }
    }
}

impl RecoverySet {
    /// The codes made of `random`.
    #[must_use]
    pub fn new(random: &[u8; RECOVERY_BYTES]) -> Self {
        Self::of(random)
    }

    fn of(random: &[u8]) -> Self {
        let (salt, rest) = parted(random);
        let codes: Vec<RecoveryCode> = rest
            .as_chunks()
            .0
            .iter()
            .map(|bytes| RecoveryCode::new(*bytes))
            .collect();
        Self {
            shown: codes.iter().map(RecoveryCode::shown).collect(),
            hashes: recovery::hashes_of(&codes, salt),
        }
    }

    /// The codes in the form that people type.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.shown.iter().map(|code| code.as_str()).collect()
    }

    /// The codes for display, two per line.
    #[must_use]
    pub fn lines(&self) -> Vec<Zeroizing<String>> {
        let half = self.shown.len().div_ceil(COLUMNS);
        self.shown
            .iter()
            .zip(self.shown.iter().skip(half))
            .map(|(left, right)| Zeroizing::new(format!("    {}      {}", **left, **right)))
            .collect()
    }
}

/// Splits off the first bytes; the arrays above are long enough for every call.
fn parted<const LENGTH: usize>(bytes: &[u8]) -> ([u8; LENGTH], &[u8]) {
    bytes
        .split_first_chunk()
        .map_or(([0; LENGTH], &[]), |(first, rest)| (*first, rest))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{DRAFT_BYTES, Draft, RECOVERY_BYTES, RecoverySet};
    use crate::recovery::RecoveryCode;

    #[test]
    fn every_random_byte_is_in_the_draft_and_the_same_ones_make_the_same() {
        let random: [u8; DRAFT_BYTES] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let draft = Draft::new(&random);
        assert_eq!(draft.code.secret().expose(), &random[..20]);
        assert_eq!(draft.recovery.hashes.salt.0, &random[20..36]);
        assert_eq!(draft.recovery.shown.len(), 10);
        for (index, shown) in draft.recovery.shown.iter().enumerate() {
            let bytes = random[36 + 10 * index..][..10].try_into().unwrap();
            assert_eq!(**shown, *RecoveryCode::new(bytes).shown());
            let typed = RecoveryCode::parse(shown).unwrap();
            assert_eq!(
                typed.index_in(&draft.recovery.hashes),
                u32::try_from(index).ok()
            );
        }
        assert_eq!(Draft::new(&random).code, draft.code);
        assert_eq!(
            RecoverySet::new(&random[20..].try_into().unwrap()).hashes,
            draft.recovery.hashes
        );
    }

    #[test]
    fn the_screen_has_each_code_once_and_the_key_in_groups() {
        let random: [u8; RECOVERY_BYTES] =
            std::array::from_fn(|index| u8::try_from(index).unwrap());
        let set = RecoverySet::new(&random);
        let lines = set.lines();
        let on_screen: BTreeSet<&str> = lines
            .iter()
            .flat_map(|line| line.split_whitespace())
            .collect();
        assert_eq!(on_screen, set.texts().into_iter().collect());
        let draft = Draft::new(&[0; DRAFT_BYTES]);
        assert_eq!(*draft.code.key(), ["AAAA"; 8].join(" "));
    }
}
