//! Limits how often a person's enrolment can be restarted: each start invalidates the previous one, so somebody who
//! knows the password could otherwise keep disturbing another forever. Once there were too many, the last one stays
//! valid for its ten minutes.

use sha2::{Digest, Sha256};

use super::is_open;
use crate::time::UnixTime;

/// Most starts from one origin within [`super::LIFETIME`]: one every two minutes, sshd's default time limit for a
/// sign-in.
const MOST_FROM_ONE_ORIGIN: usize = 5;
/// Most starts from all origins.
pub(super) const MOST: usize = 12;
/// Length of an origin's hash, in bytes.
pub(super) const ORIGIN_LENGTH: usize = 8;

/// One start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Occasion {
    pub(super) at: UnixTime,
    pub(super) origin: [u8; ORIGIN_LENGTH],
}

/// The latest first, at most [`MOST`].
#[derive(Clone, Default)]
pub(super) struct Beginnings(pub(super) Vec<Occasion>);

impl Beginnings {
    /// Adds a start.
    ///
    /// # Errors
    /// Seconds until another start is possible from there.
    pub(super) fn add(&mut self, from: &str, now: UnixTime) -> Result<(), u64> {
        if let Some(seconds) = self.rest_for(from, now) {
            return Err(seconds);
        }
        self.0.retain(|occasion| is_open(occasion.at, now));
        self.0.insert(
            0,
            Occasion {
                at: now,
                origin: origin_hash(from),
            },
        );
        Ok(())
    }

    /// Seconds until another start is possible from there; `None` if it is possible now.
    pub(super) fn rest_for(&self, from: &str, now: UnixTime) -> Option<u64> {
        let recent = || self.0.iter().filter(|occasion| is_open(occasion.at, now));
        let here = origin_hash(from);
        let from_here = recent()
            .filter(|occasion| occasion.origin == here)
            .nth(MOST_FROM_ONE_ORIGIN - 1);
        let from_anywhere = recent().nth(MOST - 1);
        let in_the_way = from_here.into_iter().chain(from_anywhere);
        in_the_way
            .map(|occasion| now.until(occasion.at.plus(super::LIFETIME)))
            .max()
    }
}

fn origin_hash(from: &str) -> [u8; ORIGIN_LENGTH] {
    let sum = Sha256::new_with_prefix("antiphon pending place")
        .chain_update(from)
        .finalize();
    sum.first_chunk().copied().unwrap_or_default()
}
