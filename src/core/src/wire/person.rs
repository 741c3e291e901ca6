//! What a person's own program and the daemon say to each other, over a socket that is not root's. The kernel says who
//! asks; nobody can ask for another.

use serde::{Deserialize, Serialize};

use crate::activity::Event;
use crate::summary::Summary;

/// What a person asks. One connection is one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FromPerson {
    /// My ways to sign in.
    Ways {},
    /// My recent activity: at most so many events, the latest.
    Activity {
        /// How many.
        most: u32,
    },
    /// That sign-in was not me.
    Report {
        /// [`Event::id`].
        id: String,
    },
}

/// What the daemon answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ToPerson {
    /// The ways to sign in.
    Ways {
        /// Whose: the canonical name of who asks.
        user: String,
        /// `None` if root has written none down.
        ways: Option<Summary>,
    },
    /// Recent activity, the latest first.
    Activity {
        /// Whose.
        user: String,
        /// So many as fit into a frame.
        events: Vec<OwnEvent>,
    },
    /// The report is kept, and the administrator has it in the log.
    Reported {
        /// It was reported before.
        before: bool,
    },
    /// No answer.
    Refused {
        /// Why.
        reason: NotTold,
    },
}

/// An event as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnEvent {
    /// [`Event::id`].
    pub id: String,
    /// The person has said that it was not they.
    pub reported: bool,
    /// It.
    #[serde(flatten)]
    pub event: Event,
}

/// Why a person is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotTold {
    /// The system has no name for who asks.
    Unknown,
    /// Too often.
    TooOften,
    /// No sign-in among the latest is called so.
    NoSuchSignIn,
    /// Root's files or the store cannot be read now.
    NotNow,
    /// The question was not understood.
    NotUnderstood,
}
