//! The only place that reads the wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::time::UnixTime;

/// The current time; a clock before 1970 counts as 1970.
pub(crate) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    UnixTime(since.map_or(0, |since| since.as_secs()))
}
