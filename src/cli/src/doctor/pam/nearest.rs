//! Which word was probably meant.

/// The entry of `known` that differs from `word` by a typo or two.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(word, known), known))
        .filter(|(distance, known)| *distance <= known.len().min(8) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

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
}
