//! Both languages have every sentence, each in its own words.

use super::{EnrolmentText, Entry, Language, Samples, Text, ascii_form};
use crate::record::{TelephoneNumber, TelephoneUse};
use crate::way::Way;

/// Every sentence with every combination of samples, except the labels of a key and a link, which end differently.
pub(super) fn all() -> impl Iterator<Item = Text<'static>> {
    let is_label = |text: &Text<'_>| {
        matches!(
            text,
            Text::Enrolment(EnrolmentText::Key(_) | EnrolmentText::Link(_))
        )
    };
    Text::samples()
        .into_iter()
        .filter(move |text| !is_label(text))
}

/// Words that both languages share.
const SHARED: [&str; 5] = ["app", "disk", "enter", "min", "program"];

fn entries() -> &'static [Entry<'static>] {
    let number: &TelephoneNumber = Box::leak(Box::new(TelephoneNumber {
        tel: "+46701234521".into(),
        uses: vec![TelephoneUse::Sms, TelephoneUse::Call],
    }));
    Box::leak(Box::new([
        Entry::Way(Way::Approval),
        Entry::Way(Way::Code),
        Entry::Way(Way::Telephone(TelephoneUse::Sms, number)),
        Entry::Way(Way::Telephone(TelephoneUse::Call, number)),
        Entry::Way(Way::Recovery),
        Entry::Methods,
        Entry::Cancel,
    ]))
}

fn words(sentence: &str) -> Vec<String> {
    sentence
        .split(|character: char| !character.is_alphabetic())
        // Words in capitals alone are sample codes, or stand for digits.
        .filter(|word| word.contains(char::is_lowercase))
        .map(str::to_lowercase)
        .collect()
}

#[test]
fn every_sentence_is_there_in_both_languages_and_they_differ() {
    for text in all() {
        let (swedish, english) = (
            text.in_language(Language::Swedish),
            text.in_language(Language::English),
        );
        assert_ne!(swedish, english);
        for sentence in [&swedish, &english] {
            assert!(
                sentence.ends_with('.') || sentence.ends_with(": "),
                "{sentence}"
            );
            assert!(
                !sentence.replace('\n', " ").contains(char::is_control),
                "{sentence}"
            );
        }
        assert!(english.is_ascii(), "{english}");
        assert_eq!(
            ascii_form(&swedish).matches('?').count(),
            swedish.matches('?').count(),
            "{swedish}"
        );
        assert!(ascii_form(&swedish).is_ascii(), "{swedish}");
    }
}

#[test]
fn no_word_of_one_language_stands_in_the_other() {
    let of = |language| -> Vec<String> {
        all()
            // The only words that appear in both: programs look for them.
            .map(|text| {
                text.in_language(language)
                    .replace("Verification code / ", "")
            })
            .flat_map(|sentence| words(&sentence))
            .filter(|word| word.chars().count() > 2 && !SHARED.contains(&word.as_str()))
            .collect()
    };
    let english = of(Language::English);
    let both: Vec<String> = of(Language::Swedish)
        .into_iter()
        .filter(|word| english.contains(word))
        .collect();
    assert!(both.is_empty(), "{both:?}");
}

#[test]
fn the_list_of_ways_reads_like_this() {
    let text = Text::Choose(entries());
    assert_eq!(
        text.in_language(Language::English),
        "How do you want to show that it is you?\n\
         1. Approve a request in my authenticator app\n\
         2. Use a verification code\n\
         3. Text +XX XXXXXXXXX21\n\
         4. Call +XX XXXXXXXXX21\n\
         5. Use a recovery code\n\
         6. Look after my methods\n\
         7. Cancel\n\
         Your choice: "
    );
    assert_eq!(
        text.in_language(Language::Swedish),
        "Hur vill du visa att det är du?\n\
         1. Godkänn en begäran i min autentiseringsapp\n\
         2. Använd en verifieringskod\n\
         3. Skicka sms till +XX XXXXXXXXX21\n\
         4. Ring +XX XXXXXXXXX21\n\
         5. Använd en återställningskod\n\
         6. Ändra mina inloggningssätt\n\
         7. Avbryt\n\
         Ditt val: "
    );
}
