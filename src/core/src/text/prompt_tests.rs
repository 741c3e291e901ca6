//! The words by which programs recognise a prompt, and the position of its number.

use super::tests::all;
use super::{AccountText, Besides, CODE, EnrolmentText, Language, MethodsText, Text, Then};
use crate::record::TelephoneUse;

const LANGUAGES: [Language; 2] = [Language::Swedish, Language::English];
/// How many characters of a line slick-greeter shows.
const SHOWN: usize = 36;
/// How many characters a terminal usually has in a line.
const COLUMNS: usize = 80;
/// How many of them ssh takes in the first line, for `(user@host) `.
const PREFIX: usize = 20;

fn last_line(sentence: &str) -> &str {
    sentence.rsplit('\n').next().unwrap()
}

fn wants_digits(text: &Text<'_>) -> bool {
    match text {
        Text::CodePrompt { .. } | Text::SentPrompt { .. } => true,
        Text::ApprovalPrompt { besides, .. } => matches!(besides, Besides::Code(_)),
        Text::Account(AccountText::Prompt { besides, then, .. }) => {
            *then == Then::CheckDigits || matches!(besides, Besides::Code(_))
        }
        Text::Methods(text) => matches!(text, MethodsText::DigitsOfPage),
        Text::Enrolment(text) => matches!(
            text,
            EnrolmentText::Code | EnrolmentText::CodeOrAgain | EnrolmentText::CodeAlone
        ),
        _ => false,
    }
}

#[test]
fn the_last_line_of_every_prompt_that_wants_digits_begins_with_verification_code_and_nothing_else_says_it()
 {
    for text in all() {
        for language in LANGUAGES {
            let sentence = text.in_language(language);
            let begins = last_line(&sentence).starts_with("Verification code");
            assert_eq!(begins, wants_digits(&text), "{sentence}");
            assert_eq!(
                sentence.matches(CODE).count(),
                usize::from(begins),
                "{sentence}"
            );
        }
    }
}

/// Also for future prompts: a question that mentions a code wants one.
#[test]
fn a_prompt_that_speaks_of_digits_or_a_code_is_one_that_wants_digits() {
    for text in all() {
        for language in LANGUAGES {
            let sentence = text.in_language(language);
            let asked = last_line(&sentence).rsplit(". ").next().unwrap();
            let asked = asked.to_lowercase();
            let asked = asked
                .replace("recovery code", "")
                .replace("återställningskod", "");
            let speaks = ["code", "kod", "digit", "siffr"]
                .iter()
                .any(|word| asked.contains(word));
            if sentence.ends_with(": ") && speaks {
                assert!(wants_digits(&text), "{sentence}");
            }
        }
    }
}

/// Prompts with usual values: the samples are shorter than an address is.
fn with_usual_values() -> Vec<Text<'static>> {
    let (number, address, label) = ("42", "mfa.example.org/a/abcde-fghij", "KMH account");
    let mut all = vec![
        MethodsText::TryAccount {
            number,
            address: "https://mfa.example.org/a/abcde-fghij",
        }
        .into(),
        MethodsText::TryOut(number).into(),
        MethodsText::WasItYou {
            name: "Anna Ek",
            subject: "3f07-a",
        }
        .into(),
    ];
    for besides in [Besides::Code(6), Besides::Recovery, Besides::Nothing] {
        for then in [Then::Nothing, Then::Enter, Then::CheckDigits] {
            let prompt = AccountText::Prompt {
                number,
                address,
                label,
                besides,
                then,
                others: true,
            };
            all.push(prompt.into());
        }
        for enter in [false, true] {
            all.push(Text::ApprovalPrompt {
                number,
                besides,
                enter,
                others: true,
            });
        }
    }
    for by in [TelephoneUse::Sms, TelephoneUse::Call] {
        all.push(Text::SentPrompt {
            by,
            tel: "+XX XXXXXXXXX21",
            others: true,
        });
    }
    all
}

