//! What is true of a second factor, and nothing of how it is asked for.
#![forbid(unsafe_code)]

pub mod activity;
pub mod answer;
pub mod code;
pub mod config;
pub mod disk;
mod document;
pub mod judge;
pub mod logline;
pub mod name;
pub mod outcome;
pub mod policy;
pub mod record;
pub mod recovery;
pub mod secret;
pub mod state;
pub mod text;
pub mod time;
pub mod visible;
