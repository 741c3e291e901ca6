//! The dialogue: at most three answers, each judged under the lock of the state, none asked under it.
//!
//! Here: in which order things are asked, and when it ends. [`crate::prompt`] words the questions, [`crate::typed`] judges
//! what is typed, [`crate::phone`] what a phone answers, [`crate::chooser`] lets the person take another way, and
//! [`crate::telephone`] sends codes.

use std::time::{Duration, Instant};

use antiphon_core::answer::Answer;
use antiphon_core::config::Config;
use antiphon_core::disk::Walk;
use antiphon_core::disk::record_file::ReadRecord;
use antiphon_core::method::Method;
use antiphon_core::name::UserName;
use antiphon_core::one_time::OneTimeCode;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::record::Record;
use antiphon_core::state::Gate;
use antiphon_core::text::{Language, Text};
use antiphon_core::time::UnixTime;
use antiphon_core::way::{Way, ways};
use antiphon_link::{News, PendingApproval};

use crate::conversation::{Conversation, Gone};
use crate::course::Course;
use crate::journal::Journal;
use crate::phone::{Call, Turn};
use crate::request::Request;
use crate::together::{self, Failed, First};
use crate::typed::Next;
use crate::unseen::Sight;
use crate::watch::Watch;

/// The most answers in one sign-in.
const MOST_ANSWERS: u32 = 3;
/// The most times that Enter is pressed before the phone has answered.
const MOST_EARLY: u32 = 10;
/// The most times that the list of ways is shown. Whoever chooses answers nothing: no secret is looked at.
const MOST_CHOICES: u32 = 10;
/// How long the phone is waited for when Enter is pressed before it has answered.
pub(crate) const ENTER_PATIENCE: Duration = Duration::from_secs(5);

/// Everything that a dialogue needs.
pub(crate) struct Dialogue<'a> {
    pub(crate) config: &'a Config,
    /// The record, as it was read.
    pub(crate) read: &'a ReadRecord,
    pub(crate) record: &'a Record,
    pub(crate) user: &'a UserName,
    pub(crate) language: Language,
    pub(crate) request: &'a Request,
    pub(crate) conversation: &'a dyn Conversation,
    pub(crate) watch: &'a dyn Watch,
    pub(crate) journal: &'a Journal,
    pub(crate) walk: &'a Walk,
}

/// How a dialogue ended.
pub(crate) struct End {
    pub(crate) outcome: Outcome,
    /// What the last answer was worth.
    pub(crate) last_words: Option<String>,
    /// Seconds that a lock still lasts.
    pub(crate) locked_for: u64,
    /// Wrong codes typed in this very dialogue: the person knows of them.
    pub(crate) own_wrong_codes: u32,
    /// The last prompt was ended by the phone: the cursor stands behind it.
    pub(crate) mid_line: bool,
    /// The person wants to look after their methods.
    pub(crate) wants_care: bool,
}

/// What the state says before anything is asked.
struct FirstLook {
    gate: Gate,
    /// Whether nobody saw a number here lately.
    is_blind: bool,
    /// Whether a recovery code is left.
    recovery: bool,
    /// Whether there is a code that root has granted.
    bypass: bool,
}

/// What the prompt asks for. Recovery codes are taken at each of them but the list.
pub(crate) enum Asking {
    /// The approval that is open, or else a code of the app.
    Usual,
    /// A recovery code.
    Recovery,
    /// The code that was sent.
    Sent,
    /// Which way. A code that was sent before is taken here too: it may arrive while the list is shown.
    Way,
}

