use std::fmt;

use crate::document::Fault;
use crate::time::UnixTime;

/// Why a document of the fleet is not believed. `Display` gives the reason and the fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untrusted {
    /// It is not a signed document, or is too long.
    NotUnderstood,
    /// It is a document of another kind.
    OtherKind,
    /// No key of this name signs such documents for the fleet.
    UnknownKey,
    /// The key has not signed this text for this fleet.
    Signature,
    /// It is signed, but its text is not understood here.
    Text(Fault),
    /// It is another person's.
    OtherUser,
    /// It is no longer valid since then.
    Expired(UnixTime),
    /// This host has already seen a later one, or another one with the same serial.
    Older {
        /// The serial that this host has seen.
        seen: u32,
        /// The serial of the document.
        found: u32,
    },
}

impl Untrusted {
    /// The word for it in the log.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Expired(_) => "expired",
            Self::Older { .. } => "older",
            Self::NotUnderstood
            | Self::OtherKind
            | Self::UnknownKey
            | Self::Signature
            | Self::Text(_)
            | Self::OtherUser => "distrusted",
        }
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUnderstood => f.write_str("it is not a signed document"),
            Self::OtherKind => f.write_str("it is a document of another kind"),
            Self::UnknownKey => f.write_str(
                "it is signed with a key that does not sign such documents for this fleet; see: antiphon fleet check",
            ),
            Self::Signature => f.write_str(
                "its signature is not one over this text for this fleet; see: antiphon fleet check",
            ),
            Self::Text(fault) => write!(
                f,
                "it is signed, but not understood: {fault}; is Antiphon older here than where it was signed?"
            ),
            Self::OtherUser => f.write_str("it is another person's"),
            Self::Expired(at) => write!(
                f,
                "it expired at {at}; look at this computer's clock, and on the enrolment host run: antiphon fleet renew"
            ),
            Self::Older { seen, found } => write!(
                f,
                "its serial is {found}, and this host has seen another one with serial {seen}; if the fleet was set up \
                 again, join it again"
            ),
        }
    }
}

impl std::error::Error for Untrusted {}

/// Never quotes what was signed.
impl From<Fault> for Untrusted {
    fn from(fault: Fault) -> Self {
        Self::Text(fault.without_quotes())
    }
}
