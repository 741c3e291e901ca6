//! The caller's file size limit (`ulimit -f`), which su inherits from whoever starts it.
//!
//! A write beyond it kills the process, and a write cut in two corrupts the file, so we check first.

use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit};

/// Whether a file may grow to `end` bytes.
pub(super) fn allows(end: u64) -> Result<(), Errno> {
    let (limit, _) = getrlimit(Resource::RLIMIT_FSIZE)?;
    if end > limit {
        Err(Errno::EFBIG)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
