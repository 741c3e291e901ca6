//! When wrong codes lock codes, and for how long.
//!
//! Only codes can be guessed: recovery codes and approvals are not throttled.

use serde::{Deserialize, Serialize};

use crate::config::ThrottlePolicy;
use crate::time::UnixTime;

/// Wrong codes in a row, and the lock they caused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    in_a_row: u32,
    lock: Option<Lock>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    start: UnixTime,
    /// In seconds.
    length: u32,
}

/// Whether codes are checked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// They are.
    Open,
    /// Not before this time.
    LockedUntil(UnixTime),
    /// Not until a recovery code, an approval or root resets the counter.
    Closed,
}

impl Gate {
    /// Seconds until the lock ends by itself.
    #[must_use]
    pub fn seconds_locked(self, now: UnixTime) -> u64 {
        match self {
            Self::LockedUntil(until) => now.until(until),
            Self::Open | Self::Closed => 0,
        }
    }
}

impl Throttle {
    /// Wrong codes in a row.
    #[must_use]
    pub fn in_a_row(&self) -> u32 {
        self.in_a_row
    }

    /// Whether codes are checked `now`.
    #[must_use]
    pub fn gate(&self, policy: &ThrottlePolicy, now: UnixTime) -> Gate {
        if self.in_a_row >= policy.most_in_a_row {
            return Gate::Closed;
        }
        let Some(lock) = &self.lock else {
            return Gate::Open;
        };
        // A length from an earlier configuration never exceeds the current maximum, and a start in the future never
        // extends the lock.
        let length = lock.length.min(policy.longest_lock).into();
        let until = lock.start.min(now).plus(length);
        if now < until {
            Gate::LockedUntil(until)
        } else {
            Gate::Open
        }
    }

    /// A lock that starts in the future was set by a clock since set back: it starts again now, so that it never lasts
    /// longer than its length. The change must be made durable, or it would restart at every look.
    pub fn restart_future_lock(&mut self, now: UnixTime) {
        if let Some(lock) = &mut self.lock {
            lock.start = lock.start.min(now);
        }
    }

    /// Counts a wrong code where any answer lets in. A lock protects nothing there, and whoever knows the password could
    /// keep the person's first right answer, which ends that, from ever being given. But so many in a row as close the way
    /// close it there too: a code that is right at last was guessed, and must not pass for the person's own.
    pub fn count_wrong_without_lock(&mut self) {
        self.in_a_row = self.in_a_row.saturating_add(1);
    }

    /// Counts a wrong code, and locks after too many.
    pub fn count_wrong(&mut self, policy: &ThrottlePolicy, now: UnixTime) {
        self.in_a_row = self.in_a_row.saturating_add(1);
        if let Some(beyond) = self.in_a_row.checked_sub(policy.attempts) {
            let length = 2_u32
                .checked_pow(beyond)
                .and_then(|factor| policy.first_lock.checked_mul(factor))
                .map_or(policy.longest_lock, |length| {
                    length.min(policy.longest_lock)
                });
            self.lock = Some(Lock { start: now, length });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, Throttle};
    use crate::config::ThrottlePolicy;
    use crate::time::UnixTime;

    const START: UnixTime = UnixTime(1_795_377_600);

    #[test]
    fn five_wrong_codes_lock_for_30_s_and_each_later_one_doubles_it_to_15_min() {
        let policy = ThrottlePolicy::default();
        let mut throttle = Throttle::default();
        let mut now = START;
        for _ in 0..4 {
            throttle.count_wrong(&policy, now);
            assert_eq!(throttle.gate(&policy, now), Gate::Open);
        }
        for length in [30, 60, 120, 240, 480, 900, 900, 900] {
            throttle.count_wrong(&policy, now);
            assert_eq!(
                throttle.gate(&policy, now),
                Gate::LockedUntil(now.plus(length))
            );
            assert_eq!(
                throttle.gate(&policy, now.plus(length - 1)),
                Gate::LockedUntil(now.plus(length))
            );
            now = now.plus(length);
            assert_eq!(throttle.gate(&policy, now), Gate::Open);
        }
    }

    #[test]
    fn a_hundred_wrong_codes_in_a_row_close_the_way_however_long_one_waits() {
        let policy = ThrottlePolicy::default();
        let mut throttle = Throttle::default();
        let mut now = START;
        for _ in 0..100 {
            now = now.plus(1000);
            assert_eq!(throttle.gate(&policy, now), Gate::Open);
            throttle.count_wrong(&policy, now);
        }
        assert_eq!(
            throttle.gate(&policy, now.plus(1_000_000_000)),
            Gate::Closed
        );
        for _ in 0..1000 {
            throttle.count_wrong(&policy, now);
        }
        assert_eq!(throttle.gate(&policy, now), Gate::Closed);
    }

    #[test]
    fn a_lock_never_outlasts_its_length_however_the_clock_moves() {
        let policy = ThrottlePolicy::default();
        for shift in [0, 1, 29, 30, 3600, 1_000_000_000] {
            let mut throttle = Throttle::default();
            for _ in 0..5 {
                throttle.count_wrong(&policy, START);
            }
            // The clock is set back, the lock is looked at, and then time goes on normally.
            let back = UnixTime(START.0 - shift);
            throttle.restart_future_lock(back);
            assert!(matches!(throttle.gate(&policy, back), Gate::LockedUntil(_)));
            assert_eq!(
                throttle.gate(&policy, back.plus(30)),
                Gate::Open,
                "set back by {shift}"
            );
            throttle.restart_future_lock(back.plus(30));
            // Set ahead again: it stays over.
            assert_eq!(throttle.gate(&policy, START.plus(shift + 30)), Gate::Open);
        }
    }

    #[test]
    fn a_policy_that_became_milder_holds_for_locks_that_stand() {
        let mut throttle = Throttle::default();
        let strict = ThrottlePolicy {
            first_lock: 900,
            ..ThrottlePolicy::default()
        };
        for _ in 0..5 {
            throttle.count_wrong(&strict, START);
        }
        let mild = ThrottlePolicy {
            first_lock: 5,
            longest_lock: 10,
            ..strict
        };
        assert_eq!(
            throttle.gate(&mild, START),
            Gate::LockedUntil(START.plus(10))
        );
    }
}
