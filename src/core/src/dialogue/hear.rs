//! How the dialogue reacts to what was heard.

use super::{Asking, Called, Dialogue, Heard, Proof, Step, Typed};
use crate::account::CheckDigits;
use crate::answer::{Answer, chosen};
use crate::judge::Verdict;
use crate::method::Method;
use crate::one_time::OneTimeCode;
use crate::outcome::Outcome;
use crate::record::{CodeSecret, Digits};
use crate::refusal::Refusal;
use crate::state::Gate;
use crate::text::{AccountText, Text};
use crate::time::UnixTime;

impl<'r> Dialogue<'r> {
    /// The next step after `heard`.
    #[must_use]
    pub fn next(&mut self, heard: Heard<'r>) -> Step<'r> {
        match heard {
            Heard::Typed { typed, by_program } => self.take_typed(&typed, by_program),
            Heard::Nobody { at_once } => self.end_unheard(at_once),
            Heard::Called => self.await_approval(Called::Phone),
            Heard::AccountCalled { way, check_digits } => {
                let proof = if check_digits {
                    Proof::TokenAndDigits
                } else {
                    Proof::Token
                };
                self.await_approval(Called::Account { way, proof })
            }
            Heard::Sent(to) => {
                self.sent = Some(to);
                self.asking = Asking::Sent;
                self.go_on()
            }
            Heard::Waits => self.after_the_approval(self.not_yet()),
            Heard::AwaitsKey => self.after_the_approval(AccountText::Checking.into()),
            Heard::DigitsWanted => {
                if let Some(Called::Account { proof, .. }) = &mut self.called {
                    *proof = Proof::Digits;
                }
                self.after_the_approval(self.not_yet())
            }
            Heard::Failed(said, refusal) => {
                // Not counted as an answer, so that a lying daemon cannot use them up.
                self.called = None;
                self.fail(said, refusal);
                match self.typed.take() {
                    Some(typed) => self.take_answer(typed),
                    None => self.go_on(),
                }
            }
            Heard::Judged(verdict, now) => self.take_verdict(verdict, now),
            Heard::Locked(gate, now) => self.end_locked(gate, now),
            Heard::Decided(outcome) => Step::End(self.end(outcome)),
        }
    }

    fn await_approval(&mut self, called: Called<'r>) -> Step<'r> {
        self.called = Some(called);
        self.sent = None;
        self.asking = Asking::Usual;
        self.go_on()
    }

    /// What is still missing.
    fn not_yet(&self) -> Text<'static> {
        match self.called {
            Some(Called::Account {
                proof: Proof::Digits,
                ..
            }) => AccountText::DigitsMissing.into(),
            Some(Called::Account { .. }) => AccountText::NotYet.into(),
            Some(Called::Phone) | None => Text::NotYetApproved,
        }
    }

    /// Handles what was typed before the approval was looked for, which is still not complete.
    fn after_the_approval(&mut self, not_yet: Text<'static>) -> Step<'r> {
        let digits = match self.typed.take() {
            Some(Typed {
                check_digits: Some(digits),
                ..
            }) => Some(digits),
            Some(typed) => return self.take_answer(typed),
            None if self.look.is_rehearsal => return self.end_skipped(),
            None => None,
        };
        if let (
            Some(digits),
            Some(Called::Account {
                proof: Proof::Digits,
                ..
            }),
        ) = (digits, self.called)
        {
            self.answers += 1;
            return Step::JudgeAccount(digits);
        }
        self.early += 1;
        self.said = Some(not_yet);
        self.go_on()
    }

    fn take_typed(&mut self, typed: &[u8], by_program: Option<Refusal>) -> Step<'r> {
        let is_list = self.asking == Asking::Way;
        let line = chosen(typed, self.entries().len()).filter(|_| is_list);
        let is_asked = self.wants_digits() && !is_list;
        let check_digits = CheckDigits::typed(typed).filter(|_| is_asked);
        // A line of the list is a choice even if the person's name is that number; so are check digits.
        let is_wanted = line.is_some() || check_digits.is_some();
        let is_chance = |refusal: &Refusal| is_wanted && *refusal == Refusal::NameAnswered;
        if let Some(refusal) = by_program.filter(|refusal| !is_chance(refusal)) {
            return self.end_unseen(refusal);
        }
        if !typed.trim_ascii().is_empty() {
            self.sight.is_blind = false;
        }
        let answer = Answer::parse(typed, self.digits());
        let typed = Typed {
            answer,
            check_digits,
            line,
        };
        if self.called.is_none() {
            return self.take_answer(typed);
        }
        if let Answer::Empty = typed.answer {
            // Enter means "I have approved".
            return Step::HearApproval {
                patiently: self.by_enter(),
            };
        }
        // "It is not me" takes effect even if something was typed meanwhile.
        let patiently = typed.check_digits.is_some();
        self.typed = Some(typed);
        Step::HearApproval { patiently }
    }

    fn take_answer(
        &mut self,
        Typed {
            answer,
            check_digits,
            line,
        }: Typed,
    ) -> Step<'r> {
        if check_digits.is_some() {
            // Of a request that has ended meanwhile; why has been said.
            return self.go_on();
        }
        if matches!(answer, Answer::Empty) && self.look.is_rehearsal {
            return self.end_skipped();
        }
        let wants_list = match answer {
            Answer::Question => true,
            Answer::Empty => self.has_others(),
            _ => false,
        };
        let is_list = self.asking == Asking::Way;
        if wants_list && !is_list {
            self.said = None;
            self.asking = Asking::Way;
            return self.go_on();
        }
        let is_code = match answer {
            // No line of the list looks like these.
            Answer::Recovery(_) | Answer::Bypass(_) => true,
            Answer::Code(_) => self.sent.is_some(),
            Answer::Question | Answer::Empty | Answer::Malformed => false,
        };
        if is_list && !is_code {
            return self.choose(line);
        }
        self.answers += 1;
        Step::Judge {
            answer,
            sent: self.asks_for_sent_code(),
        }
    }

