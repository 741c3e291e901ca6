//! Descriptors of ours in a process that is not.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

/// The same thing under a descriptor above standard input, output and error: a program that was started with one of these
/// closed would read answers from it, or write its prompt, with the number, to it.
///
/// # Errors
/// Whatever the kernel says, as that there are too many.
pub fn above_standard(descriptor: OwnedFd) -> io::Result<OwnedFd> {
    if descriptor.as_raw_fd() > 2 {
        return Ok(descriptor);
    }
    // The standard library asks for a descriptor of at least 3 (F_DUPFD_CLOEXEC).
    descriptor.try_clone()
}
