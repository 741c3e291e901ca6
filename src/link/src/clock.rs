//! The only place that reads the wall clock.

use std::time::SystemTime;

use antiphon_core::outcome::Trouble;
use antiphon_core::time::{Moment, UnixTime};
use nix::time::{ClockId, clock_gettime};

/// The current time.
///
/// # Errors
/// [`Trouble`] if the clock is before 1970.
pub fn now() -> Result<UnixTime, Trouble> {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map(|since| UnixTime(since.as_secs()))
        .map_err(|_| Trouble::new("clock", &"the clock stands before 1970; set it"))
}

/// `now` and the boot time; if that is unknown, `now`, which is the safe choice.
#[must_use]
pub fn moment(now: UnixTime) -> Moment {
    let up = clock_gettime(ClockId::CLOCK_BOOTTIME).map(|up| up.tv_sec().unsigned_abs());
    Moment {
        now,
        booted: Some(UnixTime(now.0.saturating_sub(up.unwrap_or_default()))),
    }
}
