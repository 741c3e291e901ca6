//! Every sentence that a person without root reads, in Swedish and English. Each language is one exhaustive match: a
//! sentence that is missing in one does not compile.

mod english;
mod swedish;

use antiphon_core::record::TelephoneUse;
use antiphon_core::text::Language;

/// A sentence, with what is filled in.
pub(super) enum Text<'a> {
    /// Only root sees others.
    OnlyYourOwn,
    /// The daemon does not answer, and why.
    Away(&'a str),
    /// It cannot answer now.
    Later,
    /// Somebody pressed Ctrl-C.
    Stopped,
    /// The system has no name for the caller.
    Unknown,
    /// Asked too often.
    TooOften,
    /// No sign-in is called so.
    NoSuchSignIn,
    /// Daemon and command are of different versions.
    NotUnderstood,
    /// Root has written nothing down.
    NothingKnown,
    /// A phone, since a date.
    Phone(&'a str, &'a str),
    /// Codes of an app.
    Codes,
    /// A number that ends so, and its uses.
    Number(&'a str, &'a [TelephoneUse]),
    /// So many recovery codes are left.
    RecoveryLeft(u32),
    /// Where ways are changed.
    HowToChange,
    /// Nothing has happened yet.
    NoActivity,
    /// How to say that a sign-in was another's.
    HowToReport,
    /// From this place.
    From(&'a str),
    /// On this computer.
    On(&'a str),
    /// Asked for by another.
    By(&'a str),
    /// The event has been reported.
    IsReported,
    /// Asks which of so many it was.
    WhichOne(usize),
    /// Which sign-in must be said.
    NameIt,
    /// Nothing was reported.
    NothingReported,
    /// It is reported.
    Reported,
    /// It had been.
    ReportedBefore,
    /// What to do now.
    WhatNow,
}

impl Text<'_> {
    /// The sentence; none ends with a newline.
    pub(super) fn in_language(&self, language: Language) -> String {
        match language {
            Language::Swedish => swedish::sentence(self),
            Language::English => english::sentence(self),
        }
    }
}

/// The words of the log, for people.
pub(super) struct Words(pub(super) Language);

impl Words {
    /// `accepted` and its like.
    pub(super) fn outcome(&self, word: &str) -> String {
        self.of(word, swedish::OUTCOMES, english::OUTCOMES)
    }

    /// `approval` and its like.
    pub(super) fn method(&self, word: &str) -> String {
        self.of(word, swedish::METHODS, english::METHODS)
    }

    /// A word that we have none for stands as it is.
    fn of(&self, word: &str, swedish: &[(&str, &str)], english: &[(&str, &str)]) -> String {
        let words = match self.0 {
            Language::Swedish => swedish,
            Language::English => english,
        };
        let known = words.iter().find(|(known, _)| *known == word);
        known.map_or(word, |(_, said)| said).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::method::Method;
    use antiphon_core::record::TelephoneUse;
    use antiphon_core::text::Language;

    use super::{Text, Words, english, swedish};

    #[test]
    fn no_sentence_is_the_same_in_both_languages() {
        for text in [
            Text::OnlyYourOwn,
            Text::Away("x"),
            Text::Later,
            Text::Stopped,
            Text::Unknown,
            Text::TooOften,
            Text::NoSuchSignIn,
            Text::NotUnderstood,
            Text::NothingKnown,
            Text::Phone("Pixel 9", "2026-11-22"),
            Text::Codes,
            Text::Number("21", &[TelephoneUse::Sms]),
            Text::Number("21", &[TelephoneUse::Call]),
            Text::Number("21", &[TelephoneUse::Sms, TelephoneUse::Call]),
            Text::Number("21", &[]),
            Text::RecoveryLeft(0),
            Text::RecoveryLeft(1),
            Text::RecoveryLeft(9),
            Text::HowToChange,
            Text::NoActivity,
            Text::HowToReport,
            Text::From("x"),
            Text::On("x"),
            Text::By("x"),
            Text::IsReported,
            Text::WhichOne(3),
            Text::NameIt,
            Text::NothingReported,
            Text::Reported,
            Text::ReportedBefore,
            Text::WhatNow,
        ] {
            let [swedish, english] =
                [Language::Swedish, Language::English].map(|language| text.in_language(language));
            assert_ne!(swedish, english);
            assert!(!swedish.is_empty() && !swedish.contains('\n') && english.is_ascii());
        }
    }

    #[test]
    fn both_languages_have_the_same_words_of_the_log_and_every_method_has_one() {
        let keys = |words: &[(&'static str, &str)]| -> Vec<&str> {
            words.iter().map(|(word, _)| *word).collect()
        };
        assert_eq!(keys(swedish::OUTCOMES), keys(english::OUTCOMES));
        assert_eq!(keys(swedish::METHODS), keys(english::METHODS));
        for method in Method::ALL.into_iter().chain([Method::Bypass]) {
            let words = Words(Language::Swedish);
            assert_ne!(words.method(method.word()), method.word());
        }
    }
}
