//! Where a code is checked and the answer is decided.
//!
//! Takes what was typed, the record, the configuration, the state under its lock, and the time, and returns a
//! [`Judgement`]. That stays sealed until [`crate::disk::StateFile::settle`] has made its state durable, so that no
//! verdict is seen before it counts. Methods that the service does not allow are rejected. Only this module makes an
//! [`Accepted`], and only an [`Accepted`] leads to `PAM_SUCCESS`.

mod accepted;
mod account;
mod approval;
mod enrolment;
mod pause;

pub use accepted::Accepted;
use accepted::accept;
pub use account::{AccountApproval, AccountVerdict, judge_account};
pub use approval::{Approval, ApprovalVerdict, judge_approval};
pub use enrolment::{Confirmed, Unconfirmed, confirm, judge_enrolment};
pub use pause::judge_taken_back;

use crate::answer::Answer;
use crate::bypass::BypassCode;
use crate::code::{FAR_OFF, Step, matching_step};
use crate::config::Config;
use crate::method::Method;
use crate::one_time::OneTimeCode;
use crate::origin::Origin;
use crate::policy::is_rehearsal;
use crate::record::{CodeSecret, Record};
use crate::recovery::RecoveryCode;
use crate::state::{Gate, State, UsedSteps, skew_of};
use crate::time::UnixTime;

/// Whose answer is judged, by which rules, and where it comes from.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The person's record.
    pub record: &'a Record,
    /// The rules.
    pub config: &'a Config,
    /// The PAM service, which may have its own rules.
    pub service: &'a str,
    /// Where the sign-in comes from, for later messages to the person.
    pub origin: Origin<'a>,
}

/// A verdict that nobody has seen yet, and the state that must be durable first.
pub struct Judgement<V> {
    pub(crate) verdict: V,
    /// `None` if unchanged.
    pub(crate) next: Option<State>,
}

/// The verdict on a typed answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It verifies.
    Accepted(Accepted),
    /// Not a current code; counted.
    WrongCode {
        /// Whether another one would be checked.
        gate: Gate,
        /// For a code from another time: seconds by which its clock is ahead of ours.
        skew: Option<i64>,
    },
    /// A right code whose step, or a later one, has been used; not counted.
    UsedCode {
        /// Seconds until a code that will be accepted.
        next_in: u64,
    },
    /// A right code, but the state was lost, so whether its step was used is unknown; not counted.
    UseUnknown {
        /// Seconds until a code that will be accepted.
        next_in: u64,
    },
    /// A right code, but the last accepted one is far in the future: a clock ran ahead and was set back.
    ClockWasAhead {
        /// Seconds until the last accepted step is over.
        by: u64,
    },
    /// Codes are locked.
    Locked(Gate),
    /// Has the form of a recovery code, but is not one of this person's.
    WrongRecovery,
    /// An already used recovery code.
    UsedRecovery,
    /// A recovery code of this person, but which ones were used is unknown: root must issue new ones.
    RecoveryClosed,
    /// A recovery or bypass code, while its use cannot be stored.
    ReadOnly,
    /// Has the form of a bypass code, but is not valid now.
    WrongBypass,
    /// A sent code that has expired, is another person's, or went to a number that root has removed; not counted.
    ExpiredCode,
    /// A method that the service does not allow: not checked, not counted.
    NotAllowed(Method),
    /// Nothing was typed.
    Empty,
    /// Neither a code nor a recovery code by its form.
    Malformed,
}

/// Which code the prompt asked for.
#[derive(Debug, Clone, Copy)]
pub enum Expected<'a> {
    /// A code from the person's authenticator app.
    App,
    /// This code, which was sent to a telephone.
    Sent(&'a OneTimeCode),
}

impl<V> Judgement<V> {
    fn unchanged(verdict: V) -> Self {
        Self {
            verdict,
            next: None,
        }
    }
}

/// Judges one answer against the state under the lock.
#[must_use]
pub fn judge(
    answer: &Answer,
    expected: Expected<'_>,
    subject: Subject<'_>,
    state: &State,
    now: UnixTime,
) -> Judgement<Verdict> {
    let method = match (answer, expected) {
        (Answer::Empty, _) => return Judgement::unchanged(Verdict::Empty),
        (Answer::Malformed | Answer::Question, _) => {
            return Judgement::unchanged(Verdict::Malformed);
        }
        (Answer::Bypass(_), _) => Method::Bypass,
        (Answer::Recovery(_), _) => Method::Recovery,
        (Answer::Code(_), Expected::App) => Method::Code,
        (Answer::Code(_), Expected::Sent(sent)) => sent.by().method(),
    };
    if !subject.config.services.allows(subject.service, method) {
        return Judgement::unchanged(Verdict::NotAllowed(method));
    }
    if state.is_in_memory() && matches!(method, Method::Recovery | Method::Bypass) {
        return Judgement::unchanged(Verdict::ReadOnly);
    }
    match (answer, expected, &subject.record.code) {
        (Answer::Recovery(typed), _, _) => judge_recovery(typed, subject, state, now),
        (Answer::Code(typed), Expected::Sent(sent), _) => {
            judge_sent(typed, sent, subject, state, now)
        }
        (Answer::Code(typed), Expected::App, Some(code)) => {
            judge_code(typed, code, subject, state, now)
        }
        (Answer::Code(_), Expected::App, None)
        | (Answer::Empty | Answer::Malformed | Answer::Question, _, _) => {
            Judgement::unchanged(Verdict::Malformed)
        }
        (Answer::Bypass(typed), _, _) => judge_bypass(typed, subject, state, now),
    }
}

