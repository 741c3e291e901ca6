//! The module in the real programs.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod blind;
mod configuration;
mod faults;
mod keys;
mod kills;
mod leaks;
mod login;
mod names;
mod newcomer;
mod observe;
mod panics;
mod policy;
mod prompts;
mod races;
mod record_folders;
mod records;
mod script;
mod sshd;
mod state_loss;
mod states;
mod su;
mod sudo;
mod traced;
mod transfer;
mod unusable;
mod wiping;
