//! Every sentence that a person sees, in Swedish and English.
//!
//! Each occasion has a table with both languages side by side ([`sentences!`](crate::sentences)); a missing translation
//! does not compile. Not Fluent: it reads its files at run time, so that a missing sentence would show only at a
//! sign-in, and its runtime is larger than all our sentences.

mod account;
mod enrolment;
mod message;
mod methods;
mod sentences;
mod sign_in;

use std::fmt::Write as _;

pub use account::AccountText;
pub use enrolment::EnrolmentText;
pub use message::Message;
pub use methods::{MethodsLine, MethodsText};
pub use sentences::Samples;
pub use sign_in::{Entry, Text};

pub use crate::language::Language;

/// The start of the last line of each prompt that wants digits, in every language. Client programs (GNOME Files, Emacs,
/// `OpenVPN`) recognise such a prompt by these words, so no other prompt may start with them.
const CODE: &str = "Verification code";

/// What can be typed while the phone is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Besides {
    /// A code with this many digits.
    Code(u8),
    /// A recovery code.
    Recovery,
    /// Nothing.
    Nothing,
}

/// What is typed once the person has signed in at the provider of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Nothing: the sign-in goes on by itself.
    Nothing,
    /// Enter.
    Enter,
    /// The check digits of the page.
    CheckDigits,
}

/// The code's length, unless it is the usual one.
fn length(digits: u8, word: &str) -> String {
    match digits {
        6 => String::new(),
        digits => format!(" ({digits} {word})"),
    }
}

fn english_hint(others: bool) -> &'static str {
    if others { " (? for other ways)" } else { "" }
}

fn swedish_hint(others: bool) -> &'static str {
    if others { " (? för andra sätt)" } else { "" }
}

/// Formats seconds, whole minutes or whole hours, alike in both languages.
fn duration(seconds: u64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

/// `1 code`, `2 codes`.
fn counted(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `what` behind `words`, or nothing.
fn unless_empty(words: &str, what: &str) -> String {
    if what.is_empty() {
        String::new()
    } else {
        format!("{words}{what}")
    }
}

/// A numbered list: `1. One`, one entry per line.
fn numbered<E>(entries: &[E], entry: impl Fn(&E) -> String) -> String {
    let mut lines = String::new();
    for (number, line) in (1..).zip(entries) {
        let _ = writeln!(lines, "{number}. {}", entry(line));
    }
    lines
}

/// `text` in ASCII, for clients that escape all other characters as octal: letters lose their diacritics, everything
/// else becomes `?`.
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
