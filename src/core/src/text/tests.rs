//! Both languages say everything, each in its own words.

use super::{Besides, Entry, Language, Text, ascii_form};
use crate::record::{TelephoneNumber, TelephoneUse};
use crate::state::Quiet;
use crate::way::Way;

/// Every kind of text with every difference that its fields make. The match below is what keeps it whole.
pub(super) fn all(entries: &'static [Entry<'static>]) -> Vec<Text<'static>> {
    let mut all = vec![
        Text::Choose(entries),
        Text::NoSuchChoice(6),
        Text::Sending(TelephoneUse::Sms, "+XX XXXXXXXXX21"),
        Text::Sending(TelephoneUse::Call, "+XX XXXXXXXXX21"),
        Text::NotSent(TelephoneUse::Sms),
        Text::NotSent(TelephoneUse::Call),
        Text::TooManySent(30),
        Text::TooManySent(600),
        Text::TooManySent(80_000),
        Text::ExpiredCode,
        Text::NotAllowed,
        Text::NoMethodAllowed,
        Text::Reported,
        Text::NotYetApproved,
        Text::WrongNumber,
        Text::WrongApproval,
        Text::ApprovalExpired,
        Text::PhoneBusy,
        Text::PhoneAway,
        Text::PhoneQuiet(Quiet::Reported, 840),
        Text::Approved,
        Text::WrongCode,
        Text::UsedCode(12),
        Text::UseUnknown(12),
        Text::ReadOnly,
        Text::UseUnknown(0),
        Text::UsedCode(0),
        Text::ClockWasAhead,
        Text::WrongRecovery,
        Text::WrongBypass,
        Text::UsedRecovery,
        Text::RecoveryClosed,
        Text::Malformed(6),
        Text::MalformedRecovery,
        Text::Empty,
        Text::Locked(30),
        Text::Locked(600),
        Text::Closed,
        Text::NotEnrolled,
        Text::Unavailable,
        Text::CannotAsk,
        Text::Missed(1, ""),
        Text::Missed(1, "203.0.113.5"),
        Text::Missed(7, ""),
        Text::Missed(7, "203.0.113.5"),
        Text::Unfinished(1, ""),
        Text::Unfinished(1, "203.0.113.5"),
        Text::Unfinished(7, ""),
        Text::Unfinished(7, "203.0.113.5"),
        Text::RecoveryLeft(0),
        Text::RecoveryLeft(1),
        Text::RecoveryLeft(9),
    ];
    for others in [false, true] {
        for digits in [6, 8] {
            all.push(Text::CodePrompt { digits, others });
        }
        all.push(Text::RecoveryPrompt { others });
        for by in [TelephoneUse::Sms, TelephoneUse::Call] {
            let tel = "+XX XXXXXXXXX21";
            all.push(Text::SentPrompt { by, tel, others });
        }
        for besides in [
            Besides::Code(6),
            Besides::Code(8),
            Besides::Recovery,
            Besides::Nothing,
        ] {
            for enter in [false, true] {
                all.push(Text::ApprovalPrompt {
                    number: "42",
                    besides,
                    enter,
                    others,
                });
            }
        }
    }
    all.extend(super::enrolment::all().into_iter().map(Text::Enrolment));
    all.extend(super::methods::all().into_iter().map(Text::Methods));
    all
}

/// A kind of text that is not in the list above: whoever adds one has to come here, and then the count is wrong.
fn kind(text: &Text<'_>) -> usize {
    match text {
        Text::CodePrompt { .. } => 0,
        Text::ApprovalPrompt { .. } => 1,
        Text::SentPrompt { .. } => 2,
        Text::Choose(_) => 3,
        Text::NoSuchChoice(_) => 4,
        Text::Sending(..) => 5,
        Text::NotSent(_) => 6,
        Text::TooManySent(_) => 7,
        Text::ExpiredCode => 8,
        Text::NotAllowed => 9,
        Text::NoMethodAllowed => 10,
        Text::NotYetApproved => 11,
        Text::WrongNumber => 12,
        Text::WrongApproval => 13,
        Text::ApprovalExpired => 14,
        Text::PhoneBusy => 15,
        Text::PhoneAway => 16,
        Text::PhoneQuiet(..) => 17,
        Text::Reported => 18,
        Text::Approved => 19,
        Text::RecoveryPrompt { .. } => 20,
        Text::WrongCode => 21,
        Text::UsedCode(_) => 22,
        Text::ClockWasAhead => 23,
        Text::WrongRecovery => 24,
        Text::UsedRecovery => 25,
        Text::RecoveryClosed => 26,
        Text::Malformed(_) => 27,
        Text::MalformedRecovery => 28,
        Text::Empty => 29,
        Text::Locked(_) => 30,
        Text::Closed => 31,
        Text::NotEnrolled => 32,
        Text::Unavailable => 33,
        Text::CannotAsk => 34,
        Text::Missed(..) => 35,
        Text::RecoveryLeft(_) => 36,
        Text::WrongBypass => 37,
        Text::Enrolment(_) => 38,
        Text::Methods(_) => 39,
        Text::UseUnknown(_) => 40,
        Text::Unfinished(..) => 41,
        Text::ReadOnly => 42,
    }
}
/// One more than the last of [`kind`].
const KINDS: usize = 43;

/// Words that are the same in both.
const SHARED: [&str; 5] = ["app", "disk", "enter", "min", "program"];

pub(super) fn entries() -> &'static [Entry<'static>] {
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
        // Capitals alone are an example of a code, or stand for digits.
        .filter(|word| word.contains(char::is_lowercase))
        .map(str::to_lowercase)
        .collect()
}

#[test]
fn no_text_is_missing_from_the_list() {
    let mut kinds: Vec<usize> = all(entries()).iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, (0..KINDS).collect::<Vec<_>>());
}

#[test]
fn every_sentence_is_there_in_both_languages_and_they_differ() {
    for text in all(entries()) {
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
        all(entries())
            .iter()
            // The one thing that is named in both: programs look for it.
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
