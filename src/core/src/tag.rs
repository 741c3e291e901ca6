//! Identifiers in a state that reveal nothing about what they identify.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use xxhash_rust::xxh64::xxh64;

use crate::record::{HASH_LENGTH, Phone, RecoveryHashes};
use crate::secret::SecretBytes;
use crate::wire::array;

/// Identifies a secret without revealing it, or what is no secret in few bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Tag(#[serde(with = "array")] pub(crate) [u8; 16]);

impl Tag {
    /// Covers what determines a code: see `CodeSecret::tag`.
    pub(crate) fn of_code(parameters: &str, secret: &SecretBytes) -> Self {
        Self::of(
            "antiphon code v1",
            &[parameters.as_bytes(), secret.expose()],
        )
    }

    /// Covers the salt and every hash with its index: a mark refers to an index, which editing the list would shift.
    /// They are hashes already, and no secret: they are only to be told from those of another set.
    pub(crate) fn of_recovery(recovery: &RecoveryHashes) -> Self {
        let (salt, hashes) = (&recovery.salt.0[..], recovery.hashes.as_flattened());
        let set = [salt, b"/", hashes].concat();
        let [first, second] = [1, 2].map(|seed| xxh64(&set, seed));
        Self((u128::from(first) << 64 | u128::from(second)).to_be_bytes())
    }

    /// The same in states up to version 2.
    pub(crate) fn of_recovery_v2(recovery: &RecoveryHashes) -> Self {
        let mut parts: Vec<&[u8]> = vec![&recovery.salt.0];
        parts.extend(recovery.hashes.iter().map(<[u8; HASH_LENGTH]>::as_slice));
        Self::of("antiphon recovery v1", &parts)
    }

    pub(crate) fn of_passkey(phone: &Phone) -> Self {
        Self::of("antiphon passkey v1", &[&phone.credential])
    }

    pub(crate) fn of_approval(digest: &[u8; 32]) -> Self {
        Self::of("antiphon account approval v1", &[digest])
    }

    pub(crate) fn of_words(purpose: &str, words: &[&str]) -> Self {
        let parts: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        Self::of(purpose, &parts)
    }

    /// The first 16 bytes of a SHA-256 hash.
    fn of(purpose: &str, parts: &[&[u8]]) -> Self {
        let mut sum = Sha256::new_with_prefix(purpose);
        for part in parts {
            sum.update((part.len() as u64).to_be_bytes());
            sum.update(part);
        }
        let mut tag = [0; 16];
        for (target, byte) in tag.iter_mut().zip(sum.finalize()) {
            *target = byte;
        }
        Self(tag)
    }
}
