//! Ctrl-C and its kin, held back while something is waited for: then it can be said that nothing was written, and
//! nothing is cut in half while something is.

use std::os::fd::{AsFd, BorrowedFd};

use antiphon_link::Interrupt;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::failure::{Failure, Kind};

/// What ends a command from outside, and can be asked not to at once.
const HELD: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// Holds the signals back as long as it lives.
pub(crate) struct Interrupts {
    held: SigSet,
    handle: SignalFd,
}

impl Interrupts {
    /// Holds them back from now on.
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
    /// One that has come is used up.
    fn came(&self) -> bool {
        matches!(self.handle.read_signal(), Ok(Some(_)))
    }

    fn handle(&self) -> Option<BorrowedFd<'_>> {
        Some(self.handle.as_fd())
    }
}

/// One that came too late to stop anything does not hide what was done.
impl Drop for Interrupts {
    fn drop(&mut self) {
        while self.came() {}
        let _ = self.held.thread_unblock();
    }
}
