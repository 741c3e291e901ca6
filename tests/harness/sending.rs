//! A one-time code that the module has handed to the daemon, and what the daemon says to that.

use antiphon_core::wire::{Deliver, DeliverToPerson, FromDaemon, ToDaemon, Undelivered};

use crate::lying_daemon::{Line, LyingDaemon};

/// A code on its way. Dropped, the connection closes.
pub struct Sending {
    /// What is to be sent.
    pub message: Deliver,
    line: Line,
}

impl LyingDaemon {
    /// The next code that is to be sent, before anything is said to it.
    #[must_use]
    pub fn sending(&self) -> Sending {
        let (message, line) = self.first_message();
        let ToDaemon::Deliver(message) = message else {
            panic!("no code to be sent: {message:?}");
        };
        Sending { message, line }
    }

    /// The next code, which the gateway takes.
    #[must_use]
    pub fn sent(&self) -> Deliver {
        let mut sending = self.sending();
        sending.say(&FromDaemon::Delivered {});
        assert!(sending.is_left(), "more than one message");
        sending.message
    }

    /// The next code for a person of the fleet, which the relay's gateway takes.
    #[must_use]
    pub fn sent_to_person(&self) -> DeliverToPerson {
        let (message, mut line) = self.first_message();
        let ToDaemon::DeliverToPerson(message) = message else {
            panic!("no code to be sent to a person: {message:?}");
        };
        line.say(&FromDaemon::Delivered {});
        assert!(line.hear().is_none(), "more than one message");
        message
    }
}

impl Sending {
    /// Sends a message.
    pub fn say(&mut self, message: &FromDaemon) -> &mut Self {
        self.line.say(message);
        self
    }

    /// Sends these bytes. It may have gone.
    pub fn send(&mut self, bytes: &[u8]) -> &mut Self {
        self.line.send(bytes);
        self
    }

    /// Says that the gateway has not taken it.
    pub fn fail(&mut self, reason: Undelivered) {
        self.say(&FromDaemon::Undelivered { reason });
    }

    /// Waits until the module has closed the connection; whether it said nothing more before.
    #[must_use]
    pub fn is_left(&mut self) -> bool {
        self.line.hear().is_none()
    }
}
