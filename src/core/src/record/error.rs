//! What is wrong with a record, without a word of what stands in it.

use std::fmt;

use crate::config::line_of;

/// A record that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordError {
    /// The file has no bytes.
    Empty,
    /// The file does not end with a newline.
    CutOff,
    /// The file is not UTF-8.
    NotUtf8,
    /// Not TOML, an unknown or missing key, or a value that is not allowed; the line if it is known.
    NotUnderstood(Option<usize>),
    /// A version of the format that is not ours.
    Version(u32),
    /// `user` is not the person whose file this is.
    OtherUser,
}

impl RecordError {
    pub(super) fn from_toml(error: &toml::de::Error, text: &str) -> Self {
        // The message may quote the value: only the place is taken.
        Self::NotUnderstood(line_of(error, text))
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the record is empty"),
            Self::CutOff => f.write_str("the record does not end with a newline: it was cut off"),
            Self::NotUtf8 => f.write_str("the record is not UTF-8"),
            Self::NotUnderstood(Some(line)) => {
                write!(f, "line {line} is misspelt, incomplete or out of range")
            }
            Self::NotUnderstood(None) => f.write_str("a key is missing"),
            Self::Version(found) => write!(f, "version {found} is not known here"),
            Self::OtherUser => f.write_str("`user` names another person than the file"),
        }
    }
}

impl std::error::Error for RecordError {}
