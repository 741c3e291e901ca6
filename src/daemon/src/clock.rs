//! The time of day, asked for here alone.

use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::time::UnixTime;

/// The system's clock now; a clock before 1970 counts as 1970.
pub(crate) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    UnixTime(since.map_or(0, |since| since.as_secs()))
}