    fn take_verdict(&mut self, verdict: Verdict, now: UnixTime) -> Step<'r> {
        let (said, refusal) = match verdict {
            Verdict::Accepted(accepted) => {
                return Step::End(self.end(Outcome::Accepted(accepted)));
            }
            Verdict::WrongCode { gate, .. } => {
                self.own_wrong_codes += 1;
                if gate != Gate::Open {
                    return self.end_locked(gate, now);
                }
                (Text::WrongCode, Refusal::Wrong)
            }
            Verdict::Locked(gate) => return self.end_locked(gate, now),
            Verdict::UsedCode { next_in } => (Text::UsedCode(next_in), Refusal::Used),
            Verdict::UseUnknown { next_in } => (Text::UseUnknown(next_in), Refusal::UseUnknown),
            Verdict::ClockWasAhead { .. } => (Text::ClockWasAhead, Refusal::ClockWasAhead),
            Verdict::WrongRecovery => (Text::WrongRecovery, Refusal::Wrong),
            Verdict::UsedRecovery => (Text::UsedRecovery, Refusal::Used),
            Verdict::RecoveryClosed => (Text::RecoveryClosed, Refusal::RecoveryClosed),
            Verdict::ReadOnly => (Text::ReadOnly, Refusal::ReadOnlyDisk),
            Verdict::WrongBypass => (Text::WrongBypass, Refusal::Wrong),
            Verdict::ExpiredCode => (Text::ExpiredCode, Refusal::ExpiredCode),
            Verdict::NotAllowed(_) => (Text::NotAllowed, Refusal::MethodNotAllowed),
            Verdict::Empty => (Text::Empty, Refusal::NoAnswer),
            Verdict::Malformed => (self.form(), Refusal::NoAnswer),
        };
        self.fail(said, refusal);
        self.go_on()
    }

    fn fail(&mut self, said: Text<'static>, refusal: Refusal) {
        self.said = Some(said);
        self.refusal = refusal;
    }

    fn asks_for_sent_code(&self) -> bool {
        self.sent.is_some() && matches!(self.asking, Asking::Sent | Asking::Way)
    }

    /// The length of the code expected now; `None` if the person has none.
    pub(super) fn digits(&self) -> Option<Digits> {
        if self.asks_for_sent_code() {
            return Some(OneTimeCode::DIGITS);
        }
        self.record.code.as_ref().map(CodeSecret::digits)
    }

    /// Describes the answer expected at this prompt.
    fn form(&self) -> Text<'static> {
        let is_code = match self.asking {
            Asking::Sent => true,
            Asking::Usual => self.has(Method::Code),
            Asking::Recovery | Asking::Way => false,
        };
        match self.digits().filter(|_| is_code) {
            Some(digits) => Text::Malformed(digits.get()),
            None => Text::MalformedRecovery,
        }
    }
}
