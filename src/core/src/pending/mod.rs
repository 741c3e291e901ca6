//! An unfinished enrolment at a sign-in, kept for ten minutes so that the login's time limit loses nothing.
//!
//! Its secret is shown in the sitting that drew it and never again: a person who returns could be somebody else who
//! knows the password, and would then hold the same factor unnoticed. A returning person either continues, by typing a
//! code that proves their app already has the entry, or restarts with another secret, which invalidates the first. Only
//! one sitting holds the enrolment at a time, and the one that has lost it is told to whom. Recovery codes are not kept
//! here at all: they are drawn when they are shown.

mod beginnings;
mod format;

use zeroize::Zeroizing;

use crate::code::Step;
use crate::judge::{Confirmed, Unconfirmed, confirm};
use crate::name::UserName;
use crate::record::CodeSecret;
use crate::time::UnixTime;
use beginnings::Beginnings;

pub(crate) use format::FILE_LENGTH;
pub use format::is_over;

/// Lifetime in seconds since the enrolment was last started or continued.
pub const LIFETIME: u64 = 600;
/// Length of the secret in bytes: 160 bits (RFC 4226 §4).
pub const SECRET_BYTES: usize = 20;
/// Length of a sitting's id, in bytes.
pub const SITTING_BYTES: usize = 16;
/// Most wrong codes from returning people. After that only the sitting that holds the enrolment can continue it.
const MOST_WRONG: u8 = 5;

/// Random id of a sitting.
pub type SittingId = [u8; SITTING_BYTES];

/// Who enrols, and from where.
#[derive(Clone, Copy)]
pub struct Sitting<'a> {
    /// The canonical name.
    pub user: &'a UserName,
    /// Remote host or terminal, safe to show: other sittings are told of it.
    pub from: &'a str,
    /// Its id.
    pub id: SittingId,
}

/// A code that was typed.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    /// Digits only.
    pub digits: &'a str,
    /// Accepted steps before and after the current one.
    pub window: u8,
}

/// A pending enrolment.
#[derive(Clone)]
pub struct Pending {
    /// When it was started or continued.
    made: UnixTime,
    /// The step of the last right code: it and all earlier ones are used.
    used: Step,
    /// Wrong codes from returning people.
    wrong: u8,
    /// The sitting that holds it.
    held_by: SittingId,
    /// Where that sitting comes from.
    from: String,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
    beginnings: Beginnings,
}

/// What another sitting may know about an open enrolment. Never the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The sitting that holds it.
    pub held_by: SittingId,
    /// When it was started or continued.
    pub at: UnixTime,
    /// How many seconds ago that was.
    pub ago: u64,
    /// Where that sitting comes from.
    pub from: String,
    /// Whether codes are still checked: not too many were wrong.
    pub takes_codes: bool,
    /// Seconds until it can be restarted from here, if it was restarted too often.
    pub rests_for: Option<u64>,
}

/// Why a sitting no longer holds the enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Void {
    /// It expired, or root ended it.
    Over,
    /// It was restarted from there.
    BegunAgain(Elsewhere),
    /// Somebody continued it from there with a right code.
    GoneOn(Elsewhere),
}

/// Another sitting, as reported to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// When it took over.
    pub at: UnixTime,
    /// Where it comes from.
    pub from: String,
}

/// The verdict on a code in the sitting that holds the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// Right, and used from now on.
    Right(Confirmed),
    /// Wrong.
    Wrong(Unconfirmed),
    /// Used before, or older than one that was; seconds until the next code.
    Used(u64),
    /// The sitting no longer holds it.
    Void(Void),
}

/// The verdict on a code of a returning person.
#[derive(Debug)]
pub enum Returned {
    /// Right: their sitting holds the enrolment from now on.
    Proven(Proven),
    /// Wrong, and counted.
    Wrong {
        /// Why.
        why: Unconfirmed,
        /// Whether another code would be checked.
        more: bool,
    },
    /// Used before, or older than one that was; seconds until the next code.
    Used(u64),
    /// The enrolment was replaced or has expired, or codes are no longer checked.
    Changed,
}

/// Proof that a person already had the secret.
#[derive(Debug)]
pub struct Proven {
    /// The secret, for the record: not to be shown.
    pub code: CodeSecret,
    /// The code that proved it.
    pub confirmed: Confirmed,
}

/// The result of starting an enrolment.
#[derive(Debug, PartialEq, Eq)]
pub enum Beginning {
    /// Started.
    Begun,
    /// The enrolment is no longer the one that the person was told about.
    Changed,
    /// Started too often lately; seconds until it is possible again.
    TooOften(u64),
}

