//! The dialogue of a sign-in as a value: events go in, the next step comes out.
//!
//! It decides in which order things are asked, how often, and when to stop. It does not wait, read a clock or judge:
//! verdicts come from [`crate::judge`], which alone can make an [`Accepted`](crate::judge::Accepted).

mod begin;
mod end;
mod hear;
mod list;
mod prompt;
#[cfg(test)]
mod prompt_tests;
#[cfg(test)]
mod walk;

use zeroize::Zeroizing;

use crate::account::CheckDigits;
use crate::answer::Answer;
use crate::judge::Verdict;
use crate::one_time::SentTo;
use crate::outcome::Outcome;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::Gate;
use crate::text::Text;
use crate::time::UnixTime;
use crate::way::{AccountWay, Way};

pub use begin::FirstLook;
pub use prompt::ShownRequest;

/// What to do next. Each step but the last produces a [`Heard`].
pub enum Step<'r> {
    /// Show [`Dialogue::prompt`] and, if possible, wait for the approval at the same time.
    Ask,
    /// Call the phone.
    CallPhone,
    /// Have an account asked for an approval.
    CallAccount(AccountWay<'r>),
    /// Look for the answer of the phone, or the account's token.
    HearApproval {
        /// What was typed claims that it was sent: wait a moment if it has not arrived.
        patiently: bool,
    },
    /// Judge the token that has come, with the check digits of its page.
    JudgeAccount(CheckDigits),
    /// Send a code to a telephone.
    Send(SentTo<'r>),
    /// Judge an answer.
    Judge {
        /// What was typed.
        answer: Answer,
        /// Whether a code is the one that was sent rather than the app's.
        sent: bool,
    },
    /// The dialogue is over.
    End(End),
}

/// The result of a step.
pub enum Heard<'r> {
    /// Something was typed at the prompt.
    Typed {
        /// The raw input.
        typed: Zeroizing<Vec<u8>>,
        /// Why no human can have typed it, if so.
        by_program: Option<Refusal>,
    },
    /// Nothing was typed, and nothing will be.
    Nobody {
        /// Too soon for anybody to have seen the prompt.
        at_once: bool,
    },
    /// The phone has the request.
    Called,
    /// The page has the request for an approval with this account.
    AccountCalled {
        /// The account.
        way: AccountWay<'r>,
        /// Whether the page's check digits are to be typed.
        check_digits: bool,
    },
    /// The phone has not answered yet, or there is no token yet.
    Waits,
    /// A token has come whose key has not.
    AwaitsKey,
    /// A token has come that is right but for the check digits.
    DigitsWanted,
    /// A code has been sent.
    Sent(SentTo<'r>),
    /// The phone or the account could not be asked, or no longer has a request, or no code could be sent: said before the
    /// next prompt, and the reason for the refusal if no other answer follows.
    Failed(Text<'static>, Refusal),
    /// The verdict on an answer, and its time.
    Judged(Verdict, UnixTime),
    /// Codes are locked, as of this time.
    Locked(Gate, UnixTime),
    /// Decided, whatever was asked.
    Decided(Outcome),
}

/// How a dialogue ended.
#[derive(Debug)]
pub struct End {
    /// The result.
    pub outcome: Outcome,
    /// The lock, or feedback on the last answer that has not been shown yet.
    pub last_words: Option<Text<'static>>,
    /// Wrong codes typed in this dialogue, which the person therefore knows about.
    pub own_wrong_codes: u32,
    /// Whether the person wants to manage their methods.
    pub wants_care: bool,
    /// A program answered or the caller could not ask: nobody sees a number there.
    pub was_unseen: bool,
}

/// What the prompt asks for. Each also accepts recovery codes and bypass codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Asking {
    /// The open approval, or else a code from the app.
    Usual,
    /// A recovery code.
    Recovery,
    /// The code that was sent.
    Sent,
    /// Which method. Also accepts a code sent earlier, which may arrive while the list is shown.
    Way,
}

/// Typed input, held back while the approval is looked for once more.
struct Typed {
    answer: Answer,
    /// The check digits, if it has their form where they are asked for.
    check_digits: Option<CheckDigits>,
    /// The line of the list that it selects, numbered from 0.
    line: Option<usize>,
}

/// Who has an open request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Called<'r> {
    /// The phone.
    Phone,
    /// The page, for this account.
    Account { way: AccountWay<'r>, proof: Proof },
}

/// What ends the approval with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Proof {
    /// The token alone.
    Token,
    /// The token, and then the page's check digits.
    TokenAndDigits,
    /// The check digits: the token is there.
    Digits,
}

/// The dialogue's state.
pub struct Dialogue<'r> {
    record: &'r Record,
    /// The available methods, in the service's order.
    ways: Vec<Way<'r>>,
    /// The state before anything was asked.
    look: FirstLook,
    asking: Asking,
    /// Shown before the next prompt.
    said: Option<Text<'static>>,
    /// Why the sign-in fails if no other answer follows.
    refusal: Refusal,
    /// Who has a request.
    called: Option<Called<'r>>,
    /// Where the last code was sent, while it is valid.
    sent: Option<SentTo<'r>>,
    /// How many answers were given, right or wrong; how often Enter came too early; how often the list was shown.
    answers: u32,
    early: u32,
    choices: u32,
    /// Whether an approval is looked for only when Enter is pressed, because the caller cannot wait for both.
    by_enter: bool,
    sight: Sight,
    /// How many prompts were shown.
    prompts: u32,
    typed: Option<Typed>,
    own_wrong_codes: u32,
    care: Care,
}

/// What is known about who sees the prompts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Sight {
    /// Whether recent sign-ins at this service could not show a number, and nobody has typed anything since.
    is_blind: bool,
    /// Whether nobody was asked for that reason; it can still be chosen from the list.
    is_uncalled: bool,
}

/// Whether the list has a line for managing one's methods.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Care {
    /// No: there is nothing to manage yet.
    None,
    /// Yes.
    Offered,
    /// It was chosen.
    Wanted,
}

impl Dialogue<'_> {
    /// Whether somebody has a request for an approval. Once this is false, its holder must withdraw the request.
    #[must_use]
    pub fn is_called(&self) -> bool {
        self.called.is_some()
    }

    /// Whether a sent code is valid. Once this is false, its holder must wipe the code.
    #[must_use]
    pub fn awaits_sent_code(&self) -> bool {
        self.sent.is_some()
    }

    /// Whether nobody is asked for an approval because recent sign-ins at this service could not show a number; false once
    /// somebody has typed something.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.sight.is_blind
    }

    /// Whether nobody was asked for that reason.
    #[must_use]
    pub fn is_uncalled(&self) -> bool {
        self.sight.is_uncalled
    }

    /// Whether an approval is looked for only when something is typed: Enter, or the check digits.
    #[must_use]
    pub fn by_enter(&self) -> bool {
        self.by_enter || self.wants_digits()
    }

    /// Whether the prompt asks for check digits.
    fn wants_digits(&self) -> bool {
        let proof = match self.called {
            Some(Called::Account { proof, .. }) => proof,
            Some(Called::Phone) | None => return false,
        };
        proof != Proof::Token
    }

    /// The caller cannot wait for the approval and the person at the same time.
    pub fn hear_by_enter(&mut self) {
        self.by_enter = true;
    }

    /// Whether this is the first prompt.
    #[must_use]
    pub fn is_first_prompt(&self) -> bool {
        self.prompts == 1
    }
}
