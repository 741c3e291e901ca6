//! One-time codes to telephones: text messages and calls, through the gateways that the administrator has chosen.
//!
//! `desk` takes a message from root's connection, counts it and passes it to a gateway: [`elks`], [`template`] (any
//! service with one HTTP request per message) or [`command`] (a program on this host). Each sending ends within the
//! gateway's own time limit; `Ok` means that the message was accepted, not that it has arrived.
//!
//! A gateway's response is trusted only as "accepted" or "not accepted". Its text goes to the log, which must never
//! contain a code, a number or a password, so [`words`] cleans it first. A message is counted, durably, before it is
//! sent: each costs money, and a daemon killed in between must not send two for the price of one.

mod client;
mod command;
mod credentials;
mod desk;
mod elks;
mod message;
mod template;
mod words;

use antiphon_core::wire::Undelivered;

pub(crate) use desk::Desk;

/// Why a message was not accepted, in words that may be logged.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    reason: Undelivered,
    words: String,
}

impl Failure {
    fn refused(words: impl Into<String>) -> Self {
        Self {
            reason: Undelivered::Refused,
            words: words.into(),
        }
    }

    fn no_answer(words: impl Into<String>) -> Self {
        Self {
            reason: Undelivered::NoAnswer,
            words: words.into(),
        }
    }
}