#[test]
fn every_prompt_fits_on_a_terminal_and_its_first_line_behind_what_ssh_puts_before_it() {
    for text in all().chain(with_usual_values()) {
        for language in LANGUAGES {
            // A sample that stands for whatever is an argument is longer than a number.
            let sentence = text.in_language(language).replace("203.0.113.5", "42");
            // Codes have six digits nearly everywhere.
            if !sentence.ends_with(": ") || sentence.contains("(8 ") {
                continue;
            }
            // A telephone's number is long, and is known again in the next line too.
            let first = match text {
                Text::SentPrompt { .. } => COLUMNS,
                _ => COLUMNS - PREFIX,
            };
            let limits = std::iter::once(first).chain(std::iter::repeat(COLUMNS));
            for (line, limit) in sentence.split('\n').zip(limits) {
                assert!(line.chars().count() <= limit, "{limit}: {line}");
            }
        }
    }
}

#[test]
fn the_number_to_type_on_the_phone_stands_within_the_36_characters_that_a_greeter_shows_of_a_line()
{
    for number in ["42", "421", "4217", "42178", "421783"] {
        let trial = Text::Methods(MethodsText::TryOut(number));
        let prompts = [
            Besides::Code(6),
            Besides::Code(8),
            Besides::Recovery,
            Besides::Nothing,
        ]
        .into_iter()
        .flat_map(|besides| [false, true].map(|flag| (besides, flag)))
        .flat_map(|(besides, enter)| [false, true].map(|others| (besides, enter, others)))
        .map(|(besides, enter, others)| Text::ApprovalPrompt {
            number,
            besides,
            enter,
            others,
        });
        let account = AccountText::Prompt {
            number,
            address: "mfa.example.org/a/abcde-fghij",
            label: "KMH account",
            besides: Besides::Code(6),
            then: Then::CheckDigits,
            others: true,
        };
        for prompt in prompts.chain([trial, account.into()]) {
            for language in LANGUAGES {
                let sentence = prompt.in_language(language);
                let first = sentence.lines().next().unwrap();
                let shown: String = first.chars().take(SHOWN).collect();
                assert!(shown.contains(number), "{shown}");
                assert_eq!(sentence.matches(number).count(), 1, "{sentence}");
            }
        }
    }
}

#[test]
fn the_prompts_that_want_digits_read_like_this() {
    let tel = "+XX XXXXXXXXX21";
    let approval = |besides, enter, others| Text::ApprovalPrompt {
        number: "42",
        besides,
        enter,
        others,
    };
    let sent = |by| Text::SentPrompt {
        by,
        tel,
        others: true,
    };
    for (text, english, swedish) in [
        (
            Text::CodePrompt {
                digits: 6,
                others: true,
            },
            "Verification code from your app (? for other ways): ",
            "Verification code / kod från din app (? för andra sätt): ",
        ),
        (
            Text::CodePrompt {
                digits: 8,
                others: false,
            },
            "Verification code (8 digits) from your app: ",
            "Verification code / kod (8 siffror) från din app: ",
        ),
        (
            approval(Besides::Code(6), false, true),
            "Enter the number 42 on your phone to approve the sign-in.\n\
             Verification code instead (? for other ways): ",
            "Skriv in numret 42 i telefonen och godkänn inloggningen.\n\
             Verification code / kod i stället (? för andra sätt): ",
        ),
        (
            approval(Besides::Code(6), true, true),
            "Enter the number 42 on your phone to approve the sign-in.\n\
             Verification code, or press Enter once approved (? for other ways): ",
            "Skriv in numret 42 i telefonen och godkänn inloggningen.\n\
             Verification code / kod, eller Enter när du har godkänt (? för andra sätt): ",
        ),
        (
            approval(Besides::Code(8), true, false),
            "Enter the number 42 on your phone to approve the sign-in.\n\
             Verification code (8 digits), or press Enter once approved: ",
            "Skriv in numret 42 i telefonen och godkänn inloggningen.\n\
             Verification code / kod (8 siffror), eller Enter när du har godkänt: ",
        ),
        (
            sent(TelephoneUse::Sms),
            "Verification code sent to +XX XXXXXXXXX21 (? for other ways): ",
            "Verification code / kod skickad till +XX XXXXXXXXX21 (? för andra sätt): ",
        ),
        (
            sent(TelephoneUse::Call),
            "Verification code from the call to +XX XXXXXXXXX21 (? for other ways): ",
            "Verification code / kod från samtalet till +XX XXXXXXXXX21 (? för andra sätt): ",
        ),
        (
            EnrolmentText::Code.into(),
            "Verification code from the app (Enter shows it again): ",
            "Verification code / kod från appen (Enter visar det igen): ",
        ),
    ] {
        assert_eq!(text.in_language(Language::English), english);
        assert_eq!(text.in_language(Language::Swedish), swedish);
    }
}

