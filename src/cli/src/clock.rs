//! The wall clock.

use antiphon_core::time::UnixTime;
use antiphon_link::clock;

/// The current time. A clock before 1970 counts as 1970: codes are wrong then, and the confirmation says so.
pub(crate) fn now() -> UnixTime {
    clock::now().unwrap_or(UnixTime(0))
}
