//! The dialogue of a sign-in, as a value: what was heard goes in, the next step comes out.
//!
//! Decided here: in which order things are asked, how often, and when it ends. It waits for nothing, reads no clock and judges
//! nothing: verdicts come in from [`crate::judge`], which alone can make an [`Accepted`](crate::judge::Accepted).

mod begin;
mod end;
mod hear;
mod list;
mod prompt;
#[cfg(test)]
mod walk;

use zeroize::Zeroizing;

use crate::answer::Answer;
use crate::judge::Verdict;
use crate::one_time::SentTo;
use crate::outcome::Outcome;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::Gate;
use crate::text::Text;
use crate::time::UnixTime;
use crate::way::Way;

pub use begin::FirstLook;

/// What is to be done next. Each but the last leads to something [`Heard`].
pub enum Step<'r> {
    /// Ask [`Dialogue::prompt`] and, where that can be, wait for the phone at the same time.
    Ask,
    /// Call the phone.
    CallPhone,
    /// See what the phone has said.
    HearPhone {
        /// Enter said that it has: what has not come yet is waited for a little.
        patiently: bool,
    },
    /// Send a code to a telephone.
    Send(SentTo<'r>),
    /// Judge an answer.
    Judge {
        /// What was typed.
        answer: Answer,
        /// Whether a code is the one that was sent, and not one of the app.
        sent: bool,
    },
    /// It has ended.
    End(End),
}

/// What came of a step.
pub enum Heard<'r> {
    /// Something was typed at the prompt.
    Typed {
        /// As it came.
        typed: Zeroizing<Vec<u8>>,
        /// Why nobody can have typed it, if so.
        by_program: Option<Refusal>,
    },
    /// Nothing was typed, and nothing will be.
    Nobody {
        /// So soon that nobody can have seen the prompt.
        at_once: bool,
    },
    /// The phone has the request.
    Called,
    /// The phone has said nothing yet.
    Waits,
    /// A code is on its way.
    Sent(SentTo<'r>),
    /// The phone could not be called, has no request any more, or no code could be sent: this is said before the next prompt,
    /// and is why the sign-in fails if nothing else is answered.
    Failed(Text<'static>, Refusal),
    /// How an answer was judged, and when.
    Judged(Verdict, UnixTime),
    /// Codes are locked, as was seen then.
    Locked(Gate, UnixTime),
    /// It is decided, whatever was asked.
    Decided(Outcome),
}

/// How a dialogue ended.
#[derive(Debug)]
pub struct End {
    /// The answer.
    pub outcome: Outcome,
    /// What the last answer was worth, if that was not said yet.
    pub last_words: Option<Text<'static>>,
    /// Seconds that a lock still lasts.
    pub locked_for: u64,
    /// Wrong codes typed in this very dialogue: the person knows of them.
    pub own_wrong_codes: u32,
    /// The person wants to look after their methods.
    pub wants_care: bool,
    /// A program answered, or none could ask: nobody sees a number there.
    pub was_unseen: bool,
}

/// What the prompt asks for. Recovery codes, and one that root has granted, are taken at each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Asking {
    /// The approval that is open, or else a code of the app.
    Usual,
    /// A recovery code.
    Recovery,
    /// The code that was sent.
    Sent,
    /// Which way. A code that was sent before is taken here too: it may arrive while the list is shown.
    Way,
}

/// What was typed, while the phone is heard once more before it counts.
struct Typed {
    answer: Answer,
    /// The line of the list that it names, from 0.
    line: Option<usize>,
}

/// Where a dialogue stands.
pub struct Dialogue<'r> {
    record: &'r Record,
    /// The ways that are open, in the service's order.
    ways: Vec<Way<'r>>,
    /// As it was found before anything was asked.
    look: FirstLook,
    asking: Asking,
    /// What is said before the next prompt.
    said: Option<Text<'static>>,
    /// Why the sign-in fails if nothing else is answered.
    refusal: Refusal,
    /// Whether the phone has a request.
    is_called: bool,
    /// Where the code went that was sent last, as long as it counts.
    sent: Option<SentTo<'r>>,
    /// Answers so far, right or wrong; how often Enter was pressed too early, and how often the list was shown.
    answers: u32,
    early: u32,
    choices: u32,
    /// Whether the phone is heard when Enter is pressed, and not before: nobody else can wait for it.
    by_enter: bool,
    sight: Sight,
    /// How often anything was asked.
    prompts: u32,
    typed: Option<Typed>,
    locked_for: u64,
    own_wrong_codes: u32,
    care: Care,
}

/// What is known of who sees the prompts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Sight {
    /// Whether nobody saw a number at this service lately, and nobody has answered since.
    is_blind: bool,
    /// Whether the phone would have been called if it were not so: it still can be, from the list.
    is_uncalled: bool,
}

/// Whether the list has a line for who wants to look after their methods.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Care {
    /// No: there is nothing to look after yet.
    None,
    /// It has.
    Offered,
    /// It was chosen.
    Wanted,
}

impl Dialogue<'_> {
    /// Whether the phone has a request. When it no longer should, whoever holds it takes it back.
    #[must_use]
    pub fn is_called(&self) -> bool {
        self.is_called
    }

    /// Whether a code that was sent counts. When none does, whoever holds one wipes it.
    #[must_use]
    pub fn awaits_sent_code(&self) -> bool {
        self.sent.is_some()
    }

    /// Whether the phone is not called since nobody saw a number at this service lately; not any more when somebody has typed
    /// something.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.sight.is_blind
    }

    /// Whether the phone was not called for that reason.
    #[must_use]
    pub fn is_uncalled(&self) -> bool {
        self.sight.is_uncalled
    }

    /// Whether the phone is heard when Enter is pressed, and not before.
    #[must_use]
    pub fn by_enter(&self) -> bool {
        self.by_enter
    }

    /// Nobody can wait for the phone and for the person at the same time.
    pub fn hear_by_enter(&mut self) {
        self.by_enter = true;
    }

    /// Whether this is the first prompt.
    #[must_use]
    pub fn is_first_prompt(&self) -> bool {
        self.prompts == 1
    }
}
