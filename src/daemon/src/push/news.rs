//! What a push says: that a sign-in waits, or that it has gone. Never a number.

use antiphon_core::time::UnixTime;
use serde::Serialize;

/// What a push says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// A sign-in waits.
    Waits {
        /// For so many seconds.
        lasts: u64,
        /// It is the test of a phone that is being enrolled.
        is_trial: bool,
    },
    /// The sign-in that a push told of waits no more: what was shown of it is out of date.
    Gone(Gone),
}

/// A sign-in that has gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Gone {
    /// When it began.
    pub(crate) at: UnixTime,
    /// From where; empty for one at the computer itself.
    pub(crate) from: String,
}

#[derive(Serialize)]
struct Said<'a> {
    gone: &'a Gone,
}

/// Seconds for which a service keeps the word of a sign-in that has gone, for a phone that is off for the night: it takes
/// the place of the push before it, and so only the last one comes.
const GONE_LASTS: u64 = 12 * 3600;

impl News {
    /// Seconds for which it is worth hearing.
    pub(super) fn lasts(&self) -> u64 {
        match self {
            Self::Waits { lasts, .. } => *lasts,
            Self::Gone(_) => GONE_LASTS,
        }
    }

    /// Whether somebody waits for it (RFC 8030, section 5.3).
    pub(super) fn urgency(&self) -> &'static str {
        match self {
            Self::Waits { .. } => "high",
            Self::Gone(_) => "normal",
        }
    }

    /// As the page's worker reads it.
    pub(super) fn words(&self) -> Vec<u8> {
        match self {
            Self::Waits {
                is_trial: false, ..
            } => b"a sign-in waits".to_vec(),
            Self::Waits { is_trial: true, .. } => b"a trial waits".to_vec(),
            // Text and a number: that cannot fail, and a push without words is one that a sign-in waits.
            Self::Gone(gone) => serde_json::to_vec(&Said { gone }).unwrap_or_default(),
        }
    }
}
