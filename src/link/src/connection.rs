//! A connection to one of the daemon's sockets. Non-blocking and polled; nothing here waits longer than it is told to.
//!
//! The daemon may be absent, slow, hostile or broken. The worst it can do is to keep the phone from being asked:
//! callers verify whatever it passes on.

use std::fmt;
use std::io::{ErrorKind, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use antiphon_core::wire::{self, FrameError, FromDaemon, ToDaemon, Unread, Unwilling};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, getsockopt, send, socket,
    sockopt::PeerCredentials,
};
use nix::unistd::User;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::descriptor::above_standard;
use crate::interrupt::{Interrupt, rest};

/// The user that the daemon runs as.
pub const DAEMON: &str = "antiphon";
/// Time limit for replies that involve only the daemon: a live one replies at once, or reports after a second that its
/// store does not respond.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(3);
/// The most messages read from one connection: a daemon has only a few to send.
const MOST_MESSAGES: u32 = 16;

/// A connection: one ticket, one sign-in or one question. Closing it withdraws whatever was requested on it.
pub struct Link {
    stream: UnixStream,
    unread: Unread,
    messages: u32,
}

/// The daemon is unavailable, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away(pub String);

/// Why no message was received.
#[derive(Debug, PartialEq, Eq)]
pub enum Unheard {
    /// None arrived in time.
    Late,
    /// The wait was interrupted.
    Stopped,
    /// The daemon is away.
    Away(Away),
}

impl Link {
    /// Connects, and verifies that the peer is the daemon's user: behind a symbolic link there could be any root
    /// service's socket.
    ///
    /// # Errors
    /// [`Away`].
    pub fn open(path: &Path) -> Result<Self, Away> {
        let away = |what: &str, errno: Errno| Away(format!("{what}: {}", errno.desc()));
        // Non-blocking: a daemon with a full accept queue counts as unavailable.
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
        Ok(Self::of(UnixStream::from(handle)))
    }

    fn of(stream: UnixStream) -> Self {
        Self {
            stream,
            unread: Unread::default(),
            messages: 0,
        }
    }

    /// A connection and its other end.
    #[cfg(test)]
    pub(crate) fn pair() -> (Self, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (Self::of(ours), theirs)
    }

    /// Sends the whole of `message` or fails: a daemon that does not read counts as unavailable.
    ///
    /// # Errors
    /// [`Away`].
    pub fn send(&mut self, message: &impl Serialize) -> Result<(), Away> {
        // Wiped, since it may contain a one-time code.
        let frame = Zeroizing::new(wire::encode(message).map_err(not_understood)?);
        // With MSG_NOSIGNAL: the calling program might die of the SIGPIPE from a write to a closed connection.
        match send(self.stream.as_raw_fd(), &frame, MsgFlags::MSG_NOSIGNAL) {
            Ok(sent) if sent == frame.len() => Ok(()),
            Ok(_) => Err(Away("it does not read".to_owned())),
            Err(errno) => Err(Away(format!("write: {}", errno.desc()))),
        }
    }

