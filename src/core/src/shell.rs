//! Quotes names in the commands that our messages suggest: each becomes one shell word, whatever it contains.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;

use crate::visible::visible;

/// `text` as one word, quoted if a shell needs that.
///
/// What cannot be displayed literally (control characters, whatever [`visible`] replaces, invalid UTF-8) is written as
/// bytes in `$'…'`, which POSIX.1-2024 specifies and every common shell supports, so that the word survives screens and
/// logs.
#[must_use]
pub fn word(text: impl AsRef<OsStr>) -> String {
    quoted(text.as_ref().as_bytes())
}

fn quoted(bytes: &[u8]) -> String {
    let shown = std::str::from_utf8(bytes).ok();
    match shown.filter(|text| visible(text, usize::MAX) == **text) {
        Some(text) if is_plain(text) => text.to_owned(),
        Some(text) => format!("'{}'", text.replace('\'', r"'\''")),
        None => {
            let mut word = String::from("$'");
            for byte in bytes {
                let _ = match byte {
                    b'\'' | b'\\' => write!(word, "\\{}", char::from(*byte)),
                    b' '..=b'~' => write!(word, "{}", char::from(*byte)),
                    _ => write!(word, "\\{byte:03o}"),
                };
            }
            word + "'"
        }
    }
}

/// Whether no shell treats any part of `text` specially. A tilde is special only at the start.
fn is_plain(text: &str) -> bool {
    let plain = |character: char| character.is_alphanumeric() || "-_.@+:/,%~".contains(character);
    !text.is_empty() && !text.starts_with('~') && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::process::Command;

    use super::word;
    use crate::visible::visible;

    #[test]
    fn a_shell_reads_each_name_as_one_word_and_a_screen_shows_it_as_it_is() {
        for name in [
            "alice",
            "åsa",
            "alice@example.org",
            "DOM\\bob",
            "a b",
            " ",
            "",
            "$HOME",
            "`id`",
            "$(id)",
            "a;id",
            "a&b",
            "a|b",
            "a>b",
            "~",
            "~root",
            "a~b",
            "*",
            "#x",
            "!x",
            "it's",
            "\"",
            "''",
            "'\\''",
            "a\\'b",
            "a\u{202e}b",
            "a\u{ad}'b\\",
            "a\nb",
            "\u{1b}[2J",
            "-x",
        ] {
            assert_eq!(read_by("bash", &word(name)), name.as_bytes(), "{name:?}");
            assert_eq!(visible(&word(name), usize::MAX), word(name), "{name:?}");
            if !word(name).starts_with('$') {
                assert_eq!(read_by("sh", &word(name)), name.as_bytes(), "{name:?}");
            }
        }
        for name in [
            "alice",
            "åsa",
            "alice@example.org",
            "/etc/antiphon/users/a%20b.toml",
            "/etc/antiphon/users/alice.toml~",
        ] {
            assert_eq!(word(name), name);
        }
        let latin = OsStr::from_bytes(b"bj\xf6rn");
        assert_eq!(word(latin), r"$'bj\366rn'");
        assert_eq!(read_by("bash", &word(latin)), latin.as_bytes());
    }

    fn read_by(shell: &str, word: &str) -> Vec<u8> {
        let script = format!("printf %s {word}");
        Command::new(shell)
            .args(["-c", &script])
            .output()
            .unwrap()
            .stdout
    }
}
