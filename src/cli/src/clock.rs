//! The only place that asks for the time.

use std::time::SystemTime;

use antiphon_core::time::{Moment, UnixTime};
use nix::time::{ClockId, clock_gettime};

/// Now. A clock before 1970 counts as 1970: codes are then wrong, and the confirmation says so.
pub(crate) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    UnixTime(since.map(|past| past.as_secs()).unwrap_or_default())
}

/// Now, and when the computer was started; if nobody knew, now, the safer answer.
pub(crate) fn moment() -> Moment {
    let now = now();
    let up = clock_gettime(ClockId::CLOCK_BOOTTIME).map(|up| up.tv_sec().unsigned_abs());
    Moment {
        now,
        booted: Some(UnixTime(now.0.saturating_sub(up.unwrap_or_default()))),
    }
}
