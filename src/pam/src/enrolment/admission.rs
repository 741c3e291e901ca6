//! Whether a person without a record may make one in this sign-in.

use antiphon_core::config::{Config, FirstFactor};
use antiphon_core::disk::record_file::ReadRecord;
use antiphon_core::outcome::{EnrolmentClosed, Outcome, Refusal};
use antiphon_core::policy::{self, SignIn};
use antiphon_core::time::UnixTime;

use crate::account::Account;
use crate::admission::Admission;
use crate::host::Host;
use crate::request::Request;

/// Applies the rules. A person who may not is refused as where nobody may.
pub(crate) fn decide(
    config: &Config,
    request: &Request,
    account: &Account,
    sign_in: SignIn<'_>,
    read: Option<ReadRecord>,
    now: UnixTime,
) -> Admission {
    let groups = account.member_of(&config.enroll.groups);
    let refused = |refusal| Admission::Decided(Outcome::Refused(refusal));
    let record = read.as_ref().map(ReadRecord::record);
    match policy::may_enrol(config, sign_in, &groups, record, now) {
        Err(refusal) => refused(refusal),
        Ok(_) if request.host == Host::SshdBlind => refused(Refusal::BlindPasswordMethod),
        Ok(_) if !shows_a_first_factor(config, request) => {
            refused(Refusal::EnrolmentClosed(EnrolmentClosed::NoPassword))
        }
        Ok(leave) => Admission::Enrol(leave, read.map(Box::new)),
    }
}

/// Whether something shows that the person is who they say. More is wanted here than for a question, which gives nothing
/// away: a stack whose `required` line for the password goes on to us after a wrong one would hand out a second factor for
/// nothing. What `pam_unix` found is seen; of other modules only that there was a password at all. A factor that leaves no
/// trace is believed where the configuration says so, but not of sshd, which would let strangers of the whole network in.
fn shows_a_first_factor(config: &Config, request: &Request) -> bool {
    let is_there = request.password.is_some() || request.host == Host::Sshd { first_method: true };
    let is_trusted = config.first_factor == FirstFactor::Optional
        && !request.host.is_sshd_without_first_method();
    !request.pam_unix_failed && (is_there || is_trusted)
}
