//! How a state begins with an enrolment, and what it keeps of an earlier one.

use super::State;
use super::used::unused;
use crate::code::{Step, step_at};
use crate::config::Config;
use crate::record::Record;
use crate::time::UnixTime;

impl State {
    /// The state after the first enrolment: see [`Self::renewed`].
    #[must_use]
    pub fn enrolled(record: &Record, confirmed: Option<Step>) -> Self {
        let nobody = Self {
            untried: true,
            ..Self::empty()
        };
        nobody.renewed(record, confirmed)
    }

    /// The state after root has enrolled the person, perhaps once more: all recovery codes are unused, and so is the
    /// secret but for `confirmed`, the step of the code that confirmed it. Counts, locks and messages start again, but
    /// what was used of a secret that returns stays used, a passkey's counter goes on, whoever has once succeeded is no
    /// newcomer, and of those whom a rehearsal let in the person is still to be told.
    #[must_use]
    pub fn renewed(&self, record: &Record, confirmed: Option<Step>) -> Self {
        let mut next = Self {
            code: self.code.clone(),
            former: self.former.clone(),
            passkeys: self.passkeys.clone(),
            untried: self.untried,
            in_memory: self.in_memory,
            let_in: self.let_in.clone(),
            ..Self::empty()
        };
        next.enrol(record, confirmed);
        next
    }

    /// Starts with the secret and the recovery codes in `record`; `confirmed` is the step of the code that confirmed the
    /// secret.
    pub(crate) fn enrol(&mut self, record: &Record, confirmed: Option<Step>) {
        if let Some(code) = &record.code {
            let used = self.turn_to(code);
            if let Some(step) = confirmed {
                used.accept(step);
            }
        }
        self.recovery = record.recovery.as_ref().map(unused);
        self.untried &= confirmed.is_none();
    }

    /// The state after the import of a secret from another program, where the codes of the steps in `used` have been
    /// accepted: each of them stays used, and with the latest one that can be of the present all earlier codes. A later one,
    /// which only a clock running ahead can have accepted, closes no code of the present. Otherwise as [`Self::renewed`].
    #[must_use]
    pub fn imported(&self, record: &Record, used: &[Step], config: &Config, now: UnixTime) -> Self {
        let mut state = self.renewed(record, None);
        state.untried &= used.is_empty();
        if let Some(code) = &record.code {
            let steps = state.turn_to(code);
            let newest = step_at(now, code).saturating_add(config.code.window.into());
            let mut used = used.to_vec();
            used.sort_unstable();
            for step in used {
                let last = steps.last;
                steps.accept(step);
                if step > newest {
                    steps.last = last;
                }
            }
        }
        state
    }

    /// Whether no answer of the person of `record` has ever been accepted since their first enrolment, which needed none
    /// either. While the state is only kept in memory this is not known: what was accepted before a restart is forgotten.
    #[must_use]
    pub fn is_untried(&self, record: &Record) -> bool {
        self.untried && !self.in_memory && record.is_enrolled()
    }

    /// The person has a past that is not known.
    pub(crate) fn count_as_tried(&mut self) {
        self.untried = false;
    }

    /// A state of version 3 or earlier, which did not say whether the person is untried: a state that was lost, damaged
    /// or made for another secret had its present steps refused.
    pub(super) fn of_version_3(self) -> Self {
        let used = self.code.as_ref();
        let is_unused = used.is_some_and(|used| used.last == 0 && used.accepted.is_empty())
            && self.recovery.as_ref().is_none_or(|used| used.marks == 0);
        Self {
            untried: is_unused && self.passkeys.is_empty() && self.usual.is_empty(),
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
