//! Why an account was not added: a word for the log and a sentence.

use std::fmt;

use antiphon_core::account;
use antiphon_core::disk::Unwritten;
use antiphon_core::outcome::Trouble;
use antiphon_core::person::MOST_ACCOUNTS;
use antiphon_core::wire::NoToken;

use crate::connection::{Away, Unheard};

/// Why an account was not added. Nothing was written.
#[derive(Debug)]
pub enum NotAdded {
    /// The daemon is not available (any more).
    Away(Away),
    /// There are no valid keys of this provider.
    NoKeys(String),
    /// The ticket expired.
    Late,
    /// The person stopped.
    Left,
    /// The provider has signed nothing.
    NoToken(NoToken),
    /// What the provider has signed failed a check.
    Token {
        /// The check.
        fault: account::Fault,
        /// The same with what to do.
        detail: String,
    },
    /// The person has this account already.
    Known,
    /// It is somebody else's account.
    NotTheirs,
    /// The person said "It is not me" to the trial.
    Declined,
    /// All trials failed.
    NoTrialRight,
    /// Another sign-in of this person stayed open.
    Busy,
    /// The person has [`MOST_ACCOUNTS`] already.
    TooMany,
    /// This host's clock is beyond the range of dates.
    Clock,
    /// It could not be written.
    Unwritten(Unwritten),
    /// Randomness, clock or the provider's keys failed.
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
            | Self::NoKeys(_)
            | Self::Clock
            | Self::Unwritten(_)
            | Self::Trouble(_)
            | Self::Here => "unusable",
            Self::Late => "expired",
            Self::Left => "cancelled",
            Self::Declined => "reported",
            Self::NoToken(_)
            | Self::Token { .. }
            | Self::Known
            | Self::NotTheirs
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
            Self::NoKeys(_) => "provider",
            Self::Token { fault, .. } => fault.word(),
            Self::NoToken(_) => "no-token",
            Self::Known => "known-account",
            Self::NotTheirs => "not-theirs",
            Self::NoTrialRight => "trial",
            Self::Busy => "busy",
            Self::TooMany => "too-many-accounts",
            Self::Clock => "clock",
            Self::Unwritten(_)
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
            Self::Away(away) => write!(f, "antiphond is not available: {away}"),
            Self::NoKeys(provider) => write!(
                f,
                "there are no valid keys of the provider; run: antiphon providers refresh {provider}"
            ),
            Self::Late => f.write_str("nobody signed in within ten minutes"),
            Self::Left | Self::Here => f.write_str("stopped"),
            Self::NoToken(NoToken::Denied) => {
                f.write_str("the sign-in at the provider was cancelled or refused")
            }
            Self::NoToken(NoToken::ProviderAway) => {
                f.write_str("antiphond could not reach the provider; its log says why")
            }
            Self::NoToken(NoToken::ProviderRefused) => {
                f.write_str("the provider answered with an error, which is in antiphond's log")
            }
            Self::Token { detail, .. } => {
                write!(f, "the provider's token is not valid here ({detail})")
            }
            Self::Known => f.write_str("the person has this account already"),
            Self::NotTheirs => f.write_str("it is not the account of this person"),
            Self::Declined => f.write_str("the page said that it is not you"),
            Self::NoTrialRight => f.write_str("no trial was right"),
            Self::Busy => f.write_str("another sign-in of this person waits for an approval"),
            Self::TooMany => write!(
                f,
                "there are {MOST_ACCOUNTS} accounts already; remove one first (antiphon remove NAME --account ACCOUNT)"
            ),
            Self::Clock => f.write_str("this computer's clock is wrong"),
            Self::Unwritten(why) => why.fmt(f),
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
