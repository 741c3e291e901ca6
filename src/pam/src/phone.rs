//! Judges a phone's answer.

use antiphon_core::approval::Fault;
use antiphon_core::dialogue::Heard;
use antiphon_core::judge::{Approval, ApprovalVerdict, judge_approval};
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::text::Text;

use crate::call::Whom;
use crate::dialogue::SignIn;

impl SignIn<'_> {
    /// The verdict, and the word for it that the phone is told.
    pub(crate) fn judge_phone<'a>(
        &self,
        approval: Approval<'_>,
    ) -> Result<(Heard<'a>, &'static str), Trouble> {
        let Some(held) = self.hold_state()? else {
            let refused = Outcome::Refused(Refusal::NotEnrolled);
            return Ok((Heard::Decided(refused), "refused"));
        };
        let subject = self.context.subject(&held.record);
        let judgement = judge_approval(approval, subject, held.state(), held.now());
        Ok(match held.settle(judgement)? {
            ApprovalVerdict::Accepted(accepted) => {
                (Heard::Decided(Outcome::Accepted(accepted)), "accepted")
            }
            ApprovalVerdict::Wrong(fault) => {
                self.context.warn("phone", "refused", fault.word());
                let (text, outcome) = match fault {
                    Fault::Challenge => (Text::WrongNumber, "wrong"),
                    _ => (Text::WrongApproval, "refused"),
                };
                (Heard::Failed(text, Refusal::Wrong), outcome)
            }
            ApprovalVerdict::Late => (Whom::Phone.late(), "expired"),
        })
    }
}
