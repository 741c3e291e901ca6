//! The only place that asks for the time.

use std::time::SystemTime;

use antiphon_core::time::UnixTime;

/// Now. A clock before 1970 counts as 1970: codes are then wrong, and the confirmation says so.
pub(crate) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    UnixTime(since.map(|past| past.as_secs()).unwrap_or_default())
}
