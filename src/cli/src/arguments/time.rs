//! Spans of time as they are typed: `30s`, `2m`, `1d`.

use std::ops::RangeInclusive;

/// The seconds that `typed` means, if they are in `range`.
pub(crate) fn seconds(typed: &str, range: &RangeInclusive<u64>) -> Option<u64> {
    let units = [('s', 1), ('m', 60), ('h', 60 * 60), ('d', 24 * 60 * 60)];
    let seconds = units.into_iter().find_map(|(letter, unit)| {
        let number = typed.strip_suffix(letter)?;
        // Rules out the sign that parse would accept.
        let plain = number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = number.parse().ok().filter(|_| plain)?;
        number.checked_mul(unit)
    });
    seconds.filter(|seconds| range.contains(seconds))
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_number_with_its_unit_is_a_time_and_nothing_else_is() {
        for (typed, meant) in [
            ("1s", Some(1)),
            ("2m", Some(120)),
            ("1h", Some(3600)),
            ("0s", None),
            ("2h", None),
            ("2", None),
            ("m", None),
            ("", None),
            ("+2m", None),
            ("-2m", None),
            ("2 m", None),
            ("2å", None),
            ("99999999999999999999d", None),
            ("9999999999999999999d", None),
        ] {
            assert_eq!(seconds(typed, &(1..=3600)), meant, "{typed:?}");
        }
    }
}
