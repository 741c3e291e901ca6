//! The protocol between a person's own program and the daemon, over a separate socket. The kernel says who is asking;
//! nobody can ask for another person.

use serde::{Deserialize, Serialize};

use crate::activity::Event;
use crate::summary::Summary;

/// A person's request; one per connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FromPerson {
    /// List my factors.
    Ways {},
    /// List my recent activity.
    Activity {
        /// The most events to return.
        most: u32,
    },
    /// Report a sign-in that was not me.
    Report {
        /// [`Event::id`].
        id: String,
    },
}

/// The daemon's reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ToPerson {
    /// The factors.
    Ways {
        /// The canonical name of the person asking.
        user: String,
        /// `None` if root has not written a summary.
        ways: Option<Summary>,
    },
    /// Recent activity, the latest first.
    Activity {
        /// The canonical name of the person asking.
        user: String,
        /// As many as fit in a frame.
        events: Vec<OwnEvent>,
    },
    /// The report is stored, and logged for the administrator.
    Reported {
        /// Whether it had been reported before.
        before: bool,
    },
    /// Refused.
    Refused {
        /// Why.
        reason: NotTold,
    },
}

/// An event as shown to its person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnEvent {
    /// [`Event::id`].
    pub id: String,
    /// Whether the person has reported it.
    pub reported: bool,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotTold {
    /// The caller's user id has no name on this system.
    Unknown,
    /// Too many requests.
    TooOften,
    /// None of the latest sign-ins has this id.
    NoSuchSignIn,
    /// Root's files or the store are not readable now.
    NotNow,
    /// The request was not understood.
    NotUnderstood,
}
