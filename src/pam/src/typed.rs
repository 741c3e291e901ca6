//! What was typed, judged: by the record and the state as they are by then, under the lock of the state.

use antiphon_core::answer::Answer;
use antiphon_core::judge::{Expected, Subject, Verdict, judge};
use antiphon_core::method::Method;
use antiphon_core::one_time::OneTimeCode;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::record::Digits;
use antiphon_core::state::Gate;
use antiphon_core::text::Text;
use antiphon_core::time::UnixTime;

use crate::dialogue::{Asking, Dialogue, End, Talk, seconds_locked};

/// What one answer leads to.
pub(crate) enum Next {
    /// Asked again, after this was said.
    Again(Text<'static>, Refusal),
    /// The end.
    End(Outcome),
}

impl Dialogue<'_> {
    /// How many digits a code has that is typed now; `None` if the person has none.
    pub(crate) fn digits(&self, talk: &Talk<'_>) -> Option<Digits> {
        match talk.asking {
            Asking::Sent => Some(OneTimeCode::DIGITS),
            Asking::Way if talk.sent.is_some() => Some(OneTimeCode::DIGITS),
            Asking::Usual | Asking::Recovery | Asking::Way => {
                self.record.code.as_ref().map(|code| code.digits)
            }
        }
    }

    pub(crate) fn judge(
        &self,
        answer: &Answer,
        talk: &Talk<'_>,
        end: &mut End,
    ) -> Result<Next, Trouble> {
        let Some(held) = self.hold_state()? else {
            return Ok(Next::End(Outcome::Refused(Refusal::NotEnrolled)));
        };
        let now = held.now();
        let subject = Subject {
            record: &held.record,
            config: self.config,
            service: &self.request.service,
            origin: self.request.origin(),
        };
        let (expected, method) = match (&talk.asking, &talk.sent) {
            (Asking::Sent | Asking::Way, Some(sent)) => (Expected::Sent(sent), sent.by().method()),
            _ => (Expected::App, Method::Code),
        };
        let judgement = judge(answer, expected, subject, held.state(), now);
        Ok(match held.settle(judgement)? {
            Verdict::Accepted(accepted) => Next::End(Outcome::Accepted(accepted)),
            Verdict::WrongCode { gate, skew } => {
                end.own_wrong_codes += 1;
                self.course().answered_wrong(method, skew);
                match gate {
                    Gate::Open => Next::Again(Text::WrongCode, Refusal::Wrong),
                    locked => end_locked(locked, now, end),
                }
            }
            Verdict::Locked(gate) => end_locked(gate, now, end),
            Verdict::UsedCode { next_in } => Next::Again(Text::UsedCode(next_in), Refusal::Used),
            Verdict::UseUnknown { next_in } => {
                Next::Again(Text::UseUnknown(next_in), Refusal::UseUnknown)
            }
            Verdict::ClockWasAhead { .. } => {
                Next::Again(Text::ClockWasAhead, Refusal::ClockWasAhead)
            }
            Verdict::WrongRecovery => Next::Again(Text::WrongRecovery, Refusal::Wrong),
            Verdict::UsedRecovery => Next::Again(Text::UsedRecovery, Refusal::Used),
            Verdict::RecoveryClosed => Next::Again(Text::RecoveryClosed, Refusal::RecoveryClosed),
            Verdict::ReadOnly => Next::Again(Text::ReadOnly, Refusal::ReadOnlyDisk),
            Verdict::WrongBypass => Next::Again(Text::WrongBypass, Refusal::Wrong),
            Verdict::ExpiredCode => Next::Again(Text::ExpiredCode, Refusal::ExpiredCode),
            Verdict::NotAllowed(_) => Next::Again(Text::NotAllowed, Refusal::MethodNotAllowed),
            Verdict::Empty => Next::Again(Text::Empty, Refusal::NoAnswer),
            Verdict::Malformed => Next::Again(self.form_of(talk), Refusal::NoAnswer),
        })
    }

    /// What an answer looks like at this prompt.
    fn form_of(&self, talk: &Talk<'_>) -> Text<'static> {
        let is_code = match talk.asking {
            Asking::Sent => true,
            Asking::Usual => talk.has(Method::Code),
            Asking::Recovery | Asking::Way => false,
        };
        match self.digits(talk).filter(|_| is_code) {
            Some(digits) => Text::Malformed(digits.get()),
            None => Text::MalformedRecovery,
        }
    }
}

fn end_locked(gate: Gate, now: UnixTime, end: &mut End) -> Next {
    end.locked_for = seconds_locked(gate, now);
    Next::End(Outcome::Locked(gate))
}
