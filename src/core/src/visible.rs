//! Makes untrusted text safe to show in a log line, on a terminal, in the activity file.

/// `text` without control characters and whatever reorders or hides text on a terminal, truncated to `most` bytes.
///
/// Each such character becomes a `?`, so that the attempt stays visible. sudo passes our output to the terminal
/// unchanged, escape sequences included.
#[must_use]
pub fn visible(text: &str, most: usize) -> String {
    if is_visible(text, most) {
        return text.to_owned();
    }
    let mut shown = String::new();
    for character in text.chars() {
        let character = if is_hidden(character) { '?' } else { character };
        if shown.len() + character.len_utf8() > most {
            break;
        }
        shown.push(character);
    }
    shown
}

/// Whether `text` is printable ASCII of at most `most` bytes, as nearly all is: [`visible`] changes nothing then.
pub(crate) fn is_visible(text: &str, most: usize) -> bool {
    text.len() <= most && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Defined by Unicode 16.0.0: controls and formats (general categories Cc and Cf), line and paragraph separators (Zl,
/// Zp), private use (Co), and the properties `Default_Ignorable_Code_Point`, characters without width (soft hyphens,
/// fillers, variation selectors, tags), and `Bidi_Control`. The ranges are the union of these; the test below derives
/// it from the Unicode tables. The page has the same rule (`visible.js`).
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
                | '\u{f0000}'..='\u{ffffd}'
                | '\u{100000}'..='\u{10fffd}'
        )
}

#[cfg(test)]
mod tests {
    use regex_syntax::Parser;
    use regex_syntax::hir::{Class, HirKind};

    use super::{is_hidden, visible};

    /// Asserts that exactly the characters matched by `class` according to Unicode are hidden.
    fn assert_is_hidden(class: &str) {
        let parsed = Parser::new().parse(class).unwrap();
        let HirKind::Class(Class::Unicode(expected)) = parsed.into_kind() else {
            panic!("{class} is no class");
        };
        let mut expected = expected
            .iter()
            .flat_map(|range| range.start()..=range.end());
        for character in ('\0'..=char::MAX).filter(|character| is_hidden(*character)) {
            assert_eq!(Some(character), expected.next());
        }
        assert_eq!(expected.next(), None);
    }

    #[test]
    fn what_is_hidden_is_what_unicode_says_and_nothing_else() {
        assert_is_hidden(
            r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]",
        );
    }

    #[test]
    fn the_page_hides_the_same() {
        let page = include_str!("../../page/files/visible.js");
        let class = page.split(['/', '\n']).find(|part| part.starts_with('['));
        // Surrogates are characters only in JavaScript.
        assert_is_hidden(&class.unwrap().replace(r"\p{Cs}", ""));
    }

    #[test]
    fn no_control_character_survives() {
        for (text, shown) in [
            ("alice", "alice"),
            ("åsa 9", "åsa 9"),
            ("a\nb", "a?b"),
            ("\u{1b}[2Jx", "?[2Jx"),
            ("a\u{202e}b", "a?b"),
            ("\u{9b}31m", "?31m"),
            ("a\0b\u{7f}", "a?b?"),
            ("a\u{61c}\u{115f}\u{1160}\u{3164}b", "a????b"),
            ("a\u{ad}\u{34f}\u{180e}\u{fe0f}\u{e0100}b", "a?????b"),
        ] {
            assert_eq!(visible(text, 64), shown);
        }
        assert_eq!(visible("åååå", 5), "åå");
    }
}