impl Pending {
    /// The enrolment that `sitting` starts with `secret` at `now`, which replaces and invalidates `before`.
    ///
    /// # Errors
    /// Seconds until one can be started from there, if there were too many lately.
    pub fn begin(
        before: Option<&Self>,
        sitting: Sitting<'_>,
        secret: Zeroizing<[u8; SECRET_BYTES]>,
        now: UnixTime,
    ) -> Result<Self, u64> {
        let mut beginnings = before.map(|it| it.beginnings.clone()).unwrap_or_default();
        beginnings.add(sitting.from, now)?;
        Ok(Self {
            made: now,
            used: 0,
            wrong: 0,
            held_by: sitting.id,
            from: sitting.from.to_owned(),
            secret,
            beginnings,
        })
    }

    /// The secret. Only the sitting that drew it may show it.
    #[must_use]
    pub(crate) fn code(&self) -> CodeSecret {
        CodeSecret::usual(*self.secret)
    }

    /// What somebody at `from` may know about it; `None` if it has expired.
    #[must_use]
    pub fn seen_from(&self, from: &str, now: UnixTime) -> Option<Begun> {
        self.is_open(now).then(|| Begun {
            held_by: self.held_by,
            at: self.made,
            ago: self.made.until(now),
            from: self.from.clone(),
            takes_codes: self.wrong < MOST_WRONG,
            rests_for: self.beginnings.rest_for(from, now),
        })
    }

    /// Whether it is valid at `now`. One from the future is not: its age is unknown.
    #[must_use]
    pub fn is_open(&self, now: UnixTime) -> bool {
        is_open(self.made, now)
    }

    /// Whether the sitting `id`, which has the secret `code`, still holds it.
    ///
    /// # Errors
    /// [`Void`].
    pub fn check(&self, id: SittingId, code: &CodeSecret, now: UnixTime) -> Result<(), Void> {
        if !self.is_open(now) {
            return Err(Void::Over);
        }
        if self.held_by == id {
            return Ok(());
        }
        let elsewhere = Elsewhere {
            at: self.made,
            from: self.from.clone(),
        };
        Err(if self.code() == *code {
            Void::GoneOn(elsewhere)
        } else {
            Void::BegunAgain(elsewhere)
        })
    }

    /// Judges a code in the sitting that holds the enrolment. A returned new value must be durable before anybody
    /// learns the verdict.
    #[must_use]
    pub fn answered(&self, typed: Typed<'_>, now: UnixTime) -> (Answered, Option<Self>) {
        match confirm(&self.code(), typed.digits, typed.window, now) {
            Ok(confirmed) if confirmed.step() <= self.used => {
                (Answered::Used(self.next_code_in(now)), None)
            }
            Ok(confirmed) => {
                let mut next = self.clone();
                next.used = confirmed.step();
                (Answered::Right(confirmed), Some(next))
            }
            Err(why) => (Answered::Wrong(why), None),
        }
    }

    /// Judges a code of `sitting`, which returns to the enrolment that, as it was told, `held_by` holds. A returned new
    /// value must be durable before anybody learns the verdict: wrong codes are counted.
    #[must_use]
    pub fn returned(
        &self,
        sitting: Sitting<'_>,
        held_by: SittingId,
        typed: Typed<'_>,
        now: UnixTime,
    ) -> (Returned, Option<Self>) {
        if !self.is_open(now) || self.held_by != held_by || self.wrong >= MOST_WRONG {
            return (Returned::Changed, None);
        }
        match self.answered(typed, now) {
            (Answered::Right(confirmed), Some(mut next)) => {
                next.made = now;
                next.held_by = sitting.id;
                sitting.from.clone_into(&mut next.from);
                let code = self.code();
                (Returned::Proven(Proven { code, confirmed }), Some(next))
            }
            (Answered::Used(next_in), _) => (Returned::Used(next_in), None),
            (Answered::Wrong(why), _) => {
                let mut next = self.clone();
                next.wrong += 1;
                let more = next.wrong < MOST_WRONG;
                (Returned::Wrong { why, more }, Some(next))
            }
            (Answered::Right(_) | Answered::Void(_), _) => (Returned::Changed, None),
        }
    }

    /// Seconds until a code that has not been used.
    fn next_code_in(&self, now: UnixTime) -> u64 {
        let period = self.code().period().get();
        now.until(UnixTime(self.used.saturating_add(1).saturating_mul(period)))
    }
}

/// Whether something made at `made` is valid at `now`.
fn is_open(made: UnixTime, now: UnixTime) -> bool {
    made <= now && now < made.plus(LIFETIME)
}

#[cfg(test)]
mod tests;
