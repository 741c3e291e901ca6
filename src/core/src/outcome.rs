//! The result of a sign-in, in the words of the log.

use crate::judge::Accepted;
use crate::policy::Exemption;
use crate::state::Gate;

pub use crate::refusal::{EnrolmentClosed, Refusal};
pub use crate::trouble::Trouble;

/// The result of a sign-in. The module maps it to a PAM code in one place.
#[derive(Debug)]
pub enum Outcome {
    /// One factor was verified.
    Accepted(Accepted),
    /// A rule of a valid configuration exempts this sign-in.
    Exempt(Exemption),
    /// Not let in.
    Refused(Refusal),
    /// Too many wrong codes.
    Locked(Gate),
    /// The person left the prompt.
    Cancelled,
    /// Configuration, record, state or lock is unusable.
    Unusable(Trouble),
}

impl Outcome {
    /// The word after `outcome=`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Exempt(_) => "exempt",
            Self::Refused(Refusal::Wrong) => "wrong",
            Self::Refused(Refusal::Reported) => "reported",
            Self::Refused(_) => "refused",
            Self::Locked(_) => "locked",
            Self::Cancelled => "cancelled",
            Self::Unusable(_) => "unusable",
        }
    }

    /// The word after `reason=`, if any.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Accepted(_)
            | Self::Cancelled
            | Self::Refused(Refusal::Wrong | Refusal::Reported) => None,
            Self::Exempt(exemption) => Some(exemption.rule().word()),
            Self::Refused(refusal) => Some(refusal.word()),
            Self::Locked(Gate::Closed) => Some("too-many-in-a-row"),
            Self::Locked(_) => Some("wrong-codes"),
            Self::Unusable(trouble) => Some(trouble.what),
        }
    }
}
