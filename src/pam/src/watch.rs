//! The clock: the wall's for codes and locks, the monotonic one for our own patience.

use std::time::{Duration, Instant, SystemTime};

use antiphon_core::outcome::Trouble;
use antiphon_core::time::UnixTime;

/// How long a lock on the state is tried for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// Where a sign-in has its time from.
pub(crate) trait Watch {
    /// The time on the wall.
    fn now(&self) -> Result<UnixTime, Trouble>;
    /// A new wait: each call pauses and says whether to go on waiting.
    fn patience(&self) -> Box<dyn FnMut() -> bool>;
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

    fn patience(&self) -> Box<dyn FnMut() -> bool> {
        let deadline = Instant::now() + PATIENCE;
        Box::new(move || {
            std::thread::sleep(PAUSE);
            Instant::now() < deadline
        })
    }
}
