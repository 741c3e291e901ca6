//! Holds back Ctrl-C and similar signals during waits, so that the command can report that nothing was written, and
//! writes are not interrupted.

use std::os::fd::{AsFd, BorrowedFd};

use antiphon_link::Interrupt;
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
