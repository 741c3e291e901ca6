//! How a program shows things to a person who adds an account, and waits for them.

use std::time::Duration;

use antiphon_core::account::CheckDigits;
use antiphon_core::disk::Changed;
use antiphon_core::person::Edit;
use antiphon_core::record::Account;
use antiphon_core::text::{AccountText, Text};
use serde::Serialize;

use super::NotAdded;

/// What differs between the command and the module.
pub trait Sitting {
    /// Shows a step.
    ///
    /// # Errors
    /// [`NotAdded::Here`].
    fn show(&mut self, step: &Step<'_>) -> Result<(), NotAdded>;

    /// How long to wait for the page's next message. Called before each wait, and again whenever none arrived.
    ///
    /// # Errors
    /// [`NotAdded::Here`] or [`NotAdded::Left`].
    fn patience(&mut self) -> Result<Duration, NotAdded>;

    /// Asks whether this is the account of the person whose record it is for.
    ///
    /// # Errors
    /// [`NotAdded::Here`].
    fn confirm(&mut self, account: &Account) -> Result<bool, NotAdded>;

    /// Asks for the page's check digits; `None` if something else was typed.
    ///
    /// # Errors
    /// [`NotAdded::Here`] or [`NotAdded::Left`].
    fn digits(&mut self) -> Result<Option<CheckDigits>, NotAdded>;

    /// Applies `edit` to the person's files.
    ///
    /// # Errors
    /// [`NotAdded::Here`] or [`NotAdded::Unwritten`].
    fn write(&mut self, edit: Edit<'_>) -> Result<Changed, NotAdded>;
}

/// A step. Address and number are only for the screen and for the program that shows them.
#[derive(Serialize)]
#[serde(tag = "progress", rename_all = "snake_case")]
pub enum Step<'a> {
    /// The ticket is open.
    Ticket {
        /// The URL to open in a browser.
        address: &'a str,
        /// For how many seconds.
        seconds: u64,
    },
    /// The ticket's page has been opened.
    Opened,
    /// A trial starts.
    Trial {
        /// The page's address for it.
        address: &'a str,
        /// The number to type on the page.
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
    /// The wrong check digits were typed.
    WrongDigits,
    /// Nobody signed in in time.
    NoAnswer,
    /// The sign-in at the provider was cancelled.
    Denied,
    /// Somebody signed in with another account.
    OtherAccount,
    /// The provider did not ask for a fresh sign-in.
    OldSignIn,
    /// Another sign-in of this person waits for an approval.
    Busy,
}

impl Reason {
    /// The reason as a sentence.
    #[must_use]
    pub fn text(self) -> Text<'static> {
        match self {
            Self::WrongNumber => Text::WrongNumber,
            Self::WrongDigits => AccountText::WrongDigits.into(),
            Self::NoAnswer => AccountText::Expired.into(),
            Self::Denied => AccountText::Denied.into(),
            Self::OtherAccount => AccountText::OtherAccount.into(),
            Self::OldSignIn => AccountText::OldSignIn.into(),
            Self::Busy => AccountText::Busy.into(),
        }
    }
}
