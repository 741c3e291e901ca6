//! Warnings that something from outside brings about: a few of them tell all, and more would only fill the journal.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::journal;

/// Warnings in one span of time.
const MOST: u32 = 10;
const SPAN: Duration = Duration::from_secs(60);

/// One kind of warning.
pub(crate) struct Seldom(Mutex<Option<Span>>);

struct Span {
    since: Instant,
    warnings: u32,
}

impl Seldom {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Warns, if that has not been done too often lately.
    pub(crate) fn warn(&self, what: fmt::Arguments<'_>) {
        let (says, left_out) = self.count(Instant::now());
        if left_out > 0 {
            journal::warn(format_args!("{left_out} more of these were left out"));
        }
        if says {
            journal::warn(what);
        }
    }

    /// Whether this one is said, and how many were not in the span of time that has ended.
    fn count(&self, now: Instant) -> (bool, u32) {
        let mut span = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |span: &Span| now.saturating_duration_since(span.since) >= SPAN;
        let ended = span.take_if(|span| over(span));
        let left_out = ended.map_or(0, |ended| ended.warnings.saturating_sub(MOST));
        let span = span.get_or_insert(Span {
            since: now,
            warnings: 0,
        });
        span.warnings = span.warnings.saturating_add(1);
        (span.warnings <= MOST, left_out)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{MOST, SPAN, Seldom};

    #[test]
    fn a_flood_is_said_ten_times_a_minute_and_how_long_it_was() {
        let seldom = Seldom::new();
        let begun = Instant::now();
        for _ in 0..MOST {
            assert_eq!(seldom.count(begun), (true, 0));
        }
        for _ in 0..1000 {
            assert_eq!(seldom.count(begun + SPAN / 2), (false, 0));
        }
        assert_eq!(seldom.count(begun + SPAN), (true, 1000));
        assert_eq!(seldom.count(begun + SPAN), (true, 0));
        assert_eq!(seldom.count(begun + SPAN * 3), (true, 0));
    }
}
