//! Why a change was not written.

use std::fmt;

use crate::disk::{Distrust, LockTrouble, StateTrouble};
use crate::person::Refused;
use crate::trouble::Trouble;

/// Why nothing was written; everything is as before.
#[derive(Debug)]
pub enum Unwritten {
    /// The records could not be locked.
    Lock(LockTrouble),
    /// The state could not be opened.
    State(StateTrouble),
    /// The state could not be written.
    StateNotWritten(StateTrouble),
    /// The record could not be read.
    Unreadable(Trouble),
    /// The record could not be written.
    Record(Distrust),
    /// The record was created or changed meanwhile.
    Changed,
    /// The edit is not permitted.
    Refused(Refused),
    /// The system failed us, for instance the clock.
    System(Trouble),
}

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lock(trouble) => trouble.fmt(f),
            Self::State(trouble) | Self::StateNotWritten(trouble) => trouble.fmt(f),
            Self::Record(distrust) => distrust.fmt(f),
            Self::Unreadable(trouble) | Self::System(trouble) => f.write_str(&trouble.detail),
            Self::Changed => f.write_str("the record was changed meanwhile; begin again"),
            Self::Refused(refused) => refused.fmt(f),
        }
    }
}

impl std::error::Error for Unwritten {}

impl From<Unwritten> for Trouble {
    fn from(why: Unwritten) -> Self {
        let what = match why {
            Unwritten::State(_) | Unwritten::StateNotWritten(_) => "state",
            Unwritten::Lock(_)
            | Unwritten::Record(_)
            | Unwritten::Changed
            | Unwritten::Refused(_) => "record",
            Unwritten::Unreadable(trouble) | Unwritten::System(trouble) => return trouble,
        };
        Self::new(what, &why)
    }
}
