//! The proof that a factor was verified, and the only place that makes one.

use super::{Judgement, Subject, Verdict};
use crate::method::Method;
use crate::record::{Account, Phone};
use crate::state::{LetIn, Missed, Reminder, State, Throttle};
use crate::time::UnixTime;

/// Proof that one factor was verified. Only this module can make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    method: Method,
    phone: String,
    // In boxes: an outcome is handed on by value everywhere.
    account: Option<Box<Account>>,
    missed: Box<Missed>,
    let_in: Box<LetIn>,
    recovery_left: u32,
    reminder: Option<Reminder>,
}

impl Accepted {
    /// The verified factor.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The name of the phone that approved; empty for other methods.
    #[must_use]
    pub fn phone(&self) -> &str {
        &self.phone
    }

    /// The provider of the account that approved; empty for other methods.
    #[must_use]
    pub fn provider(&self) -> &str {
        let account = self.account.as_ref();
        account.map_or("", |account| &account.provider)
    }

    /// The id of the account that approved, as the provider names it; empty for other methods.
    #[must_use]
    pub fn account(&self) -> &str {
        let account = self.account.as_ref();
        account.map_or("", |account| &account.subject.id)
    }

    /// Wrong codes since the last sign-in.
    #[must_use]
    pub fn missed(&self) -> &Missed {
        &self.missed
    }

    /// The sign-ins since the last accepted one that a rehearsal let in.
    #[must_use]
    pub fn let_in(&self) -> &LetIn {
        &self.let_in
    }

    /// How many recovery codes are left.
    #[must_use]
    pub fn recovery_left(&self) -> u32 {
        self.recovery_left
    }

    /// Why to ask the person whether their methods are up to date, if so.
    #[must_use]
    pub fn reminder(&self) -> Option<&Reminder> {
        self.reminder.as_ref()
    }
}

/// What approved, if anything did.
#[derive(Clone, Copy)]
pub(super) enum ApprovedBy<'a> {
    Nothing,
    Phone(&'a Phone),
    Account(&'a Account),
}

pub(super) fn accept(
    method: Method,
    subject: Subject<'_>,
    next: State,
    now: UnixTime,
) -> Judgement<Verdict> {
    let (accepted, next) = accepted(method, ApprovedBy::Nothing, subject, next, now);
    Judgement {
        verdict: Verdict::Accepted(accepted),
        next: Some(next),
    }
}

/// The only place where a sign-in is accepted. A success resets the counts.
pub(super) fn accepted(
    method: Method,
    by: ApprovedBy<'_>,
    subject: Subject<'_>,
    mut next: State,
    now: UnixTime,
) -> (Accepted, State) {
    next.throttle = Throttle::default();
    next.signed_in(method, subject.origin, now);
    let record = subject.record;
    let (phone, account) = match by {
        ApprovedBy::Nothing => (None, None),
        ApprovedBy::Phone(phone) => (Some(phone), None),
        ApprovedBy::Account(account) => (None, Some(account)),
    };
    let missed = std::mem::take(&mut next.missed);
    let let_in = std::mem::take(&mut next.let_in);
    let accepted = Accepted {
        method,
        phone: phone.map(|phone| phone.name.clone()).unwrap_or_default(),
        account: account.cloned().map(Box::new),
        missed: Box::new(missed),
        let_in: Box::new(let_in),
        recovery_left: next.recovery_left(record),
        reminder: next.sign_in(record, phone, now),
    };
    (accepted, next)
}
