//! An enrolment at the sign-in that is not finished yet: kept for ten minutes, so that the login's time limit loses
//! nothing.
//!
//! Its secret is shown in the sitting that drew it, and never again: who comes back may be a second person who knows the
//! password, and would then hold the same factor as the first without anybody noticing. Whoever comes back shows by a code
//! that their app has the entry already, and goes on; or begins again with another secret, and then the first is void. Only
//! one sitting holds it at a time, and the one that has lost it is told by whom. Recovery codes are not kept here at all:
//! they are drawn when they are shown.

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

/// Seconds that one is kept, counted from when it was begun or last gone on with.
pub const LIFETIME: u64 = 600;
/// Bytes of the secret: 160 bits (RFC 4226 §4).
pub const SECRET_BYTES: usize = 20;
/// Bytes that name a sitting.
pub const SITTING_BYTES: usize = 16;
/// The most wrong codes of those who come back. Then nobody can go on with it but the sitting that holds it.
const MOST_WRONG: u8 = 5;

/// Names one sitting among all: random.
pub type SittingId = [u8; SITTING_BYTES];

/// Who enrols, and from where.
#[derive(Clone, Copy)]
pub struct Sitting<'a> {
    /// The canonical name.
    pub user: &'a UserName,
    /// Remote host or terminal, safe to show: others are told of it.
    pub from: &'a str,
    /// Its own name.
    pub id: SittingId,
}

/// A code that was typed.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    /// Digits alone.
    pub digits: &'a str,
    /// Steps before and after the present that are looked at.
    pub window: u8,
}

/// One that is not finished.
#[derive(Clone)]
pub struct Pending {
    /// When it was begun or gone on with.
    made: UnixTime,
    /// The step of the last code that was right: it and all before it are used.
    used: Step,
    /// Wrong codes of those who came back.
    wrong: u8,
    /// The sitting that holds it.
    held_by: SittingId,
    /// From where that sitting comes.
    from: String,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
    beginnings: Beginnings,
}

/// What another sitting may know of one that is open. Never the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The sitting that holds it.
    pub held_by: SittingId,
    /// When it was begun or gone on with.
    pub at: UnixTime,
    /// How many seconds ago that was.
    pub ago: u64,
    /// From where.
    pub from: String,
    /// Whether a code is looked at: there were not too many wrong ones.
    pub takes_codes: bool,
    /// Seconds until it can be begun again from here, if it was begun too often lately.
    pub rests_for: Option<u64>,
}

/// Why a sitting no longer holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Void {
    /// It took too long, or root has ended it.
    Over,
    /// It was begun again from there.
    BegunAgain(Elsewhere),
    /// Somebody with a right code went on with it from there.
    GoneOn(Elsewhere),
}

/// Another sitting, as a person is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// When it took over.
    pub at: UnixTime,
    /// From where.
    pub from: String,
}

/// What a code is worth in the sitting that holds the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It is right, and used from now on.
    Right(Confirmed),
    /// It is not.
    Wrong(Unconfirmed),
    /// It was right before, or is older; so many seconds until the next.
    Used(u64),
    /// The sitting no longer holds it.
    Void(Void),
}

/// What a code is worth from somebody who comes back.
#[derive(Debug)]
pub enum Returned {
    /// It is right: their sitting holds it from now on.
    Proven(Proven),
    /// It is not, and was counted.
    Wrong {
        /// Why.
        why: Unconfirmed,
        /// Whether another one would be looked at.
        more: bool,
    },
    /// It was right before, or is older; so many seconds until the next.
    Used(u64),
    /// It is another one by now, or over, or codes are no longer looked at.
    Changed,
}

/// Somebody had the secret already.
#[derive(Debug)]
pub struct Proven {
    /// The secret, for the record: not to be shown.
    pub code: CodeSecret,
    /// By this code.
    pub confirmed: Confirmed,
}

/// Whether it could be begun.
#[derive(Debug, PartialEq, Eq)]
pub enum Beginning {
    /// It is.
    Begun,
    /// There is another one by now than the person was told of.
    Changed,
    /// It was begun too often lately; so many seconds until it can be again.
    TooOften(u64),
}

impl Pending {
    /// The one that `sitting` begins with `secret` at `now`, in the place of `before`, which is void from then on.
    ///
    /// # Errors
    /// The seconds until one can be begun from there, if there were too many lately.
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

    /// What somebody at `from` may know of it; `None` if it is over.
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

    /// Whether it counts at `now`. One from the future does not: nobody knows how old it is.
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

    /// Judges a code of the sitting that holds it. If it is right, the other value must be durable before anybody knows.
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

    /// Judges a code of `sitting`, which comes back to the one that it was told `held_by` holds. If there is another value,
    /// it must be durable before anybody knows: wrong codes are counted.
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

    /// Seconds until a code comes that has not been used.
    fn next_code_in(&self, now: UnixTime) -> u64 {
        let period = self.code().period.get();
        now.until(UnixTime(self.used.saturating_add(1).saturating_mul(period)))
    }
}

/// Whether what was made then counts at `now`.
fn is_open(made: UnixTime, now: UnixTime) -> bool {
    made <= now && now < made.plus(LIFETIME)
}

#[cfg(test)]
mod tests;
