//! The way over the phone, as a dialogue sees it: begun if it may be, judged when it answers.

use antiphon_core::approval::{ApprovalRequest, Fault, Number};
use antiphon_core::config::Place;
use antiphon_core::judge::{Approval, ApprovalVerdict, Subject, judge_approval};
use antiphon_core::logline::LogLine;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::state::Quiet;
use antiphon_core::text::Text;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::Hints;
use antiphon_link::{Asker, LIFETIME, News, PendingApproval, Question, random};

use crate::dialogue::Dialogue;
use crate::host;

/// What became of calling the phone.
pub(crate) enum Call {
    /// It has a request.
    Open(Box<PendingApproval>),
    /// It has not: this is said instead, and is why the sign-in fails if there is no other way.
    Failed(Text<'static>, Refusal),
}

/// What news of the phone leads to.
pub(crate) enum Turn {
    /// The phone way is still open.
    Waits,
    /// It has ended; this is said before the next prompt, and is why the sign-in fails if nothing else is answered.
    Closed(Text<'static>, Refusal),
    /// The sign-in has ended.
    Ends(Outcome),
}

impl Dialogue<'_> {
    /// Asks the phone, if it may be called; `enter` says that its answer is looked at when Enter is pressed.
    ///
    /// The call is counted, durably, before it is made.
    pub(crate) fn call_phone(&self, enter: bool) -> Result<Call, Trouble> {
        let Some(held) = self.hold_state()? else {
            return Ok(Call::Failed(Text::PhoneAway, Refusal::NotEnrolled));
        };
        let now = held.now();
        let origin = self.request.origin();
        if let Err(pause) = held.state().allows_push(self.config, origin, now) {
            // Nobody is asked under the lock.
            drop(held);
            if pause.why == Quiet::Reported && self.is_taken_back(pause)? {
                return self.call_phone(enter);
            }
            self.journal
                .debug(&format!("the phone is not called: {:?}", pause.why));
            let quiet = Text::PhoneQuiet(pause.why, now.until(pause.until));
            return Ok(Call::Failed(quiet, Refusal::PhoneNotAsked));
        }
        let hints = Hints {
            enter,
            place: Place::name_of(&self.config.places, origin.remote_host).to_owned(),
            // Of the computer itself there is nothing to know.
            familiar: held
                .state()
                .is_familiar(origin, now)
                .filter(|_| !origin.remote_host.is_empty()),
        };
        held.change(|state| state.count_push(self.config, origin, now))?;
        let (request, number) = self.draw_request(now)?;
        self.journal.asks_phone(&request);
        let socket = &self.config.paths.socket;
        let question = Question {
            request,
            number,
            phones: &self.record.phones,
            hints,
        };
        Ok(match PendingApproval::begin(socket, question) {
            Ok(pending) => {
                self.course().called();
                Call::Open(Box::new(pending))
            }
            Err(end) => {
                self.take_call_back(now)?;
                let (text, refusal) = self.without_phone(&end);
                Call::Failed(text, refusal)
            }
        })
    }

    /// The call that was counted at `counted` reached nobody.
    fn take_call_back(&self, counted: UnixTime) -> Result<(), Trouble> {
        let Some(held) = self.hold_state()? else {
            return Ok(());
        };
        let (origin, now) = (self.request.origin(), held.now());
        held.change(|state| state.uncount_push(origin, counted, now))
    }

    /// A request of now, and its number.
    pub(crate) fn draw_request(&self, now: UnixTime) -> Result<(ApprovalRequest, Number), Trouble> {
        let asker = Asker {
            user: self.user.as_str(),
            host: &host::name(),
            service: &self.request.service,
            origin: self.request.origin(),
        };
        let number = random::number(self.config.number_digits)?;
        Ok((asker.request(now, LIFETIME)?, number))
    }

    /// Takes news of the phone. A request that has ended is concluded and taken out of `pending`.
    pub(crate) fn hear_phone(
        &self,
        news: News,
        pending: &mut Option<PendingApproval>,
    ) -> Result<Turn, Trouble> {
        let (turn, outcome) = match news {
            News::Nothing | News::Waiting => return Ok(Turn::Waits),
            News::Answer(assertion) => {
                let Some(open) = pending.as_ref() else {
                    return Ok(Turn::Waits);
                };
                let approval = Approval {
                    request: &open.request,
                    number: &open.number,
                    assertion: &assertion,
                };
                self.judge_phone(approval)?
            }
            News::Declined => {
                let pause = self.pause()?;
                if let Some(open) = pending.take() {
                    open.conclude_with("reported", pause);
                }
                return Ok(Turn::Ends(Outcome::Refused(Refusal::Reported)));
            }
            News::Mistake => (Turn::Ends(Outcome::Refused(Refusal::Mistake)), "mistake"),
            News::Expired => (late(), "expired"),
            end @ (News::Busy | News::NoPhone | News::Away(_)) => {
                let (text, refusal) = self.without_phone(&end);
                (Turn::Closed(text, refusal), "cancelled")
            }
        };
        if let Some(open) = pending.take() {
            open.conclude(outcome);
        }
        Ok(turn)
    }

    fn judge_phone(&self, approval: Approval<'_>) -> Result<(Turn, &'static str), Trouble> {
        let Some(held) = self.hold_state()? else {
            let refused = Outcome::Refused(Refusal::NotEnrolled);
            return Ok((Turn::Ends(refused), "refused"));
        };
        let subject = Subject {
            record: &held.record,
            config: self.config,
            service: &self.request.service,
            origin: self.request.origin(),
        };
        let judgement = judge_approval(approval, subject, held.state(), held.now());
        Ok(match held.settle(judgement)? {
            ApprovalVerdict::Accepted(accepted) => {
                (Turn::Ends(Outcome::Accepted(accepted)), "accepted")
            }
            ApprovalVerdict::Wrong(fault) => {
                self.warn_of_phone("refused", fault.word());
                let (text, outcome) = match fault {
                    Fault::Challenge => (Text::WrongNumber, "wrong"),
                    _ => (Text::WrongApproval, "refused"),
                };
                (Turn::Closed(text, Refusal::Wrong), outcome)
            }
            ApprovalVerdict::Late => (late(), "expired"),
        })
    }

    /// What is said when the phone cannot answer, and why the sign-in fails if there is no other way.
    fn without_phone(&self, news: &News) -> (Text<'static>, Refusal) {
        match news {
            News::Busy => (Text::PhoneBusy, Refusal::PhoneNotAsked),
            News::Away(away) => {
                self.warn_of_phone("away", &away.0);
                (Text::PhoneAway, Refusal::PhoneAway)
            }
            _ => (Text::PhoneAway, Refusal::PhoneAway),
        }
    }

    pub(crate) fn warn_of_phone(&self, what: &str, detail: &str) {
        let line = LogLine::new()
            .with("phone", what)
            .with("user", self.user.as_str())
            .with("detail", detail);
        self.journal.warn(&line);
    }
}

fn late() -> Turn {
    Turn::Closed(Text::ApprovalExpired, Refusal::NoAnswer)
}
