//! Prompts and answers: at most three, each judged under the lock of the state, none asked under it.

use std::time::Duration;

use antiphon_core::answer::Answer;
use antiphon_core::config::Config;
use antiphon_core::disk::{Folder, StateFile};
use antiphon_core::judge::{Subject, Verdict, judge};
use antiphon_core::logline::LogLine;
use antiphon_core::name::UserName;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::record::Record;
use antiphon_core::state::Gate;
use antiphon_core::text::{Besides, Language, Text};
use antiphon_core::time::UnixTime;

use crate::admission;
use crate::conversation::{Conversation, Gone};
use crate::journal::Journal;
use crate::pending::{News, PendingApproval};
use crate::phone::{Call, Turn};
use crate::request::Request;
use crate::together::{self, Failed, First};
use crate::watch::Watch;

/// The most answers in one sign-in.
const MOST_ANSWERS: u32 = 3;
/// The most times that Enter is pressed before the phone has answered.
const MOST_EARLY: u32 = 10;
/// How long the phone is waited for when Enter is pressed before it has answered.
const ENTER_PATIENCE: Duration = Duration::from_secs(5);

/// Everything that a dialogue needs.
pub(crate) struct Dialogue<'a> {
    pub(crate) config: &'a Config,
    pub(crate) record: &'a Record,
    pub(crate) user: &'a UserName,
    pub(crate) language: Language,
    pub(crate) request: &'a Request,
    pub(crate) conversation: &'a dyn Conversation,
    pub(crate) watch: &'a dyn Watch,
    pub(crate) journal: &'a Journal,
}

/// How a dialogue ended.
pub(crate) struct End {
    pub(crate) outcome: Outcome,
    /// What the last answer was worth.
    pub(crate) last_words: Option<Text<'static>>,
    /// Seconds that a lock still lasts.
    pub(crate) locked_for: u64,
    /// Wrong codes typed in this very dialogue: the person knows of them.
    pub(crate) own_wrong_codes: u32,
    /// The last prompt was ended by the phone: the cursor stands behind it.
    pub(crate) mid_line: bool,
}

/// What can be answered now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ways {
    /// A code or a recovery code.
    All,
    /// A recovery code only: codes are locked, or the record has none.
    RecoveryOnly,
}

/// What the state says before anything is asked.
struct FirstLook {
    gate: Gate,
    never_locked_left: u32,
}

/// Where a dialogue stands.
struct Talk {
    ways: Ways,
    /// What is said before the next prompt.
    said: Option<Text<'static>>,
    /// The answer if there is no other.
    refusal: Refusal,
    /// The request that the phone has, while it is open.
    pending: Option<PendingApproval>,
    /// Answers so far, right or wrong, and how often Enter was pressed too early.
    answers: u32,
    early: u32,
    /// Whether the phone's answer is looked for when Enter is pressed, and not before: nobody else can wait for it.
    by_enter: bool,
}

/// What one answer leads to.
enum Next {
    /// Asked again, after this was said.
    Again(Text<'static>, Refusal),
    /// The end.
    End(Outcome),
}

impl Dialogue<'_> {
    /// Holds the dialogue.
    pub(crate) fn hold(&self) -> End {
        let mut end = End {
            outcome: Outcome::Cancelled,
            last_words: None,
            locked_for: 0,
            own_wrong_codes: 0,
            mid_line: false,
        };
        end.outcome = self.ask(&mut end).unwrap_or_else(Outcome::Unusable);
        end
    }

