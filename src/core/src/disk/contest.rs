//! Waiting for a lock that another process holds, and for how long that may be.
//!
//! Our locks are held for as long as a file is written. But a hostile caller of su can have its process frozen or starved
//! of processor time by then, and nobody else's sign-in and no command of root may depend on its good will. So whoever
//! waits, being root, ends a holder that does not let go.

use std::time::Duration;

use nix::sys::stat::FileStat;

use super::holder::{Holder, Seen};

/// How long a lock is waited for. Time is handed in.
pub trait Patience {
    /// Pauses before the next try: how long has been waited by now, or `None` to give up.
    fn pause(&mut self) -> Option<Duration>;
    /// Hears that `holder` did not let go, and was ended.
    fn ended(&mut self, holder: &Holder);
}

/// No patience at all: whoever holds the lock keeps it.
pub(super) struct AtOnce;

impl Patience for AtOnce {
    fn pause(&mut self) -> Option<Duration> {
        None
    }

    fn ended(&mut self, _: &Holder) {}
}

/// How long one process may hold the lock of a person's files while somebody waits.
pub(super) const ONE_PERSON: Duration = Duration::from_secs(2);
/// The same for the lock of all records, whose holder may itself have to wait for the lock of a person.
pub(super) const ALL_RECORDS: Duration = Duration::from_secs(3);
/// The same for one that waits for the disk.
const SLOW_DISK: Duration = Duration::from_secs(4);
/// The same for those that come after one that was ended: the wait is to end. Each further time it is half of that, since a
/// caller may have many processes that take turns.
const NEXT: Duration = Duration::from_secs(1);
/// But not less: more than it takes on a slow disk.
const SHORTEST: Duration = Duration::from_millis(100);
/// An ordinary wait is over before this, and looks at nobody.
const ORDINARY: Duration = Duration::from_millis(200);

/// One wait for one lock.
pub(super) struct Contest<'a> {
    patience: &'a mut dyn Patience,
    grace: Duration,
    /// Who holds the lock, and since when, as far as this wait has seen.
    suspects: Vec<Suspect>,
}

struct Suspect {
    seen: Seen,
    since: Duration,
}

impl<'a> Contest<'a> {
    /// A wait in which each holder has so long to let go.
    pub(super) fn new(patience: &'a mut dyn Patience, grace: Duration) -> Self {
        Self {
            patience,
            grace,
            suspects: Vec::new(),
        }
    }

    /// Pauses before the next try, and ends holders that have held the lock on `file` for too long. Whether to try again.
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
        // By itself, and not by the list of all locks: who takes and leaves others all the time can make that list pass one over.
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
