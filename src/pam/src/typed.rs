//! Judges a typed answer by the current record and state, under the lock of the state.

use antiphon_core::answer::Answer;
use antiphon_core::dialogue::Heard;
use antiphon_core::judge::{Expected, Verdict, judge};
use antiphon_core::method::Method;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};

use crate::dialogue::Talk;

impl<'a> Talk<'a> {
    /// Judges `answer`; a code is compared with the one `sent`, or else with the app's.
    pub(crate) fn judge(&self, answer: &Answer, sent: bool) -> Result<Heard<'a>, Trouble> {
        let with = self.with;
        let Some(held) = with.hold_state()? else {
            return Ok(Heard::Decided(Outcome::Refused(Refusal::NotEnrolled)));
        };
        let now = held.now();
        let subject = with.context.subject(&held.record);
        let (expected, method) = match self.sent.as_ref().filter(|_| sent) {
            Some(sent) => (Expected::Sent(sent), sent.by().method()),
            None => (Expected::App, Method::Code),
        };
        let judgement = judge(answer, expected, subject, held.state(), now);
        let verdict = held.settle(judgement)?;
        if let Verdict::WrongCode { skew, .. } = verdict {
            with.context.answered_wrong(method, skew);
        }
        Ok(Heard::Judged(verdict, now))
    }
}
