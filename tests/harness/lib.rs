//! The hermetic surroundings of the system tests.
//!
//! A test calls [`in_world`]. It then runs again in namespaces of its own, with an `/etc` of its own, users, a log, a
//! network of only the loopback, and the module as it was built for release. There it writes a configuration, enrols
//! people, and drives the real sshd, sudo, su and login through a [`Terminal`], or `pam_host` by a script. Nothing on
//! the machine changes, and nothing of it outlives the test.
//!
//! ```ignore
//! #[test]
//! fn a_code_is_needed() {
//!     in_world(|world| {
//!         let alice = world.enrol("alice");
//!         let sshd = Sshd::start(world, "");
//!         let mut terminal = sshd.sign_in("alice", &["id", "-un"]);
//!         terminal.answer(PASSWORD_PROMPT, PASSWORD);
//!         terminal.answer(CODE, &alice.code());
//!         assert!(terminal.end().succeeded());
//!     });
//! }
//! ```
// All of this runs in tests only, and a test fails by panicking. What a helper has held need not be looked at once more.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::unwrap_used
)]

mod computer;
mod enrolled;
mod etc;
mod fleet;
mod host;
mod limits;
mod log;
mod lying_daemon;
pub mod mounts;
mod passkey;
mod people;
mod postgres;
mod private;
mod product;
mod prompts;
mod provider;
mod replicated;
mod scanner;
mod sending;
mod site;
mod sshd;
mod terminal;
mod ticket;
mod world;

pub use computer::Computer;
pub use enrolled::{Enrolled, with_period};
pub use fleet::Fleet;
pub use host::{PamHost, Played, Said};
pub use log::{Log, OurLine};
pub use lying_daemon::{Call, Enquiry, LyingDaemon, SOCKET};
pub use passkey::{Passkey, Signing};
pub use people::PASSWORD;
pub use postgres::{Postgres, ServerTls};
pub use private::{apart, in_world, in_world_for};
pub use product::Product;
pub use prompts::{CODE, NUMBER, PASSWORD_PROMPT, VERIFICATION_CODE};
pub use provider::{AccountCall, OpenedAccountTicket, Provider, check_digits, other_digits};
pub use replicated::Replicated;
pub use scanner::scanned;
pub use sending::Sending;
pub use site::Site;
pub use sshd::{Sshd, make_key};
pub use terminal::{Ended, Terminal, plain_environment};
pub use ticket::{Claim, OpenedTicket};
pub use world::{HOST, World};

use std::time::{Duration, Instant};

/// How long a test waits for what must come. It bounds a hang and nothing else: no test's outcome is a matter of speed.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// Asks again and again until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
