//! The daemon's socket, with a test behind it that says what it likes.

use std::fs::{self, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use antiphon_core::approval::{ApprovalRequest, Assertion};
use antiphon_core::fleet::SignedDocument;
use antiphon_core::wire::{
    FromDaemon, FromFleet, Hints, Silence, ToDaemon, ToFleet, Unread, Unwilling, encode,
};
use nix::unistd::{Uid, seteuid};

use crate::PATIENCE;
use crate::people::DAEMON;

/// Where the module looks for the daemon.
pub const SOCKET: &str = "/run/antiphon/antiphond.sock";

/// Listens on the daemon's socket, as the daemon's user.
pub struct LyingDaemon {
    listener: UnixListener,
}

/// A sign-in that has asked. Dropped, the connection closes.
pub struct Call {
    /// What the phone would be shown.
    pub request: ApprovalRequest,
    /// The passkeys that count.
    pub credentials: Vec<Vec<u8>>,
    /// Digits of the number.
    pub digits: u8,
    /// What helps the person besides.
    pub hints: Hints,
    /// Every byte that the module has sent.
    pub heard: Vec<u8>,
    line: Line,
}

/// A sign-in that asks for the person's record in the fleet. Dropped, the connection closes.
pub struct Enquiry {
    /// Whose.
    pub user: String,
    /// The serial of the keys that the host knows.
    pub keys: u32,
    line: Line,
}

/// A connection that root's side has made. Dropped, it closes.
pub(crate) struct Line {
    stream: UnixStream,
    unread: Unread,
    /// What has come since it was last taken from here.
    heard: Vec<u8>,
}

impl LyingDaemon {
    /// Listens.
    #[must_use]
    pub fn start() -> Self {
        Self::start_as(DAEMON)
    }

    /// Listens as another user than the daemon's.
    #[must_use]
    pub fn start_as(uid: u32) -> Self {
        make_folder(uid);
        let _ = fs::remove_file(SOCKET);
        // Whoever connects is told who has called listen(2), in this process for the moment.
        seteuid(Uid::from_raw(uid)).unwrap();
        let listener = UnixListener::bind(SOCKET);
        seteuid(Uid::from_raw(0)).unwrap();
        let listener = listener.unwrap();
        listener.set_nonblocking(true).unwrap();
        Self { listener }
    }

    /// The next sign-in that asks, before anything is said to it.
    #[must_use]
    pub fn call(&self) -> Call {
        let (message, mut line) = self.first_message();
        let ToDaemon::Approve {
            request,
            credentials,
            digits,
            hints,
        } = message
        else {
            panic!("not a sign-in: {message:?}")
        };
        Call {
            request,
            credentials,
            digits,
            hints,
            heard: std::mem::take(&mut line.heard),
            line,
        }
    }

    /// The next sign-in, which is told that its phone is asked.
    #[must_use]
    pub fn asked(&self) -> Call {
        let mut call = self.call();
        call.say(&FromDaemon::Waiting { phones: 1 });
        call
    }

    /// The next sign-in, of a phone that is not asked since "It is not me" was said: what it has been told of that is
    /// `answer`. The pause.
    #[must_use]
    pub fn paused(&self, answer: &FromDaemon) -> Silence {
        let (message, mut line) = self.first_message();
        let ToDaemon::Paused { pause, .. } = message else {
            panic!("not a pause: {message:?}");
        };
        line.say(answer);
        pause
    }

    /// The next sign-in, which asks for a record of the fleet.
    #[must_use]
    pub fn enquiry(&self) -> Enquiry {
        let (message, line) = self.first_message();
        let ToDaemon::Fleet(ToFleet::Record { user, keys }) = message else {
            panic!("not about a record: {message:?}")
        };
        Enquiry { user, keys, line }
    }

    /// What is said first on the next connection.
    pub(crate) fn first_message(&self) -> (ToDaemon, Line) {
        let mut line = Line {
            stream: self.connection(),
            unread: Unread::default(),
            heard: Vec::new(),
        };
        let message = line.hear().expect("a message");
        (message, line)
    }

    /// The next connection, unread.
    #[must_use]
    pub fn connection(&self) -> UnixStream {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false).unwrap();
                    stream.set_read_timeout(Some(PATIENCE)).unwrap();
                    return stream;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("{error}"),
            }
            assert!(Instant::now() < deadline, "no sign-in asked the daemon");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether somebody has connected whom nobody has heard yet.
    #[must_use]
    pub fn was_called(&self) -> bool {
        self.listener.accept().is_ok()
    }
}

impl Drop for LyingDaemon {
    fn drop(&mut self) {
        let _ = fs::remove_file(SOCKET);
    }
}

impl Call {
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

    /// Sends a phone's answer.
    pub fn answer(&mut self, assertion: Assertion) -> &mut Self {
        self.say(&FromDaemon::Answer(assertion))
    }

    /// Says no more, and hears no more.
    pub fn hang_up(&mut self) {
        self.line.hang_up();
    }

    /// Says that it does not ask.
    pub fn refuse(&mut self, reason: Unwilling) {
        self.say(&FromDaemon::Unwilling { reason });
    }

    /// What the phone is told at the end; nothing if the sign-in has gone without a word.
    #[must_use]
    pub fn outcome(&mut self) -> Option<String> {
        match self.hear() {
            Some(ToDaemon::Outcome { outcome, .. }) => {
                assert_eq!(self.hear(), None, "something after the outcome");
                Some(outcome)
            }
            None => None,
            other => panic!("{other:?}"),
        }
    }

    fn hear(&mut self) -> Option<ToDaemon> {
        let message = self.line.hear();
        self.heard.append(&mut self.line.heard);
        message
    }
}

impl Enquiry {
    /// Answers as a relay does, and closes.
    pub fn answer(self, record: Option<&SignedDocument>, keys: Option<&SignedDocument>) {
        let (record, keys) = (record.cloned(), keys.cloned());
        self.say(&FromDaemon::Fleet(FromFleet::Record { record, keys }));
    }

    /// Says anything else, and closes.
    pub fn say(mut self, message: &FromDaemon) {
        self.line.say(message);
        let _ = self.line.hear();
    }
}

impl Line {
    /// Sends a message.
    pub(crate) fn say(&mut self, message: &FromDaemon) {
        self.send(&encode(message).unwrap());
    }

    /// Sends these bytes. The other side may have gone.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Says no more, and hears no more.
    pub(crate) fn hang_up(&mut self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }

    /// The next message, or `None` when the other side has gone. Panics if neither comes.
    pub(crate) fn hear(&mut self) -> Option<ToDaemon> {
        loop {
            if let Some(message) = self.unread.take().unwrap() {
                return Some(message);
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => return None,
                Ok(length) => {
                    self.heard.extend_from_slice(&bytes[..length]);
                    self.unread.put(&bytes[..length]).unwrap();
                }
                // What we sent was not read before it went.
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("the sign-in neither speaks nor goes: {error}"),
            }
        }
    }
}

/// The folder of the socket, owned by who listens there.
pub(crate) fn make_folder(uid: u32) {
    fs::create_dir_all("/run/antiphon").unwrap();
    fs::set_permissions("/run/antiphon", Permissions::from_mode(0o755)).unwrap();
    chown("/run/antiphon", Some(uid), Some(uid)).unwrap();
}
