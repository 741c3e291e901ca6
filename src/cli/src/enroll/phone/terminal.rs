//! Adding a phone at root's terminal, or for a program that reads the steps. Both wait, and Ctrl-C ends the wait.

use std::time::Duration;

use antiphon_core::disk::{Changed, Unwritten};
use antiphon_core::invitation::TICKET_LIFETIME;
use antiphon_core::name::UserName;
use antiphon_core::person::Edit;
use antiphon_link::phone::{NotAdded, Sitting, Step};

use super::show;
use crate::failure::Failure;
use crate::folders;
use crate::house::House;
use crate::lock::files;
use crate::screen::Screen;

/// How long to wait for another sign-in that is using the phone: its maximum duration.
pub(super) const WAITS: Duration = Duration::from_secs(60);

pub(super) struct Terminal<'a> {
    pub(super) user: &'a UserName,
    pub(super) house: &'a House,
    pub(super) screen: &'a mut Screen,
    /// The error that ended it on this side.
    pub(super) failure: Option<Failure>,
}

impl Terminal<'_> {
    fn here(&mut self, done: Result<(), Failure>) -> Result<(), NotAdded> {
        done.map_err(|failure| {
            self.failure = Some(failure);
            NotAdded::Here
        })
    }
}

impl Sitting for Terminal<'_> {
    fn show(&mut self, step: &Step<'_>) -> Result<(), NotAdded> {
        let shown = show::step(step, self.user, self.house, self.screen);
        self.here(shown)
    }

    fn patience(&mut self) -> Result<Duration, NotAdded> {
        Ok(Duration::from_secs(TICKET_LIFETIME))
    }

    fn write(&mut self, edit: Edit<'_>) -> Result<Changed, NotAdded> {
        let ready = folders::make_ready(&self.house.config.paths);
        self.here(ready)?;
        files(self.user, self.house, false)
            .and_then(|files| files.change(edit))
            .map_err(NotAdded::Unwritten)
    }

    fn take_back(&mut self, credential: &[u8], added: &Changed) -> Result<(), Unwritten> {
        files(self.user, self.house, true)?.take_back(credential, added)
    }
}
