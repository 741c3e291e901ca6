//! Wall-clock time as a value: the core never reads the clock, the time is passed in.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, Time};
use toml_datetime::Datetime;

use crate::trouble::Trouble;

/// Seconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX time).
#[derive(Default, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(pub u64);

/// The time, and the boot time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Now.
    pub now: UnixTime,
    /// The boot time by the same clock, if looked up.
    pub booted: Option<UnixTime>,
}

/// The clock, which is read under the lock whose state it is used to judge.
pub type Clock<'a> = &'a dyn Fn() -> Result<UnixTime, Trouble>;

impl UnixTime {
    /// This instant plus `seconds`, saturating.
    #[must_use]
    pub fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Parses `2026-11-22T20:00:00Z`, the only accepted form.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let read: Datetime = text.parse().ok()?;
        let time = read.time?;
        let time = Time::from_hms(time.hour, time.minute, time.second?).ok()?;
        let instant = day_of(read.date?)?.with_time(time).assume_utc();
        let read = Self(instant.unix_timestamp().try_into().ok()?);
        (read.to_string() == text).then_some(read)
    }

    /// Seconds from `self` until `later`; 0 if `later` is not later.
    #[must_use]
    pub fn until(self, later: Self) -> u64 {
        later.0.saturating_sub(self.0)
    }
}

/// `2026-11-22T20:00:00Z` (RFC 3339, UTC, whole seconds), as in TOML and the activity file.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = i64::try_from(self.0)
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .and_then(|instant| instant.format(&Rfc3339).ok());
        match written {
            Some(written) => f.write_str(&written),
            // Beyond the year 9999, where RFC 3339 ends.
            None => write!(f, "@{}", self.0),
        }
    }
}

/// A date in TOML as one of the calendar.
pub(crate) fn day_of(date: toml_datetime::Date) -> Option<Date> {
    let month = Month::try_from(date.month).ok()?;
    Date::from_calendar_date(date.year.into(), month, date.day).ok()
}

#[cfg(test)]
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

    #[test]
    fn an_instant_comes_back_as_it_was_written() {
        let mut moment = 0;
        while moment < 7_300_000_000 {
            let instant = UnixTime(moment);
            assert_eq!(UnixTime::read(&instant.to_string()), Some(instant));
            // A little over nine days, so that the time of day varies.
            moment += 799_999;
        }
        for leap in [951_782_399, 951_782_400, 4_107_542_399, 4_107_542_400].map(UnixTime) {
            assert_eq!(UnixTime::read(&leap.to_string()), Some(leap));
        }
    }

    #[test]
    fn what_is_no_instant_gives_none() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T20:00:00",
            "2026-11-22T20:00:00+01:00",
            "2026-13-22T20:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T20:00:00.5Z",
            "+2026-11-22T20:00:00Z",
            "1969-12-31T23:59:59Z",
            "@99999999999999",
        ] {
            assert_eq!(UnixTime::read(text), None, "{text}");
        }
    }
}
