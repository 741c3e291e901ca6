//! The `antiphon` command, as an administrator meets it: by its exit status, its output and the files it leaves.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod check;
mod command;
mod confirm;
mod enroll;
mod log;
mod mend;
mod pages;
mod qr;
mod refused;
mod remove;
mod show;
mod together;
