//! The dialogue with a person: performs each step decided by [`antiphon_core::dialogue`] and returns its result. Nobody
//! is asked while the state is locked.
//!
//! [`crate::call`] has a phone or an account asked for an approval, [`crate::phone`] and [`crate::by_account`] have its
//! answer judged, [`crate::typed`] has answers judged, [`crate::telephone`] sends codes, and [`crate::together`] waits for
//! person and approval at the same time.

use std::time::Duration;

use antiphon_core::account::page_code;
use antiphon_core::dialogue::{self, FirstLook, Heard, ShownRequest, Step};
use antiphon_core::one_time::OneTimeCode;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::policy;
use antiphon_core::program::is_sudo;
use antiphon_core::record::Record;
use antiphon_core::state::LetIn;
use antiphon_link::OpenApproval;

use crate::by_account::Asked;
use crate::call::Whom;
use crate::context::Context;
use crate::conversation::Gone;
use crate::factors::Factors;
use crate::host::Host;
use crate::interrupt::Blocked;
use crate::terminal;
use crate::together::{self, Failed, First};
use crate::unseen::is_at_once;

/// How long to wait for the phone if Enter is pressed before it has answered.
pub(crate) const ENTER_PATIENCE: Duration = Duration::from_secs(5);

/// Everything needed for the sign-in of an enrolled person.
pub(crate) struct SignIn<'a> {
    pub(crate) context: Context<'a>,
    /// The factors as they were read.
    pub(crate) factors: &'a Factors,
}

pub(crate) struct End {
    pub(crate) outcome: Outcome,
    /// The lock, or feedback on the last answer.
    pub(crate) last_words: Option<String>,
    /// Wrong codes typed in this dialogue, which the person therefore knows about.
    pub(crate) own_wrong_codes: u32,
    /// The phone ended the last prompt, so the cursor is still on its line.
    pub(crate) mid_line: bool,
    /// The person wants to manage their methods.
    pub(crate) wants_care: bool,
    /// It was said before the first prompt that the person is let in whatever they answer.
    pub(crate) is_rehearsal: bool,
    /// What it would have been in earnest, if the person is let in for that reason.
    pub(crate) would: Option<Outcome>,
    /// Then also: the earlier ones that were let in for that reason.
    pub(crate) let_in: LetIn,
}

impl End {
    /// An end without further details.
    pub(crate) fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            last_words: None,
            own_wrong_codes: 0,
            mid_line: false,
            wants_care: false,
            is_rehearsal: false,
            would: None,
            let_in: LetIn::default(),
        }
    }
}

/// A dialogue in progress, with the secrets and connections it does not hold itself.
pub(crate) struct Talk<'a> {
    pub(crate) with: &'a SignIn<'a>,
    pub(crate) dialogue: dialogue::Dialogue<'a>,
    /// The open request for an approval.
    pub(crate) approval: Option<OpenApproval<'a>>,
    /// The account that it is for, if it is for one.
    pub(crate) asked: Option<Asked<'a>>,
    /// The last code that was sent.
    pub(crate) sent: Option<OneTimeCode>,
    /// The phone ended the last prompt, so the cursor is still on its line.
    mid_line: bool,
    is_rehearsal: bool,
}

impl<'a> SignIn<'a> {
    /// The record that the person is asked by.
    pub(crate) fn record(&self) -> &'a Record {
        self.factors.record()
    }

    pub(crate) fn hold(&self) -> End {
        let host = self.context.request.host;
        if host == Host::SshdBlind {
            return End::of(Outcome::Refused(Refusal::BlindPasswordMethod));
        }
        let look = match self.look() {
            Ok(Some(look)) => look,
            Ok(None) => return End::of(Outcome::Refused(Refusal::NotEnrolled)),
            Err(trouble) => return End::of(Outcome::Unusable(trouble)),
        };
        // sudo -S reads its input to the end and would fail at the prompt, whatever we say. Nobody is asked there who would
        // be let in without an answer.
        if look.is_rehearsal && host.forks() && terminal::input_has_ended() {
            return End::of(Outcome::Refused(Refusal::CannotAsk));
        }
        let by_enter = !host.forks();
        let service = &self.context.request.service;
        let (dialogue, first) =
            dialogue::Dialogue::begin(self.record(), self.context.config, service, look, by_enter);
        if dialogue.is_uncalled() {
            self.log_uncalled();
        }
        let mut talk = Talk {
            with: self,
            dialogue,
            approval: None,
            asked: None,
            sent: None,
            mid_line: false,
            is_rehearsal: look.is_rehearsal,
        };
        let end = talk.run(first);
        End {
            mid_line: talk.mid_line,
            is_rehearsal: look.is_rehearsal,
            ..end.unwrap_or_else(|trouble| End::of(Outcome::Unusable(trouble)))
        }
    }

    /// Reads the state before anything is asked; `None` if the record has been removed.
    fn look(&self) -> Result<Option<FirstLook>, Trouble> {
        let Some(held) = self.hold_state()? else {
            return Ok(None);
        };
        let (state, now) = (held.state(), held.now());
        let gate = state.gate(self.context.config, now);
        self.context
            .journal
            .debug(&format!("before the prompt: codes are {gate:?}"));
        Ok(Some(FirstLook {
            gate,
            now,
            is_blind: state.is_blind(self.context.request.screen(), now),
            recovery: state.recovery_left(&held.record) > 0,
            bypass: state.bypass(now).is_some(),
            is_rehearsal: policy::is_rehearsal(self.context.config, state.is_untried(&held.record)),
            is_of_fleet: self.factors.is_of_fleet(),
        }))
    }
}

