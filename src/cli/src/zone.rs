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

/// Where the system keeps time zone files, as for the C library.
const SETTINGS: TimeZoneSettings<'static> =
    TimeZoneSettings::new(&["/usr/share/zoneinfo", "/etc/zoneinfo"], read);

pub(crate) struct Zone(TimeZone);

impl Zone {
    /// The zone in `TZ` (POSIX.1-2024, XBD 8.3), or else the host's; UTC if there is none or it is invalid.
    pub(crate) fn of_environment() -> Self {
        let named = std::env::var_os("TZ");
        let found = match named.as_ref().map(|named| named.to_str()) {
            None => SETTINGS.parse_local(),
            Some(named) => SETTINGS.parse_posix_tz(named.unwrap_or_default()),
        };
        found.map_or_else(|_| Self::utc(), Self)
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
    use super::{SETTINGS, Zone, read};

    fn zone(named: &str) -> Zone {
        Zone(SETTINGS.parse_posix_tz(named).unwrap())
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
