//! The caller's limit on the size of files, which su hands on from whoever starts it (`ulimit -f`).
//!
//! A write beyond it kills the process, and one that it cuts in two tears what was there: so we look first.

use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit};

/// Whether a file may be written up to the byte before `end`.
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
