//! The `antiphon` command, as an administrator meets it: by its exit status, its output and the files it leaves.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod account_added;
mod account_owners;
mod bypass;
mod changes;
mod check;
mod clocks;
mod command;
mod commands;
mod completions;
mod confirm;
mod disks;
mod doctor;
mod dumps;
mod edits;
mod enroll;
mod enrolling;
mod fix;
mod fleet;
mod guide;
mod halves;
mod import;
mod last_way;
mod letter;
mod log;
mod log_words;
mod many;
mod number;
mod own;
mod page;
mod pages;
mod pauses;
mod people;
mod phone_added;
mod phone_lies;
mod phone_offered;
mod phone_removed;
mod prometheus;
mod providers;
mod qr;
mod read_log;
mod refused;
mod remove;
mod show;
mod together;
mod ways;

// The real daemon, and a phone that shares no code with it.
#[path = "../daemon/certificate.rs"]
mod certificate;
#[path = "../daemon/daemon.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod daemon;
#[path = "../daemon/http.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod http;
// The journal, in the place of the world's own log.
#[path = "../system/journald.rs"]
#[allow(dead_code, reason = "the module's own tests need more of it")]
mod journald;

// A provider of accounts.
#[path = "../daemon/server.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod server;

#[path = "../daemon/inbox.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod inbox;
#[path = "../daemon/phone.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod phone;

pub(crate) use daemon::Daemon;
pub(crate) use http::Web;
pub(crate) use inbox::Inbox;
pub(crate) use phone::Phone;
