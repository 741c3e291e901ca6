//! A question to the daemon.

use std::time::{Duration, Instant};

use antiphon_core::wire::{FromPerson, NotTold, ToPerson};
use antiphon_link::{Away, Link, Unheard};

use super::Person;
use super::text::Text;
use crate::failure::{Failure, Kind};
use crate::interrupt::Interrupts;

/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

impl Person {
    /// Asks, and turns refusals into errors.
    pub(super) fn ask(&self, question: &FromPerson) -> Result<ToPerson, Failure> {
        let away = |why: Away| self.failure(Kind::Unavailable, &Text::Away(&why.0));
        let mut link = Link::open(&self.socket).map_err(away)?;
        let interrupts = Interrupts::hold()?;
        let answer = link
            .send(question)
            .map_err(Unheard::Away)
            .and_then(|()| link.wait(Instant::now() + PATIENCE, &interrupts));
        let (kind, text) = match answer {
            Ok(ToPerson::Refused { reason }) => match reason {
                NotTold::Unknown => (Kind::NoUser, Text::Unknown),
                NotTold::TooOften => (Kind::TryAgain, Text::TooOften),
                NotTold::NoSuchSignIn => (Kind::Data, Text::NoSuchSignIn),
                NotTold::NotNow => (Kind::TryAgain, Text::Later),
                NotTold::NotUnderstood => (Kind::Unavailable, Text::NotUnderstood),
            },
            Ok(answer) => return Ok(answer),
            Err(Unheard::Stopped) => (Kind::TryAgain, Text::Stopped),
            // Also if it closed the connection because of too many requests.
            Err(Unheard::Late | Unheard::Away(_)) => (Kind::TryAgain, Text::Later),
        };
        Err(self.failure(kind, &text))
    }

    /// The answer does not match the question.
    pub(super) fn odd(&self) -> Failure {
        self.failure(Kind::Unavailable, &Text::NotUnderstood)
    }
}
