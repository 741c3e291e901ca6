//! Strips comment lines from a configuration.
//!
//! The shipped one explains every key, and the parser looks at each character of a comment several times, at each
//! sign-in: that takes longer than everything else.

use std::borrow::Cow;

use memchr::memchr;

/// `text` without the lines that are empty or start with `#`. The other lines have other numbers then: who finds a fault
/// looks for it again in `text`.
///
/// If there are multi-line strings, such a line may be part of one, and nothing is changed.
#[must_use]
pub fn without_comments(text: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let end = memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |feed| feed + 1);
        let (line, after) = rest.split_at(end);
        if !matches!(first, b'#' | b'\n') {
            kept.push_str(line);
        }
        rest = after;
    }
    if ["\"\"\"", "'''"].iter().any(|quotes| kept.contains(quotes)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn comment_lines_and_empty_ones_go_and_nothing_else() {
        let text = "# one\na = 1 # two\n\n  # three\n#: b = 2\nc = \"#\"\n# four";
        let kept = "a = 1 # two\n  # three\nc = \"#\"\n";
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
