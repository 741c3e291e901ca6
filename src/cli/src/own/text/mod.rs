//! Every sentence for people without root, in Swedish and English.

mod words;

use antiphon_core::record::TelephoneUse;
use antiphon_core::sentences;

pub(super) use self::words::{METHODS, OUTCOMES, translated};

sentences! {
    /// A sentence and its arguments; none ends with a newline.
    pub(super) enum Text<'a> {
        OnlyYourOwn =>
            "you can see only your own; for others, put sudo before the command",
            "du kan bara se ditt eget; skriv sudo före kommandot för att se andras";
        Away(why: &'a str) =>
            "the service antiphond does not answer ({why}); tell your administrator",
            "tjänsten antiphond svarar inte ({why}); säg till din administratör";
        Later =>
            "that cannot be answered now; try again in a moment",
            "det går inte att svara på just nu; försök igen om en stund";
        /// Somebody pressed Ctrl-C.
        Stopped =>
            "stopped",
            "avbrutet";
        Unknown =>
            "the system does not know who you are; tell your administrator",
            "systemet vet inte vem du är; säg till din administratör";
        TooOften =>
            "too many requests; wait a minute",
            "för många frågor; vänta en minut";
        NoSuchSignIn =>
            "no recent sign-in of yours has that name; antiphon activity shows their names",
            "ingen av dina senaste inloggningar heter så; antiphon activity visar vad de heter";
        NotUnderstood =>
            "the service antiphond is of another version than this command; tell your administrator",
            "tjänsten antiphond är av en annan version än kommandot; säg till din administratör";
        /// Root has not written a summary.
        NothingKnown =>
            "Nothing is known about how you sign in with a second factor. Ask your administrator.",
            "Det finns inga uppgifter om din tvåfaktorsinloggning. Fråga din administratör.";
        Phone(name: &'a str, since: &'a str) =>
            "Phone that approves: {name}, since {since}",
            "Telefon som godkänner: {name}, sedan {since}";
        Account(name: &'a str, provider: &'a str, since: &'a str) =>
            "Account that approves: {name} ({provider}), since {since}",
            "Konto som godkänner: {name} ({provider}), sedan {since}";
        Codes =>
            "Codes from an authenticator app",
            "Koder från en autentiseringsapp";
        Number(ending: &'a str, uses: &'a [TelephoneUse]) =>
            {
                let by = match (uses.contains(&TelephoneUse::Sms), uses.contains(&TelephoneUse::Call)) {
                    (true, true) => "by text message or phone call",
                    (true, false) => "by text message",
                    (false, true) => "by phone call",
                    (false, false) => "not in use",
                };
                format!("Codes to the number ending in {ending}, {by}")
            },
            {
                let by = match (uses.contains(&TelephoneUse::Sms), uses.contains(&TelephoneUse::Call)) {
                    (true, true) => "som sms eller samtal",
                    (true, false) => "som sms",
                    (false, true) => "som samtal",
                    (false, false) => "används inte",
                };
                format!("Koder till numret som slutar på {ending}, {by}")
            };
        RecoveryLeft(left: u32) =>
            { match left {
                    0 => "No recovery codes left: ask your administrator for new ones".to_owned(),
                    1 => "1 recovery code left".to_owned(),
                    left => format!("{left} recovery codes left"),
                } },
            { match left {
                    0 => "Inga återställningskoder kvar: be din administratör om nya".to_owned(),
                    1 => "1 återställningskod kvar".to_owned(),
                    left => format!("{left} återställningskoder kvar"),
                } };
        HowToChange =>
            "To change something, choose it at a sign-in (type ? at the prompt), or ask your administrator.",
            "Vill du ändra något: välj det vid en inloggning (skriv ? vid frågan), eller be din administratör.";
        NoActivity =>
            "No activity yet.",
            "Inga händelser än.";
        HowToReport =>
            "Was one of them not you? Type antiphon report and its name from the first column.",
            "Var det någon som inte var du? Skriv antiphon report och namnet i första kolumnen.";
        From(place: &'a str) =>
            "from {place}",
            "från {place}";
        On(host: &'a str) =>
            "on {host}",
            "på {host}";
        Times(count: u32, since: &'a str) =>
            "{count} times since {since}",
            "{count} gånger sedan {since}";
        /// The caller, if somebody else.
        By(caller: &'a str) =>
            "asked by {caller}",
            "begärd av {caller}";
        IsReported =>
            "reported as not you",
            "anmäld: det var inte du";
        WhichOne(most: usize) =>
            "Which one was not you? [1-{most}, or Enter for none] ",
            "Vilken var inte du? [1-{most}, eller Enter för ingen] ";
        NameIt =>
            "say which sign-in, by its name in antiphon activity: antiphon report NAME",
            "säg vilken inloggning, med namnet från antiphon activity: antiphon report NAMN";
        NothingReported =>
            "Nothing was reported.",
            "Inget anmäldes.";
        Reported =>
            "Reported. It is now in your administrator's log.",
            "Anmält. Det står nu i administratörens logg.";
        ReportedBefore =>
            "That sign-in has been reported before.",
            "Den inloggningen är redan anmäld.";
        WhatNow =>
            "Change your password now, since someone may know it, and talk to your administrator.",
            "Byt lösenord nu, eftersom någon annan kan känna till det, och tala med din administratör.";
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use antiphon_core::activity::{METHODS, OUTCOMES};
    use antiphon_core::method::Method;
    use antiphon_core::text::{Language, Samples};

    use super::Text;
    use super::words::{self, Word};

    #[test]
    fn no_sentence_is_the_same_in_both_languages() {
        for text in Text::samples() {
            let [swedish, english] =
                [Language::Swedish, Language::English].map(|language| text.in_language(language));
            assert_ne!(swedish, english);
            assert!(!swedish.is_empty() && !swedish.contains('\n') && english.is_ascii());
        }
    }

    const PAGE: [&str; 2] = [
        include_str!("../../../../page/files/english.js"),
        include_str!("../../../../page/files/swedish.js"),
    ];

    /// The page's term for `word` in its list `list`.
    fn on_page<'p>(page: &'p str, list: &str, word: &str) -> Option<&'p str> {
        let words = page.split_once(&format!("  {list}: {{"))?.1;
        let words = words.split_once("\n  }")?.0;
        let (_, said) = words.split_once(&format!(" {word}: \""))?;
        Some(said.split_once('"')?.0)
    }

    #[test]
    fn every_word_of_an_event_has_a_sentence_in_both_languages_in_the_command_and_on_the_page() {
        let lists: [(&str, &[&str], &[Word]); 2] = [
            ("events", &OUTCOMES, words::OUTCOMES),
            ("methods", &METHODS, words::METHODS),
        ];
        for (list, written, known) in lists {
            for word in written {
                let said = known.iter().find(|known| known.key == *word);
                let said = said.unwrap_or_else(|| panic!("{word}"));
                assert!(
                    said.english != said.swedish && !said.english.is_empty(),
                    "{word}"
                );
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
        // The words that the command and the module write themselves.
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

    /// The source files in a folder.
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