#[test]
fn the_prompts_of_an_account_read_like_this() {
    let begin = [
        "Enter the number 42 at mfa.example.org/a/k7qm3-d5wxa\nand sign in there with your KMH account.\n",
        "Skriv in numret 42 på mfa.example.org/a/k7qm3-d5wxa\noch logga in där med ditt KMH account.\n",
    ];
    for (then, besides, others, english, swedish) in [
        (
            Then::CheckDigits,
            Besides::Code(6),
            true,
            "Verification code that the page shows, or one from your app (? for other ways): ",
            "Verification code / kod som sidan visar, eller en i appen (? för andra sätt): ",
        ),
        (
            Then::CheckDigits,
            Besides::Recovery,
            false,
            "Verification code that the page shows: ",
            "Verification code / kod som sidan visar: ",
        ),
        (
            Then::Enter,
            Besides::Code(8),
            false,
            "Verification code (8 digits), or press Enter once approved: ",
            "Verification code / kod (8 siffror), eller Enter när du har godkänt: ",
        ),
        (
            Then::Enter,
            Besides::Nothing,
            false,
            "Then press Enter here: ",
            "Tryck sedan på Enter här: ",
        ),
        (
            Then::Nothing,
            Besides::Code(6),
            false,
            "Verification code instead: ",
            "Verification code / kod i stället: ",
        ),
        (
            Then::Nothing,
            Besides::Recovery,
            false,
            "Or type a recovery code here: ",
            "Eller skriv en återställningskod här: ",
        ),
        (
            Then::Nothing,
            Besides::Nothing,
            true,
            "The sign-in continues by itself (? for other ways): ",
            "Inloggningen fortsätter av sig själv (? för andra sätt): ",
        ),
    ] {
        let text = Text::Account(AccountText::Prompt {
            number: "42",
            address: "mfa.example.org/a/k7qm3-d5wxa",
            label: "KMH account",
            besides,
            then,
            others,
        });
        let [english_begin, swedish_begin] = begin;
        let (english, swedish) = (
            format!("{english_begin}{english}"),
            format!("{swedish_begin}{swedish}"),
        );
        assert_eq!(text.in_language(Language::English), english);
        assert_eq!(text.in_language(Language::Swedish), swedish);
    }
}

#[test]
fn the_prompts_of_an_approval_that_want_no_digits_read_like_this() {
    for (besides, enter, english, swedish) in [
        (
            Besides::Recovery,
            true,
            "Then press Enter here: ",
            "Tryck sedan på Enter här: ",
        ),
        (
            Besides::Nothing,
            true,
            "Then press Enter here: ",
            "Tryck sedan på Enter här: ",
        ),
        (
            Besides::Recovery,
            false,
            "Or type a recovery code here: ",
            "Eller skriv en återställningskod här: ",
        ),
        (
            Besides::Nothing,
            false,
            "The sign-in continues by itself: ",
            "Inloggningen fortsätter av sig själv: ",
        ),
    ] {
        let text = Text::ApprovalPrompt {
            number: "42",
            besides,
            enter,
            others: false,
        };
        for (language, asked) in [(Language::English, english), (Language::Swedish, swedish)] {
            assert_eq!(last_line(&text.in_language(language)), asked);
        }
    }
}
