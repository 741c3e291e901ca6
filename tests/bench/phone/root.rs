//! Root's side of the daemon's socket, as the module and the command speak there.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromDaemon, Hints, ToDaemon, Unread, encode};
use antiphon_tests::{HOST, SOCKET};
use ring::rand::{SecureRandom, SystemRandom};

/// Nobody hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Seconds that a request waits: more than all of this takes.
const LIFETIME: u64 = 600;

/// A connection.
pub(super) struct Root {
    stream: UnixStream,
    unread: Unread,
}

impl Root {
    pub(super) fn say(message: &ToDaemon) -> Self {
        let stream = UnixStream::connect(SOCKET).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut root = Self {
            stream,
            unread: Unread::default(),
        };
        root.send(message);
        root
    }

    pub(super) fn send(&mut self, message: &ToDaemon) {
        self.stream.write_all(&encode(message).unwrap()).unwrap();
    }

    /// The next message.
    pub(super) fn hear(&mut self) -> FromDaemon {
        loop {
            if let Some(message) = self.unread.take().unwrap() {
                return message;
            }
            let mut bytes = [0; 4096];
            let length = self.stream.read(&mut bytes).unwrap();
            assert_ne!(length, 0, "the daemon has closed");
            self.unread.put(&bytes[..length]).unwrap();
        }
    }

    /// Says how the sign-in ended.
    pub(super) fn conclude(mut self, outcome: &str) {
        self.send(&ToDaemon::Outcome {
            pause: None,
            outcome: outcome.to_owned(),
        });
    }

    /// A sign-in of `user` that waits for the phone with this passkey.
    pub(super) fn ask(user: &str, credential: &[u8]) -> (Self, ApprovalRequest) {
        let issued = now();
        let mut nonce = [0; 32];
        SystemRandom::new().fill(&mut nonce).unwrap();
        let request = ApprovalRequest {
            nonce,
            user: user.to_owned(),
            host: HOST.to_owned(),
            service: "sshd".to_owned(),
            caller: String::new(),
            remote_host: "203.0.113.5".to_owned(),
            terminal: "ssh".to_owned(),
            issued,
            expires: issued.plus(LIFETIME),
        };
        let mut root = Self::say(&ToDaemon::Approve {
            request: request.clone(),
            credentials: vec![credential.to_vec()],
            digits: 2,
            hints: Hints::default(),
        });
        let heard = root.hear();
        assert!(matches!(heard, FromDaemon::Waiting { .. }), "{heard:?}");
        (root, request)
    }
}

fn now() -> UnixTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixTime(now.as_secs())
}
