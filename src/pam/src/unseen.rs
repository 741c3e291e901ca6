//! Programs that answer a prompt by themselves or cannot show one: nobody sees the number, so the phone is not called
//! from there again until somebody has typed an answer there.

use std::time::Duration;

use antiphon_core::outcome::Trouble;

use crate::dialogue::SignIn;

/// Reading a prompt and leaving takes a person longer than this.
const AT_ONCE: Duration = Duration::from_secs(3);

/// Whether the program gave up `waited` after the prompt without having asked anybody: at once, and it had no terminal. A
/// terminal that goes away meanwhile is a person who hangs up.
pub(crate) fn is_at_once(waited: Duration, had_terminal: bool) -> bool {
    waited < AT_ONCE && !had_terminal
}

impl SignIn<'_> {
    /// Logs that the phone is not called for this reason.
    pub(crate) fn log_uncalled(&self) {
        let line = self.context.about_phone("not-called");
        let detail = "nobody saw the number at this service lately; it is called again when somebody answers there";
        self.context.journal.note(&line.with("detail", detail));
    }

    /// Records that nobody sees a number here, if the person has a phone or an account.
    pub(crate) fn remember_blind(&self) -> Result<(), Trouble> {
        let record = self.record();
        if record.phones.is_empty() && record.accounts.is_empty() {
            return Ok(());
        }
        let screen = self.context.request.screen();
        self.change_state(|state, now| state.remember_blind(screen, now))
    }

    /// Clears that record, since somebody has typed something.
    pub(crate) fn forget_blind(&self) -> Result<(), Trouble> {
        let screen = self.context.request.screen();
        self.change_state(|state, _| state.forget_blind(screen))
    }
}
