//! The clock: the wall's for codes and locks, the monotonic one for our own patience.

use std::time::{Duration, Instant};

use antiphon_core::disk::Patience;
use antiphon_core::outcome::Trouble;
use antiphon_core::time::{Moment, UnixTime};
use antiphon_link::{LockPatience, clock};

use crate::journal::Journal;

/// How long a lock is tried for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a sign-in has its time from.
pub(crate) trait Watch {
    /// The time on the wall.
    fn now(&self) -> Result<UnixTime, Trouble>;
    /// The same, and when the computer was started.
    fn moment(&self) -> Result<Moment, Trouble> {
        Ok(clock::moment(self.now()?))
    }

    /// The time that nobody sets, for how long something took.
    fn instant(&self) -> Instant {
        Instant::now()
    }

    /// A new wait for a lock. A holder that is ended in it is written down.
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
