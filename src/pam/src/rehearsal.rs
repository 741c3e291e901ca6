//! A rehearsal: an enrolled person is asked, is told what was right or wrong, and is let in whatever they answer.
//! [`antiphon_core::policy`] says who rehearses, and makes the exemption.

use antiphon_core::config::Mode;
use antiphon_core::outcome::{Outcome, Trouble};
use antiphon_core::policy::{self, Exemption};
use antiphon_core::text::Text;

use crate::context::Context;
use crate::dialogue::{End, SignIn};

impl SignIn<'_> {
    /// Lets the person in where the dialogue did not, if it was a rehearsal; `end` then keeps what it would have been in
    /// earnest. Says how it went.
    pub(crate) fn close_rehearsal(&self, end: &mut End) -> Option<String> {
        if let Some(exemption) = self.rehearsed(&end.outcome) {
            end.is_rehearsal = true;
            end.would = Some(std::mem::replace(
                &mut end.outcome,
                Outcome::Exempt(exemption),
            ));
            if let Err(trouble) = self.count_let_in(end) {
                end.would = Some(Outcome::Unusable(trouble));
            }
        }
        let said = match (&end.outcome, self.context.config.mode) {
            _ if !end.is_rehearsal => None,
            (Outcome::Accepted(_), Mode::EnforceAfterSuccess) => Some(Text::InEarnest),
            (Outcome::Accepted(_), _) => Some(Text::RehearsalRight),
            (Outcome::Exempt(_), _) => Some(Text::RehearsalFailed),
            _ => None,
        };
        said.map(|text| text.in_language(self.context.language))
    }

    /// Counts the sign-in, so that the person is told of it whatever else happens until they answer right. Whoever calls
    /// their own sudo knows.
    fn count_let_in(&self, end: &mut End) -> Result<(), Trouble> {
        let Context { request, user, .. } = self.context;
        if request.caller == user.as_str() {
            return self.change_state(|state, _| end.let_in = state.let_in().clone());
        }
        let from = request.origin().told_to(user.as_str());
        self.change_state(|state, now| end.let_in = state.count_let_in(&from, now))
    }

    /// Whether the person has ever succeeded is read again: they may have meanwhile, in another sign-in.
    fn rehearsed(&self, outcome: &Outcome) -> Option<Exemption> {
        let config = self.context.config;
        let is_untried = match (outcome, config.mode) {
            (Outcome::Accepted(_), _) | (_, Mode::Enforce | Mode::Rehearse | Mode::Observe) => {
                false
            }
            (_, Mode::EnforceAfterSuccess) => match self.hold_state() {
                Ok(Some(held)) => held.state().is_untried(&held.record),
                Ok(None) | Err(_) => false,
            },
        };
        policy::rehearsed(config, is_untried, outcome)
    }
}
