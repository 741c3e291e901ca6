//! Why a phone was not added: a word for the log and a sentence.

use std::fmt;

use antiphon_core::disk::Unwritten;
use antiphon_core::outcome::Trouble;
use antiphon_core::person::MOST_PHONES;
use antiphon_core::{approval, invitation};

use crate::connection::{Away, Unheard};

/// Why a phone was not added. Nothing was written, except with [`NotAdded::NotTakenBack`].
#[derive(Debug)]
pub enum NotAdded {
    /// The daemon is not available (any more).
    Away(Away),
    /// The ticket expired.
    Late,
    /// The person stopped.
    Left,
    /// The passkey is rejected.
    Passkey(invitation::Fault),
    /// The trial's answer failed a check other than that of the number.
    Answer(approval::Fault),
    /// The person said "It is not me" to the trial.
    Declined,
    /// All trials failed.
    NoTrialRight,
    /// Another sign-in of this person stayed open.
    Busy,
    /// The person has [`MOST_PHONES`] already.
    TooMany,
    /// It could not be written.
    Unwritten(Unwritten),
    /// The daemon has not registered the phone, and it could not be removed from the record again.
    NotTakenBack(Unwritten),
    /// Randomness or the clock failed.
    Trouble(Trouble),
    /// It ended on this side: person or screen are gone.
    Here,
}

impl NotAdded {
    /// The word after `outcome=`.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Away(_)
            | Self::Unwritten(_)
            | Self::NotTakenBack(_)
            | Self::Trouble(_)
            | Self::Here => "unusable",
            Self::Late => "expired",
            Self::Left => "cancelled",
            Self::Declined => "reported",
            Self::Passkey(_)
            | Self::Answer(_)
            | Self::NoTrialRight
            | Self::Busy
            | Self::TooMany => "refused",
        }
    }

    /// The word after `reason=`, or nothing.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Away(_) => "daemon",
            Self::Passkey(fault) => fault.word(),
            Self::Answer(fault) => fault.word(),
            Self::NoTrialRight => "trial",
            Self::Busy => "busy",
            Self::TooMany => "too-many-phones",
            Self::Unwritten(_)
            | Self::NotTakenBack(_)
            | Self::Trouble(_)
            | Self::Here
            | Self::Late
            | Self::Left
            | Self::Declined => "",
        }
    }
}

impl fmt::Display for NotAdded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away(away) => write!(f, "antiphond is not to be had: {away}"),
            Self::Late => f.write_str("no phone came in ten minutes"),
            Self::Left | Self::Here => f.write_str("stopped"),
            Self::Passkey(fault) => fault.fmt(f),
            Self::Answer(fault) => write!(
                f,
                "the phone's answer to the trial was not its own ({})",
                fault.word()
            ),
            Self::Declined => f.write_str("the phone said that it is not you"),
            Self::NoTrialRight => f.write_str("no trial was right"),
            Self::Busy => f.write_str("another sign-in of this person waits on the phone"),
            Self::TooMany => write!(
                f,
                "there are {MOST_PHONES} phones already; take one away first (antiphon remove NAME --phone PHONE)"
            ),
            Self::Unwritten(why) => why.fmt(f),
            Self::NotTakenBack(why) => write!(
                f,
                "the phone was written down but the daemon does not know it, and that could not be undone ({why})"
            ),
            Self::Trouble(trouble) => f.write_str(&trouble.detail),
        }
    }
}

impl From<Away> for NotAdded {
    fn from(away: Away) -> Self {
        Self::Away(away)
    }
}

impl From<Unheard> for NotAdded {
    fn from(unheard: Unheard) -> Self {
        match unheard {
            Unheard::Late => Self::Late,
            Unheard::Stopped => Self::Left,
            Unheard::Away(away) => Self::Away(away),
        }
    }
}

impl From<Trouble> for NotAdded {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}
