//! The bypass code that root granted to a person without their phone: one code, for a limited time and a few sign-ins.
//!
//! Stored only in the state: a state that was lost, or one of whose slots is unreadable, has none.

use serde::{Deserialize, Serialize};

use crate::bypass::{BypassCode, SALT_LENGTH};
use crate::record::HASH_LENGTH;
use crate::time::UnixTime;
use crate::wire::array;

/// Seconds by which the clock may go back, as when it is adjusted, without invalidating the code.
const SLACK: u64 = 60;

/// A valid bypass code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bypass {
    salt: [u8; SALT_LENGTH],
    #[serde(with = "array")]
    hash: [u8; HASH_LENGTH],
    /// The latest time at which it was looked at: if the clock is behind that, it was set back, and how much longer the
    /// code would then be valid is unknown.
    seen: UnixTime,
    until: UnixTime,
    uses: u32,
}

impl Bypass {
    /// The longest lifetime of a code for somebody who waits for it, in seconds: seven days.
    pub const LONGEST: u64 = 7 * 24 * 60 * 60;
    /// The longest lifetime of one that is locked away, in seconds: 366 days. No code is valid for longer.
    pub const LONGEST_SEALED: u64 = 366 * 24 * 60 * 60;
    /// The most sign-ins.
    pub const MOST_USES: u32 = 100;

    /// A code valid from `now` for `seconds` and `uses` sign-ins, both capped at their maximum.
    #[must_use]
    pub fn new(
        code: &BypassCode,
        salt: [u8; SALT_LENGTH],
        now: UnixTime,
        seconds: u64,
        uses: u32,
    ) -> Self {
        Self {
            salt,
            hash: code.hash(salt),
            seen: now,
            until: now.plus(seconds.min(Self::LONGEST_SEALED)),
            uses: uses.min(Self::MOST_USES),
        }
    }

    /// When it expires.
    #[must_use]
    pub fn until(&self) -> UnixTime {
        self.until
    }

    /// Remaining sign-ins.
    #[must_use]
    pub fn uses(&self) -> u32 {
        self.uses
    }

    pub(super) fn serves(&self, now: UnixTime) -> bool {
        self.uses > 0 && now < self.until && now.plus(SLACK) >= self.seen
    }

    /// Records that it was looked at `now`, if that is much later than before.
    pub(super) fn look(&mut self, now: UnixTime) {
        if now > self.seen.plus(SLACK) {
            self.seen = now;
        }
    }

    /// Uses it once; returns whether `typed` matches. Not in constant time, as for recovery codes.
    pub(super) fn take(&mut self, typed: &BypassCode) -> bool {
        if typed.hash(self.salt) != self.hash {
            return false;
        }
        match self.uses.checked_sub(1) {
            Some(left) => {
                self.uses = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bypass, SLACK};
    use crate::bypass::BypassCode;
    use crate::time::UnixTime;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn granted(seconds: u64, uses: u32) -> Bypass {
        Bypass::new(&BypassCode::new([1; 10]), [2; 16], NOW, seconds, uses)
    }

    #[test]
    fn a_bypass_serves_from_its_making_to_its_end_and_not_before_or_after() {
        let bypass = granted(3600, 1);
        for (now, serves) in [
            (NOW.0 - SLACK - 1, false),
            (NOW.0 - SLACK, true),
            (NOW.0, true),
            (NOW.0 + 3599, true),
            (NOW.0 + 3600, false),
            (0, false),
            (u64::MAX, false),
        ] {
            assert_eq!(bypass.serves(UnixTime(now)), serves, "{now}");
        }
    }

    #[test]
    fn a_clock_set_back_behind_the_last_look_ends_it() {
        let mut bypass = granted(3600, 1);
        bypass.look(NOW.plus(1800));
        assert!(bypass.serves(NOW.plus(1800)));
        assert!(!bypass.serves(NOW.plus(1800 - SLACK - 1)));
        // A look soon after the last one is not worth a write.
        bypass.look(NOW.plus(1800 + SLACK));
        assert!(bypass.serves(NOW.plus(1800 - SLACK)));
    }

    #[test]
    fn it_serves_so_many_times_and_only_the_code_that_it_is() {
        let (right, wrong) = (BypassCode::new([1; 10]), BypassCode::new([3; 10]));
        let mut bypass = granted(3600, 2);
        assert!(!bypass.take(&wrong));
        assert!(bypass.take(&right) && bypass.take(&right));
        assert!(!bypass.take(&right) && !bypass.serves(NOW));
        assert!(!granted(3600, 0).serves(NOW));
    }

    #[test]
    fn none_is_longer_or_serves_more_often_than_may_be() {
        assert_eq!(
            (Bypass::LONGEST, Bypass::LONGEST_SEALED),
            (604_800, 31_622_400)
        );
        let bypass = granted(u64::MAX, u32::MAX);
        assert_eq!(bypass.until(), NOW.plus(Bypass::LONGEST_SEALED));
        assert_eq!(bypass.uses(), Bypass::MOST_USES);
    }
}
