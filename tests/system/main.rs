//! The module in the real programs.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod account;
mod activity;
mod attacks;
mod blind;
mod broken_log;
mod by_hand;
mod bypass;
mod chooser;
mod clients;
mod clock;
mod configuration;
mod enrolment;
mod fail2ban;
mod faults;
mod fleet;
mod full_disk;
mod hostile_callers;
mod imported;
mod journal_fields;
mod journald;
mod keys;
mod kills;
mod leaks;
mod limits;
mod log_form;
mod methods;
mod names;
mod newcomer;
mod observe;
mod package;
mod panics;
mod phone;
mod policy;
mod power_cut;
mod programs;
mod prompts;
mod races;
mod read_only;
mod record_folders;
mod records;
mod rehearse;
mod revoked;
mod rollout;
mod script;
mod secrets_in_log;
mod sshd;
mod stacks;
mod state_loss;
mod states;
mod stopped_callers;
mod su;
mod throttle;
mod traced;
mod transfer;
mod unfinished;
mod unseen;
mod unusable;
mod wiping;
mod worlds;
