//! The content of a push: that a sign-in is waiting, or is over. Never a number.

use antiphon_core::time::UnixTime;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// A sign-in is waiting.
    Waits {
        /// For how many seconds.
        lasts: u64,
        /// Whether it is the trial of a phone being enrolled.
        is_trial: bool,
    },
    /// The sign-in of an earlier push is over; its notification is out of date.
    Gone(Gone),
}

/// A sign-in that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Gone {
    /// When it started.
    pub(crate) at: UnixTime,
    /// The client's address; empty for a local sign-in.
    pub(crate) from: String,
}

#[derive(Serialize)]
struct Said<'a> {
    gone: &'a Gone,
}

/// How many seconds a push service keeps the news that a sign-in is over, for a phone switched off for the night. It
/// replaces the push before it, so only the last one arrives.
const GONE_LASTS: u64 = 12 * 3600;

impl News {
    /// For how many seconds it is useful.
    pub(super) fn lasts(&self) -> u64 {
        match self {
            Self::Waits { lasts, .. } => *lasts,
            Self::Gone(_) => GONE_LASTS,
        }
    }

    /// Whether somebody is waiting (RFC 8030, section 5.3).
    pub(super) fn urgency(&self) -> &'static str {
        match self {
            Self::Waits { .. } => "high",
            Self::Gone(_) => "normal",
        }
    }

    /// In the form that the page's worker reads.
    pub(super) fn words(&self) -> Vec<u8> {
        match self {
            Self::Waits {
                is_trial: false, ..
            } => b"a sign-in waits".to_vec(),
            Self::Waits { is_trial: true, .. } => b"a trial waits".to_vec(),
            // Strings and a number: this cannot fail, and an empty push is read as a waiting sign-in.
            Self::Gone(gone) => serde_json::to_vec(&Said { gone }).unwrap_or_default(),
        }
    }
}
