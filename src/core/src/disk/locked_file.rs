//! A person's file, opened, locked and read: in this order, and only if it is still the file of that name by then.

use std::fs::File;
use std::os::unix::fs::FileExt;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use super::contest::{Contest, ONE_PERSON, Patience};
use super::distrust::Distrust;
use super::folder::{Folder, Kind, errno_of};

/// A file under its lock.
pub(super) struct LockedFile {
    pub(super) file: Flock<File>,
    /// How much of it was read.
    pub(super) length: usize,
}

/// Why it cannot be had.
pub(super) enum LockFault {
    /// It cannot be trusted, or the system said no.
    Distrusted(Distrust),
    /// It was held as long as patience lasted.
    Busy,
}

/// How it is opened, and locked.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    pub(super) flags: OFlag,
    pub(super) lock: FlockArg,
}

/// Reads the file `name` from its beginning into `bytes`, as far as they reach; `None` if there is none.
pub(super) fn lock_and_read(
    folder: &Folder,
    name: &str,
    opening: Opening,
    bytes: &mut [u8],
    patience: &mut dyn Patience,
) -> Result<Option<LockedFile>, LockFault> {
    let failed = |errno| LockFault::Distrusted(Distrust::system(&folder.path_of(name), errno));
    let mut contest = Contest::new(patience, ONE_PERSON);
    loop {
        let Some((file, seen)) = folder
            .open_and_look(name, opening.flags, Kind::Secret)
            .map_err(LockFault::Distrusted)?
        else {
            return Ok(None);
        };
        match Flock::lock(file, opening.lock) {
            // One that was removed or replaced while we waited is no longer the person's.
            Ok(file) if folder.still_holds(name, &seen).map_err(failed)? => {
                let length = read_from_start(&file, bytes).map_err(failed)?;
                return Ok(Some(LockedFile { file, length }));
            }
            Ok(_) | Err((_, Errno::EAGAIN | Errno::EINTR)) => {}
            Err((_, errno)) => return Err(failed(errno)),
        }
        if !contest.goes_on(&seen) {
            return Err(LockFault::Busy);
        }
    }
}

fn read_from_start(file: &File, bytes: &mut [u8]) -> Result<usize, Errno> {
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(errno_of(&error)),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests;
