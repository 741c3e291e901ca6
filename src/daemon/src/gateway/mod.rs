//! One-time codes on their way to a telephone: text messages and spoken calls, by whom the administrator has chosen.
//!
//! `desk` takes a message from root's connection, counts it and hands it to a [`Gateway`]: [`elks`], [`template`] (any
//! service that takes one HTTP request a message) or [`command`] (a program on this computer).
//!
//! What a gateway says is not believed further than "taken" or "not taken": it goes into the log, where nobody's code,
//! number or password may stand, so [`words`] cleans it first. A message is counted, durably, before it is sent: each one
//! costs money, and a daemon that is killed in between must not send it twice for the price of one.

mod client;
mod command;
mod credentials;
mod desk;
mod elks;
mod message;
mod template;
mod words;

use std::pin::Pin;

use antiphon_core::wire::Undelivered;

pub(crate) use desk::{Desk, Fate};
use message::Message;

/// What a gateway's sending gives in its time.
type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// Who carries messages. Each sending ends within the time that the gateway itself bounds.
trait Gateway: Send + Sync {
    /// Its name in the log.
    fn name(&self) -> &str;

    /// Hands `message` over; `Ok` means that it was taken, not that it has arrived.
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a>;
}

/// Why a message was not taken, in words that a log may hold.
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
