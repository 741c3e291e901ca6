//! The one line that a sign-in leaves in syslog: `outcome=accepted method=code user=alice rhost=203.0.113.5 …`.
//!
//! Never a code, a number or a secret: none is ever handed to this module.

use std::fmt::Write as _;

use crate::visible::visible;

/// The longest value, in bytes: a line stays under what every syslog daemon takes.
const LONGEST_VALUE: usize = 256;

/// A line of `key=value` fields.
#[derive(Debug, Default)]
pub struct LogLine(String);

impl LogLine {
    /// An empty line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field; a value of nothing is left out. Quoted where it holds more than letters, digits and `.:_-/@+%`, so that no
    /// value can be taken for another field.
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
        // Writing to a string cannot fail.
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

#[cfg(test)]
mod tests {
    use super::LogLine;

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
}
