//! The phones' page in a real browser with a real passkey.
// All of this runs in tests only, and a test fails by panicking.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod approve;
mod browser;
mod calls;
mod command;
mod driver;
mod enrol;
mod keyboard;
mod looks;
mod measure;
mod parts;
mod real;
mod report;
mod stub;
mod walk;
