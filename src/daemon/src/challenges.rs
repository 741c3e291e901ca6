//! Challenges for phones that lost their token: valid for a minute, and once.
//!
//! Nothing is stored before a challenge is used: it contains its time and our MAC, so requesting many takes no memory.
//! A restarted daemon accepts none of its predecessor's, unless it is one of several relays: they accept each other's, and
//! each knows which have been used at itself.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use antiphon_core::time::UnixTime;
use ring::hmac;

use crate::random::{self, NoRandomness};

/// Lifetime of a challenge, in seconds.
const LIFETIME: u64 = 60;
/// How many used challenges are remembered; using one takes a phone's signature.
const USED: usize = 10_000;
/// Bytes before the MAC: the time and eight random bytes.
const SEALED: usize = 16;

/// A challenge: the authenticated bytes, and half of their HMAC-SHA256.
pub(crate) type Challenge = [u8; 32];

pub(crate) struct Challenges {
    key: hmac::Key,
    used: Mutex<VecDeque<(UnixTime, Challenge)>>,
}

impl Challenges {
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        Ok(Self::of(&random::bytes::<32>()?))
    }

    /// Those of all who have this secret.
    pub(crate) fn of(secret: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            used: Mutex::default(),
        }
    }

    pub(crate) fn make(&self, now: UnixTime) -> Result<Challenge, NoRandomness> {
        let mut sealed = [0; SEALED];
        let parts = now.0.to_be_bytes().into_iter().chain(random::bytes::<8>()?);
        for (target, byte) in sealed.iter_mut().zip(parts) {
            *target = byte;
        }
        Ok(self.seal(&sealed))
    }

    /// Whether it is one of ours and still valid.
    pub(crate) fn is_good(&self, challenge: &Challenge, now: UnixTime) -> bool {
        let (Some(sealed), Some(time)) = (challenge.first_chunk(), challenge.first_chunk()) else {
            return false;
        };
        let made = UnixTime(u64::from_be_bytes(*time));
        // Setting the clock back does not extend its life.
        let is_timely = made <= now && made.until(now) < LIFETIME;
        is_timely && subtle::ConstantTimeEq::ct_eq(&self.seal(sealed)[..], &challenge[..]).into()
    }

    /// Marks a valid challenge as used; returns whether it was unused.
    pub(crate) fn use_up(&self, challenge: &Challenge, now: UnixTime) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while used
            .front()
            .is_some_and(|(at, _)| at.until(now) > LIFETIME || used.len() >= USED)
        {
            used.pop_front();
        }
        if used.iter().any(|(_, other)| other == challenge) {
            return false;
        }
        used.push_back((now, *challenge));
        true
    }

    fn seal(&self, sealed: &[u8; SEALED]) -> Challenge {
        let tag = hmac::sign(&self.key, sealed);
        let mut challenge = [0; 32];
        for (target, byte) in challenge.iter_mut().zip(sealed.iter().chain(tag.as_ref())) {
            *target = *byte;
        }
        challenge
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;

    use super::Challenges;

    #[test]
    fn a_challenge_is_good_for_a_minute_once_and_here_alone() {
        let (ours, others) = (Challenges::new().unwrap(), Challenges::new().unwrap());
        let now = UnixTime(1_795_377_600);
        let challenge = ours.make(now).unwrap();
        assert_ne!(challenge, ours.make(now).unwrap());
        assert!(ours.is_good(&challenge, now));
        assert!(ours.is_good(&challenge, now.plus(59)));
        assert!(!ours.is_good(&challenge, now.plus(60)));
        assert!(!ours.is_good(&challenge, UnixTime(now.0 - 1)));
        assert!(!others.is_good(&challenge, now));
        let relays = [Challenges::of(b"shared"), Challenges::of(b"shared")];
        assert!(relays[1].is_good(&relays[0].make(now).unwrap(), now));
        assert!(!ours.is_good(&relays[0].make(now).unwrap(), now));
        for bit in 0..256 {
            let mut flipped = challenge;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!ours.is_good(&flipped, now), "bit {bit}");
        }
        assert!(ours.use_up(&challenge, now));
        assert!(!ours.use_up(&challenge, now.plus(59)));
    }
}
