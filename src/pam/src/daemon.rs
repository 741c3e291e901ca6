//! The module's end of the daemon's socket. Nothing here waits: it is polled, and what is not there at once is not there.
//!
//! The daemon may be away, slow, hostile or mad. It can keep the phone from being asked, and no more.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use antiphon_core::wire::{self, FromDaemon, PREFIX, ToDaemon};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, UnixAddr, connect, getsockopt, socket,
    sockopt::PeerCredentials,
};
use nix::unistd::User;

/// The user that the daemon runs as.
const DAEMON: &str = "antiphon";
/// The most bytes kept unread: one frame and the beginning of the next.
const MOST_UNREAD: usize = 2 * (wire::MAX_FRAME + PREFIX);

/// The daemon is not to be had, and why, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Away(pub(crate) String);

/// A connection: one sign-in.
pub(crate) struct DaemonLink {
    stream: UnixStream,
    unread: Vec<u8>,
}

impl DaemonLink {
    /// Connects, and makes sure that it is the daemon's user who answers: a socket put there by a link could be any
    /// root service's.
    pub(crate) fn open(path: &Path) -> Result<Self, Away> {
        let away = |what: &str, errno: nix::errno::Errno| Away(format!("{what}: {}", errno.desc()));
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let handle = socket(AddressFamily::Unix, SockType::Stream, flags, None)
            .map_err(|errno| away("socket", errno))?;
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
            unread: Vec::new(),
        })
    }

    /// Sends `message` whole or gives up: a daemon that does not read is away.
    pub(crate) fn send(&mut self, message: &ToDaemon) -> Result<(), Away> {
        let frame = wire::encode(message).map_err(|error| Away(error.to_string()))?;
        self.stream
            .write_all(&frame)
            .map_err(|error| Away(format!("write: {error}")))
    }

    /// The next message, if one has come whole.
    pub(crate) fn receive(&mut self) -> Result<Option<FromDaemon>, Away> {
        loop {
            if let Some(message) = self.next_unread()? {
                return Ok(Some(message));
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(Away("it closed the connection".to_owned())),
                Ok(length) => self
                    .unread
                    .extend_from_slice(bytes.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(Away(format!("read: {error}"))),
            }
            if self.unread.len() > MOST_UNREAD {
                return Err(Away("it floods".to_owned()));
            }
        }
    }

    fn next_unread(&mut self) -> Result<Option<FromDaemon>, Away> {
        let Some((prefix, rest)) = self.unread.split_first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let not_understood = |error: wire::FrameError| Away(error.to_string());
        let length = wire::length_of(*prefix).map_err(not_understood)?;
        let Some(json) = rest.get(..length) else {
            return Ok(None);
        };
        let message = wire::decode(json).map_err(not_understood)?;
        self.unread.drain(..PREFIX + length);
        Ok(Some(message))
    }
}

impl AsFd for DaemonLink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
