//! Text from outside, made safe to show: in a log line, on a terminal, in the activity file.

/// `text` without control characters and without what turns or hides text on a terminal, at most `most` bytes of it.
///
/// Each removed character leaves a `?`, so that a trick stays visible. sudo hands what we print to the terminal as it
/// stands, escape sequences and all.
#[must_use]
pub fn visible(text: &str, most: usize) -> String {
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

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Zero-width, line and paragraph separators, bidirectional controls, the byte-order mark, tags.
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::visible;

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
        ] {
            assert_eq!(visible(text, 64), shown);
        }
        assert_eq!(visible("åååå", 5), "åå");
    }
}
