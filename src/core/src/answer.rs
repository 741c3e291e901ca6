//! Classifies what a person typed by its form alone, before any secret is touched.

use zeroize::Zeroizing;

use crate::bypass::BypassCode;
use crate::record::Digits;
use crate::recovery::RecoveryCode;

/// The longest accepted answer, in bytes: a recovery code with room for spaces.
const LONGEST: usize = 64;

/// An answer to the prompt.
pub enum Answer {
    /// As many digits as this person's codes have.
    Code(Zeroizing<String>),
    /// Has the form of a recovery code.
    Recovery(RecoveryCode),
    /// Has the form of a bypass code.
    Bypass(BypassCode),
    /// `?`: asks for other ways to sign in.
    Question,
    /// Only white space.
    Empty,
    /// Anything else: refused but not counted, since it cannot be a guess.
    Malformed,
}

impl Answer {
    /// Parses an answer. `digits` is the length of this person's codes; `None` if they have none.
    #[must_use]
    pub fn parse(typed: &[u8], digits: Option<Digits>) -> Self {
        if typed.len() > LONGEST {
            return Self::Malformed;
        }
        let Ok(text) = std::str::from_utf8(typed) else {
            return Self::Malformed;
        };
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        match text {
            "" => return Self::Empty,
            "?" => return Self::Question,
            _ => {}
        }
        if let Some(code) = digits.and_then(|digits| code_digits(text, digits)) {
            return Self::Code(code);
        }
        if let Some(code) = BypassCode::parse(text) {
            return Self::Bypass(code);
        }
        RecoveryCode::parse(text).map_or(Self::Malformed, Self::Recovery)
    }
}

/// The index of the line chosen from a list numbered from 1; `None` if there is no such line.
#[must_use]
pub fn chosen(typed: &[u8], lines: usize) -> Option<usize> {
    let text = std::str::from_utf8(typed).ok()?;
    let number = text.trim_matches([' ', '\t', '\r', '\n']);
    // The list itself writes the number with a dot.
    let number = number.strip_suffix('.').unwrap_or(number);
    (0..lines).find(|index| number == (index + 1).to_string())
}

/// The digits of `123456` or, as apps show it, `123 456`; `None` for any other character or length.
fn code_digits(text: &str, digits: Digits) -> Option<Zeroizing<String>> {
    // All the room at once: a string that grows leaves its old self behind, unwiped.
    let mut code = Zeroizing::new(String::with_capacity(LONGEST));
    for character in text.chars().filter(|character| *character != ' ') {
        if !character.is_ascii_digit() {
            return None;
        }
        code.push(character);
    }
    (code.len() == usize::from(digits.get())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::{Answer, chosen};
    use crate::record::Digits;

    fn kind(typed: &[u8]) -> &'static str {
        match Answer::parse(typed, Some(Digits::new(6).unwrap())) {
            Answer::Code(_) => "code",
            Answer::Recovery(_) => "recovery",
            Answer::Bypass(_) => "bypass",
            Answer::Question => "question",
            Answer::Empty => "empty",
            Answer::Malformed => "malformed",
        }
    }

    #[test]
    fn an_answer_is_told_apart_by_its_form() {
        for (typed, expected) in [
            ("123456", "code"),
            ("123 456", "code"),
            (" 123456\r\n", "code"),
            ("ABCD-EFGH-IJKL-MNOP", "recovery"),
            ("abcdefghijklmnop", "recovery"),
            ("BYPASS-ABCD-EFGH-IJKL-MNOP", "bypass"),
            (" bypass abcdefghijklmnop\r", "bypass"),
            ("BYPASS", "malformed"),
            ("BYPASSABCDEFGHIJ", "recovery"),
            ("", "empty"),
            ("  \t", "empty"),
            ("12345", "malformed"),
            ("1234567", "malformed"),
            ("12345678", "malformed"),
            ("12345a", "malformed"),
            ("+12345", "malformed"),
            ("-12345", "malformed"),
            ("1.2e34", "malformed"),
            ("١٢٣٤٥٦", "malformed"),
            ("１２３４５６", "malformed"),
            ("123456\0", "malformed"),
            ("\u{0}", "malformed"),
            ("123\u{a0}456", "malformed"),
            ("?", "question"),
            (" ?\r\n", "question"),
            ("??", "malformed"),
            ("?1", "malformed"),
            ("？", "malformed"),
        ] {
            assert_eq!(kind(typed.as_bytes()), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_long_answer_or_one_that_is_not_utf_8_is_malformed() {
        assert_eq!(kind(&vec![b'1'; 64 * 1024]), "malformed");
        assert_eq!(kind(&vec![b' '; 64 * 1024]), "malformed");
        assert_eq!(kind(b"12345\xff"), "malformed");
        assert_eq!(kind(&[0xc0; 6]), "malformed");
    }

    #[test]
    fn a_line_of_a_list_is_chosen_by_its_number_and_by_nothing_else() {
        for (typed, expected) in [
            ("1", Some(0)),
            (" 6\r\n", Some(5)),
            ("2.", Some(1)),
            ("0", None),
            ("7", None),
            ("-1", None),
            ("+1", None),
            ("01", None),
            ("1 2", None),
            ("1..", None),
            ("", None),
            ("?", None),
            ("one", None),
            ("１", None),
            ("18446744073709551617", None),
        ] {
            assert_eq!(chosen(typed.as_bytes(), 6), expected, "{typed:?}");
        }
        assert_eq!(chosen(b"1\xff", 6), None);
        assert_eq!(chosen(b"1", 0), None);
    }

    #[test]
    fn without_codes_no_answer_is_a_code() {
        assert!(matches!(Answer::parse(b"123456", None), Answer::Malformed));
    }
}
