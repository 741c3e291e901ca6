//! A person's record and state, and the edits to them.

mod edit;
mod last_way;
mod refused;

pub use edit::{
    Edit, Grant, Imported, MOST_ACCOUNTS, MOST_NUMBERS, MOST_PHONES, NewAccount, NewCode, NewPhone,
    TakeBack,
};
pub use last_way::Closed;
pub use refused::Refused;

use crate::record::Record;
use crate::state::State;
use crate::summary::Summary;

/// Who makes a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The person, during a sign-in; may not remove the last way in.
    Person,
    /// Root, who is warned about the last way in.
    Root {
        /// Whether to remove it all the same.
        insists: bool,
    },
}

/// Record and state, as read under the lock of the state.
#[derive(Debug, Clone)]
pub struct Person {
    /// The record; empty if there is none or it cannot be read.
    pub record: Record,
    /// Whether the record is such an empty one.
    pub is_new: bool,
    /// The state.
    pub state: State,
}

impl Person {
    /// What the person may see.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.record, self.state.recovery_left(&self.record))
    }
}
