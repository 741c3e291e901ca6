//! The two digits that the page shows after the provider's sign-in, typed at the terminal.
//!
//! Somebody who has the password and talks the person into approving learns the number's sign-in, but not these: only the
//! browser that has signed in shows them.

use std::fmt;

use constant_time_eq::constant_time_eq;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::approval::framed;

/// How many digits there are.
const LENGTH: usize = 2;

/// Two digits, perhaps with a leading zero. `Debug` hides them.
#[derive(Clone)]
pub struct CheckDigits(Zeroizing<String>);

impl CheckDigits {
    /// The digits of `token`: the first eight bytes, big-endian, of
    /// `SHA-256("antiphon account check v1" ‖ len32be(token) ‖ token)`, modulo 100.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let hash = Sha256::digest(framed("antiphon account check v1", &[token.as_bytes()]));
        let first = hash.first_chunk::<8>().copied().unwrap_or_default();
        Self(Zeroizing::new(format!(
            "{:02}",
            u64::from_be_bytes(first) % 100
        )))
    }

    /// What was typed, if it has the form of check digits; blanks do not count.
    #[must_use]
    pub fn typed(typed: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(typed).ok()?;
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        let is_form = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_digit());
        is_form.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The digits, for the page.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl PartialEq for CheckDigits {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(self.0.as_bytes(), other.0.as_bytes())
    }
}

impl Eq for CheckDigits {}

impl fmt::Debug for CheckDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckDigits([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::CheckDigits;

    /// Computed with another program: `hashlib.sha256` over the bytes that the documentation describes.
    #[test]
    fn the_digits_are_of_the_described_bytes() {
        assert_eq!(CheckDigits::of("a.b.c").digits(), "39");
        assert_eq!(CheckDigits::of("a.b.1").digits(), "07");
        assert_eq!(
            format!("{:?}", CheckDigits::of("a.b.c")),
            "CheckDigits([redacted])"
        );
    }

    #[test]
    fn another_token_usually_has_other_digits_and_each_pair_of_digits_occurs() {
        let mut seen = [false; 100];
        for number in 0..2000 {
            let digits = CheckDigits::of(&format!("a.b.{number}"));
            seen[digits.digits().parse::<usize>().unwrap()] = true;
        }
        assert!(seen.iter().all(|seen| *seen));
    }

    #[test]
    fn two_digits_are_typed_and_nothing_else_is_taken_for_them() {
        for (typed, digits) in [
            ("07", Some("07")),
            (" 42\r\n", Some("42")),
            ("7", None),
            ("4 2", None),
            ("042", None),
            ("123456", None),
            ("-7", None),
            ("٤٢", None),
            ("", None),
        ] {
            let found = CheckDigits::typed(typed.as_bytes());
            assert_eq!(found.as_ref().map(CheckDigits::digits), digits, "{typed:?}");
        }
        assert!(CheckDigits::typed(b"4\xff").is_none());
        assert_ne!(CheckDigits::typed(b"42"), CheckDigits::typed(b"43"));
    }
}
