//! The person who adds a phone: how a program shows them things, and how it waits for them.

use std::time::Duration;

use antiphon_core::disk::{Changed, Unwritten};
use antiphon_core::person::Edit;
use antiphon_core::text::Text;
use serde::Serialize;

use super::NotAdded;

/// What the command and the module do each in their own way.
pub trait Sitting {
    /// Shows a step.
    ///
    /// # Errors
    /// [`NotAdded::Here`].
    fn show(&mut self, step: &Step<'_>) -> Result<(), NotAdded>;

    /// Called before the phone's next word is waited for, and each time that none came: for how long it is.
    ///
    /// # Errors
    /// [`NotAdded::Here`] or [`NotAdded::Left`].
    fn patience(&mut self) -> Result<Duration, NotAdded>;

    /// Makes `edit` of the person's files.
    ///
    /// # Errors
    /// [`NotAdded::Here`] or [`NotAdded::Unwritten`].
    fn write(&mut self, edit: Edit<'_>) -> Result<Changed, NotAdded>;

    /// Takes back the phone that `added` has added.
    ///
    /// # Errors
    /// [`Unwritten`].
    fn take_back(&mut self, credential: &[u8], added: &Changed) -> Result<(), Unwritten>;
}

/// A step. The address and the number are for the screen only, and for the program that shows them.
#[derive(Serialize)]
#[serde(tag = "progress", rename_all = "snake_case")]
pub enum Step<'a> {
    /// The ticket is open.
    Ticket {
        /// What the phone has to open.
        address: &'a str,
        /// For how long.
        seconds: u64,
    },
    /// The page of the ticket has been opened.
    Opened,
    /// A passkey has come, with its proof.
    Passkey {
        /// What the phone is called.
        phone: &'a str,
    },
    /// A trial.
    Trial {
        /// What the person types in on the phone.
        number: &'a str,
        /// For how long.
        seconds: u64,
    },
    /// That trial was not right, or cannot be made yet.
    Again {
        /// Why.
        reason: Reason,
    },
}

/// Why there is another trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Another number was typed.
    WrongNumber,
    /// Nothing was typed in time.
    NoAnswer,
    /// A sign-in of this person waits on the phone.
    Busy,
}

impl Reason {
    /// The same in a sentence.
    #[must_use]
    pub fn text(self) -> Text<'static> {
        match self {
            Self::WrongNumber => Text::WrongNumber,
            Self::NoAnswer => Text::ApprovalExpired,
            Self::Busy => Text::PhoneBusy,
        }
    }
}