    /// The next message, if one has arrived completely.
    ///
    /// # Errors
    /// [`Away`].
    pub fn receive<M: DeserializeOwned>(&mut self) -> Result<Option<M>, Away> {
        loop {
            if let Some(message) = self.unread.take().map_err(not_understood)? {
                self.messages += 1;
                if self.messages > MOST_MESSAGES {
                    return Err(Away("it floods".to_owned()));
                }
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

    /// The next message, waiting for it up to `until`.
    ///
    /// # Errors
    /// [`Unheard`].
    pub fn wait<M: DeserializeOwned>(
        &mut self,
        until: Instant,
        interrupt: &dyn Interrupt,
    ) -> Result<M, Unheard> {
        loop {
            if interrupt.came() {
                return Err(Unheard::Stopped);
            }
            // A message that has arrived counts, even at the last moment.
            if let Some(message) = self.receive().map_err(Unheard::Away)? {
                return Ok(message);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Unheard::Late);
            }
            rest(Some(self.as_fd()), left, interrupt).map_err(Unheard::Away)?;
        }
    }

    /// Asks for something that involves only the daemon.
    ///
    /// # Errors
    /// [`Unheard`], but never that it is late: the daemon counts as unavailable then.
    pub(crate) fn ask(
        &mut self,
        question: &ToDaemon,
        interrupt: &dyn Interrupt,
    ) -> Result<FromDaemon, Unheard> {
        self.send(question).map_err(Unheard::Away)?;
        match self.wait(Instant::now() + AT_ONCE, interrupt) {
            Err(Unheard::Late) => Err(Unheard::Away(Away::silent())),
            heard => heard,
        }
    }

    /// Asks for something that the daemon confirms with `done`.
    pub(crate) fn have_done(
        &mut self,
        wanted: &ToDaemon,
        done: &FromDaemon,
        interrupt: &dyn Interrupt,
    ) -> Result<(), Unheard> {
        match self.ask(wanted, interrupt)? {
            heard if heard == *done => Ok(()),
            other => Err(Unheard::Away(Away::odd(&other))),
        }
    }
}

/// Asks the daemon at `socket`.
///
/// # Errors
/// [`Away`], also if interrupted.
pub fn ask(
    socket: &Path,
    question: &ToDaemon,
    interrupt: &dyn Interrupt,
) -> Result<FromDaemon, Away> {
    Ok(Link::open(socket)?.ask(question, interrupt)?)
}

/// Has the daemon at `socket` revoke the tokens of the phones with these passkeys, which are invalid even if this fails.
///
/// # Errors
/// [`Away`].
pub fn forget(
    socket: &Path,
    credentials: Vec<Vec<u8>>,
    interrupt: &dyn Interrupt,
) -> Result<(), Away> {
    let wanted = ToDaemon::Forget { credentials };
    Ok(Link::open(socket)?.have_done(&wanted, &FromDaemon::Forgotten {}, interrupt)?)
}

/// Has the daemon ask for the providers' keys to be fetched: those of one are missing, or too old. How often that is done
/// is up to root's command. If the daemon is away, the timer is what remains.
pub fn ask_for_keys(socket: &Path) {
    if let Ok(mut link) = Link::open(socket) {
        let _ = link.send(&ToDaemon::KeyUnknown {});
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl Away {
    /// It did not reply in time.
    pub(crate) fn silent() -> Self {
        Self("it does not answer".to_owned())
    }

    /// It sent an unexpected message.
    pub(crate) fn odd(message: &FromDaemon) -> Self {
        let FromDaemon::Unwilling { reason } = message else {
            return Self::something_else();
        };
        let why = match reason {
            Unwilling::Busy => "another sign-in of this person is open",
            Unwilling::TooOften => {
                "the person's phones were asked too often in five minutes, by this host or by all of the fleet"
            }
            Unwilling::NoPhone => "it knows no such phone",
            Unwilling::NoProvider => {
                "it does not know the account's provider; look at its log, and run: antiphon check"
            }
            Unwilling::Overloaded => "it has too much to do, or cannot write its store",
            Unwilling::Certificate => "phones refuse the page's certificate; run: antiphon check",
            Unwilling::NotUnderstood => "it did not understand; is it of another version?",
        };
        Self(why.to_owned())
    }

    pub(crate) fn something_else() -> Self {
        Self("it speaks of something else; is it of another version?".to_owned())
    }
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Unheard> for Away {
    fn from(unheard: Unheard) -> Self {
        match unheard {
            Unheard::Late => Self::silent(),
            Unheard::Stopped => Self("the wait was stopped".to_owned()),
            Unheard::Away(away) => away,
        }
    }
}

fn not_understood(error: FrameError) -> Away {
    Away(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::{Duration, Instant};

    use antiphon_core::wire::{FromDaemon, encode};

    use super::{Link, MOST_MESSAGES, Unheard};
    use crate::interrupt::{Interrupt, Never};

    struct Pressed;

    impl Interrupt for Pressed {
        fn came(&self) -> bool {
            true
        }
    }

    #[test]
    fn what_has_come_is_heard_at_the_last_moment_and_silence_is_late() {
        let (mut link, mut daemon) = Link::pair();
        daemon
            .write_all(&encode(&FromDaemon::Kept {}).unwrap())
            .unwrap();
        let now = Instant::now();
        assert_eq!(link.wait(now, &Never), Ok(FromDaemon::Kept {}));
        assert_eq!(link.wait::<FromDaemon>(now, &Never), Err(Unheard::Late));
    }

    #[test]
    fn an_interrupt_ends_the_wait() {
        let (mut link, _daemon) = Link::pair();
        let later = Instant::now() + Duration::from_secs(3600);
        let heard = link.wait::<FromDaemon>(later, &Pressed);
        assert_eq!(heard, Err(Unheard::Stopped));
    }

    #[test]
    fn a_daemon_that_floods_babbles_or_goes_is_away() {
        let flood = encode(&FromDaemon::Kept {}).unwrap();
        let flood = flood.repeat(MOST_MESSAGES as usize + 1);
        let garbage = b"\xff\xff\xff\xff".to_vec();
        for (bytes, why) in [
            (flood, "floods"),
            (garbage, "longer than"),
            (Vec::new(), "closed"),
        ] {
            let (mut link, mut daemon) = Link::pair();
            daemon.write_all(&bytes).unwrap();
            drop(daemon);
            let away = loop {
                match link.receive::<FromDaemon>() {
                    Ok(_) => {}
                    Err(away) => break away,
                }
            };
            assert!(away.0.contains(why), "{away}");
        }
    }

    #[test]
    fn who_sends_to_a_daemon_that_has_gone_is_told_so() {
        let (mut link, daemon) = Link::pair();
        drop(daemon);
        let away = link.send(&FromDaemon::Kept {}).unwrap_err();
        assert!(away.0.starts_with("write: "), "{away}");
    }
}
