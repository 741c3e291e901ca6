use std::fmt;

use crate::document::Fault;

/// Why a record is unusable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordError {
    /// The file is empty.
    Empty,
    /// The file does not end with a newline.
    CutOff,
    /// The file is not UTF-8.
    NotUtf8,
    /// Not TOML, an unknown or missing key, or a value that is not allowed.
    NotUnderstood(Reason),
    /// Another version of the format.
    Version(u32),
    /// `user` differs from the person whose file this is.
    OtherUser,
}

/// Line, key and rule, without quoting the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(Fault);

impl From<Fault> for RecordError {
    fn from(fault: Fault) -> Self {
        Self::NotUnderstood(Reason(fault.without_quotes()))
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the record is empty"),
            Self::CutOff => f.write_str("the record does not end with a newline: it was cut off"),
            Self::NotUtf8 => f.write_str("the record is not UTF-8"),
            Self::NotUnderstood(reason) => reason.0.fmt(f),
            Self::Version(found) => write!(f, "version {found} is not known here"),
            Self::OtherUser => f.write_str("`user` names another person than the file"),
        }
    }
}

impl std::error::Error for RecordError {}
