//! Waiting for a lock.

use std::time::{Duration, Instant};

use antiphon_core::disk::{Holder, Patience};
use antiphon_core::logline::LogLine;

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// A wait for a lock. Holders killed during it are logged.
pub struct LockPatience<L> {
    began: Instant,
    longest: Duration,
    log: L,
}

impl<L: Fn(&LogLine)> LockPatience<L> {
    /// A wait of at most `longest`.
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
