//! "It was me after all": whether a pause of the phone ends.
//!
//! "It is not me" pauses the phone, so only a passkey can end the pause: knowing the password is not enough, nor is
//! controlling the daemon that carries the messages.

use super::{Judgement, Subject};
use crate::approval::{Assertion, Fault, TakenBack, verify};
use crate::state::State;

/// Judges a phone's answer that ends the pause of `taken_back`. Only a valid one changes the state.
#[must_use]
pub fn judge_taken_back(
    assertion: &Assertion,
    taken_back: TakenBack<'_>,
    subject: Subject<'_>,
    state: &State,
) -> Judgement<Result<(), Fault>> {
    let mut phones = subject.record.phones.iter();
    let Some(phone) = phones.find(|phone| phone.credential == assertion.credential) else {
        return Judgement::unchanged(Err(Fault::Credential));
    };
    let counter = state.passkey_counter(phone);
    match verify(assertion, phone, &taken_back.digest(), counter) {
        Ok(verified) => {
            let mut next = state.clone();
            next.set_passkey_counter(phone, verified.counter());
            next.take_report_back(taken_back.since);
            Judgement {
                verdict: Ok(()),
                next: Some(next),
            }
        }
        Err(fault) => Judgement::unchanged(Err(fault)),
    }
}
