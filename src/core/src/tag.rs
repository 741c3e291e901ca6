//! Identifiers in a state that reveal nothing about what they identify.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use xxhash_rust::xxh64::Xxh64;

use crate::record::{HASH_LENGTH, Phone, RecoveryHashes};
use crate::secret::SecretBytes;
use crate::wire::array;

/// Identifies a secret without revealing it, or what is no secret in few bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Tag(#[serde(with = "array")] pub(crate) [u8; 16]);

impl Tag {
    /// Of `CodeSecret::tag`.
    pub(crate) fn of_code(parameters: &str, secret: &SecretBytes) -> Self {
        Self::of(
            "antiphon code v1",
            &[parameters.as_bytes(), secret.expose()],
        )
    }

    /// Covers the salt and every hash with its index: a mark refers to an index, which editing the list would shift.
    /// They are hashes already, and no secret: they are only to be told from those of another set.
    pub(crate) fn of_recovery(recovery: &RecoveryHashes) -> Self {
        let mut tag = [0; 16];
        for (half, seed) in tag.chunks_mut(8).zip(1..) {
            let mut sum = Xxh64::new(seed);
            for part in parts_of(recovery) {
                sum.update(&part.len().to_be_bytes());
                sum.update(part);
            }
            half.copy_from_slice(&sum.digest().to_be_bytes());
        }
        Self(tag)
    }

    /// The same in states up to version 2.
    pub(crate) fn of_recovery_v2(recovery: &RecoveryHashes) -> Self {
        let parts: Vec<&[u8]> = parts_of(recovery).collect();
        Self::of("antiphon recovery v1", &parts)
    }

    pub(crate) fn of_passkey(phone: &Phone) -> Self {
        Self::of("antiphon passkey v1", &[&phone.credential])
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

fn parts_of(recovery: &RecoveryHashes) -> impl Iterator<Item = &[u8]> {
    let hashes = recovery.hashes.iter().map(<[u8; HASH_LENGTH]>::as_slice);
    std::iter::once(recovery.salt.0.as_slice()).chain(hashes)
}
