//! Moments as the activity file has them, in Unix seconds.

/// The seconds of `2026-11-22T20:00:00Z`, the one form that [`antiphon_core::time::UnixTime`] is written in.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let fits = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    fits.then(|| ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

/// Days from 1970-01-01. The year begins in March here, so that the odd month and day come last.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    // 153 days in each five months from March on; 719,468 days to 1970 from the March of year 0.
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

fn numbers(text: &str, between: char) -> Option<[u64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    });
    let read = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(read)
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;

    use super::seconds;

    #[test]
    fn a_moment_comes_back_as_it_was_written() {
        let mut moment = 0;
        while moment < 7_300_000_000 {
            assert_eq!(seconds(&UnixTime(moment).to_string()), Some(moment));
            // A little over nine days, at another time of day each time.
            moment += 799_999;
        }
        for leap in [951_782_399, 951_782_400, 4_107_542_399, 4_107_542_400] {
            assert_eq!(seconds(&UnixTime(leap).to_string()), Some(leap));
        }
    }

    #[test]
    fn what_is_no_moment_gives_none() {
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
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