/// Where a dialogue stands.
pub(crate) struct Talk<'a> {
    /// The ways that are open, in the service's order.
    pub(crate) ways: Vec<Way<'a>>,
    pub(crate) asking: Asking,
    /// What is said before the next prompt.
    pub(crate) said: Option<Text<'static>>,
    /// The answer if there is no other.
    pub(crate) refusal: Refusal,
    /// The request that the phone has, while it is open.
    pub(crate) pending: Option<PendingApproval>,
    /// The code that was sent last. It is wiped when another way is chosen.
    pub(crate) sent: Option<OneTimeCode>,
    /// Answers so far, right or wrong; how often Enter was pressed too early, and how often the list was shown.
    answers: u32,
    early: u32,
    choices: u32,
    /// Whether the phone's answer is looked for when Enter is pressed, and not before: nobody else can wait for it.
    pub(crate) by_enter: bool,
    /// Whether there is a code that root has granted.
    bypass: bool,
    /// What is known of who sees the prompts.
    pub(crate) sight: Sight,
    /// Whether the list has a line for who wants to look after their methods.
    pub(crate) offers_care: bool,
}

impl Talk<'_> {
    pub(crate) fn has(&self, method: Method) -> bool {
        self.ways.iter().any(|way| way.method() == method)
    }

    /// Whether the person could still answer rightly. A request that has ended begins again only where they can choose.
    fn is_hopeless(&self) -> bool {
        let others = self.ways.iter().any(|way| *way != Way::Approval);
        self.pending.is_none() && !others && !self.bypass && !self.sight.is_uncalled
    }

    fn is_spent(&self) -> bool {
        self.answers >= MOST_ANSWERS || self.early >= MOST_EARLY || self.choices >= MOST_CHOICES
    }

    /// What is asked for when the usual way is not there (any more).
    fn settle(&mut self) {
        if !matches!(self.asking, Asking::Usual) || self.pending.is_some() || self.has(Method::Code)
        {
            return;
        }
        let has_choice = self.sight.is_uncalled || self.has(Method::Sms) || self.has(Method::Call);
        self.asking = if has_choice {
            Asking::Way
        } else {
            Asking::Recovery
        };
    }
}

impl<'a> Dialogue<'a> {
    /// Holds the dialogue.
    pub(crate) fn hold(&self) -> End {
        let mut end = End {
            outcome: Outcome::Cancelled,
            last_words: None,
            locked_for: 0,
            own_wrong_codes: 0,
            mid_line: false,
            wants_care: false,
        };
        end.outcome = self.ask(&mut end).unwrap_or_else(Outcome::Unusable);
        end
    }

    fn ask(&self, end: &mut End) -> Result<Outcome, Trouble> {
        let Some(first_look) = self.look(end)? else {
            return Ok(Outcome::Refused(Refusal::NotEnrolled));
        };
        let gate = first_look.gate;
        let mut talk = match self.begin(&first_look)? {
            Ok(talk) => talk,
            Err(outcome) => return Ok(outcome),
        };
        // Locks close what can be guessed, and nothing else.
        match gate {
            Gate::Open => {}
            Gate::LockedUntil(_) => talk.said = Some(Text::Locked(end.locked_for)),
            Gate::Closed => talk.said = Some(Text::Closed),
        }
        while !talk.is_spent() {
            if talk.is_hopeless() {
                if gate != Gate::Open {
                    return Ok(Outcome::Locked(gate));
                }
                break;
            }
            talk.settle();
            let began = Instant::now();
            let heard = self.listen(&mut talk, end.mid_line);
            end.mid_line = matches!(heard, Ok(First::Phone(_)));
            let Ok(first) = heard else {
                return self.end_unheard(&talk, began.elapsed());
            };
            talk.sight.has_asked = true;
            let outcome = match first {
                First::Phone(news) => self.take_news(news, &mut talk)?,
                First::Typed(typed) => self.take_typed(&typed, &mut talk, end)?,
            };
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
        }
        end.last_words = talk.said.map(|text| text.in_language(self.language));
        Ok(Outcome::Refused(talk.refusal))
    }

