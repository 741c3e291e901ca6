//! A one-time code that the module has handed to the daemon, and what the daemon says to that.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use antiphon_core::wire::{Deliver, FromDaemon, ToDaemon, Undelivered, Unread, encode};

use crate::lying_daemon::LyingDaemon;

/// A code on its way. Dropped, the connection closes.
pub struct Sending {
    /// What is to be sent.
    pub message: Deliver,
    stream: UnixStream,
    unread: Unread,
}

impl LyingDaemon {
    /// The next code that is to be sent, before anything is said to it.
    #[must_use]
    pub fn sending(&self) -> Sending {
        let mut stream = self.connection();
        let mut unread = Unread::default();
        match hear(&mut stream, &mut unread) {
            Some(ToDaemon::Deliver(message)) => Sending {
                message,
                stream,
                unread,
            },
            other => panic!("no code to be sent: {other:?}"),
        }
    }

    /// The next code, which the gateway takes.
    #[must_use]
    pub fn sent(&self) -> Deliver {
        let mut sending = self.sending();
        sending.say(&FromDaemon::Delivered {});
        assert!(sending.is_left(), "more than one message");
        sending.message
    }
}

impl Sending {
    /// Sends a message.
    pub fn say(&mut self, message: &FromDaemon) -> &mut Self {
        self.send(&encode(message).unwrap())
    }

    /// Sends these bytes. It may have gone.
    pub fn send(&mut self, bytes: &[u8]) -> &mut Self {
        let _ = self.stream.write_all(bytes);
        self
    }

    /// Says that the gateway has not taken it.
    pub fn fail(&mut self, reason: Undelivered) {
        self.say(&FromDaemon::Undelivered { reason });
    }

    /// Waits until the module has closed the connection; whether it said nothing more before.
    #[must_use]
    pub fn is_left(&mut self) -> bool {
        hear(&mut self.stream, &mut self.unread).is_none()
    }
}

pub(crate) fn hear(stream: &mut UnixStream, unread: &mut Unread) -> Option<ToDaemon> {
    loop {
        if let Some(message) = unread.take().unwrap() {
            return Some(message);
        }
        let mut bytes = [0; 4096];
        match stream.read(&mut bytes) {
            Ok(0) => return None,
            Ok(length) => unread.put(&bytes[..length]).unwrap(),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
            Err(error) => panic!("the sign-in neither speaks nor goes: {error}"),
        }
    }
}
