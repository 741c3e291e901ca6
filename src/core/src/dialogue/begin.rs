//! How a dialogue begins: with the first way that is open.

use super::{Asking, Care, Dialogue, Sight, Step};
use crate::config::Config;
use crate::outcome::Outcome;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::Gate;
use crate::way::{Way, ways};

/// What the state says before anything is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstLook {
    /// Whether codes are locked.
    pub gate: Gate,
    /// For so many seconds.
    pub locked_for: u64,
    /// Whether nobody saw a number at this service lately.
    pub is_blind: bool,
    /// Whether a recovery code is left.
    pub recovery: bool,
    /// Whether there is a code that root has granted.
    pub bypass: bool,
}

impl<'r> Dialogue<'r> {
    /// A dialogue with the person of `record` at the PAM service `service`, and its first step. `by_enter` says that the phone
    /// can be heard only when Enter is pressed.
    ///
    /// A way that costs money, or wakes somebody, is never begun unasked.
    #[must_use]
    pub fn begin(
        record: &'r Record,
        config: &Config,
        service: &str,
        look: FirstLook,
        by_enter: bool,
    ) -> (Self, Step<'r>) {
        let mut ways = ways(record, config, service);
        let is_barred = ways.is_empty() && !look.bypass;
        // Locks close what can be guessed, and nothing else.
        ways.retain(|way| match way {
            Way::Recovery => look.recovery,
            other => look.gate == Gate::Open || !other.method().is_guessable(),
        });
        let mut dialogue = Self {
            record,
            asking: match ways.first() {
                Some(Way::Telephone(..)) => Asking::Way,
                Some(Way::Recovery) => Asking::Recovery,
                Some(Way::Approval | Way::Code) | None => Asking::Usual,
            },
            ways,
            look,
            said: None,
            refusal: Refusal::NoAnswer,
            is_called: false,
            sent: None,
            answers: 0,
            early: 0,
            choices: 0,
            by_enter,
            sight: Sight {
                is_blind: look.is_blind,
                is_uncalled: false,
            },
            prompts: 0,
            typed: None,
            locked_for: look.locked_for,
            own_wrong_codes: 0,
            care: if record.is_enrolled() {
                Care::Offered
            } else {
                Care::None
            },
        };
        let step = if is_barred {
            let refused = Outcome::Refused(Refusal::NoMethodAllowed);
            Step::End(dialogue.end(refused))
        } else if dialogue.ways.first() != Some(&Way::Approval) {
            dialogue.go_on()
        } else if look.is_blind {
            dialogue.sight.is_uncalled = true;
            dialogue.go_on()
        } else {
            Step::CallPhone
        };
        (dialogue, step)
    }
}