    /// Begins with the first way that is open. One that costs money, or wakes somebody, is never begun unasked.
    fn begin(&self, look: &FirstLook) -> Result<Result<Talk<'a>, Outcome>, Trouble> {
        let mut open = ways(self.record, self.config, &self.request.service);
        if open.is_empty() && !look.bypass {
            return Ok(Err(Outcome::Refused(Refusal::NoMethodAllowed)));
        }
        open.retain(|way| match way.method() {
            Method::Recovery => look.recovery,
            method => look.gate == Gate::Open || !method.is_guessable(),
        });
        let mut talk = Talk {
            asking: match open.first() {
                Some(Way::Telephone(..)) => Asking::Way,
                Some(Way::Recovery) => Asking::Recovery,
                Some(Way::Approval | Way::Code) | None => Asking::Usual,
            },
            ways: open,
            said: None,
            refusal: Refusal::NoAnswer,
            pending: None,
            sent: None,
            answers: 0,
            early: 0,
            choices: 0,
            by_enter: !self.request.host.forks(),
            bypass: look.bypass,
            sight: Sight::new(look.is_blind),
            offers_care: self.record.is_enrolled(),
        };
        if talk.ways.first() != Some(&Way::Approval) {
            return Ok(Ok(talk));
        }
        if look.is_blind {
            talk.sight.is_uncalled = true;
            let line = self.course().about_phone("not-called");
            let detail = "nobody saw the number at this service lately; it is called again when somebody answers there";
            self.journal.note(&line.with("detail", detail));
        } else {
            self.begin_approval(&mut talk)?;
        }
        Ok(Ok(talk))
    }

    /// Asks the phone. Whether it is asked now.
    pub(crate) fn begin_approval(&self, talk: &mut Talk<'_>) -> Result<bool, Trouble> {
        talk.sight.is_uncalled = false;
        match self.call_phone(talk.by_enter)? {
            Call::Open(pending) => {
                talk.pending = Some(*pending);
                talk.asking = Asking::Usual;
                Ok(true)
            }
            Call::Failed(text, refusal) => {
                talk.said = Some(text);
                talk.refusal = refusal;
                Ok(false)
            }
        }
    }

    /// Asks, and waits for whichever comes first where the program lets us.
    fn listen(&self, talk: &mut Talk<'_>, mid_line: bool) -> Result<First, Gone> {
        if matches!(talk.asking, Asking::Way) {
            talk.choices += 1;
        }
        if !talk.sight.has_asked {
            self.course().asked(talk.first_word());
        }
        let begin = if mid_line { "\n" } else { "" };
        let prompt = format!("{begin}{}", self.prompt(talk));
        if let (Some(pending), false) = (&mut talk.pending, talk.by_enter) {
            match together::ask(self.conversation, &prompt, pending) {
                Ok(first) => return Ok(first),
                Err(Failed::Gone) => return Err(Gone),
                Err(Failed::NoChild) => talk.by_enter = true,
            }
        }
        let prompt = format!("{begin}{}", self.prompt(talk));
        self.conversation.ask(&prompt).map(First::Typed)
    }

    fn take_news(&self, news: News, talk: &mut Talk<'_>) -> Result<Option<Outcome>, Trouble> {
        match self.hear_phone(news, &mut talk.pending)? {
            Turn::Waits => talk.said = Some(Text::NotYetApproved),
            Turn::Closed(text, refusal) => {
                // Not counted as an answer: a daemon that lies takes none of them away.
                talk.said = Some(text);
                talk.refusal = refusal;
            }
            Turn::Ends(outcome) => return Ok(Some(outcome)),
        }
        Ok(None)
    }

    /// Takes news that came while something else was typed.
    fn take_meanwhile(&self, talk: &mut Talk<'_>) -> Result<Option<Outcome>, Trouble> {
        match talk.pending.as_mut().map(PendingApproval::look) {
            None | Some(News::Nothing) => Ok(None),
            Some(news) => self.take_news(news, talk),
        }
    }

    fn take_typed(
        &self,
        typed: &[u8],
        talk: &mut Talk<'a>,
        end: &mut End,
    ) -> Result<Option<Outcome>, Trouble> {
        if let Some(refusal) = self.answered_by_program(typed, talk) {
            self.remember_blind()?;
            return Ok(Some(Outcome::Refused(refusal)));
        }
        self.forget_blind(typed, talk)?;
        let answer = Answer::parse(typed, self.digits(talk));
        if let (Answer::Empty, Some(pending)) = (&answer, &mut talk.pending) {
            // Enter says "I have approved": what has not come yet is waited for a little.
            talk.early += 1;
            let patience = if talk.by_enter {
                ENTER_PATIENCE
            } else {
                Duration::ZERO
            };
            let news = pending.news(patience);
            return self.take_news(news, talk);
        }
        // "It is not me" is heard also where something was typed meanwhile.
        if let Some(outcome) = self.take_meanwhile(talk)? {
            return Ok(Some(outcome));
        }
        let wants_list = match answer {
            Answer::Question => true,
            Answer::Empty => self.has_others(talk),
            _ => false,
        };
        if wants_list && !matches!(talk.asking, Asking::Way) {
            talk.said = None;
            talk.asking = Asking::Way;
            return Ok(None);
        }
        let is_sent_code = talk.sent.is_some() && matches!(answer, Answer::Code(_));
        if matches!(talk.asking, Asking::Way) && !is_sent_code {
            return self.take_choice(typed, talk, end);
        }
        talk.answers += 1;
        match self.judge(&answer, talk, end)? {
            Next::Again(text, why) => {
                talk.said = Some(text);
                talk.refusal = why;
                Ok(None)
            }
            Next::End(outcome) => {
                if matches!(outcome, Outcome::Accepted(_)) {
                    talk.take_back("answered");
                }
                Ok(Some(outcome))
            }
        }
    }

    /// Looks at the state before anything is asked; `None` if the record has gone meanwhile.
    fn look(&self, end: &mut End) -> Result<Option<FirstLook>, Trouble> {
        let Some(held) = self.hold_state()? else {
            return Ok(None);
        };
        let (state, now) = (held.state(), held.now());
        let gate = state.gate(self.config, now);
        end.locked_for = seconds_locked(gate, now);
        self.journal
            .debug(&format!("before the prompt: codes are {gate:?}"));
        Ok(Some(FirstLook {
            gate,
            is_blind: state.is_blind(self.request.screen(), now),
            recovery: state.recovery_left(&held.record) > 0,
            bypass: state.bypass(now).is_some(),
        }))
    }
}

