//! How a sign-in ended, in the words of the log.

use crate::judge::Accepted;
use crate::policy::Exemption;
use crate::state::Gate;

pub use crate::refusal::{EnrolmentClosed, Refusal};
pub use crate::trouble::Trouble;

/// How a sign-in ended. The module turns each into one PAM code, in one place.
#[derive(Debug)]
pub enum Outcome {
    /// One factor was verified.
    Accepted(Accepted),
    /// A rule of a valid configuration lets this sign-in through without a factor.
    Exempt(Exemption),
    /// No.
    Refused(Refusal),
    /// Too many wrong codes.
    Locked(Gate),
    /// The person went away from the prompt.
    Cancelled,
    /// Configuration, record, state or lock could not be used.
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

    /// The word after `reason=`, if there is more to say.
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
