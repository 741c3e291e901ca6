//! Why a phone was not added: a word for the log, a sentence for root, an exit status.

use std::fmt;

use antiphon_core::wire::{FromDaemon, Unwilling};
use antiphon_core::{approval, enrolment};

use crate::daemon::Silence;
use crate::failure::{Failure, Kind};

/// Why not. Nothing has been written then.
#[derive(Debug)]
pub(crate) enum Unfinished {
    /// The daemon is not to be had (any more).
    Gone(String),
    /// The ticket's time is over.
    Late,
    /// Somebody pressed Ctrl-C.
    Stopped,
    /// The passkey is not taken.
    Passkey(enrolment::Fault),
    /// The trial's answer failed another check than the number's.
    Answer(approval::Fault),
    /// Somebody said "It is not me" to the trial.
    Declined,
    /// The trials are used up.
    NoTrialRight,
    /// Another sign-in of this person is open and stays so.
    Busy,
    /// Randomness, a file or the screen failed.
    Trouble(Failure),
}

impl Unfinished {
    /// The word after `outcome=`.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Gone(_) | Self::Trouble(_) => "unusable",
            Self::Late => "expired",
            Self::Stopped => "cancelled",
            Self::Declined => "reported",
            Self::Passkey(_) | Self::Answer(_) | Self::NoTrialRight | Self::Busy => "refused",
        }
    }

    /// The word after `reason=`.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Gone(_) => "daemon",
            Self::Late | Self::Stopped | Self::Declined | Self::Trouble(_) => "",
            Self::Passkey(fault) => fault.word(),
            Self::Answer(fault) => fault.word(),
            Self::NoTrialRight => "trial",
            Self::Busy => "busy",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Gone(_) => Kind::Unavailable,
            Self::Late | Self::Stopped | Self::Busy => Kind::TryAgain,
            Self::Passkey(_) | Self::Answer(_) | Self::Declined | Self::NoTrialRight => Kind::Data,
            Self::Trouble(failure) => failure.kind(),
        }
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(why) => write!(f, "antiphond is not to be had: {why}"),
            Self::Late => f.write_str("no phone came in ten minutes"),
            Self::Stopped => f.write_str("stopped"),
            Self::Passkey(fault) => fault.fmt(f),
            Self::Answer(fault) => write!(
                f,
                "the phone's answer to the trial was not its own ({})",
                fault.word()
            ),
            Self::Declined => f.write_str("the phone said that it is not you"),
            Self::NoTrialRight => f.write_str("no trial was right"),
            Self::Busy => f.write_str("another sign-in of this person waits on the phone"),
            Self::Trouble(failure) => failure.fmt(f),
        }
    }
}

impl From<&Unfinished> for Failure {
    fn from(why: &Unfinished) -> Self {
        Self::new(
            why.kind(),
            format!(
                "{why}. No phone was added: run the command again, the QR code shown above is void"
            ),
        )
    }
}

impl From<Silence> for Unfinished {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::Late => Self::Late,
            Silence::Stopped => Self::Stopped,
            Silence::Gone(why) => Self::Gone(why),
        }
    }
}

impl From<Failure> for Unfinished {
    fn from(failure: Failure) -> Self {
        Self::Trouble(failure)
    }
}

/// For a message that has no place where it came.
pub(super) fn unexpected(message: &FromDaemon) -> Unfinished {
    Unfinished::Gone(match message {
        FromDaemon::Unwilling {
            reason: Unwilling::Certificate,
        } => "phones refuse the certificate of its page; run: antiphon check".to_owned(),
        FromDaemon::Unwilling { reason } => format!("it is unwilling: {reason:?}"),
        _ => "it speaks of something else".to_owned(),
    })
}
