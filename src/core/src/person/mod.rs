//! A person, as far as a second factor goes: what the record holds, what the state remembers, and what may become of both.

mod edit;
mod last_way;

pub use edit::{Edit, Grant, MOST_NUMBERS, NewCode, NewPhone, Refused};
pub use last_way::Closed;

use crate::record::Record;
use crate::state::State;
use crate::summary::Summary;

/// Who changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The person, inside a sign-in: the last way in stays.
    Person,
    /// Root, who is told of the last way in.
    Root {
        /// Who insists may take it.
        insists: bool,
    },
}

/// Record and state, as they stand under the lock of the state.
#[derive(Debug, Clone)]
pub struct Person {
    /// With nothing in it where there is none, or none that can be read.
    pub record: Record,
    /// Whether that is so.
    pub is_new: bool,
    /// What goes with it.
    pub state: State,
}

impl Person {
    /// What the person may see of it.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.record, self.state.recovery_left(&self.record))
    }
}
