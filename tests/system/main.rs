//! The module in the real programs.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod blind;
mod faults;
mod keys;
mod kills;
mod leaks;
mod login;
mod newcomer;
mod observe;
mod policy;
mod prompts;
mod races;
mod script;
mod sshd;
mod su;
mod sudo;
mod traced;
mod transfer;
