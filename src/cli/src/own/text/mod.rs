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
    /// So often, since then.
    Times(u32, &'a str),
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
    use std::fs;
    use std::path::Path;

    use antiphon_core::activity::{METHODS, OUTCOMES};
    use antiphon_core::method::Method;
    use antiphon_core::record::TelephoneUse;
    use antiphon_core::text::Language;

    use super::{Text, english, swedish};

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
            Text::Times(12, "2026-11-22 21:00 CET"),
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

    const PAGE: [&str; 2] = [
        include_str!("../../../../daemon/page/english.js"),
        include_str!("../../../../daemon/page/swedish.js"),
    ];

    /// What `word` is called in the list `list` of the page.
    fn on_page<'p>(page: &'p str, list: &str, word: &str) -> Option<&'p str> {
        let words = page.split_once(&format!("  {list}: {{"))?.1;
        let words = words.split_once("\n  }")?.0;
        let (_, said) = words.split_once(&format!(" {word}: \""))?;
        Some(said.split_once('"')?.0)
    }

    #[test]
    fn every_word_of_an_event_has_a_sentence_in_both_languages_in_the_command_and_on_the_page() {
        for (list, words, known) in [
            (
                "events",
                &OUTCOMES[..],
                [english::OUTCOMES, swedish::OUTCOMES],
            ),
            (
                "methods",
                &METHODS[..],
                [english::METHODS, swedish::METHODS],
            ),
        ] {
            for word in words {
                let said = known.map(|known| known.iter().find(|(known, _)| known == word));
                let [english, swedish] =
                    said.map(|said| said.unwrap_or_else(|| panic!("{word}")).1);
                assert!(english != swedish && !english.is_empty(), "{word}");
                let [english, swedish] = PAGE.map(|page| on_page(page, list, word));
                assert!(
                    english.is_some() && swedish.is_some() && english != swedish,
                    "{word}"
                );
            }
        }
    }

    #[test]
    fn every_word_that_is_written_down_is_known() {
        for method in Method::ALL
            .into_iter()
            .chain([Method::Bypass, Method::Enrolment])
        {
            assert!(METHODS.contains(&method.word()), "{}", method.word());
        }
        let outcomes = include_str!("../../../../core/src/outcome.rs");
        let (_, outcomes) = outcomes.split_once("pub fn word(&self)").unwrap();
        let (outcomes, _) = outcomes.split_once("/// ").unwrap();
        for arm in outcomes.split("=> \"").skip(1) {
            let word = arm.split_once('"').unwrap().0;
            assert!(OUTCOMES.contains(&word), "{word}");
        }
        let named = include_str!("../../../../core/src/activity.rs");
        for constant in named.split("pub const ").skip(1) {
            if let Some((_, rest)) = constant
                .split_once(": &str = \"")
                .filter(|(name, _)| !name.contains('\n'))
            {
                let word = rest.split_once('"').unwrap().0;
                assert!(OUTCOMES.contains(&word), "{word}");
            }
        }
        // What the command writes, and the module of itself.
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let mut written = 0;
        for (field, known) in [("outcome: \"", &OUTCOMES[..]), ("method: \"", &METHODS[..])] {
            for crate_ in ["cli/src", "pam/src"] {
                for text in texts(&Path::new(source).join(crate_)) {
                    for rest in text.split(field).skip(1) {
                        let word = rest.split_once('"').unwrap().0;
                        assert!(known.contains(&word), "{field}{word}");
                        written += 1;
                    }
                }
            }
        }
        assert!(written > 10, "{written}");
    }

    /// The sources in a folder.
    fn texts(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let texts = entries.flat_map(|path| {
            if path.is_dir() {
                texts(&path)
            } else {
                vec![fs::read_to_string(path).unwrap()]
            }
        });
        texts.collect()
    }
}
