//! What ends a wait early: a Ctrl-C that the program holds back, or that its caller has blocked.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::connection::Away;

/// How often an interrupt without a handle is checked.
const TICK: Duration = Duration::from_millis(100);

/// Ends a wait early.
pub trait Interrupt {
    /// Whether to end the wait.
    fn came(&self) -> bool;

    /// Becomes readable when the wait should end; without one, [`Self::came`] is polled.
    fn handle(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}

/// Nothing ends the wait.
pub struct Never;

impl Interrupt for Never {
    fn came(&self) -> bool {
        false
    }
}

/// Waits until `handle` is readable, `interrupt` may have come, or the time is over; the caller checks again in any
/// case.
pub(crate) fn rest(
    handle: Option<BorrowedFd<'_>>,
    longest: Duration,
    interrupt: &dyn Interrupt,
) -> Result<(), Away> {
    let wakes = interrupt.handle();
    let longest = if wakes.is_some() {
        longest
    } else {
        longest.min(TICK)
    };
    let mut watched = Vec::with_capacity(2);
    for handle in [handle, wakes].into_iter().flatten() {
        watched.push(PollFd::new(handle, PollFlags::POLLIN));
    }
    // Clamped: falling back to a timeout of 0 ms would make the caller spin.
    let timeout = PollTimeout::try_from(longest).unwrap_or(PollTimeout::MAX);
    match poll(&mut watched, timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(Away(format!("poll: {}", errno.desc()))),
    }
}
