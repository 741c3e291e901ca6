//! `--since` and `--until`: points in time, as people type them.

use antiphon_core::time::UnixTime;

use crate::arguments::seconds;
use crate::zone::Zone;

/// What is accepted, for the error.
const RULE: &str = "as in 30m, 2h or 3d (ago), today, yesterday, 2026-11-22, \"2026-11-22 21:00\" or 2026-11-22T20:00:00Z";

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// So many seconds ago.
    Ago(u64),
    /// The beginning of the day so many days ago.
    Day(u64),
    /// What clocks here show, as if it were UTC.
    Local(UnixTime),
    /// An instant.
    At(UnixTime),
}

impl When {
    /// Reads what was typed.
    ///
    /// # Errors
    /// What may be typed.
    pub(crate) fn read(typed: &str) -> Result<Self, String> {
        match typed {
            "now" => return Ok(Self::Ago(0)),
            "today" => return Ok(Self::Day(0)),
            "yesterday" => return Ok(Self::Day(1)),
            _ => {}
        }
        if let Some(ago) = seconds(typed, &(0..=u64::MAX)) {
            return Ok(Self::Ago(ago));
        }
        if let Some(instant) = UnixTime::read(typed) {
            return Ok(Self::At(instant));
        }
        // The same without seconds, or without a time of day.
        let local = typed.replacen(' ', "T", 1);
        ["Z", ":00Z", "T00:00:00Z"]
            .into_iter()
            .find_map(|end| UnixTime::read(&format!("{local}{end}")))
            .map(Self::Local)
            .ok_or_else(|| RULE.to_owned())
    }

    /// The instant, as clocks are set in `zone`.
    pub(crate) fn instant(self, now: UnixTime, zone: &Zone) -> UnixTime {
        match self {
            Self::Ago(seconds) => UnixTime(now.0.saturating_sub(seconds)),
            Self::Day(days) => zone.beginning_of_day(now, days),
            Self::Local(local) => zone.utc_of(local),
            Self::At(instant) => instant,
        }
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;

    use super::When;
    use crate::zone::Zone;

    #[test]
    fn a_time_is_taken_as_people_type_it() {
        let stockholm = Zone::read("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let now = UnixTime::read("2026-11-22T20:00:00Z").unwrap();
        for (typed, meant) in [
            ("now", "2026-11-22T20:00:00Z"),
            ("30m", "2026-11-22T19:30:00Z"),
            ("2h", "2026-11-22T18:00:00Z"),
            ("3d", "2026-11-19T20:00:00Z"),
            ("today", "2026-11-21T23:00:00Z"),
            ("yesterday", "2026-11-20T23:00:00Z"),
            ("2026-11-22", "2026-11-21T23:00:00Z"),
            ("2026-07-01", "2026-06-30T22:00:00Z"),
            ("2026-11-22 21:00", "2026-11-22T20:00:00Z"),
            ("2026-11-22T21:00:30", "2026-11-22T20:00:30Z"),
            ("2026-11-22T20:00:00Z", "2026-11-22T20:00:00Z"),
        ] {
            let when = When::read(typed).unwrap();
            assert_eq!(when.instant(now, &stockholm).to_string(), meant, "{typed}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_examples() {
        for typed in [
            "",
            "h",
            "-2h",
            "+2h",
            "2",
            "2y",
            "2026-13-01",
            "2026-11-22 25:00",
            "tomorrow",
        ] {
            let said = When::read(typed).unwrap_err();
            assert!(said.contains("yesterday"), "{typed}: {said}");
        }
    }
}
