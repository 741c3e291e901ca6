//! What ends a wait before its time: a Ctrl-C that the program holds back, or that is blocked by who called us.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::connection::Away;

/// How often one without a handle is looked for.
const TICK: Duration = Duration::from_millis(100);

/// Ends a wait.
pub trait Interrupt {
    /// Whether it has come.
    fn came(&self) -> bool;

    /// What can be read from when it comes; without that it is looked for from time to time.
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

/// Waits until there is something on `handle`, `interrupt` may have come, or so much time is over: to be looked at again in
/// any case.
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
    // A poll of 0 ms for a time that is too long to say would spin.
    let timeout = PollTimeout::try_from(longest).unwrap_or(PollTimeout::MAX);
    match poll(&mut watched, timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(Away(format!("poll: {}", errno.desc()))),
    }
}