    fn ask(&self, end: &mut End) -> Result<Outcome, Trouble> {
        let first_look = self.look(end)?;
        let (pending, said, refusal) = match self.call_phone()? {
            Call::Open(pending) => (Some(*pending), None, Refusal::NoAnswer),
            Call::NoPhone => (None, None, Refusal::NoAnswer),
            Call::Failed(text, refusal) => (None, Some(text), refusal),
        };
        // Locks close what can be guessed, and nothing else.
        let (ways, said) = match first_look.gate {
            Gate::Open if self.record.code.is_some() => (Ways::All, said),
            Gate::Open => (Ways::RecoveryOnly, said),
            locked if first_look.never_locked_left == 0 && pending.is_none() => {
                return Ok(Outcome::Locked(locked));
            }
            Gate::LockedUntil(_) => (Ways::RecoveryOnly, Some(Text::Locked(end.locked_for))),
            Gate::Closed => (Ways::RecoveryOnly, Some(Text::Closed)),
        };
        let mut talk = Talk {
            ways,
            said,
            refusal,
            pending,
            answers: 0,
            early: 0,
            by_enter: !self.request.host.forks(),
        };
        while talk.answers < MOST_ANSWERS && talk.early < MOST_EARLY {
            if talk.ways == Ways::RecoveryOnly
                && first_look.never_locked_left == 0
                && talk.pending.is_none()
            {
                if first_look.gate != Gate::Open {
                    return Ok(Outcome::Locked(first_look.gate));
                }
                break;
            }
            let heard = self.listen(&mut talk, end.mid_line);
            end.mid_line = matches!(heard, Ok(First::Phone(_)));
            let Ok(first) = heard else {
                return Ok(Outcome::Cancelled);
            };
            let outcome = match first {
                First::Phone(news) => self.take_news(news, &mut talk)?,
                First::Typed(typed) => self.take_typed(&typed, &mut talk, end)?,
            };
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
        }
        end.last_words = talk.said;
        Ok(Outcome::Refused(talk.refusal))
    }