impl<'a> Talk<'a> {
    fn run(&mut self, first: Step<'a>) -> Result<End, Trouble> {
        let mut step = first;
        loop {
            let heard = match step {
                Step::Ask => self.ask()?,
                Step::CallPhone => self.call(Whom::Phone, false)?,
                Step::CallAccount(way) => self.call(Whom::Account(way), false)?,
                Step::HearApproval { patiently } => self.hear_approval(patiently)?,
                Step::JudgeAccount(digits) => self.judge_digits(&digits)?,
                Step::Send(to) => self.send_code(to)?,
                Step::Judge { answer, sent } => self.judge(&answer, sent)?,
                Step::End(end) => return self.end(end),
            };
            let was_blind = self.dialogue.is_blind();
            step = self.dialogue.next(heard);
            if !self.dialogue.is_called() {
                self.give_up_call();
            }
            if !self.dialogue.awaits_sent_code() {
                self.sent = None;
            }
            if was_blind && !self.dialogue.is_blind() {
                self.with.forget_blind()?;
            }
        }
    }

    fn ask(&mut self) -> Result<Heard<'a>, Trouble> {
        if self.dialogue.is_first_prompt() {
            self.with.context.asked(self.dialogue.asks_for());
        }
        let watch = self.with.context.watch;
        let had_terminal = terminal::is_there();
        let began = watch.instant();
        let first = self.listen();
        self.mid_line = matches!(first, Ok(First::Phone(..)));
        Ok(match first {
            Ok(First::Phone(news, _dying)) => self.take_news(news)?,
            Ok(First::Typed(typed)) => {
                let request = self.with.context.request;
                let by_program = request.is_answered_by_program(&typed, self.with.context.user);
                Heard::Typed { typed, by_program }
            }
            Err(Gone) => {
                let waited = watch.instant().saturating_duration_since(began);
                // sudo refuses once its conversation has failed, whatever we say: a rehearsal cannot let in there.
                let is_over = self.is_rehearsal && is_sudo(&self.with.context.request.service);
                Heard::Nobody {
                    at_once: is_at_once(waited, had_terminal) && !is_over,
                }
            }
        })
    }

    /// Asks, and where the program allows it waits for the approval at the same time.
    fn listen(&mut self) -> Result<First, Gone> {
        let prompt = self.prompt();
        if let (Some(approval), false) = (&mut self.approval, self.dialogue.by_enter()) {
            match together::ask(self.with.context.conversation, &prompt, approval) {
                Ok(first) => return Ok(first),
                Err(Failed::Gone) => return Err(Gone),
                Err(Failed::NoChild) => self.dialogue.hear_by_enter(),
            }
        }
        self.with
            .context
            .conversation
            .ask(&self.prompt())
            .map(First::Typed)
    }

    fn prompt(&self) -> String {
        let begin = if self.mid_line { "\n" } else { "" };
        let open = self.approval.as_ref();
        let page = self.with.context.config.page.shown();
        let address = open.map(|open| format!("{page}/a/{}", page_code(&open.request)));
        let shown = open
            .zip(address.as_deref())
            .map(|(open, address)| ShownRequest {
                number: open.number.digits(),
                address,
            });
        let prompt = self.dialogue.prompt(shown, self.with.context.language);
        format!("{begin}{prompt}")
    }

    fn end(&mut self, end: dialogue::End) -> Result<End, Trouble> {
        if end.was_unseen {
            self.with.remember_blind()?;
        }
        if let Outcome::Accepted(_) = end.outcome {
            self.take_back("answered");
        }
        let last_words = end.last_words;
        Ok(End {
            last_words: last_words.map(|text| text.in_language(self.with.context.language)),
            own_wrong_codes: end.own_wrong_codes,
            wants_care: end.wants_care,
            ..End::of(end.outcome)
        })
    }

    /// Withdraws the request for an approval, if any, for another way. The next request may follow at once, and would find the
    /// person busy with this one.
    fn give_up_call(&mut self) {
        self.asked = None;
        if let Some(approval) = self.approval.take() {
            approval.conclude_heard("cancelled", &Blocked);
        }
    }

    /// Withdraws the request for an approval, if any, with the reason.
    pub(crate) fn take_back(&mut self, outcome: &str) {
        self.asked = None;
        if let Some(approval) = self.approval.take() {
            approval.conclude(outcome, None);
        }
    }
}
