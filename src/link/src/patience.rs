//! How a lock is waited for.

use std::time::{Duration, Instant};

use antiphon_core::disk::{Holder, Patience};
use antiphon_core::logline::LogLine;

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// A wait for a lock. A holder that is ended in it is written down.
pub struct LockPatience<L> {
    began: Instant,
    longest: Duration,
    log: L,
}

impl<L: Fn(&LogLine)> LockPatience<L> {
    /// A new one, which lasts no longer than this.
    #[must_use]
    pub fn new(longest: Duration, log: L) -> Self {
        Self {
            began: Instant::now(),
            longest,
            log,
        }
    }
}

impl<L: Fn(&LogLine)> Patience for LockPatience<L> {
    fn pause(&mut self) -> Option<Duration> {
        std::thread::sleep(PAUSE);
        Some(self.began.elapsed()).filter(|waited| *waited < self.longest)
    }

    fn ended(&mut self, holder: &Holder) {
        (self.log)(&holder.log_line());
    }
}