    /// Asks, and waits for whichever comes first where the program lets us.
    fn listen(&self, talk: &mut Talk, mid_line: bool) -> Result<First, Gone> {
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

    fn take_news(&self, news: News, talk: &mut Talk) -> Result<Option<Outcome>, Trouble> {
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
    fn take_meanwhile(&self, news: News, talk: &mut Talk) -> Result<Option<Outcome>, Trouble> {
        match news {
            News::Nothing => Ok(None),
            news => self.take_news(news, talk),
        }
    }

    fn take_typed(
        &self,
        typed: &[u8],
        talk: &mut Talk,
        end: &mut End,
    ) -> Result<Option<Outcome>, Trouble> {
        if self
            .request
            .password
            .as_ref()
            .is_some_and(|password| password.as_bytes() == typed)
        {
            return Ok(Some(Outcome::Refused(Refusal::PasswordAnswered)));
        }
        let answer = Answer::parse(typed, self.record.code.as_ref().map(|code| code.digits));
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
        // "It is not me" is heard also where a code was typed meanwhile.
        let news = talk.pending.as_mut().map(PendingApproval::look);
        if let Some(outcome) = news.map_or(Ok(None), |news| self.take_meanwhile(news, talk))? {
            return Ok(Some(outcome));
        }
        talk.answers += 1;
        match self.judge(&answer, talk.ways, end)? {
            Next::Again(text, why) => {
                talk.said = Some(text);
                talk.refusal = why;
                Ok(None)
            }
            Next::End(outcome) => {
                if let (Outcome::Accepted(_), Some(pending)) = (&outcome, talk.pending.take()) {
                    pending.conclude("answered");
                }
                Ok(Some(outcome))
            }
        }
    }

    fn prompt(&self, talk: &Talk) -> String {
        let digits = self.record.code.as_ref().map(|code| code.digits.get());
        let digits = digits.filter(|_| talk.ways == Ways::All);
        let question = match (&talk.pending, digits) {
            (Some(pending), _) => {
                let besides = match digits {
                    Some(digits) => Besides::Code(digits),
                    None if self.record.recovery.is_some() => Besides::Recovery,
                    None => Besides::Nothing,
                };
                Text::ApprovalPrompt(pending.number.digits(), besides, talk.by_enter)
                    .in_language(self.language)
            }
            (None, Some(digits)) => Text::CodePrompt(digits).in_language(self.language),
            (None, None) => Text::RecoveryPrompt.in_language(self.language),
        };
        // In one prompt: sshd holds back what is said alone, and login says it on standard output.
        match &talk.said {
            Some(text) => format!("{}\n{question}", text.in_language(self.language)),
            None => question,
        }
    }

    /// Looks at the state before anything is asked.
    fn look(&self, end: &mut End) -> Result<FirstLook, Trouble> {
        let now = self.watch.now()?;
        let file = self.open_state(self.record, now)?;
        let gate = file.state().gate(self.config, now);
        end.locked_for = seconds_locked(gate, now);
        self.journal
            .debug(&format!("before the prompt: codes are {gate:?}"));
        Ok(FirstLook {
            gate,
            never_locked_left: file.state().never_locked_left(self.record, now),
        })
    }

    fn judge(&self, answer: &Answer, ways: Ways, end: &mut End) -> Result<Next, Trouble> {
        let Some(record) = self.record_by_now()? else {
            return Ok(Next::End(Outcome::Refused(Refusal::NotEnrolled)));
        };
        let now = self.watch.now()?;
        let file = self.open_state(&record, now)?;
        let subject = Subject {
            record: &record,
            config: self.config,
            from: self.request.origin(),
        };
        let judgement = judge(answer, subject, file.state(), now);
        let verdict = file
            .settle(judgement)
            .map_err(|trouble| Trouble::new("state", &trouble))?;
        Ok(match verdict {
            Verdict::Accepted(accepted) => Next::End(Outcome::Accepted(accepted)),
            Verdict::WrongCode(gate) => {
                end.own_wrong_codes += 1;
                self.log_wrong_code();
                match gate {
                    Gate::Open => Next::Again(Text::WrongCode, Refusal::Wrong),
                    locked => end_locked(locked, now, end),
                }
            }
            Verdict::Locked(gate) => end_locked(gate, now, end),
            Verdict::UsedCode { next_in } => Next::Again(Text::UsedCode(next_in), Refusal::Used),
            Verdict::ClockWasAhead { .. } => {
                Next::Again(Text::ClockWasAhead, Refusal::ClockWasAhead)
            }
            Verdict::WrongRecovery => Next::Again(Text::WrongRecovery, Refusal::Wrong),
            Verdict::UsedRecovery => Next::Again(Text::UsedRecovery, Refusal::Used),
            Verdict::RecoveryClosed => Next::Again(Text::RecoveryClosed, Refusal::RecoveryClosed),
            Verdict::WrongBypass => Next::Again(Text::WrongBypass, Refusal::Wrong),
            Verdict::WrongApproval(_) | Verdict::LateApproval => {
                Next::Again(Text::WrongApproval, Refusal::Wrong)
            }
            Verdict::Empty => Next::Again(Text::Empty, Refusal::NoAnswer),
            Verdict::Malformed => Next::Again(self.form_of(ways), Refusal::NoAnswer),
        })
    }

    /// At once, not only at the end: who guesses goes away from the next prompt, and sshd then ends us unheard.
    fn log_wrong_code(&self) {
        let line = LogLine::new()
            .with("answer", "wrong")
            .with("method", "code")
            .with("user", self.user.as_str())
            .with("rhost", &self.request.remote_host)
            .with("tty", &self.request.terminal);
        self.journal.warn(&line);
    }

    fn form_of(&self, ways: Ways) -> Text<'static> {
        match (ways, &self.record.code) {
            (Ways::All, Some(code)) => Text::Malformed(code.digits.get()),
            _ => Text::MalformedRecovery,
        }
    }

    /// The record to judge by. Not the one by which we asked: a prompt of su stands open for days, and a secret that root
    /// has replaced or removed meanwhile counts no more.
    pub(crate) fn record_by_now(&self) -> Result<Option<Record>, Trouble> {
        admission::record_of(self.config, self.user)
    }

    pub(crate) fn open_state(&self, record: &Record, now: UnixTime) -> Result<StateFile, Trouble> {
        let folder = Folder::open(&self.config.paths.state)
            .map_err(|distrust| Trouble::new("state", &distrust))?;
        let mut patience = self.watch.patience();
        let opened = StateFile::open(
            &folder,
            self.user,
            (record, self.config),
            now,
            &mut *patience,
        )
        .map_err(|trouble| Trouble::new("state", &trouble))?;
        if let Some(mended) = opened.mended {
            let line = LogLine::new()
                .with("state", "mended")
                .with("user", self.user.as_str())
                .with("detail", mended);
            self.journal.warn(&line);
        }
        Ok(opened.file)
    }
}

fn end_locked(gate: Gate, now: UnixTime, end: &mut End) -> Next {
    end.locked_for = seconds_locked(gate, now);
    Next::End(Outcome::Locked(gate))
}

fn seconds_locked(gate: Gate, now: UnixTime) -> u64 {
    match gate {
        Gate::LockedUntil(until) => now.until(until),
        Gate::Open | Gate::Closed => 0,
    }
}
