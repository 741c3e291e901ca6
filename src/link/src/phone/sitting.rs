//! How a program shows things to a person who adds a phone, and waits for them.

use std::time::Duration;

use antiphon_core::disk::{Changed, Unwritten};
use antiphon_core::person::Edit;
use antiphon_core::text::Text;
use serde::Serialize;

use super::NotAdded;

/// What differs between the command and the module.
pub trait Sitting {
    /// Shows a step.
    ///
    /// # Errors
    /// [`NotAdded::Here`].
    fn show(&mut self, step: &Step<'_>) -> Result<(), NotAdded>;

    /// How long to wait for the phone's next message. Called before each wait, and again whenever none arrived.
    ///
    /// # Errors
    /// [`NotAdded::Here`] or [`NotAdded::Left`].
    fn patience(&mut self) -> Result<Duration, NotAdded>;

    /// Applies `edit` to the person's files.
    ///
    /// # Errors
    /// [`NotAdded::Here`] or [`NotAdded::Unwritten`].
    fn write(&mut self, edit: Edit<'_>) -> Result<Changed, NotAdded>;

    /// Removes the phone that `added` has added.
    ///
    /// # Errors
    /// [`Unwritten`].
    fn take_back(&mut self, credential: &[u8], added: &Changed) -> Result<(), Unwritten>;
}

/// A step. Address and number are only for the screen and for the program that shows them.
#[derive(Serialize)]
#[serde(tag = "progress", rename_all = "snake_case")]
pub enum Step<'a> {
    /// The ticket is open.
    Ticket {
        /// The URL to open on the phone.
        address: &'a str,
        /// For how many seconds.
        seconds: u64,
    },
    /// The ticket's page has been opened.
    Opened,
    /// A passkey has arrived, with its proof.
    Passkey {
        /// The phone's name.
        phone: &'a str,
    },
    /// A trial starts.
    Trial {
        /// The number to type on the phone.
        number: &'a str,
        /// For how many seconds.
        seconds: u64,
    },
    /// The trial failed, or cannot start yet.
    Again {
        /// Why.
        reason: Reason,
    },
}

/// Why there is another trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The wrong number was typed.
    WrongNumber,
    /// Nothing was typed in time.
    NoAnswer,
    /// Another sign-in of this person is using the phone.
    Busy,
}

impl Reason {
    /// The reason as a sentence.
    #[must_use]
    pub fn text(self) -> Text<'static> {
        match self {
            Self::WrongNumber => Text::WrongNumber,
            Self::NoAnswer => Text::ApprovalExpired,
            Self::Busy => Text::PhoneBusy,
        }
    }
}
