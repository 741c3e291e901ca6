//! Our file descriptors in somebody else's process.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

/// Moves a descriptor above standard input, output and error: a program started with one of those closed would
/// otherwise read answers from it, or write its prompt, with the number, to it.
///
/// # Errors
/// The kernel's error, for instance too many open files.
pub fn above_standard(descriptor: OwnedFd) -> io::Result<OwnedFd> {
    if descriptor.as_raw_fd() > 2 {
        return Ok(descriptor);
    }
    // The standard library duplicates to a descriptor of at least 3 (F_DUPFD_CLOEXEC).
    descriptor.try_clone()
}
