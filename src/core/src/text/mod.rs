//! Every sentence that a person sees, in Swedish and English.
//!
//! Each language is one exhaustive match over [`Text`]: a sentence that is missing in one does not compile.

mod english;
mod enrolment;
mod message;
mod methods;
mod swedish;

use std::fmt::Write as _;

pub use enrolment::{EnrolmentText, Sighting};
pub use message::Message;
pub use methods::{MethodsLine, MethodsText};

pub use crate::language::Language;

use crate::record::TelephoneUse;
use crate::state::Quiet;
use crate::way::Way;

/// How the last line of a prompt that wants digits begins, in every language. Programs that ask for us (GNOME's Files,
/// Emacs, `OpenVPN`) know such a prompt by these words, and no other prompt may have them there.
const CODE: &str = "Verification code";

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

/// A line of the list of ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A way.
    Way(Way<'a>),
    /// A wish besides: to look after the methods once it is clear who it is.
    Methods,
    /// None: the sign-in ends.
    Cancel,
}

/// A sentence, with what is filled in. None of them ever says that a file is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text<'a> {
    /// Asks for a code of so many digits.
    CodePrompt {
        /// How many.
        digits: u8,
        /// Whether there are other ways, which `?` shows; also below.
        others: bool,
    },
    /// Shows the number and asks for what can be typed besides.
    ApprovalPrompt {
        /// To be typed in on the phone.
        number: &'a str,
        /// What can be typed.
        besides: Besides,
        /// Whether Enter is needed.
        enter: bool,
        /// Other ways.
        others: bool,
    },
    /// Asks for the code that was sent to a telephone.
    SentPrompt {
        /// By which way.
        by: TelephoneUse,
        /// The masked number.
        tel: &'a str,
        /// Other ways.
        others: bool,
    },
    /// Asks for one of these.
    Choose(&'a [Entry<'a>]),
    /// What was typed is none of the list's numbers, 1 to this.
    NoSuchChoice(usize),
    /// A code is on its way to this masked number.
    Sending(TelephoneUse, &'a str),
    /// It could not be sent.
    NotSent(TelephoneUse),
    /// So many codes were sent that no more are for so many seconds.
    TooManySent(u64),
    /// A code that was sent counts no more.
    ExpiredCode,
    /// Not a way for this service.
    NotAllowed,
    /// The service allows none of the person's ways.
    NoMethodAllowed,
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
    /// The phone is not called now, for this reason and for so many seconds more.
    PhoneQuiet(Quiet, u64),
    /// Somebody said "It is not me" on the phone.
    Reported,
    /// Approved on the phone.
    Approved,
    /// Asks for a recovery code.
    RecoveryPrompt {
        /// Other ways.
        others: bool,
    },
    /// The code was wrong.
    WrongCode,
    /// The code was used; seconds until the next one, 0 if it is there already.
    UsedCode(u64),
    /// Whether the code was used is not known; the next one comes in so many seconds.
    UseUnknown(u64),
    /// Recovery codes are refused while the disk is read-only.
    ReadOnly,
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
    /// After success: so many sign-ins since the last one had the password and were not finished, from these places (may be
    /// empty).
    Unfinished(u32, &'a str),
    /// After a recovery code: so many are left.
    RecoveryLeft(u32),
    /// Where a person enrols at the sign-in.
    Enrolment(EnrolmentText<'a>),
    /// Where a person looks after their methods.
    Methods(MethodsText<'a>),
}

/// A sentence of an enrolment at the sign-in.
impl<'a> From<EnrolmentText<'a>> for Text<'a> {
    fn from(text: EnrolmentText<'a>) -> Self {
        Self::Enrolment(text)
    }
}

/// A sentence about the person's methods.
impl<'a> From<MethodsText<'a>> for Text<'a> {
    fn from(text: MethodsText<'a>) -> Self {
        Self::Methods(text)
    }
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

/// Seconds, whole minutes or whole hours, as both languages write them.
fn duration(seconds: u64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

/// `1. One`, a line each.
fn numbered<E>(entries: &[E], entry: impl Fn(&E) -> String) -> String {
    let mut lines = String::new();
    for (place, line) in (1..).zip(entries) {
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{place}. {}", entry(line));
    }
    lines
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
mod prompt_tests;
#[cfg(test)]
mod tests;
