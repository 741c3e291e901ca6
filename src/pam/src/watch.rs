//! The clock: the wall's for codes and locks, the monotonic one for our own patience.

use std::time::{Duration, Instant, SystemTime};

use antiphon_core::disk::{Holder, Patience};
use antiphon_core::outcome::Trouble;
use antiphon_core::time::{Moment, UnixTime};
use nix::time::{ClockId, clock_gettime};

use crate::journal::Journal;

/// How long a lock is tried for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// Where a sign-in has its time from.
pub(crate) trait Watch {
    /// The time on the wall.
    fn now(&self) -> Result<UnixTime, Trouble>;
    /// The same, and when the computer was started.
    fn moment(&self) -> Result<Moment, Trouble> {
        let now = self.now()?;
        let up = clock_gettime(ClockId::CLOCK_BOOTTIME).map(|up| up.tv_sec().unsigned_abs());
        // If nobody knew: now, the safer answer.
        let booted = UnixTime(now.0.saturating_sub(up.unwrap_or_default()));
        Ok(Moment {
            now,
            booted: Some(booted),
        })
    }

    /// A new wait for a lock. A holder that is ended in it is written down.
    fn patience<'a>(&self, journal: &'a Journal) -> Box<dyn Patience + 'a>;
}

/// The system's clocks.
pub(crate) struct SystemWatch;

impl Watch for SystemWatch {
    fn now(&self) -> Result<UnixTime, Trouble> {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map(|since| UnixTime(since.as_secs()))
            .map_err(|_| Trouble::new("clock", &"the clock stands before 1970; set it"))
    }

    fn patience<'a>(&self, journal: &'a Journal) -> Box<dyn Patience + 'a> {
        Box::new(Waiting {
            began: Instant::now(),
            journal,
        })
    }
}

/// A wait for a lock.
struct Waiting<'a> {
    began: Instant,
    journal: &'a Journal,
}

impl Patience for Waiting<'_> {
    fn pause(&mut self) -> Option<Duration> {
        std::thread::sleep(PAUSE);
        Some(self.began.elapsed()).filter(|waited| *waited < PATIENCE)
    }

    fn ended(&mut self, holder: &Holder) {
        self.journal.warn(&holder.log_line());
    }
}
