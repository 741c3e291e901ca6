//! A state's file, opened, locked and read: what [`super::state_file`] and its stand-in on a read-only disk do alike.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;

use nix::fcntl::{Flock, FlockArg, OFlag};

use super::contest::Patience;
use super::distrust::Distrust;
use super::folder::Folder;
use super::locked_file::{self, LockFault, LockedFile, Opening};
use crate::shell;
use crate::state::{FILE_LENGTH, SlotPair, StateError};

/// How a state's file is opened and locked.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// To be changed; a missing file is made.
    Make,
    /// To be changed, if it is there.
    Change,
    /// To be held against everybody else; it cannot be changed.
    Hold,
    /// To be looked at, as others may at the same time.
    Look,
}

/// Why there is no state to judge by. Never a reason to let anybody in.
#[derive(Debug)]
pub enum StateTrouble {
    /// File or folder.
    Distrusted(Distrust),
    /// The lock was held as long as patience lasted.
    Busy(PathBuf),
    /// The bytes.
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

/// A state's file under a lock, and what stands in it.
pub(super) struct Read {
    pub(super) file: Flock<File>,
    pub(super) slots: SlotPair,
}

/// Opens, locks and reads the state in the file `name`; `None` if there is none, and `access` makes none.
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
    let mut bytes = vec![0; FILE_LENGTH];
    let opening = Opening { flags, lock };
    let locked = locked_file::lock_and_read(folder, name, opening, &mut bytes, patience);
    let Some(LockedFile { file, length }) = locked.map_err(|fault| match fault {
        LockFault::Distrusted(distrust) => StateTrouble::Distrusted(distrust),
        LockFault::Busy => StateTrouble::Busy(folder.path_of(name)),
    })?
    else {
        return Ok(None);
    };
    let slots = SlotPair::decode(bytes.get(..length).unwrap_or_default())
        .map_err(|error| StateTrouble::NotUnderstood(folder.path_of(name), error))?;
    Ok(Some(Read { file, slots }))
}

#[cfg(test)]
mod tests;
