//! Messages sent to a telephone. They say who signs in where, so that nobody gives a code away without knowing what
//! for.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::{Language, unless_empty};
use crate::record::TelephoneUse;

/// Allocated large enough: a string that grows leaves an unwiped copy behind.
const ROOM: usize = 1024;

/// A message with a one-time code. All texts are safe to show; absent ones are empty.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// How it is sent.
    pub by: TelephoneUse,
    /// The code's digits.
    pub code: &'a str,
    /// The person.
    pub user: &'a str,
    /// This host's name.
    pub host: &'a str,
    /// The PAM service.
    pub service: &'a str,
    /// The client's address.
    pub remote_host: &'a str,
}

impl Message<'_> {
    /// The whole message. A text message starts with the code, so that a locked phone's screen shows it; a call says
    /// the code twice, digit by digit. Wiped on drop.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Zeroizing<String> {
        let Self {
            by,
            code,
            user,
            host,
            service,
            remote_host,
        } = self;
        let spoken = spoken(code);
        let spoken = spoken.as_str();
        let mut text = Zeroizing::new(String::with_capacity(ROOM));
        let _ = match (language, by) {
            (Language::English, TelephoneUse::Sms) => write!(
                text,
                "{code} is your code to sign in to {host} ({service}) as {user}{}. Never give it to anybody.",
                unless_empty(", from ", remote_host)
            ),
            (Language::Swedish, TelephoneUse::Sms) => write!(
                text,
                "{code} är din kod för att logga in på {host} ({service}) som {user}{}. Lämna aldrig ut den till någon.",
                unless_empty(", från ", remote_host)
            ),
            (Language::English, TelephoneUse::Call) => write!(
                text,
                "This is the computer {host}. Your code is: {spoken}. Once more: {spoken}. Never give it to anybody. Goodbye."
            ),
            (Language::Swedish, TelephoneUse::Call) => write!(
                text,
                "Det här är datorn {host}. Din kod är: {spoken}. En gång till: {spoken}. Lämna aldrig ut den till någon. Hej då."
            ),
        };
        text
    }
}

/// `4, 8, 2, 9, 1, 3`: a voice pauses at commas, rather than reading a six-digit number.
fn spoken(code: &str) -> Zeroizing<String> {
    let mut spoken = Zeroizing::new(String::with_capacity(ROOM));
    for (index, digit) in code.chars().enumerate() {
        if index > 0 {
            spoken.push_str(", ");
        }
        spoken.push(digit);
    }
    spoken
}

#[cfg(test)]
mod tests {
    use super::Message;
    use crate::record::TelephoneUse;
    use crate::text::{Language, ascii_form};

    const MESSAGE: Message<'_> = Message {
        by: TelephoneUse::Sms,
        code: "482913",
        user: "alice",
        host: "web1",
        service: "sshd",
        remote_host: "203.0.113.5",
    };

    #[test]
    fn a_text_message_begins_with_the_code_says_for_what_it_is_and_fits_into_one() {
        let (english, swedish) = (
            MESSAGE.in_language(Language::English),
            MESSAGE.in_language(Language::Swedish),
        );
        assert_ne!(english, swedish);
        assert!(english.contains("Never give it to anybody"), "{english:?}");
        assert!(swedish.contains("Lämna aldrig ut den"), "{swedish:?}");
        for text in [english, swedish] {
            assert!(text.starts_with("482913 "), "{text:?}");
            for part in ["alice", "web1", "sshd", "203.0.113.5"] {
                assert!(text.contains(part), "{text:?}");
            }
            // GSM 03.38 has these letters; others would halve the capacity.
            assert!(text.chars().count() <= 160, "{text:?}");
            assert!(!ascii_form(&text).contains('?'), "{text:?}");
        }
        let local = Message {
            remote_host: "",
            ..MESSAGE
        };
        for language in [Language::English, Language::Swedish] {
            let text = local.in_language(language);
            assert!(!text.contains("from") && !text.contains("från"), "{text:?}");
        }
    }

    #[test]
    fn a_call_says_the_digits_apart_and_twice() {
        let call = Message {
            by: TelephoneUse::Call,
            ..MESSAGE
        };
        for language in [Language::English, Language::Swedish] {
            let text = call.in_language(language);
            assert_eq!(text.matches("4, 8, 2, 9, 1, 3").count(), 2, "{text:?}");
            assert!(
                !text.contains("482913") && text.contains("web1"),
                "{text:?}"
            );
        }
    }
}
