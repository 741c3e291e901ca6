//! What root's programs share beside the rules in [`antiphon_core`]: how the module and the command talk to the world
//! around them.
//!
//! | item | purpose |
//! | --- | --- |
//! | [`Link`] | a connection to one of the daemon's sockets: checks the peer, exchanges messages, enforces limits |
//! | [`OpenApproval`] | asks the phones, or an account, and waits for an answer |
//! | [`phone`] | adds a phone, with the same steps for the command and at a sign-in |
//! | [`account`] | adds an account, likewise |
//! | [`deliver`] | passes a one-time code to a gateway |
//! | [`ask`], [`forget`] | a question that the daemon answers at once |
//! | [`fleet_record`] | asks a relay for a person's record |
//! | [`Interrupt`] | ends any of these waits early |
//! | [`random`], [`clock`], [`host_name`], [`LockPatience`] | what [`antiphon_core`] is passed: random values, the time, the host name, how long to wait for a lock |
//! | [`memberships`], [`group_ids`] | who is in which group |
//!
//! How a phone's answer arrives: [`OpenApproval::begin`] has the daemon ask the phones and keeps the connection; each
//! [`OpenApproval::news`] returns what has arrived; only the module passes an assertion in it to
//! `antiphon_core::judge`; [`OpenApproval::conclude`] tells the phone how it ended.
//!
//! Nothing is decided here, and the daemon is not trusted. No call waits longer than it is told to, and there are no
//! threads, no environment and no `unsafe`, since all of this is loaded into sshd and sudo.
#![forbid(unsafe_code)]

pub mod account;
mod approval;
pub mod clock;
mod connection;
mod delivery;
mod descriptor;
mod fleet;
mod host;
mod interrupt;
mod membership;
mod patience;
pub mod phone;
pub mod random;

pub use approval::{
    ACCOUNT_LIFETIME, AskedAccount, Asker, LIFETIME, LONGEST_SHOWN, News, OpenApproval, Question,
};
pub use connection::{Away, DAEMON, Link, Unheard, ask, ask_for_keys, forget};
pub use delivery::{Delivery, deliver};
pub use descriptor::above_standard;
pub use fleet::fleet_record;
pub use host::host_name;
pub use interrupt::{Interrupt, Never};
pub use membership::{group_ids, memberships};
pub use patience::LockPatience;
