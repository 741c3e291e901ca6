//! The one line that a sign-in leaves in the log: `outcome=accepted method=code user=alice rhost=203.0.113.5 …`, and how it
//! is read back.
//!
//! Never a code, a number or a secret: none is ever handed to this module.

use std::fmt::Write as _;

use crate::visible::visible;

/// The longest value, in bytes, which keeps a line below every syslog daemon's limit.
const LONGEST_VALUE: usize = 256;

/// The name of every field that a line can have. antiphon-log-fields(7) says what each means, and a test that none is
/// missing there.
pub const FIELDS: [&str; 49] = [
    "account",
    "activity",
    "after",
    "answer",
    "asked",
    "at",
    "before",
    "by",
    "caller",
    "change",
    "changed",
    "command",
    "detail",
    "enrolled",
    "enrolment",
    "exempt",
    "fix",
    "fleet",
    "host",
    "lock",
    "method",
    "name",
    "outcome",
    "page",
    "pending",
    "phone",
    "phones",
    "pid",
    "place",
    "program",
    "provider",
    "reason",
    "rehearsal",
    "request",
    "rhost",
    "service",
    "since",
    "skew",
    "state",
    "telephone",
    "times",
    "to",
    "tty",
    "uid",
    "unchanged",
    "user",
    "verified",
    "was",
    "would",
];
/// Most lines are shorter, in bytes: a text that grows is copied several times.
const USUAL: usize = 256;

/// A line of `key=value` fields.
#[derive(Debug, Default)]
pub struct LogLine(String);

impl LogLine {
    /// An empty line.
    #[must_use]
    pub fn new() -> Self {
        Self(String::with_capacity(USUAL))
    }

    /// Adds a field, one of [`FIELDS`], unless its value is empty. Values with anything but letters, digits and `.:_-/@+%`
    /// are quoted, so that no value can pass for another field.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        if value.is_empty() {
            return self;
        }
        let value = visible(value, LONGEST_VALUE);
        let plain = |character: char| character.is_alphanumeric() || ".:_-/@+%".contains(character);
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        let _ = if value.chars().all(plain) {
            write!(self.0, "{key}={value}")
        } else {
            write!(
                self.0,
                "{key}=\"{}\"",
                value.replace('\\', "\\\\").replace('"', "\\\"")
            )
        };
        self
    }

    /// The line, without a newline.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The fields of a line, in order; `None` if it is not one that [`LogLine`] writes.
#[must_use]
pub fn fields(line: &str) -> Option<Vec<(&str, String)>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (key, after) = rest.split_once('=')?;
        let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let (value, after) = after.split_at(after.find(' ').unwrap_or(after.len()));
            (value.to_owned(), after)
        };
        let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_key || value.is_empty() {
            return None;
        }
        fields.push((key, value));
        if after.is_empty() {
            return Some(fields);
        }
        rest = after.strip_prefix(' ')?;
    }
}

/// The value that `quoted` begins with, and what follows its closing quote.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = quoted;
    loop {
        let end = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\'))?;
        value.push_str(rest.get(..end)?);
        let after = rest.get(end + 1..)?;
        if rest.get(end..)?.starts_with('"') {
            return Some((value, after));
        }
        let escaped = after.chars().next()?;
        value.push(escaped);
        rest = after.get(escaped.len_utf8()..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::{LogLine, fields};

    #[test]
    fn no_value_can_be_taken_for_another_field() {
        let line = LogLine::new()
            .with("outcome", "wrong")
            .with("user", "x outcome=accepted")
            .with("rhost", "a\"b\\c\noutcome=accepted")
            .with("tty", "")
            .with("phone", "Pixel 9");
        assert_eq!(
            line.as_str(),
            r#"outcome=wrong user="x outcome=accepted" rhost="a\"b\\c?outcome=accepted" phone="Pixel 9""#
        );
    }

    #[test]
    fn a_value_without_end_is_cut() {
        assert_eq!(
            LogLine::new()
                .with("user", &"a".repeat(100_000))
                .as_str()
                .len(),
            261
        );
    }
    #[test]
    fn a_line_is_read_back_as_it_was_written() {
        let written = [
            ("outcome", "wrong"),
            ("user", "x outcome=accepted"),
            ("rhost", "a\"b\\c"),
            ("phone", "Åsas Pixel 9"),
            ("fix", "run: antiphon unlock 'x'"),
        ];
        let line = written
            .iter()
            .fold(LogLine::new(), |line, (key, value)| line.with(key, value));
        let read = fields(line.as_str()).unwrap();
        let read: Vec<_> = read
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        assert_eq!(read, written);
    }

    #[test]
    fn what_is_not_such_a_line_is_not_taken_for_one() {
        for other in [
            "",
            "serves https://id.example.org at 127.0.0.1:8470",
            "outcome",
            "outcome=",
            "outcome=accepted ",
            "outcome=accepted  user=alice",
            "outcome=accepted user",
            "outcome=\"accepted",
            "outcome=\"accepted\\",
            "outcome=\"accepted\"user=alice",
            "Outcome=accepted",
            "=accepted",
            "the outcome=accepted",
        ] {
            assert_eq!(fields(other), None, "{other:?}");
        }
    }
}
