//! The module's end of the daemon's socket. It is polled, and nothing here waits for longer than it is told to.
//!
//! The daemon may be away, slow, hostile or mad. It can keep the phone from being asked, and no more.

use std::io::{ErrorKind, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use antiphon_core::wire::{self, FrameError, FromDaemon, ToDaemon, Unread};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, getsockopt, send, socket,
    sockopt::PeerCredentials,
};
use nix::unistd::User;
use zeroize::Zeroizing;

use crate::descriptor::above_standard;

/// The user that the daemon runs as.
const DAEMON: &str = "antiphon";

/// How long what the daemon does by itself may take.
const AT_ONCE: Duration = Duration::from_secs(3);

/// The daemon is not to be had, and why, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away(pub String);

/// A connection: one sign-in.
pub struct DaemonLink {
    stream: UnixStream,
    unread: Unread,
}

impl DaemonLink {
    /// Connects, and makes sure that it is the daemon's user who answers: a socket put there by a link could be any
    /// root service's.
    pub fn open(path: &Path) -> Result<Self, Away> {
        let away = |what: &str, errno: Errno| Away(format!("{what}: {}", errno.desc()));
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let handle = socket(AddressFamily::Unix, SockType::Stream, flags, None)
            .map_err(|errno| away("socket", errno))?;
        let handle =
            above_standard(handle).map_err(|error| Away(format!("descriptor: {error}")))?;
        let address = UnixAddr::new(path).map_err(|errno| away("address", errno))?;
        connect(handle.as_raw_fd(), &address).map_err(|errno| away("connect", errno))?;
        let peer = getsockopt(&handle, PeerCredentials).map_err(|errno| away("peer", errno))?;
        match User::from_name(DAEMON) {
            Ok(Some(daemon)) if daemon.uid.as_raw() == peer.uid() => {}
            Ok(Some(_)) => {
                return Err(Away(format!(
                    "user id {} answers on its socket",
                    peer.uid()
                )));
            }
            _ => return Err(Away(format!("there is no user {DAEMON}"))),
        }
        Ok(Self {
            stream: UnixStream::from(handle),
            unread: Unread::default(),
        })
    }

    /// Sends `message` whole or gives up: a daemon that does not read is away.
    pub fn send(&mut self, message: &ToDaemon) -> Result<(), Away> {
        // Wiped: it may be a one-time code.
        let frame = Zeroizing::new(wire::encode(message).map_err(|error| Away(error.to_string()))?);
        // By send(2): the program around us may die of the SIGPIPE that a write to a daemon that has gone brings.
        match send(self.stream.as_raw_fd(), &frame, MsgFlags::MSG_NOSIGNAL) {
            Ok(sent) if sent == frame.len() => Ok(()),
            Ok(_) => Err(Away("it does not read".to_owned())),
            Err(errno) => Err(Away(format!("write: {}", errno.desc()))),
        }
    }

    /// The next message, if one has come whole.
    pub fn receive(&mut self) -> Result<Option<FromDaemon>, Away> {
        loop {
            if let Some(message) = self.unread.take().map_err(not_understood)? {
                return Ok(Some(message));
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(Away("it closed the connection".to_owned())),
                Ok(length) => self
                    .unread
                    .put(bytes.get(..length).unwrap_or_default())
                    .map_err(not_understood)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(Away(format!("read: {error}"))),
            }
        }
    }
}

impl DaemonLink {
    /// The next message, at most so long from now; `None` if none has come whole.
    pub fn wait_for(&mut self, patience: Duration) -> Result<Option<FromDaemon>, Away> {
        let until = Instant::now() + patience;
        loop {
            if let Some(message) = self.receive()? {
                return Ok(Some(message));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.rest(left)?;
        }
    }

    /// Waits until something has come, a signal has, or so much time is over: to be looked at again in any case.
    pub fn rest(&self, longest: Duration) -> Result<(), Away> {
        let timeout = PollTimeout::try_from(longest).unwrap_or(PollTimeout::ZERO);
        let mut watched = [PollFd::new(self.stream.as_fd(), PollFlags::POLLIN)];
        match poll(&mut watched, timeout) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(Away(format!("poll: {}", errno.desc()))),
        }
    }

    /// The next message, of those that the daemon has at once.
    pub fn wait(&mut self) -> Result<FromDaemon, Away> {
        let message = self.wait_for(AT_ONCE)?;
        message.ok_or_else(|| Away("it says nothing".to_owned()))
    }
}

impl AsFd for DaemonLink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

fn not_understood(error: FrameError) -> Away {
    Away(error.to_string())
}
