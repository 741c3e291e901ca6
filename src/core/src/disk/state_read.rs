//! Opens, locks and reads a state file, and writes one of its slots; shared by [`super::state_file`] and its stand-in on a read-only disk.

use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use super::contest::Patience;
use super::distrust::Distrust;
use super::folder::{Folder, errno_of};
use super::limit;
use super::locked_file::{self, Opening};
use crate::shell;
use crate::state::{FILE_LENGTH, SlotPair, State, StateError};
use crate::trouble::Trouble;

/// How a state file is opened and locked.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// For writing; a missing file is created.
    Make,
    /// For writing, if it exists.
    Change,
    /// Locked exclusively, but read-only.
    Hold,
    /// For reading, concurrently with others.
    Look,
}

/// Why there is no state to judge by, or another file that is locked like one. Never a reason to let anybody in.
#[derive(Debug)]
pub enum StateTrouble {
    /// The file or folder is not trusted.
    Distrusted(Distrust),
    /// The lock stayed held until patience ran out.
    Busy(PathBuf),
    /// The contents are invalid.
    NotUnderstood(PathBuf, StateError),
}

impl fmt::Display for StateTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Distrusted(distrust) => distrust.fmt(f),
            Self::Busy(path) => {
                let path = shell::word(path);
                write!(
                    f,
                    "{path}: another process holds the lock; see who with: fuser -v {path}"
                )
            }
            Self::NotUnderstood(path, error) => write!(
                f,
                "{}: {error}; if no newer version wrote it, remove it (its recovery codes then need: antiphon recovery)",
                path.display()
            ),
        }
    }
}

impl std::error::Error for StateTrouble {}

impl From<StateTrouble> for Trouble {
    fn from(trouble: StateTrouble) -> Self {
        Self::new("state", &trouble)
    }
}

impl StateTrouble {
    pub(super) fn system(path: &Path, errno: Errno) -> Self {
        Self::Distrusted(Distrust::system(path, errno))
    }
}

/// A locked state file and its contents.
pub(super) struct Read {
    pub(super) file: Flock<File>,
    pub(super) slots: SlotPair,
}

/// Opens, locks and reads the state in the file `name`; `None` if it does not exist and `access` does not create it.
pub(super) fn lock_and_read(
    folder: &Folder,
    name: &str,
    access: Access,
    patience: &mut dyn Patience,
) -> Result<Option<Read>, StateTrouble> {
    let (flags, lock) = match access {
        Access::Make => (
            OFlag::O_RDWR | OFlag::O_CREAT,
            FlockArg::LockExclusiveNonblock,
        ),
        Access::Change => (OFlag::O_RDWR, FlockArg::LockExclusiveNonblock),
        Access::Hold => (OFlag::O_RDONLY, FlockArg::LockExclusiveNonblock),
        Access::Look => (OFlag::O_RDONLY, FlockArg::LockSharedNonblock),
    };
    let mut bytes = Vec::with_capacity(FILE_LENGTH);
    let opening = Opening { flags, lock };
    let locked = locked_file::lock_and_read(folder, name, opening, &mut bytes, patience)?;
    let Some(file) = locked else {
        return Ok(None);
    };
    let slots = SlotPair::decode(&bytes)
        .map_err(|error| StateTrouble::NotUnderstood(folder.path_of(name), error))?;
    Ok(Some(Read { file, slots }))
}

/// Writes `state` to the slot whose turn it is, durably.
pub(super) fn write_next(
    file: &File,
    slots: &mut SlotPair,
    path: &Path,
    state: &State,
) -> Result<(), StateTrouble> {
    let failed = |errno| StateTrouble::system(path, errno);
    let (offset, slot) = slots
        .encode_next(state)
        .map_err(|error| StateTrouble::NotUnderstood(path.to_owned(), error))?;
    // For both slots, since a change of both must not stop halfway.
    limit::allows(FILE_LENGTH as u64).map_err(failed)?;
    file.write_all_at(&slot, offset as u64)
        .and_then(|()| file.sync_data())
        .map_err(|error| failed(errno_of(&error)))?;
    slots.advance();
    Ok(())
}

#[cfg(test)]
mod tests;
