//! Which word was probably meant.

/// The entry of `known` that differs from `word` by a typo or two.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|known| (distance(word, known), known))
        .filter(|(distance, known)| *distance <= known.len().min(8) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The number of letters inserted, deleted, replaced or swapped with a neighbour.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    let at = |rows: &[Vec<usize>], row: usize, column: usize| {
        let row = rows.get(row);
        row.and_then(|row| row.get(column))
            .copied()
            .unwrap_or(usize::MAX / 2)
    };
    for (row, letter) in (1..).zip(&one) {
        let mut next = vec![row];
        for (column, known) in (1..).zip(&other) {
            let left = next.last().copied().unwrap_or_default() + 1;
            let up = at(&rows, row - 1, column) + 1;
            let both = at(&rows, row - 1, column - 1) + usize::from(letter != known);
            let mut least = left.min(up).min(both);
            let is_swapped = row > 1
                && column > 1
                && one.get(row - 2) == Some(known)
                && other.get(column - 2) == Some(letter);
            if is_swapped {
                least = least.min(at(&rows, row - 2, column - 2) + 1);
            }
            next.push(least);
        }
        rows.push(next);
    }
    at(&rows, one.len(), other.len())
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn a_slip_or_two_are_seen_through_and_another_word_is_not() {
        let known = ["required", "requisite", "sufficient", "optional"];
        assert_eq!(nearest("requird", known), Some("required"));
        assert_eq!(nearest("reuqired", known), Some("required"));
        assert_eq!(nearest("requiste", known), Some("requisite"));
        assert_eq!(nearest("mandatory", known), None);
        assert_eq!(nearest("auht", ["auth", "account"]), Some("auth"));
        assert_eq!(
            nearest("pam_antipon.so", ["pam_antiphon.so"]),
            Some("pam_antiphon.so")
        );
    }

    #[test]
    fn swapped_letters_are_one_slip() {
        for (one, other, expected) in [
            ("", "", 0),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("abc", "xbc", 1),
            ("abc", "abcd", 1),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}
