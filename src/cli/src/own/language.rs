//! The caller's language.

use std::env;

use antiphon_core::text::Language;

/// The language in the environment (POSIX.1-2017, XBD 8.2: the first of these variables that is set and not empty).
pub(super) fn of_environment() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(env::var_os)
        .find(|value| !value.is_empty());
    of_locale(&locale.unwrap_or_default().to_string_lossy())
}

/// `sv_SE.UTF-8` and `sv` are Swedish; anything unknown is English.
fn of_locale(locale: &str) -> Language {
    let tag = locale.split(['_', '.', '@']).next().unwrap_or_default();
    Language::from_tag(tag).unwrap_or(Language::English)
}

#[cfg(test)]
mod tests {
    use antiphon_core::text::Language;

    use super::of_locale;

    #[test]
    fn a_locale_of_sweden_or_finland_in_swedish_is_swedish_and_others_are_english() {
        for locale in ["sv", "sv_SE", "sv_SE.UTF-8", "sv_FI@euro", "sv.UTF-8"] {
            assert_eq!(of_locale(locale), Language::Swedish, "{locale}");
        }
        for locale in ["", "C", "C.UTF-8", "POSIX", "en_GB.UTF-8", "svk", "de_DE"] {
            assert_eq!(of_locale(locale), Language::English, "{locale}");
        }
    }
}
