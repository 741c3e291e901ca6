//! `pam_antiphon.so`: asks for the second factor after the password, and decides.
//!
//! ```text
//!  sshd, sudo, su, login
//!        │ pam_authenticate
//!        ▼
//!  [request]    who signs in, to what, from where, with which program ([host])
//!        ▼
//!  [signin]     configuration, account, [admission]: ask, enrol ([enrolment]), or already decided (core::policy);
//!     │         who has no record here may have one in the [fleet]: [factors]
//!        ▼
//!  [dialogue] ◀──▶ core::dialogue        events go in, the next step comes out
//!     │  ask       [conversation]; with a phone, [together] waits for both
//!     │  call      [call] ──▶ antiphon_link ──▶ antiphond ──▶ the phone, or the account's provider, signs
//!     │  send      [telephone] ──▶ antiphon_link ──▶ antiphond ──▶ a gateway
//!     │  judge     [typed], [phone], [by_account]: with the state locked ([held]), by core::judge, which alone makes an Accepted;
//!     │            the new state is durable before the verdict is seen
//!     ▼
//!  [methods]    if the person wants to; whatever happens there, the sign-in succeeds
//!        ▼
//!  [rehearsal] if it was one, the person is let in all the same (core::policy)
//!        ▼
//!  [ending] ──▶ [journal]  one line in syslog, one event in the person's activity
//!        ▼
//!  [result]     the one PAM code
//! ```
//!
//! No network, no threads, no access to the caller's environment.

#![expect(
    missing_docs,
    reason = "the entry points that `pam_hooks!` makes are PAM's own"
)]

mod account;
mod admission;
mod arguments;
mod by_account;
mod call;
mod context;
mod conversation;
mod course;
mod dialogue;
mod ending;
mod enrolment;
mod factors;
mod ffi;
mod fleet;
mod held;
mod host;
mod interrupt;
mod journal;
mod log_line;
mod methods;
mod panic;
mod phone;
mod quiet;
mod rehearsal;
mod request;
mod result;
mod shield;
mod shown;
mod signin;
mod stack;
mod suspension;
mod telephone;
mod terminal;
mod together;
mod typed;
mod unseen;
mod watch;

use std::ffi::CStr;

use antiphon_core::disk::Walk;
use antiphon_core::outcome::Outcome;
use pam::constants::{PamFlag, PamResultCode};
use pam::module::{PamHandle, PamHooks};

use crate::arguments::Arguments;
use crate::conversation::PamConversation;
use crate::ending::Ending;
use crate::journal::Journal;
use crate::request::Request;
use crate::stack::WipeBelow;
use crate::watch::SystemWatch;

struct Antiphon;
pam::pam_hooks!(Antiphon);

impl PamHooks for Antiphon {
    fn sm_authenticate(
        handle: &mut PamHandle,
        arguments: Vec<&CStr>,
        _flags: PamFlag,
    ) -> PamResultCode {
        panic::keep_off_the_terminal();
        let _wiped_at_the_end = WipeBelow;
        authenticate(handle, &arguments)
    }

    /// Nothing to set. Not `PAM_IGNORE`, which fails a stack that contains only our line.
    fn sm_setcred(_: &mut PamHandle, _: Vec<&CStr>, _: PamFlag) -> PamResultCode {
        PamResultCode::PAM_SUCCESS
    }
}

/// In a separate stack frame, which is gone when the stack is wiped.
#[inline(never)]
fn authenticate(handle: &mut PamHandle, arguments: &[&CStr]) -> PamResultCode {
    let request = match Request::gather(handle) {
        Ok(request) => request,
        Err(trouble) => {
            let journal = Journal::new("unknown", false);
            return result::pam_code(&journal.close_unnamed(trouble));
        }
    };
    let arguments = Arguments::parse(arguments);
    let debug = arguments.as_ref().is_ok_and(|arguments| arguments.debug);
    let journal = Journal::new(&request.service, debug);
    let conversation = PamConversation::new(handle);
    let walk = Walk::default();
    let mut ending = match &arguments {
        Ok(arguments) => signin::run(
            arguments,
            &request,
            &conversation,
            &SystemWatch,
            &journal,
            &walk,
        ),
        Err(trouble) => Ending::early(Outcome::Unusable(trouble.clone())),
    };
    let unfinished = journal.close(&request, &ending, &SystemWatch, &walk);
    ending.tell_of(&unfinished);
    host::say_goodbye(&request, &ending, &conversation);
    result::pam_code(&ending.outcome)
}
