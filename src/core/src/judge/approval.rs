//! Judging the phone's answer to an approval.

use super::accepted::{Accepted, ApprovedBy, accepted};
use super::{Judgement, Subject};
use crate::approval::{ApprovalRequest, Assertion, Fault, Number, verify};
use crate::method::Method;
use crate::state::State;
use crate::time::UnixTime;

/// An approval and the request it answers.
#[derive(Clone, Copy)]
pub struct Approval<'a> {
    /// What the phone was shown.
    pub request: &'a ApprovalRequest,
    /// What the terminal showed.
    pub number: &'a Number,
    /// What the phone answered.
    pub assertion: &'a Assertion,
}

/// The verdict on a phone's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalVerdict {
    /// It verifies.
    Accepted(Accepted),
    /// It failed a check.
    Wrong(Fault),
    /// It came too late.
    Late,
}

/// Judges a phone's answer. Others carried it, so only the passkey's signature counts.
#[must_use]
pub fn judge_approval(
    approval: Approval<'_>,
    subject: Subject<'_>,
    state: &State,
    now: UnixTime,
) -> Judgement<ApprovalVerdict> {
    let Approval {
        request,
        number,
        assertion,
    } = approval;
    if now >= request.expires {
        return Judgement::unchanged(ApprovalVerdict::Late);
    }
    let Some(phone) = subject
        .record
        .phones
        .iter()
        .find(|phone| phone.credential == assertion.credential)
    else {
        return Judgement::unchanged(ApprovalVerdict::Wrong(Fault::Credential));
    };
    match verify(
        assertion,
        phone,
        &request.digest(number),
        state.passkey_counter(phone),
    ) {
        Ok(verified) => {
            let mut next = state.clone();
            next.set_passkey_counter(phone, verified.counter());
            next.approved(subject.origin, now);
            let (accepted, next) = accepted(
                Method::Approval,
                ApprovedBy::Phone(phone),
                subject,
                next,
                now,
            );
            Judgement {
                verdict: ApprovalVerdict::Accepted(accepted),
                next: Some(next),
            }
        }
        Err(fault) => Judgement::unchanged(ApprovalVerdict::Wrong(fault)),
    }
}
