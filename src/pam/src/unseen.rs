//! Programs that answer a prompt by themselves, or cannot show one: nobody has seen the number, so the phone is not called
//! from there again until somebody has answered from there.

use std::time::Duration;

use antiphon_core::answer::chosen;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};

use crate::dialogue::{Asking, Dialogue, Talk};
use crate::terminal;

/// A person needs longer than this to read a prompt and go away from it.
const AT_ONCE: Duration = Duration::from_secs(3);

/// What is known of who sees the prompts of a dialogue.
pub(crate) struct Sight {
    /// Whether nobody saw a number here lately, and nobody has answered since.
    pub(crate) is_blind: bool,
    /// Whether the phone would have been called if it were not so: it still can be, from the list.
    pub(crate) is_uncalled: bool,
    /// Whether a prompt has been shown.
    pub(crate) has_asked: bool,
}

impl Sight {
    pub(crate) fn new(is_blind: bool) -> Self {
        Self {
            is_blind,
            is_uncalled: false,
            has_asked: false,
        }
    }
}

impl Dialogue<'_> {
    /// Why nobody has typed this, if so. A line of the list is taken for what it is, also of a person whose name is a number.
    pub(crate) fn answered_by_program(&self, typed: &[u8], talk: &Talk<'_>) -> Option<Refusal> {
        let is_choice = matches!(talk.asking, Asking::Way)
            && chosen(typed, Self::entries(talk).len()).is_some();
        self.request
            .is_answered_by_program(typed, self.user)
            .filter(|refusal| !(is_choice && *refusal == Refusal::NameAnswered))
    }

    /// The end where no answer came, `waited` after the prompt. A program without a terminal that gives up at once has not
    /// asked anybody.
    pub(crate) fn end_unheard(
        &self,
        talk: &Talk<'_>,
        waited: Duration,
    ) -> Result<Outcome, Trouble> {
        if talk.sight.has_asked || waited >= AT_ONCE || terminal::is_there() {
            return Ok(Outcome::Cancelled);
        }
        self.remember_blind()?;
        Ok(Outcome::Refused(Refusal::CannotAsk))
    }

    /// Remembers that nobody sees a number here, of a person who has a phone.
    pub(crate) fn remember_blind(&self) -> Result<(), Trouble> {
        if self.record.phones.is_empty() {
            return Ok(());
        }
        let Some(held) = self.hold_state()? else {
            return Ok(());
        };
        let (screen, now) = (self.request.screen(), held.now());
        held.change(|state| state.remember_blind(screen, now))
    }

    /// Forgets it: somebody has typed something.
    pub(crate) fn forget_blind(&self, typed: &[u8], talk: &mut Talk<'_>) -> Result<(), Trouble> {
        if !talk.sight.is_blind || typed.trim_ascii().is_empty() {
            return Ok(());
        }
        talk.sight.is_blind = false;
        match self.hold_state()? {
            Some(held) => held.change(|state| state.forget_blind(self.request.screen())),
            None => Ok(()),
        }
    }
}
