//! The one line that a sign-in leaves in syslog: `outcome=accepted method=code user=alice rhost=203.0.113.5 …`.
//!
//! Never a code, a number or a secret: none is ever handed to this module.

use std::fmt::Write as _;

use crate::visible::visible;

/// The longest value, in bytes, which keeps a line below every syslog daemon's limit.
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

    /// Adds a field unless its value is empty. Values with anything but letters, digits and `.:_-/@+%` are quoted, so
    /// that no value can pass for another field.
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
