//! Times in the reader's time zone.

use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;

use antiphon_core::time::UnixTime;
use nix::fcntl::OFlag;
use tz::timezone::{TimeZone, TimeZoneSettings};

/// The largest accepted time zone file, in bytes; they usually have about two thousand.
const MOST: u64 = 64 * 1024;

/// Seconds.
const DAY: u64 = 24 * 60 * 60;

/// Where the system keeps time zone files, as for the C library.
const SETTINGS: TimeZoneSettings<'static> =
    TimeZoneSettings::new(&["/usr/share/zoneinfo", "/etc/zoneinfo"], read);

pub(crate) struct Zone(TimeZone);

impl Zone {
    /// The zone in `TZ` (POSIX.1-2024, XBD 8.3), or else the host's; UTC if there is none or it is invalid.
    pub(crate) fn of_environment() -> Self {
        match std::env::var_os("TZ") {
            None => Self::of_host(),
            Some(named) => Self::read(named.to_str().unwrap_or_default()).unwrap_or_else(Self::utc),
        }
    }

    /// The host's zone, whatever `TZ` says; UTC if there is none.
    pub(crate) fn of_host() -> Self {
        SETTINGS.parse_local().map_or_else(|_| Self::utc(), Self)
    }

    /// The zone that `TZ` would name by this; `None` if it is invalid.
    pub(crate) fn read(named: &str) -> Option<Self> {
        SETTINGS.parse_posix_tz(named).ok().map(Self)
    }

    pub(crate) fn utc() -> Self {
        Self(TimeZone::utc())
    }

    /// `2026-11-22 21:00:00 CET` for `2026-11-22T20:00:00Z`; anything that is not a time is returned unchanged.
    pub(crate) fn show(&self, written: &str) -> String {
        self.cut(written, 19, true)
    }

    /// The same without seconds.
    pub(crate) fn show_minute(&self, written: &str) -> String {
        self.cut(written, 16, true)
    }

    /// `2026-11-22`.
    pub(crate) fn show_day(&self, written: &str) -> String {
        self.cut(written, 10, false)
    }

    /// The instant at which clocks there show `local`, which is written as if it were UTC. Of a time that clocks show
    /// twice, or never, one near it.
    pub(crate) fn utc_of(&self, local: UnixTime) -> UnixTime {
        let before = |shown: UnixTime, instant: UnixTime| {
            UnixTime(shown.0.saturating_add_signed(-self.offset(instant)))
        };
        // The offset is that of the instant, which is known better the second time.
        before(local, before(local, local))
    }

    /// The midnight with which the day of `now` began there, or the day so many days before.
    pub(crate) fn beginning_of_day(&self, now: UnixTime, days_before: u64) -> UnixTime {
        let day = now.0.saturating_add_signed(self.offset(now)) / DAY;
        self.utc_of(UnixTime(day.saturating_sub(days_before) * DAY))
    }

    /// Seconds east of UTC.
    fn offset(&self, instant: UnixTime) -> i64 {
        let instant = i64::try_from(instant.0).unwrap_or(i64::MAX);
        let kind = self.0.find_local_time_type(instant);
        kind.map_or(0, |kind| kind.ut_offset().into())
    }

    fn cut(&self, written: &str, length: usize, with_name: bool) -> String {
        let Some((local, name)) = UnixTime::read(written).and_then(|utc| self.local(utc)) else {
            return written.to_owned();
        };
        let local = local.to_string().replace('T', " ");
        let local = local.get(..length).unwrap_or(&local);
        if with_name {
            format!("{local} {name}")
        } else {
            local.to_owned()
        }
    }

    /// The instant whose UTC time equals the local time at `utc`, and the zone's abbreviation then.
    fn local(&self, utc: UnixTime) -> Option<(UnixTime, &str)> {
        let kind = self
            .0
            .find_local_time_type(i64::try_from(utc.0).ok()?)
            .ok()?;
        let seconds = utc.0.checked_add_signed(kind.ut_offset().into())?;
        // Some zones are named after their offset, and UTC may have an empty name.
        let name = kind.time_zone_designation();
        Some((
            UnixTime(seconds),
            if name.is_empty() { "UTC" } else { name },
        ))
    }
}

/// Reads a whole regular file of limited size: the user who sets `TZ` could name anything.
fn read(path: &str) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let file = File::options()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err("is not a file".into());
    }
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;

    use super::{SETTINGS, Zone, read};

    fn zone(named: &str) -> Zone {
        Zone::read(named).unwrap()
    }

    #[test]
    fn an_instant_is_found_by_what_clocks_show_also_where_they_are_changed() {
        let stockholm = zone("CET-1CEST,M3.5.0,M10.5.0/3");
        for utc in [
            "2026-03-29T00:59:59Z",
            "2026-03-29T01:00:00Z",
            "2026-07-22T22:30:01Z",
            "2026-10-25T02:00:00Z",
            "2026-11-22T20:00:00Z",
        ] {
            let instant = UnixTime::read(utc).unwrap();
            let (local, _) = stockholm.local(instant).unwrap();
            assert_eq!(stockholm.utc_of(local), instant, "{utc}");
        }
        let now = UnixTime::read("2026-11-22T23:30:00Z").unwrap();
        let midnight = stockholm.beginning_of_day(now, 0);
        assert_eq!(midnight.to_string(), "2026-11-22T23:00:00Z");
    }

    #[test]
    fn a_time_is_shown_as_clocks_show_it_there_and_by_its_name() {
        let stockholm = zone("CET-1CEST,M3.5.0,M10.5.0/3");
        for (utc, local) in [
            ("2026-11-22T20:00:00Z", "2026-11-22 21:00:00 CET"),
            ("2026-07-22T22:30:01Z", "2026-07-23 00:30:01 CEST"),
            ("2026-12-31T23:00:00Z", "2027-01-01 00:00:00 CET"),
            ("yesterday", "yesterday"),
            ("2026-11-22", "2026-11-22"),
        ] {
            assert_eq!(stockholm.show(utc), local);
        }
        let utc = "2026-11-22T23:30:00Z";
        assert_eq!(stockholm.show_minute(utc), "2026-11-23 00:30 CET");
        assert_eq!(stockholm.show_day(utc), "2026-11-23");
        assert_eq!(Zone::utc().show(utc), "2026-11-22 23:30:00 UTC");
        assert_eq!(
            zone("<-0930>9:30").show_minute(utc),
            "2026-11-22 14:00 -0930"
        );
    }

    #[test]
    fn a_zone_that_is_no_file_or_without_end_is_not_read() {
        for path in ["/dev/zero", "/dev/tty", "/usr", "/proc/self/fd", "/nowhere"] {
            assert!(read(path).is_err(), "{path}");
            assert!(SETTINGS.parse_posix_tz(path).is_err(), "{path}");
        }
    }
}
