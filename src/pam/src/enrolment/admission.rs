//! Whether a person without a record may create one in this sign-in.

use antiphon_core::config::{Config, FirstFactor};
use antiphon_core::disk::record_file::ReadRecord;
use antiphon_core::outcome::{EnrolmentClosed, Outcome, Refusal};
use antiphon_core::policy::{self, Newcomer, SignIn};
use antiphon_core::time::UnixTime;

use crate::admission::Admission;
use crate::factors::Factors;
use crate::host::Host;
use crate::request::Request;

/// Applies the rules. Where they do not allow it, the person is refused as where enrolment is off.
pub(crate) fn decide(
    config: &Config,
    request: &Request,
    sign_in: SignIn<'_>,
    newcomer: Newcomer<'_>,
    read: Option<ReadRecord>,
    now: UnixTime,
) -> Admission {
    let refused = |refusal| Admission::Decided(Outcome::Refused(refusal));
    let record = read.as_ref().map(ReadRecord::record);
    match policy::may_enrol(config, sign_in, newcomer, record, now) {
        Err(refusal) => refused(refusal),
        Ok(_) if request.host == Host::SshdBlind => refused(Refusal::BlindPasswordMethod),
        Ok(_) if !shows_a_first_factor(config, request) => {
            refused(Refusal::EnrolmentClosed(EnrolmentClosed::NoPassword))
        }
        Ok(leave) => Admission::Enrol(leave, read.map(Factors::Own).map(Box::new)),
    }
}

/// Whether there is evidence of a first factor. This is stricter than for a prompt, which gives nothing away: a stack
/// whose `required` password line continues to us after a wrong password would hand out a second factor for free. We
/// see the result of `pam_unix`; of other modules, only whether there was a password. A factor without a trace is
/// trusted if the configuration says so, but not from sshd, which would let in strangers from the network.
fn shows_a_first_factor(config: &Config, request: &Request) -> bool {
    let is_there = request.password.is_some() || request.host == Host::Sshd { first_method: true };
    let is_trusted = config.first_factor == FirstFactor::Optional
        && !request.host.is_sshd_without_first_method();
    !request.pam_unix_failed && (is_there || is_trusted)
}
