//! The module in the real programs.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod faults;
mod kills;
mod leaks;
mod races;
mod script;
mod sshd;
mod traced;