impl<'a> Dialogue<'a> {
    pub(crate) fn course(&self) -> Course<'a> {
        Course {
            user: self.user,
            request: self.request,
            journal: self.journal,
            activity: &self.config.paths.activity,
            watch: self.watch,
            walk: self.walk,
        }
    }
}

impl Talk<'_> {
    /// What the first prompt asks for, in a word for the log.
    fn first_word(&self) -> &'static str {
        let method = match self.asking {
            Asking::Usual if self.pending.is_some() => Method::Approval,
            Asking::Usual => Method::Code,
            Asking::Recovery => Method::Recovery,
            Asking::Sent | Asking::Way => return "choice",
        };
        method.word()
    }

    /// Turns to another way: the phone is no longer asked, and no code that was sent is waited for.
    pub(crate) fn turn_to(&mut self, asking: Asking) {
        self.take_back("cancelled");
        self.sent = None;
        self.asking = asking;
    }

    /// Takes the request back from the phone, if it has one, and tells it why.
    pub(crate) fn take_back(&mut self, outcome: &str) {
        if let Some(pending) = self.pending.take() {
            pending.conclude(outcome);
        }
    }
}

/// Seconds that `gate` stays locked.
pub(crate) fn seconds_locked(gate: Gate, now: UnixTime) -> u64 {
    match gate {
        Gate::LockedUntil(until) => now.until(until),
        Gate::Open | Gate::Closed => 0,
    }
}
