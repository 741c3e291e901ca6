//! Wall-clock time as a value: the core never asks for the time, it is handed in.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::outcome::Trouble;

/// Seconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX time).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(pub u64);

/// The time, and when the computer was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Now.
    pub now: UnixTime,
    /// When it was started, by the same clock.
    pub booted: UnixTime,
}

/// Where the time comes from: it is asked under the lock that it is judged under.
pub type Clock<'a> = &'a dyn Fn() -> Result<UnixTime, Trouble>;

impl UnixTime {
    /// This instant and `seconds` more; stops at the end of the range.
    #[must_use]
    pub fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `self` until `later`; 0 if `later` is not later.
    #[must_use]
    pub fn until(self, later: Self) -> u64 {
        later.0.saturating_sub(self.0)
    }
}

/// `2026-11-22T20:00:00Z` (RFC 3339, UTC, whole seconds), the form that TOML and the activity file use.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = i64::try_from(self.0)
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .and_then(|instant| instant.format(&Rfc3339).ok());
        match written {
            Some(written) => f.write_str(&written),
            // Past the year 9999, the end of RFC 3339.
            None => write!(f, "@{}", self.0),
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::UnixTime;

    #[test]
    fn an_instant_is_written_as_rfc_3339_in_utc() {
        for (seconds, written) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (1_795_377_600, "2026-11-22T20:00:00Z"),
            (u64::MAX, "@18446744073709551615"),
        ] {
            assert_eq!(UnixTime(seconds).to_string(), written);
        }
    }
}
