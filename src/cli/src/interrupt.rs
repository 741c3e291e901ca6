//! Holds back Ctrl-C and similar signals during waits, so that the command can report that nothing was written, and
//! writes are not interrupted.

use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};

use antiphon_link::Interrupt;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::failure::{Failure, Kind};

/// The signals that end a command from outside and can be held back.
const HELD: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// Holds the signals back until dropped.
pub(crate) struct Interrupts {
    held: SigSet,
    handle: SignalFd,
}

impl Interrupts {
    /// Starts holding them back.
    pub(crate) fn hold() -> Result<Self, Failure> {
        let held: SigSet = HELD.into_iter().collect();
        let handle = held
            .thread_block()
            .and_then(|()| {
                SignalFd::with_flags(&held, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
            })
            .map_err(|errno| {
                Failure::new(Kind::Unavailable, format!("signals: {}", errno.desc()))
            })?;
        Ok(Self { held, handle })
    }

    /// Waits for somebody to type a line. Whether a signal came instead. What a program writes is not waited for.
    pub(crate) fn came_before_a_line(&self) -> bool {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return false;
        }
        let readable = |handle| PollFd::new(handle, PollFlags::POLLIN);
        loop {
            let mut handles = [readable(stdin.as_fd()), readable(self.handle.as_fd())];
            if !matches!(poll(&mut handles, PollTimeout::NONE), Err(Errno::EINTR)) {
                return self.came();
            }
        }
    }
}

impl Interrupt for Interrupts {
    /// Consumes the signal.
    fn came(&self) -> bool {
        matches!(self.handle.read_signal(), Ok(Some(_)))
    }

    fn handle(&self) -> Option<BorrowedFd<'_>> {
        Some(self.handle.as_fd())
    }
}

/// Discards signals that came too late to stop anything, so that the result is still reported.
impl Drop for Interrupts {
    fn drop(&mut self) {
        while self.came() {}
        let _ = self.held.thread_unblock();
    }
}
