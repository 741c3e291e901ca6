//! The clocks: wall-clock time for codes and locks, monotonic time for our own patience.

use std::time::{Duration, Instant};

use antiphon_core::disk::Patience;
use antiphon_core::outcome::Trouble;
use antiphon_core::time::{Moment, UnixTime};
use antiphon_link::{LockPatience, clock};

use crate::journal::Journal;

/// How long to wait for a lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// A sign-in's clocks.
pub(crate) trait Watch {
    /// The wall-clock time.
    fn now(&self) -> Result<UnixTime, Trouble>;
    /// The same, with the boot time.
    fn moment(&self) -> Result<Moment, Trouble> {
        Ok(clock::moment(self.now()?))
    }

    /// The monotonic time, for measuring durations.
    fn instant(&self) -> Instant {
        Instant::now()
    }

    /// A new wait for a lock. Holders killed during it are logged.
    fn patience<'a>(&self, journal: &'a Journal) -> Box<dyn Patience + 'a>;
}

/// The system's clocks.
pub(crate) struct SystemWatch;

impl Watch for SystemWatch {
    fn now(&self) -> Result<UnixTime, Trouble> {
        clock::now()
    }

    fn patience<'a>(&self, journal: &'a Journal) -> Box<dyn Patience + 'a> {
        Box::new(LockPatience::new(PATIENCE, move |line| journal.warn(line)))
    }
}
