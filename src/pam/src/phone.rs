//! Approval by phone: calls it if permitted, and judges its answer.

use std::time::Duration;

use antiphon_core::approval::{ApprovalRequest, Fault, Number};
use antiphon_core::config::Place;
use antiphon_core::dialogue::Heard;
use antiphon_core::judge::{Approval, ApprovalVerdict, judge_approval};
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::state::Quiet;
use antiphon_core::text::Text;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::Hints;
use antiphon_link::{Asker, LIFETIME, Link, News, OpenApproval, Question, random};

use crate::dialogue::{ENTER_PATIENCE, SignIn, Talk};
use crate::host;

impl<'a> Talk<'a> {
    /// Calls the phone if it is not paused. The call is counted, durably, before it is made. `is_suspected` says that the
    /// daemon has already reported a suspicion; a further one is ignored.
    pub(crate) fn call_phone(&mut self, is_suspected: bool) -> Result<Heard<'a>, Trouble> {
        let with = self.with;
        let Some(held) = with.hold_state()? else {
            return Ok(Heard::Failed(Text::PhoneAway, Refusal::NotEnrolled));
        };
        let now = held.now();
        let origin = with.context.request.origin();
        if let Err(pause) = held.state().allows_push(with.context.config, origin, now) {
            // Nothing is asked under the lock.
            drop(held);
            if pause.why == Quiet::Reported && with.is_taken_back(pause)? {
                return self.call_phone(is_suspected);
            }
            with.context
                .journal
                .debug(&format!("the phone is not called: {:?}", pause.why));
            let quiet = Text::PhoneQuiet(pause.why, now.until(pause.until));
            return Ok(Heard::Failed(quiet, Refusal::PhoneNotAsked));
        }
        let hints = Hints {
            enter: self.dialogue.by_enter(),
            place: Place::name_of(&with.context.config.places, origin.remote_host).to_owned(),
            // Not known for the host itself.
            familiar: held
                .state()
                .is_familiar(origin, now)
                .filter(|_| !origin.remote_host.is_empty()),
        };
        held.change(|state| state.count_push(with.context.config, origin, now))?;
        let (request, number) = with.draw_request(now)?;
        with.context.journal.asks_phone(&request);
        let question = Question {
            request,
            number,
            phones: &with.record().phones,
            hints,
        };
        let link = Link::open(&with.context.config.paths.socket).map_err(News::Away);
        match link.and_then(|link| OpenApproval::begin(link, question)) {
            Ok(approval) => {
                with.context.called();
                self.approval = Some(approval);
                Ok(Heard::Called)
            }
            Err(News::Suspected(suspicion)) if !is_suspected => {
                with.take_call_back(now)?;
                with.pause_since(&suspicion)?;
                self.call_phone(true)
            }
            Err(end) => {
                with.take_call_back(now)?;
                Ok(with.without_phone(&end))
            }
        }
    }

    /// Looks for the phone's answer; `patiently` after waiting a little.
    pub(crate) fn hear_phone(&mut self, patiently: bool) -> Result<Heard<'a>, Trouble> {
        let patience = if patiently {
            ENTER_PATIENCE
        } else {
            Duration::ZERO
        };
        match &mut self.approval {
            Some(open) => {
                let news = open.news(patience);
                self.take_news(news)
            }
            None => Ok(Heard::Waits),
        }
    }

    /// Handles the phone's answer. A finished request is concluded.
    pub(crate) fn take_news(&mut self, news: News) -> Result<Heard<'a>, Trouble> {
        let (heard, outcome) = match news {
            News::Nothing | News::Waiting | News::Suspected(_) => return Ok(Heard::Waits),
            News::Answer(assertion) => {
                let Some(open) = &self.approval else {
                    return Ok(Heard::Waits);
                };
                let approval = Approval {
                    request: &open.request,
                    number: &open.number,
                    assertion: &assertion,
                };
                self.with.judge_phone(approval)?
            }
            News::Declined => {
                let pause = self.with.pause()?;
                if let Some(open) = self.approval.take() {
                    open.conclude("reported", pause);
                }
                return Ok(Heard::Decided(Outcome::Refused(Refusal::Reported)));
            }
            News::Mistake => {
                let refused = Outcome::Refused(Refusal::Mistake);
                (Heard::Decided(refused), "mistake")
            }
            News::Expired => (late(), "expired"),
            end @ (News::Busy | News::NoPhone | News::Away(_)) => {
                (self.with.without_phone(&end), "cancelled")
            }
        };
        self.take_back(outcome);
        Ok(heard)
    }
}

impl SignIn<'_> {
    /// The call counted at `counted` reached nobody.
    fn take_call_back(&self, counted: UnixTime) -> Result<(), Trouble> {
        let origin = self.context.request.origin();
        self.change_state(|state, now| state.uncount_push(origin, counted, now))
    }

    /// A new request, and its number.
    fn draw_request(&self, now: UnixTime) -> Result<(ApprovalRequest, Number), Trouble> {
        let asker = Asker {
            user: self.context.user.as_str(),
            host: &host::name(),
            service: &self.context.request.service,
            origin: self.context.request.origin(),
        };
        let number = random::number(self.context.config.number_digits)?;
        Ok((asker.request(now, LIFETIME)?, number))
    }

    fn judge_phone<'a>(
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
            ApprovalVerdict::Late => (late(), "expired"),
        })
    }

    /// What to say if the phone cannot answer, and why the sign-in fails if there is no other method.
    fn without_phone<'a>(&self, news: &News) -> Heard<'a> {
        match news {
            News::Busy => Heard::Failed(Text::PhoneBusy, Refusal::PhoneNotAsked),
            News::Away(away) => {
                self.context.warn("phone", "away", &away.0);
                Heard::Failed(Text::PhoneAway, Refusal::PhoneAway)
            }
            _ => Heard::Failed(Text::PhoneAway, Refusal::PhoneAway),
        }
    }
}

fn late<'a>() -> Heard<'a> {
    Heard::Failed(Text::ApprovalExpired, Refusal::NoAnswer)
}
