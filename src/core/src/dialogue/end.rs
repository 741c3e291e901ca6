//! Whether the dialogue continues, and how it ends.

use super::{Asking, Care, Dialogue, End, Step};
use crate::method::Method;
use crate::outcome::Outcome;
use crate::refusal::Refusal;
use crate::state::Gate;
use crate::text::Text;
use crate::time::UnixTime;

/// Most answers in one sign-in.
pub(super) const MOST_ANSWERS: u32 = 3;
/// Most times that Enter may be pressed, or check digits typed, before the approval has come.
pub(super) const MOST_EARLY: u32 = 10;
/// Most times that the list of methods is shown. Choosing from it is not an answer: no secret is checked.
pub(super) const MOST_CHOICES: u32 = 10;

impl<'r> Dialogue<'r> {
    /// The next prompt, or the end if there is nothing left to ask.
    pub(super) fn go_on(&mut self) -> Step<'r> {
        if self.is_spent() {
            return self.end_refused();
        }
        if self.is_hopeless() {
            return match self.look.gate {
                Gate::Open => self.end_refused(),
                locked => self.end_locked(locked, self.look.now),
            };
        }
        self.settle();
        if self.asking == Asking::Way {
            if self.choices >= MOST_CHOICES {
                return self.end_refused();
            }
            self.choices += 1;
        }
        if self.prompts == 0 && self.look.gate != Gate::Open {
            self.said = Some(words_of(self.look.gate, self.look.now));
        }
        self.prompts += 1;
        Step::Ask
    }

    fn is_spent(&self) -> bool {
        self.answers >= MOST_ANSWERS || self.early >= MOST_EARLY
    }

    /// Whether no right answer is possible any more. An approval request that has ended can be restarted only from the
    /// list, which there is no reason to show for it alone.
    fn is_hopeless(&self) -> bool {
        let others = self.ways.len() > 1 || self.ways.iter().any(|way| !way.is_approval());
        self.called.is_none() && !others && !self.look.bypass && !self.sight.is_uncalled
    }

    /// Asks for something else when the usual method is not available (any more).
    fn settle(&mut self) {
        if self.asking != Asking::Usual || self.called.is_some() || self.has(Method::Code) {
            return;
        }
        let approvals = self.ways.iter().filter(|way| way.is_approval()).count();
        let has_choice = self.sight.is_uncalled
            || approvals > 1
            || self.has(Method::Sms)
            || self.has(Method::Call);
        self.asking = if has_choice {
            Asking::Way
        } else {
            Asking::Recovery
        };
    }

    pub(super) fn end(&self, outcome: Outcome) -> End {
        End {
            outcome,
            last_words: None,
            own_wrong_codes: self.own_wrong_codes,
            wants_care: self.care == Care::Wanted,
            was_unseen: false,
        }
    }

    fn end_refused(&mut self) -> Step<'r> {
        Step::End(End {
            last_words: self.said.take(),
            ..self.end(Outcome::Refused(self.refusal))
        })
    }

    /// The person skips the rest of a rehearsal with Enter. What was to be said has been said before the prompt.
    pub(super) fn end_skipped(&mut self) -> Step<'r> {
        self.said = None;
        self.end_refused()
    }

    pub(super) fn end_locked(&self, gate: Gate, now: UnixTime) -> Step<'r> {
        Step::End(End {
            last_words: Some(words_of(gate, now)),
            ..self.end(Outcome::Locked(gate))
        })
    }

    /// A program answered, or the caller cannot ask anything.
    pub(super) fn end_unseen(&self, refusal: Refusal) -> Step<'r> {
        Step::End(End {
            was_unseen: true,
            ..self.end(Outcome::Refused(refusal))
        })
    }

    /// No answer came. A caller that gives up at once has not asked anybody.
    pub(super) fn end_unheard(&self, at_once: bool) -> Step<'r> {
        if at_once && self.is_first_prompt() {
            self.end_unseen(Refusal::CannotAsk)
        } else {
            Step::End(self.end(Outcome::Cancelled))
        }
    }
}

fn words_of(gate: Gate, now: UnixTime) -> Text<'static> {
    match gate {
        Gate::LockedUntil(_) => Text::Locked(gate.seconds_locked(now)),
        Gate::Closed | Gate::Open => Text::Closed,
    }
}
