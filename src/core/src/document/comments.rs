//! Strips comment lines from a configuration.
//!
//! The shipped one explains every key, and the parser looks at each character of a comment several times, at each
//! sign-in: that takes longer than everything else.

use std::borrow::Cow;

/// `text` with the lines that start with `#` emptied, so that all other lines keep their numbers.
///
/// If there are multi-line strings, such a line may be part of one, and nothing is changed.
#[must_use]
pub fn without_comments(text: &str) -> Cow<'_, str> {
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.starts_with('#') {
            kept.push('\n');
        } else if line.contains("\"\"\"") || line.contains("'''") {
            return Cow::Borrowed(text);
        } else {
            kept.push_str(line);
        }
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn comment_lines_go_and_every_other_line_stays_where_it_is() {
        let text = "# one\na = 1 # two\n\n  # three\n#: b = 2\nc = \"#\"\n# four";
        let kept = "\na = 1 # two\n\n  # three\n\nc = \"#\"\n\n";
        assert_eq!(without_comments(text), kept);
    }

    #[test]
    fn where_a_line_may_be_no_comment_nothing_changes() {
        for text in [
            "a = \"\"\"\n# not a comment\n\"\"\"\n",
            "a = '''\n# not a comment\n'''\n",
        ] {
            assert_eq!(without_comments(text), text);
        }
    }
}
