//! Has a phone or an account asked for an approval, if that is permitted, and takes what comes of it.

use std::time::Duration;

use antiphon_core::approval::{ApprovalRequest, Number};
use antiphon_core::config::Place;
use antiphon_core::dialogue::Heard;
use antiphon_core::judge::Approval;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::state::{Pause, Quiet};
use antiphon_core::text::{AccountText, Text};
use antiphon_core::time::UnixTime;
use antiphon_core::way::AccountWay;
use antiphon_core::wire::{Hints, NoToken};
use antiphon_link::{
    ACCOUNT_LIFETIME, Asker, LIFETIME, Link, News, OpenApproval, Question, random,
};

use crate::by_account::Asked;
use crate::dialogue::{ENTER_PATIENCE, SignIn, Talk};

/// Whose approval is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Whom<'a> {
    Phone,
    Account(AccountWay<'a>),
}

impl<'a> Talk<'a> {
    /// Asks unless that is paused. The request is counted, durably, before it is made. `is_suspected` says that the daemon
    /// has already reported a suspicion; a further one is ignored.
    pub(crate) fn call(
        &mut self,
        whom: Whom<'a>,
        is_suspected: bool,
    ) -> Result<Heard<'a>, Trouble> {
        let with = self.with;
        let account = match whom {
            Whom::Phone => None,
            Whom::Account(way) => match with.account(way) {
                Some(account) => Some(account),
                None => return Ok(whom.away()),
            },
        };
        let Some(held) = with.hold_state()? else {
            return Ok(Heard::Failed(whom.away_text(), Refusal::NotEnrolled));
        };
        let now = held.now();
        let origin = with.context.request.origin();
        if let Err(pause) = held.state().allows_push(with.context.config, origin, now) {
            // Nothing is asked under the lock.
            drop(held);
            if pause.why == Quiet::Reported && with.is_taken_back(pause)? {
                return self.call(whom, is_suspected);
            }
            with.context
                .journal
                .debug(&format!("no approval is asked for: {:?}", pause.why));
            return Ok(whom.quiet(pause, now));
        }
        let hints = Hints {
            enter: self.dialogue.by_enter(),
            place: Place::name_of(&with.context.config.places, origin.remote_host).to_owned(),
            // The host itself is no new place.
            familiar: held
                .state()
                .is_familiar(origin, now)
                .filter(|is_familiar| *is_familiar || !origin.remote_host.is_empty()),
        };
        held.change(|state| state.count_push(with.context.config, origin, now))?;
        let (request, number) = with.draw_request(whom, now)?;
        with.context.journal.asks(&request);
        let check_digits = account.as_ref().is_some_and(|asked| asked.check_digits);
        let question = Question {
            request,
            number,
            phones: &with.record().phones,
            account,
            hints,
        };
        let link = Link::open(&with.context.config.paths.socket).map_err(News::Away);
        match link.and_then(|link| OpenApproval::begin(link, question)) {
            Ok(approval) => {
                self.approval = Some(approval);
                Ok(match whom {
                    Whom::Phone => {
                        with.context.called();
                        Heard::Called
                    }
                    Whom::Account(way) => {
                        with.context.called_account(&way.provider.name);
                        self.asked = Some(Asked { way, token: None });
                        Heard::AccountCalled { way, check_digits }
                    }
                })
            }
            Err(News::Suspected(suspicion)) if !is_suspected => {
                with.take_call_back(now)?;
                with.pause_since(&suspicion)?;
                self.call(whom, true)
            }
            Err(end) => {
                with.take_call_back(now)?;
                Ok(with.without(whom, &end))
            }
        }
    }

    /// Looks for the answer; `patiently` after waiting a little.
    pub(crate) fn hear_approval(&mut self, patiently: bool) -> Result<Heard<'a>, Trouble> {
        let has_token = self.has_token();
        let patience = if patiently && !has_token {
            ENTER_PATIENCE
        } else {
            Duration::ZERO
        };
        let Some(open) = &mut self.approval else {
            return Ok(Heard::Waits);
        };
        match open.news(patience) {
            News::Nothing if has_token => Ok(Heard::DigitsWanted),
            News::Nothing if open.awaits_key() => Ok(Heard::AwaitsKey),
            news => self.take_news(news),
        }
    }

    /// Handles the answer. A finished request is concluded.
    pub(crate) fn take_news(&mut self, news: News) -> Result<Heard<'a>, Trouble> {
        let whom = match &self.asked {
            Some(asked) => Whom::Account(asked.way),
            None => Whom::Phone,
        };
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
            News::Token(token) => return self.take_token(token),
            News::NoToken(reason) => (self.with.without_token(whom, reason), "cancelled"),
            News::Declined => return self.report(),
            // Whoever has the page's address can say so, and pauses nothing. After the right token it is the person.
            News::NotTheirs if self.has_token() => return self.report(),
            News::Mistake => {
                let refused = Outcome::Refused(Refusal::Mistake);
                (Heard::Decided(refused), "mistake")
            }
            News::NotTheirs => {
                let refused = Outcome::Refused(Refusal::NotTheirs);
                (Heard::Decided(refused), "refused")
            }
            News::Expired => (whom.late(), "expired"),
            News::NoKey => {
                let heard = match whom {
                    Whom::Phone => whom.late(),
                    Whom::Account(way) => self.with.without_key(way)?,
                };
                (heard, "refused")
            }
            News::Busy => {
                let detail =
                    "a sign-in from where the person has signed in lately has taken its place";
                self.with.warn_of(whom, "displaced", detail);
                (whom.busy(), "displaced")
            }
            end @ (News::NoPhone | News::Away(_)) => (self.with.without(whom, &end), "cancelled"),
        };
        self.take_back(outcome);
        Ok(heard)
    }

    /// The person said "It is not me": refuses, and pauses further questions.
    fn report(&mut self) -> Result<Heard<'a>, Trouble> {
        let pause = self.with.pause()?;
        if let Some(open) = self.approval.take() {
            open.conclude("reported", pause);
        }
        Ok(Heard::Decided(Outcome::Refused(Refusal::Reported)))
    }
}

