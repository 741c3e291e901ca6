//! Opens, locks and reads a person's file, in this order, and checks that it still is the file of that name.

use std::fs::File;
use std::os::unix::fs::FileExt;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use super::contest::{Contest, ONE_PERSON, Patience};
use super::folder::{Folder, Kind, errno_of};
use super::state_read::StateTrouble;

/// A file under its lock.
pub(super) struct LockedFile {
    pub(super) file: Flock<File>,
    /// How many bytes were read.
    pub(super) length: usize,
}

/// How to open and lock it.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    pub(super) flags: OFlag,
    pub(super) lock: FlockArg,
}

/// Reads the file `name` from the start into `bytes`, as far as they reach; `None` if it does not exist.
pub(super) fn lock_and_read(
    folder: &Folder,
    name: &str,
    opening: Opening,
    bytes: &mut [u8],
    patience: &mut dyn Patience,
) -> Result<Option<LockedFile>, StateTrouble> {
    let failed = |errno| StateTrouble::system(&folder.path_of(name), errno);
    let mut contest = Contest::new(patience, ONE_PERSON);
    loop {
        let Some((file, seen)) = folder
            .open_and_look(name, opening.flags, Kind::Secret)
            .map_err(StateTrouble::Distrusted)?
        else {
            return Ok(None);
        };
        match Flock::lock(file, opening.lock) {
            // A file removed or replaced while we waited is no longer the person's.
            Ok(file) if folder.still_holds(name, &seen).map_err(failed)? => {
                let length = read_from_start(&file, bytes).map_err(failed)?;
                return Ok(Some(LockedFile { file, length }));
            }
            Ok(_) | Err((_, Errno::EAGAIN | Errno::EINTR)) => {}
            Err((_, errno)) => return Err(failed(errno)),
        }
        if !contest.goes_on(&seen) {
            return Err(StateTrouble::Busy(folder.path_of(name)));
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
