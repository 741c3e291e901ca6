//! The only place that asks for the time on the wall.

use std::time::SystemTime;

use antiphon_core::outcome::Trouble;
use antiphon_core::time::{Moment, UnixTime};
use nix::time::{ClockId, clock_gettime};

/// Now.
///
/// # Errors
/// [`Trouble`] before 1970.
pub fn now() -> Result<UnixTime, Trouble> {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map(|since| UnixTime(since.as_secs()))
        .map_err(|_| Trouble::new("clock", &"the clock stands before 1970; set it"))
}

/// `now`, and when the computer was started; if nobody knows that, `now`, the safer answer.
#[must_use]
pub fn moment(now: UnixTime) -> Moment {
    let up = clock_gettime(ClockId::CLOCK_BOOTTIME).map(|up| up.tv_sec().unsigned_abs());
    Moment {
        now,
        booted: Some(UnixTime(now.0.saturating_sub(up.unwrap_or_default()))),
    }
}