fn judge_code(
    typed: &str,
    code: &CodeSecret,
    subject: Subject<'_>,
    state: &State,
    now: UnixTime,
) -> Judgement<Verdict> {
    let config = subject.config;
    match state.gate(config, now) {
        Gate::Open => {}
        locked => return Judgement::unchanged(Verdict::Locked(locked)),
    }
    let Some(step) = matching_step(code, typed, now, config.code.window) else {
        let step = matching_step(code, typed, now, FAR_OFF);
        return wrong_code(subject, state, now, step.map(|step| (step, code)));
    };
    let mut next = state.clone();
    // Without a last step for this secret, its past is unknown. The state file binds a secret before it is used; if
    // that ever failed, every step would count as used.
    let mut used = state
        .used_steps(code)
        .cloned()
        .unwrap_or_else(|| UsedSteps {
            secret: code.tag(),
            last: u64::MAX,
            accepted: Vec::new(),
        });
    if used.refuses(step) {
        let later = used.last.max(step).saturating_add(1)..=u64::MAX;
        let mut unused = later.filter(|step| !used.accepted.contains(step));
        let next_usable = unused.next().unwrap_or(u64::MAX);
        let usable = next_usable.saturating_mul(code.period().get());
        let next_in = now.until(UnixTime(usable));
        return Judgement::unchanged(if state.clock_was_ahead(subject.record, config, now) {
            Verdict::ClockWasAhead { by: next_in }
        } else if used.is_known(step) {
            Verdict::UsedCode { next_in }
        } else {
            Verdict::UseUnknown { next_in }
        });
    }
    used.accept(step);
    next.code = Some(used);
    next.remember_skew(step, code, now);
    accept(Method::Code, subject, next, now)
}

/// A sent code can be guessed like any other, so it is counted and locked like any other.
fn judge_sent(
    typed: &str,
    sent: &OneTimeCode,
    subject: Subject<'_>,
    state: &State,
    now: UnixTime,
) -> Judgement<Verdict> {
    match state.gate(subject.config, now) {
        Gate::Open => {}
        locked => return Judgement::unchanged(Verdict::Locked(locked)),
    }
    if !sent.counts(subject.record, now) {
        return Judgement::unchanged(Verdict::ExpiredCode);
    }
    if !sent.is(typed) {
        return wrong_code(subject, state, now, None);
    }
    accept(sent.by().method(), subject, state.clone(), now)
}

/// `of_another_time` is the step it belongs to, if it is one of the secret's codes at another time.
fn wrong_code(
    subject: Subject<'_>,
    state: &State,
    now: UnixTime,
    of_another_time: Option<(Step, &CodeSecret)>,
) -> Judgement<Verdict> {
    let mut next = state.clone();
    if is_rehearsal(subject.config, state.is_untried(subject.record)) {
        next.throttle.count_wrong_without_lock();
    } else {
        next.throttle.count_wrong(&subject.config.throttle, now);
    }
    next.missed
        .add(&subject.origin.told_to(subject.record.user.as_str()));
    if let Some((step, code)) = of_another_time {
        next.remember_skew(step, code, now);
    }
    let gate = next.gate(subject.config, now);
    let skew = of_another_time.map(|(step, code)| skew_of(step, code, now));
    Judgement {
        verdict: Verdict::WrongCode { gate, skew },
        next: Some(next),
    }
}

fn judge_recovery(
    typed: &RecoveryCode,
    subject: Subject<'_>,
    state: &State,
    now: UnixTime,
) -> Judgement<Verdict> {
    let known = subject
        .record
        .recovery
        .as_ref()
        .and_then(|recovery| Some((recovery, typed.index_in(recovery)?)));
    let Some((recovery, index)) = known else {
        return Judgement::unchanged(Verdict::WrongRecovery);
    };
    let mut next = state.clone();
    let Some(used) = next.recovery.as_mut().filter(|used| used.is_of(recovery)) else {
        return Judgement::unchanged(Verdict::RecoveryClosed);
    };
    let Some(bit) = 1_u32.checked_shl(index) else {
        return Judgement::unchanged(Verdict::WrongRecovery);
    };
    if used.marks & bit != 0 {
        return Judgement::unchanged(Verdict::UsedRecovery);
    }
    used.marks |= bit;
    accept(Method::Recovery, subject, next, now)
}

/// Cannot be guessed, so it needs no lock: wrong ones are not counted, as with recovery codes. One that was granted for an
/// earlier record, since removed, bypasses nothing that root prepares for an enrolment.
fn judge_bypass(
    typed: &BypassCode,
    subject: Subject<'_>,
    state: &State,
    now: UnixTime,
) -> Judgement<Verdict> {
    let mut next = state.clone();
    if subject.record.is_enrolled() && next.take_bypass(typed, now) {
        accept(Method::Bypass, subject, next, now)
    } else {
        Judgement::unchanged(Verdict::WrongBypass)
    }
}

#[cfg(test)]
mod account_tests;
#[cfg(test)]
mod approval_tests;
#[cfg(test)]
mod sent_tests;
#[cfg(test)]
mod tests;
