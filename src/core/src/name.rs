//! Maps a person's canonical name to a file name.
//!
//! The input is `pw_name` from the system's user database, never what was typed: whether `Alice` and `alice` are one
//! person is for the database to decide. The result cannot leave the folder it is used in.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::shell;

/// Everything but `[a-z0-9_.-]`; upper case too, so that a case-insensitive file system does not merge two people.
const OUTSIDE: &AsciiSet = &upper_case(NON_ALPHANUMERIC)
    .remove(b'_')
    .remove(b'.')
    .remove(b'-');

const fn upper_case(set: &'static AsciiSet) -> AsciiSet {
    let mut grown = set.add(b'A');
    let mut letter = b'B';
    while letter <= b'Z' {
        grown = grown.add(letter);
        letter += 1;
    }
    grown
}

/// The longest file name on Linux, in bytes (`NAME_MAX`).
const NAME_MAX: usize = 255;

/// A canonical user name and its file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName {
    name: String,
    encoded: String,
}

/// Why a name is unusable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameError {
    /// It is empty.
    Empty,
    /// Encoded, and with our longest suffix, it exceeds the length of a file name.
    TooLong,
    /// It is not UTF-8; its replacement characters could stand for another name too.
    NotUtf8,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the user name is empty",
            Self::TooLong => "the user name is too long for a file's name",
            Self::NotUtf8 => "the user name is not UTF-8; give the account one that is",
        })
    }
}

impl std::error::Error for NameError {}

impl UserName {
    /// Takes `pw_name` as the user database returns it.
    ///
    /// # Errors
    /// [`NameError`] if it cannot be made a file name.
    pub fn new(canonical: &str) -> Result<Self, NameError> {
        if canonical.is_empty() {
            return Err(NameError::Empty);
        }
        if canonical.contains(char::REPLACEMENT_CHARACTER) {
            return Err(NameError::NotUtf8);
        }
        let mut encoded: String = utf8_percent_encode(canonical, OUTSIDE).collect();
        if let Some(rest) = encoded.strip_prefix('.') {
            // Rules out `.`, `..` and hidden files, and leaves room for our own temporary names.
            encoded = format!("%2E{rest}");
        }
        if encoded.len() + ".jsonl.1".len() > NAME_MAX {
            return Err(NameError::TooLong);
        }
        Ok(Self {
            name: canonical.to_owned(),
            encoded,
        })
    }

    /// The canonical name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The canonical name quoted for a shell, for commands in messages.
    #[must_use]
    pub fn shell_word(&self) -> String {
        shell::word(&self.name)
    }

    /// This person's file name in one of our folders, with `suffix` (`".toml"`, `""`).
    #[must_use]
    pub fn file_name(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.encoded)
    }

    /// The canonical name for the file `file_name`, if it is one of ours.
    #[must_use]
    pub fn from_file_name(file_name: &str, suffix: &str) -> Option<Self> {
        let stem = file_name.strip_suffix(suffix)?;
        let decoded = percent_encoding::percent_decode_str(stem)
            .decode_utf8()
            .ok()?;
        Self::new(&decoded).ok().filter(|name| name.encoded == stem)
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::{NameError, UserName};

    #[test]
    fn no_name_leaves_its_folder() {
        for (name, file) in [
            ("alice", "alice.toml"),
            ("../x", "%2E.%2Fx.toml"),
            ("..", "%2E..toml"),
            (".hidden", "%2Ehidden.toml"),
            ("a/b", "a%2Fb.toml"),
            ("a\nb", "a%0Ab.toml"),
            ("a\0b", "a%00b.toml"),
            ("DOMAIN\\bob", "%44%4F%4D%41%49%4E%5Cbob.toml"),
            ("åsa", "%C3%A5sa.toml"),
            ("50%", "50%25.toml"),
        ] {
            let user = UserName::new(name).unwrap();
            assert_eq!(user.file_name(".toml"), file);
            assert!(!user.file_name("").contains('/') && !user.file_name("").starts_with('.'));
        }
    }

    #[test]
    fn two_names_never_share_a_file() {
        let names = [
            "alice", "Alice", "ALICE", "%41lice", "a.b", "a_b", ".a", "%2Ea",
        ];
        let mut files: Vec<_> = names
            .iter()
            .map(|name| UserName::new(name).unwrap().file_name(""))
            .collect();
        files.sort();
        files.dedup();
        assert_eq!(files.len(), names.len());
    }

    #[test]
    fn a_file_name_gives_the_name_back_and_foreign_ones_give_none() {
        for name in ["alice", "Alice", "../x", "åsa", ".a"] {
            let user = UserName::new(name).unwrap();
            assert_eq!(
                UserName::from_file_name(&user.file_name(".toml"), ".toml"),
                Some(user)
            );
        }
        for foreign in [
            "Alice.toml",
            "..toml",
            "alice.toml~",
            ".alice.toml",
            "%zz.toml",
            "%61.toml",
        ] {
            assert_eq!(
                UserName::from_file_name(foreign, ".toml"),
                None,
                "{foreign}"
            );
        }
    }

    #[test]
    fn an_empty_or_overlong_name_is_refused() {
        assert_eq!(UserName::new(""), Err(NameError::Empty));
        assert_eq!(UserName::new(&"a".repeat(255)), Err(NameError::TooLong));
        assert_eq!(UserName::new(&"Å".repeat(50)), Err(NameError::TooLong));
        assert!(UserName::new(&"a".repeat(240)).is_ok());
    }

    #[test]
    fn a_name_whose_bytes_were_lost_stands_for_nobody() {
        let lossy = [&b"bj\xf6rn"[..], b"bj\xe4rn"].map(String::from_utf8_lossy);
        assert_eq!(lossy[0], lossy[1]);
        assert_eq!(UserName::new(&lossy[0]), Err(NameError::NotUtf8));
        let file = "bj%EF%BF%BDrn.toml";
        assert_eq!(UserName::from_file_name(file, ".toml"), None);
    }
}
