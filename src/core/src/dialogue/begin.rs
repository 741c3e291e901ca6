//! How a dialogue begins: with the first available method.

use super::{Asking, Care, Dialogue, Sight, Step};
use crate::config::Config;
use crate::outcome::Outcome;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::Gate;
use crate::text::Text;
use crate::time::UnixTime;
use crate::way::{Way, ways};

/// The state, before anything is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct FirstLook {
    /// Whether codes are locked.
    pub gate: Gate,
    /// The time of this look.
    pub now: UnixTime,
    /// Whether recent sign-ins at this service could not show the person a number.
    pub is_blind: bool,
    /// Whether a recovery code is left.
    pub recovery: bool,
    /// Whether root has granted a bypass code.
    pub bypass: bool,
    /// Whether the person is let in whatever they answer: [`is_rehearsal`](crate::policy::is_rehearsal).
    pub is_rehearsal: bool,
    /// Whether phones of a fleet are in the record, which nobody can change at a sign-in.
    pub is_of_fleet: bool,
}

impl<'r> Dialogue<'r> {
    /// Starts a dialogue with the person of `record` at the PAM service `service`, and returns its first step.
    /// `by_enter` says that an approval is looked for only when Enter is pressed.
    ///
    /// A method that costs money or wakes somebody is never started unasked.
    #[must_use]
    pub fn begin(
        record: &'r Record,
        config: &'r Config,
        service: &str,
        look: FirstLook,
        by_enter: bool,
    ) -> (Self, Step<'r>) {
        let mut ways = ways(record, config, service);
        let is_barred = ways.is_empty() && !look.bypass;
        // Locks affect only what can be guessed.
        ways.retain(|way| match way {
            Way::Recovery => look.recovery,
            other => look.gate == Gate::Open || !other.method().is_guessable(),
        });
        let mut dialogue = Self {
            record,
            asking: match ways.first() {
                Some(Way::Telephone(..)) => Asking::Way,
                Some(Way::Recovery) => Asking::Recovery,
                Some(Way::Approval | Way::Account(_) | Way::Code) | None => Asking::Usual,
            },
            ways,
            look,
            said: look.is_rehearsal.then_some(Text::Rehearsal),
            refusal: Refusal::NoAnswer,
            called: None,
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
            own_wrong_codes: 0,
            // Whoever is let in whatever they answer may be anybody, and what is changed here lasts.
            care: if record.is_enrolled() && !look.is_of_fleet && !look.is_rehearsal {
                Care::Offered
            } else {
                Care::None
            },
        };
        let step = if is_barred {
            let refused = Outcome::Refused(Refusal::NoMethodAllowed);
            Step::End(dialogue.end(refused))
        } else {
            match dialogue.ways.first().copied() {
                Some(way) if way.is_approval() && look.is_blind => {
                    dialogue.sight.is_uncalled = true;
                    dialogue.go_on()
                }
                Some(Way::Approval) => Step::CallPhone,
                Some(Way::Account(way)) => Step::CallAccount(way),
                _ => dialogue.go_on(),
            }
        };
        (dialogue, step)
    }
}
