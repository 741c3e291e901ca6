//! The command's end of the daemon's socket. It waits, where the module's end is polled. What both need of a frame is
//! [`wire::Unread`]; connecting stands in both, since core has no sockets and the module takes on no crate for it.
//!
//! The daemon is believed nothing: what it hands on is checked by who asked.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

use antiphon_core::wire::{self, FromDaemon, Unread};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, UnixAddr, connect, getsockopt, socket, sockopt,
};
use nix::unistd::User;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::interrupt::Interrupts;

/// The user that the daemon runs as.
pub(crate) const DAEMON: &str = "antiphon";
/// The most messages that are read on one connection: a daemon has nothing to say beyond a few.
const MOST_MESSAGES: u32 = 16;

/// A connection: one ticket or one approval. What was asked for by it goes when it does.
pub(crate) struct Link {
    stream: UnixStream,
    unread: Unread,
    messages: u32,
}

/// No message, and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// None in time.
    Late,
    /// Somebody pressed Ctrl-C.
    Stopped,
    /// The daemon is not to be had (any more).
    Gone(String),
}

impl Link {
    /// Connects, and makes sure that it is the daemon's user who answers: a socket put there by a link could be any
    /// root service's.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let failed = |errno: Errno| errno.desc().to_owned();
        // Without waiting: a daemon whose queue is full is away.
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let handle = socket(AddressFamily::Unix, SockType::Stream, flags, None).map_err(failed)?;
        let address = UnixAddr::new(path).map_err(failed)?;
        connect(handle.as_raw_fd(), &address).map_err(failed)?;
        let peer = getsockopt(&handle, sockopt::PeerCredentials).map_err(failed)?;
        match User::from_name(DAEMON) {
            Ok(Some(daemon)) if daemon.uid.as_raw() == peer.uid() => {}
            Ok(Some(_)) => {
                return Err(format!(
                    "user id {} answers there, not {DAEMON}",
                    peer.uid()
                ));
            }
            _ => return Err(format!("there is no user {DAEMON}")),
        }
        Ok(Self::of(UnixStream::from(handle)))
    }

    fn of(stream: UnixStream) -> Self {
        Self {
            stream,
            unread: Unread::default(),
            messages: 0,
        }
    }

    /// One whose other end is in hand.
    #[cfg(test)]
    pub(crate) fn pair() -> (Self, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (Self::of(ours), theirs)
    }

    /// Sends `message` whole or gives up: a daemon that does not read is away.
    pub(crate) fn send(&mut self, message: &impl Serialize) -> Result<(), Silence> {
        let frame = wire::encode(message).map_err(|error| Silence::Gone(error.to_string()))?;
        self.stream
            .write_all(&frame)
            .map_err(|error| Silence::Gone(error.to_string()))
    }

    /// Waits for the next message.
    pub(crate) fn wait(
        &mut self,
        until: Instant,
        interrupts: &Interrupts,
    ) -> Result<FromDaemon, Silence> {
        self.wait_for(until, interrupts)
    }

    /// The same, where another kind of messages is spoken.
    pub(crate) fn wait_for<M: DeserializeOwned>(
        &mut self,
        until: Instant,
        interrupts: &Interrupts,
    ) -> Result<M, Silence> {
        loop {
            if interrupts.came() {
                return Err(Silence::Stopped);
            }
            // What has come counts, also at the last moment.
            if let Some(message) = self.look()? {
                return Ok(message);
            }
            if Instant::now() >= until {
                return Err(Silence::Late);
            }
            rest(Some(self), until, interrupts)?;
        }
    }

    fn look<M: DeserializeOwned>(&mut self) -> Result<Option<M>, Silence> {
        loop {
            let gone = |error: wire::FrameError| Silence::Gone(error.to_string());
            if let Some(message) = self.unread.take().map_err(gone)? {
                self.messages += 1;
                if self.messages > MOST_MESSAGES {
                    return Err(Silence::Gone("it floods".to_owned()));
                }
                return Ok(Some(message));
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(Silence::Gone("it closed the connection".to_owned())),
                Ok(length) => {
                    let read = bytes.get(..length).unwrap_or_default();
                    self.unread.put(read).map_err(gone)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(Silence::Gone(error.to_string())),
            }
        }
    }
}

/// Waits until `until`, and no longer than until something comes on `link` or somebody presses Ctrl-C.
pub(crate) fn rest(
    link: Option<&Link>,
    until: Instant,
    interrupts: &Interrupts,
) -> Result<(), Silence> {
    let left = until.saturating_duration_since(Instant::now());
    let mut watched = vec![PollFd::new(interrupts.as_fd(), PollFlags::POLLIN)];
    watched.extend(link.map(|link| PollFd::new(link.stream.as_fd(), PollFlags::POLLIN)));
    // A poll of 0 ms at the end of the time would spin.
    let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
    match poll(&mut watched, timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(Silence::Gone(errno.desc().to_owned())),
    }
}