impl SignIn<'_> {
    /// The request counted at `counted` reached nobody.
    fn take_call_back(&self, counted: UnixTime) -> Result<(), Trouble> {
        let origin = self.context.request.origin();
        self.change_state(|state, now| state.uncount_push(origin, counted, now))
    }

    /// A new request, and its number.
    fn draw_request(
        &self,
        whom: Whom<'_>,
        now: UnixTime,
    ) -> Result<(ApprovalRequest, Number), Trouble> {
        let asker = Asker {
            user: self.context.name_on_phone(),
            host: &self.context.host_name(),
            service: &self.context.request.service,
            origin: self.context.request.origin(),
        };
        let lasts = match whom {
            Whom::Phone => LIFETIME,
            Whom::Account(_) => ACCOUNT_LIFETIME,
        };
        let number = random::number(self.context.config.number_digits)?;
        Ok((asker.request(now, lasts)?, number))
    }

    /// What to say if nobody can answer, and why the sign-in fails if there is no other method.
    fn without<'a>(&self, whom: Whom<'_>, news: &News) -> Heard<'a> {
        match news {
            News::Busy => whom.busy(),
            News::Away(away) => {
                self.warn_of(whom, "away", &away.0);
                whom.away()
            }
            _ => whom.away(),
        }
    }

    /// The same where the provider has signed nothing.
    fn without_token<'a>(&self, whom: Whom<'_>, reason: NoToken) -> Heard<'a> {
        let detail = match reason {
            NoToken::Denied => return Heard::Failed(AccountText::Denied.into(), Refusal::NoAnswer),
            NoToken::ProviderAway => "the provider could not be reached; see the log of antiphond",
            NoToken::ProviderRefused => {
                "the provider refused; its words stand in the log of antiphond"
            }
        };
        self.warn_of(whom, "away", detail);
        whom.away()
    }

    /// A line about the phone or the account that an administrator should look at.
    pub(crate) fn warn_of(&self, whom: Whom<'_>, word: &str, detail: &str) {
        let line = match whom {
            Whom::Phone => self.context.line("phone", word),
            Whom::Account(way) => {
                let line = self.context.line("account", word);
                line.with("provider", &way.provider.name)
            }
        };
        self.context.journal.warn(&line.with("detail", detail));
    }
}

impl Whom<'_> {
    pub(crate) fn late<'a>(self) -> Heard<'a> {
        let text = match self {
            Self::Phone => Text::ApprovalExpired,
            Self::Account(_) => AccountText::Expired.into(),
        };
        Heard::Failed(text, Refusal::NoAnswer)
    }

    fn away_text(self) -> Text<'static> {
        match self {
            Self::Phone => Text::PhoneAway,
            Self::Account(_) => AccountText::Away.into(),
        }
    }

    fn away<'a>(self) -> Heard<'a> {
        let refusal = match self {
            Self::Phone => Refusal::PhoneAway,
            Self::Account(_) => Refusal::AccountAway,
        };
        Heard::Failed(self.away_text(), refusal)
    }

    fn busy<'a>(self) -> Heard<'a> {
        match self {
            Self::Phone => Heard::Failed(Text::PhoneBusy, Refusal::PhoneNotAsked),
            Self::Account(_) => Heard::Failed(AccountText::Busy.into(), Refusal::AccountNotAsked),
        }
    }

    fn quiet<'a>(self, pause: Pause, now: UnixTime) -> Heard<'a> {
        let (why, left) = (pause.why, now.until(pause.until));
        match self {
            Self::Phone => Heard::Failed(Text::PhoneQuiet(why, left), Refusal::PhoneNotAsked),
            Self::Account(_) => {
                let text = AccountText::Quiet(why, left);
                Heard::Failed(text.into(), Refusal::AccountNotAsked)
            }
        }
    }
}
