//! How a store can fail.

use std::fmt;

/// A deed that the store did not do, or does not know whether it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreError {
    /// Not applied: it cannot be reached, is full or locked. Trying again later is safe.
    Unavailable(String),
    /// Perhaps applied.
    Indeterminate(String),
    /// Not applied: what is stored is not what the deed was meant for.
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
