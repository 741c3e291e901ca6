//! Errors of a store.

use std::fmt;

/// An operation that failed, or may have failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreError {
    /// Not applied: the store is unreachable, full or locked. Safe to retry.
    Unavailable(String),
    /// Possibly applied.
    Indeterminate(String),
    /// Not applied: the stored data is not what the operation expected.
    Conflict,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "the store cannot be used now: {why}"),
            Self::Indeterminate(why) => {
                write!(f, "the store may or may not have written: {why}")
            }
            Self::Conflict => f.write_str("the store holds something else there"),
        }
    }
}

impl std::error::Error for StoreError {}
