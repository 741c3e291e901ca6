//! The daemon as phones and root meet it: the real program, over its socket and over HTTP.
//!
//! Phones are played by [`phone`], a client that was written from `src/daemon/API.md` alone and shares no code with
//! the daemon or the core.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod abuse;
mod account;
mod certificate;
mod cors;
mod crowds;
mod daemon;
mod enrolment;
mod headers;
mod http;
mod inbox;
mod life;
mod look_ups;
mod many_waiting;
mod metrics;
mod module;
mod pauses;
mod persons;
mod phone;
mod proxy;
mod push;
mod relay;
mod relays;
mod removal;
mod renewal;
mod root;
mod secrets;
mod server;
mod shown;
mod sign_in;
mod telephone;
mod tls;

// The journal, in the place of the world's own log.
#[path = "../system/journald.rs"]
#[allow(dead_code, reason = "the module's own tests need more of it")]
mod journald;

pub(crate) use daemon::Daemon;
pub(crate) use http::Web;
pub(crate) use inbox::Inbox;
pub(crate) use phone::Phone;
pub(crate) use root::Root;
