//! What is told while a phone is being added: lines for a person, or one JSON object a line on standard error, since
//! the one object on standard output comes at the end.

use serde::Serialize;

use crate::failure::Failure;

/// Who tells it.
pub(crate) type Tell<'a> = dyn FnMut(&Progress<'_>) -> Result<(), Failure> + 'a;

/// A step. The address and the number are for the screen only, and for the program that shows them.
#[derive(Serialize)]
#[serde(tag = "progress", rename_all = "snake_case")]
pub(crate) enum Progress<'a> {
    /// The ticket is open: what the phone has to open, and for how many seconds.
    Ticket { address: &'a str, seconds: u64 },
    /// The page of the ticket has been opened.
    Opened,
    /// A passkey has come, with its proof.
    Passkey { phone: &'a str },
    /// A trial: the number to type in on the phone.
    Trial { number: &'a str, seconds: u64 },
    /// That trial was not right.
    Again { reason: Reason },
}

/// Why a trial was not right.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    WrongNumber,
    NoAnswer,
    Busy,
}

impl Progress<'_> {
    /// For a person; the ticket is drawn and not said.
    pub(crate) fn sentence(&self) -> Option<String> {
        Some(match self {
            Self::Ticket { .. } => return None,
            Self::Opened => "The page is open on the phone.".to_owned(),
            Self::Passkey { phone } => format!("{phone} has made its passkey."),
            Self::Trial { .. } => {
                "Now let's test it. If the phone asks about notifications, answer that first; then enter this number on the phone:"
                    .to_owned()
            }
            Self::Again { reason } => match reason {
                Reason::WrongNumber => "That was another number.",
                Reason::NoAnswer => "No answer came.",
                Reason::Busy => "A sign-in waits on the phone: answer that first.",
            }
            .to_owned(),
        })
    }

    /// What is shown big below the sentence.
    pub(crate) fn number(&self) -> Option<&str> {
        match self {
            Self::Trial { number, .. } => Some(number),
            _ => None,
        }
    }
}
