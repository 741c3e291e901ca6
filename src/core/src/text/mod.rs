//! Every sentence that a person sees, in Swedish and English.
//!
//! Each language is one exhaustive match over [`Text`]: a sentence that is missing in one does not compile.

mod english;
mod swedish;

/// A language of the prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `sv`.
    Swedish,
    /// `en`.
    English,
}

impl Language {
    pub(crate) const RULE: &str = "must be \"sv\" or \"en\"";

    /// The language of a tag, if it is one of ours.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        [Self::Swedish, Self::English]
            .into_iter()
            .find(|language| language.tag() == tag)
    }

    /// The tag of BCP 47, as it stands in configuration and records.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Swedish => "sv",
            Self::English => "en",
        }
    }
}

/// What can be typed while the phone is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Besides {
    /// A code of so many digits.
    Code(u8),
    /// A recovery code.
    Recovery,
    /// Nothing.
    Nothing,
}

/// A sentence, with what is filled in. None of them ever says that a file is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text<'a> {
    /// Asks for a code of so many digits.
    CodePrompt(u8),
    /// Shows the number and asks for what can be typed besides; whether Enter is needed.
    ApprovalPrompt(&'a str, Besides, bool),
    /// The phone has not answered yet.
    NotYetApproved,
    /// The number typed on the phone was another one.
    WrongNumber,
    /// The phone's answer could not be taken.
    WrongApproval,
    /// The phone did not answer in time.
    ApprovalExpired,
    /// Another sign-in of this person waits for the phone.
    PhoneBusy,
    /// The phone cannot be reached now.
    PhoneAway,
    /// The phone is not called now: too many calls.
    PhoneQuiet,
    /// Somebody said "It is not me" on the phone.
    Reported,
    /// Approved on the phone.
    Approved,
    /// Asks for a recovery code, the only way open.
    RecoveryPrompt,
    /// The code was wrong.
    WrongCode,
    /// The code was used; seconds until the next one.
    UsedCode(u64),
    /// The clock of the computer ran ahead and came back.
    ClockWasAhead,
    /// The recovery code was wrong.
    WrongRecovery,
    /// The recovery code was used.
    UsedRecovery,
    /// Recovery codes are closed until there are new ones.
    RecoveryClosed,
    /// The bypass code was wrong, used up or out of time.
    WrongBypass,
    /// What was typed is no code; codes have so many digits.
    Malformed(u8),
    /// What was typed is no recovery code.
    MalformedRecovery,
    /// Nothing was typed.
    Empty,
    /// Too many wrong codes; seconds until codes are looked at again.
    Locked(u64),
    /// Too many wrong codes in a row.
    Closed,
    /// The person has no second factor.
    NotEnrolled,
    /// It cannot be checked now.
    Unavailable,
    /// The client cannot show our prompt.
    CannotAsk,
    /// After success: so many wrong codes since the last one, from these places (may be empty).
    Missed(u32, &'a str),
    /// After a recovery code: so many are left.
    RecoveryLeft(u32),
}

impl Text<'_> {
    /// The sentence. Prompts end with a colon and a space, other sentences with a full stop; none ends with a newline.
    #[must_use]
    pub fn in_language(&self, language: Language) -> String {
        match language {
            Language::Swedish => swedish::sentence(self),
            Language::English => english::sentence(self),
        }
    }
}

/// Seconds or whole minutes, as both languages write them.
fn duration(seconds: u64) -> String {
    if seconds < 120 {
        format!("{seconds} s")
    } else {
        format!("{} min", seconds.div_ceil(60))
    }
}

/// `text` in ASCII, for clients that turn every other character into octal: letters lose their marks, the rest
/// becomes `?`.
#[must_use]
pub fn ascii_form(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            'å' | 'ä' => 'a',
            'ö' => 'o',
            'é' => 'e',
            'Å' | 'Ä' => 'A',
            'Ö' => 'O',
            'É' => 'E',
            '–' => '-',
            ascii if ascii.is_ascii() => ascii,
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::{Besides, Language, Text, ascii_form};

    fn all() -> Vec<Text<'static>> {
        vec![
            Text::CodePrompt(6),
            Text::ApprovalPrompt("42", Besides::Code(6), true),
            Text::ApprovalPrompt("42", Besides::Code(6), false),
            Text::ApprovalPrompt("42", Besides::Recovery, true),
            Text::ApprovalPrompt("42", Besides::Recovery, false),
            Text::ApprovalPrompt("42", Besides::Nothing, true),
            Text::ApprovalPrompt("42", Besides::Nothing, false),
            Text::Reported,
            Text::NotYetApproved,
            Text::WrongNumber,
            Text::WrongApproval,
            Text::ApprovalExpired,
            Text::PhoneBusy,
            Text::PhoneAway,
            Text::PhoneQuiet,
            Text::Approved,
            Text::RecoveryPrompt,
            Text::WrongCode,
            Text::UsedCode(12),
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
            Text::Missed(7, "203.0.113.5"),
            Text::RecoveryLeft(0),
            Text::RecoveryLeft(1),
            Text::RecoveryLeft(9),
        ]
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
            assert!(
                ascii_form(&swedish).is_ascii() && !ascii_form(&swedish).contains('?'),
                "{swedish}"
            );
        }
    }
}
