//! Programs that answer a prompt by themselves, or cannot show one: nobody has seen the number, so the phone is not called
//! from there again until somebody has answered from there.

use std::time::Duration;

use antiphon_core::outcome::Trouble;

use crate::dialogue::SignIn;
use crate::terminal;

/// A person needs longer than this to read a prompt and go away from it.
const AT_ONCE: Duration = Duration::from_secs(3);

/// Whether the program gave up `waited` after the prompt without having asked anybody: one without a terminal, at once.
pub(crate) fn is_at_once(waited: Duration) -> bool {
    waited < AT_ONCE && !terminal::is_there()
}

impl SignIn<'_> {
    /// The phone would be called here, and is not.
    pub(crate) fn log_uncalled(&self) {
        let line = self.context.about_phone("not-called");
        let detail = "nobody saw the number at this service lately; it is called again when somebody answers there";
        self.context.journal.note(&line.with("detail", detail));
    }

    /// Remembers that nobody sees a number here, of a person who has a phone.
    pub(crate) fn remember_blind(&self) -> Result<(), Trouble> {
        if self.record.phones.is_empty() {
            return Ok(());
        }
        let Some(held) = self.hold_state()? else {
            return Ok(());
        };
        let (screen, now) = (self.context.request.screen(), held.now());
        held.change(|state| state.remember_blind(screen, now))
    }

    /// Forgets it: somebody has typed something.
    pub(crate) fn forget_blind(&self) -> Result<(), Trouble> {
        match self.hold_state()? {
            Some(held) => held.change(|state| state.forget_blind(self.context.request.screen())),
            None => Ok(()),
        }
    }
}
