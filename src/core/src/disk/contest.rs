//! Waiting for a lock that another process holds, with a time limit.
//!
//! Our locks are held only while a file is written. But a hostile caller of su can have its process frozen or starved
//! of CPU time meanwhile, and no sign-in and no command of root may depend on its goodwill. So a waiter, which is root,
//! kills a holder that does not release the lock.

use std::time::Duration;

use nix::sys::stat::FileStat;

use super::holder::{Holder, Seen};

/// How long to wait for a lock. The clock is the implementor's.
pub trait Patience {
    /// Pauses before the next attempt and returns the time waited so far, or `None` to give up.
    fn pause(&mut self) -> Option<Duration>;
    /// Called when `holder` did not release the lock and was killed.
    fn ended(&mut self, holder: &Holder);
}

/// Never waits: the holder keeps its lock.
pub(super) struct AtOnce;

impl Patience for AtOnce {
    fn pause(&mut self) -> Option<Duration> {
        None
    }

    fn ended(&mut self, _: &Holder) {}
}

/// How long a process may hold the lock of a person's files while somebody waits.
pub(super) const ONE_PERSON: Duration = Duration::from_secs(2);
/// Likewise for the lock of all records, whose holder may itself be waiting for a person's lock.
pub(super) const ALL_RECORDS: Duration = Duration::from_secs(3);
/// Likewise for a holder that waits for the disk.
const SLOW_DISK: Duration = Duration::from_secs(4);
/// Likewise for the holders after one that was killed, so that the wait ends. Halved each time, since a caller may have
/// many processes take turns.
const NEXT: Duration = Duration::from_secs(1);
/// The minimum, longer than a write takes on a slow disk.
const SHORTEST: Duration = Duration::from_millis(100);
/// Ordinary waits are shorter than this, and examine no holder.
const ORDINARY: Duration = Duration::from_millis(200);

/// One wait for one lock.
pub(super) struct Contest<'a> {
    patience: &'a mut dyn Patience,
    grace: Duration,
    /// The holders seen during this wait, and since when.
    suspects: Vec<Suspect>,
}

struct Suspect {
    seen: Seen,
    since: Duration,
}

impl<'a> Contest<'a> {
    /// A wait that grants each holder `grace` to release the lock.
    pub(super) fn new(patience: &'a mut dyn Patience, grace: Duration) -> Self {
        Self {
            patience,
            grace,
            suspects: Vec::new(),
        }
    }

    /// Pauses before the next attempt, and kills holders that have held the lock on `file` for too long. Returns
    /// whether to try again.
    pub(super) fn goes_on(&mut self, file: &FileStat) -> bool {
        let Some(waited) = self.patience.pause() else {
            return false;
        };
        if waited >= ORDINARY {
            self.look(file, waited);
        }
        true
    }

    fn look(&mut self, file: &FileStat, waited: Duration) {
        // Checked directly rather than in the list of all locks: with enough churn of other locks, a read of that list
        // can miss one.
        self.suspects.retain(|suspect| suspect.seen.holds(file));
        for pid in Seen::holding(file) {
            if !self.suspects.iter().any(|known| known.seen.pid() == pid)
                && let Some(seen) = Seen::of(pid)
            {
                self.suspects.push(Suspect {
                    seen,
                    since: waited,
                });
            }
        }
        let (grace, patience) = (self.grace, &mut self.patience);
        let mut ended = false;
        self.suspects.retain(|suspect| {
            let most = if suspect.seen.waits_for_disk() {
                SLOW_DISK
            } else {
                grace
            };
            if waited.saturating_sub(suspect.since) < most {
                return true;
            }
            if let Some(holder) = suspect.seen.end(file) {
                ended = true;
                patience.ended(&holder);
            }
            false
        });
        if ended {
            self.grace = NEXT.min(grace / 2).max(SHORTEST);
        }
    }
}

#[cfg(test)]
mod tests;
