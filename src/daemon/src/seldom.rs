//! Rate-limits log lines caused from outside: a few say it all, and more would only fill the journal.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::log;

/// The default number of lines per span of time.
const MOST: u32 = 10;
const SPAN: Duration = Duration::from_secs(60);

/// One kind of line.
pub(crate) struct Seldom {
    most: u32,
    span: Mutex<Option<Span>>,
}

struct Span {
    since: Instant,
    warnings: u32,
}

impl Seldom {
    pub(crate) const fn new() -> Self {
        Self::at_most(MOST)
    }

    /// For lines that need saying only once.
    pub(crate) const fn once_a_minute() -> Self {
        Self::at_most(1)
    }

    const fn at_most(most: u32) -> Self {
        Self {
            most,
            span: Mutex::new(None),
        }
    }

    /// Warns, unless there were too many lately.
    pub(crate) fn warn(&self, what: fmt::Arguments<'_>) {
        self.say(log::warn, what);
    }

    /// Likewise with [`log::note`].
    pub(crate) fn note(&self, what: fmt::Arguments<'_>) {
        self.say(log::note, what);
    }

    /// Likewise with [`log::fail`].
    pub(crate) fn fail(&self, what: fmt::Arguments<'_>) {
        self.say(log::fail, what);
    }

    fn say(&self, line: fn(fmt::Arguments<'_>), what: fmt::Arguments<'_>) {
        let (says, left_out) = self.count(Instant::now());
        if left_out > 0 {
            line(format_args!(
                "{left_out} more lines like the next one were left out"
            ));
        }
        if says {
            line(what);
        }
    }

    /// Whether to log this one, and how many were dropped in the span that has just ended.
    fn count(&self, now: Instant) -> (bool, u32) {
        let mut span = self.span.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |span: &Span| now.saturating_duration_since(span.since) >= SPAN;
        let ended = span.take_if(|span| over(span));
        let left_out = ended.map_or(0, |ended| ended.warnings.saturating_sub(self.most));
        let span = span.get_or_insert(Span {
            since: now,
            warnings: 0,
        });
        span.warnings = span.warnings.saturating_add(1);
        (span.warnings <= self.most, left_out)
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

    #[test]
    fn what_one_line_tells_is_said_once_a_minute() {
        let seldom = Seldom::once_a_minute();
        let begun = Instant::now();
        assert_eq!(seldom.count(begun), (true, 0));
        assert_eq!(seldom.count(begun), (false, 0));
        assert_eq!(seldom.count(begun + SPAN), (true, 1));
    }
}
