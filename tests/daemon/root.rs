//! A connection as the module and root's command make it.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{
    FromDaemon, Hints, Silence, Ticket, ToDaemon, Unread, Unwilling, encode,
};

use antiphon_tests::{PATIENCE, SOCKET};

/// Root's side of the socket, or a host's of its connection to a relay.
pub(crate) struct Root<S = UnixStream> {
    stream: S,
    unread: Unread,
}

impl Root {
    pub(crate) fn connect() -> Self {
        Self::connect_to(SOCKET)
    }

    /// The same to the daemon at another socket.
    pub(crate) fn connect_to(socket: &str) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self::over(stream)
    }

    pub(crate) fn say(message: &ToDaemon) -> Self {
        let mut root = Self::connect();
        root.send(message);
        root
    }

    /// Asks these phones of `user`.
    pub(crate) fn approve(request: &ApprovalRequest, credentials: &[&[u8]]) -> Self {
        Self::say(&approve(request, credentials))
    }

    /// Asks, and so many phones must be reached.
    pub(crate) fn ask(request: &ApprovalRequest, credentials: &[&[u8]], phones: u32) -> Self {
        let mut root = Self::approve(request, credentials);
        assert_eq!(root.hear(), Some(FromDaemon::Waiting { phones }));
        root
    }

    /// Tells of a pause of `alice` on `web1`; what has taken it back.
    pub(crate) fn tell(pause: Silence) -> FromDaemon {
        let mut root = Self::say(&ToDaemon::Paused {
            user: "alice".into(),
            host: "web1".into(),
            pause,
        });
        root.hear().expect("an answer")
    }

    /// Has the daemon forget these phones; what it says to that.
    pub(crate) fn forget(credentials: &[&[u8]]) -> Option<FromDaemon> {
        Self::say(&forget(credentials)).hear()
    }

    /// Opens a ticket for a phone of `user` on `web1`.
    pub(crate) fn ticket(name: [u8; 16], user: &str, known: &[&[u8]]) -> Self {
        let mut root = Self::say(&ticket(name, user, known));
        assert_eq!(root.hear(), Some(FromDaemon::TicketOpen {}));
        root
    }
}

impl<S: Read + Write> Root<S> {
    /// On a connection that is there.
    pub(crate) fn over(stream: S) -> Self {
        Self {
            stream,
            unread: Unread::default(),
        }
    }

    pub(crate) fn send(&mut self, message: &ToDaemon) {
        self.write(&encode(message).unwrap());
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// The next message; `None` if the daemon has closed.
    pub(crate) fn hear(&mut self) -> Option<FromDaemon> {
        loop {
            if let Some(message) = self.unread.take().unwrap() {
                return Some(message);
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => return None,
                Ok(length) => self.unread.put(&bytes[..length]).unwrap(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("no answer"),
                Err(_) => return None,
            }
        }
    }

    /// Says how the sign-in ended.
    pub(crate) fn outcome(&mut self, outcome: &str) {
        self.send(&ToDaemon::Outcome {
            pause: None,
            outcome: outcome.into(),
        });
    }
}

pub(crate) fn approve(request: &ApprovalRequest, credentials: &[&[u8]]) -> ToDaemon {
    ToDaemon::Approve {
        request: request.clone(),
        credentials: credentials.iter().map(|bytes| bytes.to_vec()).collect(),
        digits: 2,
        hints: Hints::default(),
    }
}

pub(crate) fn forget(credentials: &[&[u8]]) -> ToDaemon {
    let credentials = credentials.iter().map(|bytes| bytes.to_vec()).collect();
    ToDaemon::Forget { credentials }
}

/// That the daemon does not do what it was asked to.
pub(crate) fn unwilling(reason: Unwilling) -> FromDaemon {
    FromDaemon::Unwilling { reason }
}

pub(crate) fn ticket(name: [u8; 16], user: &str, known: &[&[u8]]) -> ToDaemon {
    ToDaemon::Ticket(Ticket {
        ticket: name.to_vec(),
        user: user.into(),
        host: "web1".into(),
        credentials: known.iter().map(|bytes| bytes.to_vec()).collect(),
    })
}

/// A sign-in of `user` that waits for so many seconds.
pub(crate) fn request(user: &str, lasts: u64) -> ApprovalRequest {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let issued = UnixTime(now.as_secs());
    ApprovalRequest {
        nonce: [7; 32],
        user: user.into(),
        host: "web1".into(),
        service: "sshd".into(),
        caller: String::new(),
        remote_host: "203.0.113.5".into(),
        terminal: "ssh".into(),
        issued,
        expires: issued.plus(lasts),
    }
}
