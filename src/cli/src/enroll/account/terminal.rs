//! Adding an account at root's terminal, or for a program that reads the steps. Both wait, and Ctrl-C ends the wait.

use std::time::Duration;

use antiphon_core::account::CheckDigits;
use antiphon_core::config::Provider;
use antiphon_core::disk::Changed;
use antiphon_core::invitation::TICKET_LIFETIME;
use antiphon_core::name::UserName;
use antiphon_core::person::Edit;
use antiphon_core::record::Account;
use antiphon_link::account::{NotAdded, Sitting, Step};

use super::show;
use crate::failure::Failure;
use crate::folders;
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::lock::files;
use crate::screen::Screen;

pub(super) struct Terminal<'a> {
    pub(super) user: &'a UserName,
    pub(super) provider: &'a Provider,
    pub(super) house: &'a House,
    pub(super) screen: &'a mut Screen,
    pub(super) interrupts: &'a Interrupts,
    /// The error that ended it on this side.
    pub(super) failure: Option<Failure>,
}

impl Terminal<'_> {
    /// Ctrl-C is held back, and ends the question.
    fn ask(&mut self, question: &str) -> Option<Vec<u8>> {
        let interrupts = self.interrupts;
        // A program knows from the step before what is asked, and reads lines.
        let question = if self.screen.is_json() { "" } else { question };
        self.screen
            .ask_unless(question, || interrupts.came_before_a_line())
    }

    fn here<T>(&mut self, done: Result<T, Failure>) -> Result<T, NotAdded> {
        done.map_err(|failure| {
            self.failure = Some(failure);
            NotAdded::Here
        })
    }
}

impl Sitting for Terminal<'_> {
    fn show(&mut self, step: &Step<'_>) -> Result<(), NotAdded> {
        let shown = show::step(step, self);
        self.here(shown)
    }

    fn patience(&mut self) -> Result<Duration, NotAdded> {
        Ok(Duration::from_secs(TICKET_LIFETIME))
    }

    fn confirm(&mut self, account: &Account) -> Result<bool, NotAdded> {
        let shown = show::whose(account, self);
        self.here(shown)?;
        let question = format!("Is that {}? [y/N] ", self.user);
        let answer = self.ask(&question).ok_or(NotAdded::Left)?;
        Ok(matches!(answer.as_slice(), b"y" | b"Y" | b"yes"))
    }

    fn digits(&mut self) -> Result<Option<CheckDigits>, NotAdded> {
        let answer = self.ask("The two digits that the page shows: ");
        let typed = answer.ok_or(NotAdded::Left)?;
        Ok(CheckDigits::typed(&typed))
    }

    fn write(&mut self, edit: Edit<'_>) -> Result<Changed, NotAdded> {
        let ready = folders::make_ready(&self.house.config.paths);
        self.here(ready)?;
        files(self.user, self.house, false)
            .and_then(|files| files.change(edit))
            .map_err(NotAdded::Unwritten)
    }
}
