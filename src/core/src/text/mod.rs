//! Every sentence that a person sees, in Swedish and English.
//!
//! A table for each occasion has both side by side ([`sentences!`](crate::sentences)): one that is missing in a language does not
//! compile. Not Fluent: its files are read when the module runs, so that what is missing shows at a sign-in, and its runtime
//! is larger than all sentences here.

mod english;
mod enrolment;
mod message;
mod methods;
mod sentences;
mod sign_in;
mod swedish;

use std::fmt::Write as _;

pub use enrolment::{EnrolmentText, Sighting};
pub use message::Message;
pub use methods::{MethodsLine, MethodsText};
pub use sentences::Samples;
pub use sign_in::Text;

pub use crate::language::Language;

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
    for (number, line) in (1..).zip(entries) {
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{number}. {}", entry(line));
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
