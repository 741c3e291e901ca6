//! Opens, locks and reads a person's file, in this order, and checks that it still is the file of that name.

use std::fs::File;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use super::contest::{Contest, ONE_PERSON, Patience};
use super::folder::{Folder, Kind};
use super::reading::read_from;
use super::state_read::StateTrouble;

/// How to open and lock it.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    pub(super) flags: OFlag,
    pub(super) lock: FlockArg,
}

/// Reads the file `name` from the start into the empty `bytes`, as far as their capacity reaches; `None` if it does not
/// exist.
pub(super) fn lock_and_read(
    folder: &Folder,
    name: &str,
    opening: Opening,
    bytes: &mut Vec<u8>,
    patience: &mut dyn Patience,
) -> Result<Option<Flock<File>>, StateTrouble> {
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
                read_from(&file, 0, bytes.capacity(), bytes).map_err(failed)?;
                return Ok(Some(file));
            }
            Ok(_) | Err((_, Errno::EAGAIN | Errno::EINTR)) => {}
            Err((_, errno)) => return Err(failed(errno)),
        }
        if !contest.goes_on(&seen) {
            return Err(StateTrouble::Busy(folder.path_of(name)));
        }
    }
}

#[cfg(test)]
mod tests;
