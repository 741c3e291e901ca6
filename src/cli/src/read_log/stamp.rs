//! The time at the beginning of a line of a log file, in the two forms that syslog daemons write.

use antiphon_core::time::UnixTime;

use crate::zone::Zone;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAY: u64 = 24 * 60 * 60;

/// The time that `line` begins with, and what follows it and a blank. `written` is when the file was last written to: the
/// older form has no year.
pub(super) fn read<'l>(
    line: &'l str,
    written: UnixTime,
    zone: &Zone,
) -> Option<(UnixTime, &'l str)> {
    with_offset(line).or_else(|| without_year(line, written, zone))
}

/// `2026-11-22T21:00:00.123456+01:00` (RFC 3339).
fn with_offset(line: &str) -> Option<(UnixTime, &str)> {
    let (stamp, rest) = line.split_once(' ')?;
    let (clock, after) = stamp.split_at_checked("2026-11-22T21:00:00".len())?;
    let local = UnixTime::read(&format!("{clock}Z"))?;
    let zone =
        after.trim_start_matches(|character: char| character == '.' || character.is_ascii_digit());
    if zone == "Z" {
        return Some((local, rest));
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let offset = 3600 * hours.parse::<i64>().ok()? + 60 * minutes.parse::<i64>().ok()?;
    let offset = match zone.get(..1)? {
        "+" => -offset,
        "-" => offset,
        _ => return None,
    };
    Some((UnixTime(local.0.checked_add_signed(offset)?), rest))
}

/// `Nov 22 21:00:00` or `Nov  2 21:00:00` (RFC 3164), in this computer's time zone.
fn without_year<'l>(line: &'l str, written: UnixTime, zone: &Zone) -> Option<(UnixTime, &'l str)> {
    let (stamp, rest) = line.split_at_checked("Nov 22 21:00:00".len())?;
    let month = MONTHS.iter().position(|month| stamp.starts_with(month))? + 1;
    let day: u32 = stamp.get(4..6)?.trim_start().parse().ok()?;
    let clock = stamp.get(7..)?;
    let this_year: u32 = zone.show_day(&written.to_string()).get(..4)?.parse().ok()?;
    // The latest year in which it was written before the file was; a day is for clocks that were set.
    let time = [this_year + 1, this_year, this_year.checked_sub(1)?]
        .into_iter()
        .filter_map(|year| UnixTime::read(&format!("{year:04}-{month:02}-{day:02}T{clock}Z")))
        .map(|local| zone.utc_of(local))
        .find(|time| *time <= written.plus(DAY))?;
    Some((time, rest.strip_prefix(' ')?))
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;

    use super::read;
    use crate::zone::Zone;

    #[test]
    fn a_time_of_either_form_is_known_and_the_year_by_the_file() {
        let stockholm = Zone::read("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        for (written, line, time) in [
            (
                "2026-11-22T20:30:00Z",
                "Nov 22 21:00:00 harbour x",
                "2026-11-22T20:00:00Z",
            ),
            (
                "2026-11-22T20:30:00Z",
                "Nov  2 21:00:00 harbour x",
                "2026-11-02T20:00:00Z",
            ),
            (
                "2026-11-22T20:30:00Z",
                "Dec 31 23:59:59 harbour x",
                "2025-12-31T22:59:59Z",
            ),
            (
                "2026-12-31T23:30:00Z",
                "Jan  1 00:10:00 harbour x",
                "2026-12-31T23:10:00Z",
            ),
            (
                "2028-03-01T00:00:00Z",
                "Feb 29 12:00:00 harbour x",
                "2028-02-29T11:00:00Z",
            ),
            (
                "2026-11-22T20:30:00Z",
                "2026-07-22T21:00:00.123456+02:00 harbour x",
                "2026-07-22T19:00:00Z",
            ),
            (
                "2026-11-22T20:30:00Z",
                "2026-11-22T10:30:00-09:30 harbour x",
                "2026-11-22T20:00:00Z",
            ),
            (
                "2026-11-22T20:30:00Z",
                "2026-11-22T20:00:00Z harbour x",
                "2026-11-22T20:00:00Z",
            ),
        ] {
            let written = UnixTime::read(written).unwrap();
            let (read, rest) = read(line, written, &stockholm).unwrap();
            assert_eq!(
                (read.to_string().as_str(), rest),
                (time, "harbour x"),
                "{line}"
            );
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        let written = UnixTime::read("2026-11-22T20:30:00Z").unwrap();
        for line in [
            "",
            "x",
            "Nov",
            "Nov 22 21:00",
            "Nov 32 21:00:00 x",
            "Nov 22 21:00:00x",
            "Nov 2å 21:00:00 x",
            "2026-11-22T21:00:00 x",
            "2026-11-22T21:00:00+0100 x",
            "2026-11-22T21:00:00*01:00 x",
            "ååååååååååååååååååå x",
        ] {
            assert_eq!(read(line, written, &Zone::utc()), None, "{line}");
        }
    }
}
