//! What root's programs share beside what is true ([`antiphon_core`]): what the module and the command both do with the world
//! around them, done in one way.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`Link`] | a connection to one of the daemon's sockets: who answers there, one message after the other, what is too much |
//! | [`OpenApproval`] | the phones are asked, until one answers |
//! | [`phone`] | one more phone: the same steps for the command and inside a sign-in |
//! | [`deliver`] | a one-time code on its way to a gateway |
//! | [`ask`], [`forget`] | one question that the daemon answers at once |
//! | [`Interrupt`] | what ends a wait for any of these before its time |
//! | [`random`], [`clock`], [`host_name`], [`LockPatience`] | what [`antiphon_core`] is handed: random values, the time, the host's name, how long a lock is waited for |
//! | [`syslog_line`] | a line for the administrator |
//!
//! How a phone's answer comes back: [`OpenApproval::begin`] has the daemon ask the phones and holds the connection; each
//! [`OpenApproval::news`] looks at what has come; an assertion in it goes to `antiphon_core::judge`, by the module alone;
//! [`OpenApproval::conclude`] tells the phone how it ended.
//!
//! Nothing is decided here, and the daemon is believed nothing. Nothing waits for longer than it is told to, and no thread,
//! environment or `unsafe` is needed: all of it is loaded into sshd and sudo.
#![forbid(unsafe_code)]

mod approval;
pub mod clock;
mod connection;
mod delivery;
mod descriptor;
mod host;
mod interrupt;
mod patience;
pub mod phone;
mod question;
pub mod random;
pub mod syslog_line;

pub use approval::{Asker, LIFETIME, LONGEST_SHOWN, News, OpenApproval, Question};
pub use connection::{Away, DAEMON, Link, Unheard};
pub use delivery::{Delivery, deliver};
pub use descriptor::above_standard;
pub use host::host_name;
pub use interrupt::{Interrupt, Never};
pub use patience::LockPatience;
pub use question::{ask, forget};
