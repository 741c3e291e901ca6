//! The phones' page in a real browser with a real passkey.
// All of this runs in tests only, and a test fails by panicking.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[macro_use]
mod each_browser;

mod account;
mod approve;
mod autopush;
mod browser;
mod calls;
#[path = "../daemon/certificate.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod certificate;
mod command;
#[path = "../daemon/daemon.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod daemon;
mod driver;
mod elsewhere;
mod enrol;
mod far;
mod guide;
mod inbox;
mod keyboard;
mod looks;
mod measure;
mod npm;
mod parts;
mod private;
mod push;
mod read_out;
mod real;
#[path = "../daemon/relay.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod relay;
mod report;
#[path = "../daemon/root.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod root;
#[path = "../daemon/server.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod server;
mod stub;
mod walk;
mod websocket;
