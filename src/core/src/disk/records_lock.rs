//! Only one command at a time changes records: a lock on their folder, held while files are written and never while
//! waiting for input.

use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag, open};
use nix::sys::stat::{Mode, lstat};

use super::contest::{ALL_RECORDS, Contest, Patience};
use super::distrust::Distrust;
use super::folder::Folder;
use crate::shell;

/// The lock; released on drop.
pub struct RecordsLock(#[expect(dead_code, reason = "held, never looked at")] Flock<OwnedFd>);

/// Why the lock could not be taken.
#[derive(Debug)]
pub enum LockTrouble {
    /// The system's error.
    System(Distrust),
    /// The lock stayed held until patience ran out.
    Busy(PathBuf),
}

impl fmt::Display for LockTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(distrust) => distrust.fmt(f),
            Self::Busy(path) => {
                let path = shell::word(path);
                write!(
                    f,
                    "{path}: another command is changing records; see which with: fuser -v {path}"
                )
            }
        }
    }
}

impl std::error::Error for LockTrouble {}

impl RecordsLock {
    /// Takes the lock on the folder of records, which only root can open, exclusively.
    ///
    /// # Errors
    /// [`LockTrouble`].
    pub fn take(users: &Folder, patience: &mut dyn Patience) -> Result<Self, LockTrouble> {
        Self::lock(users, FlockArg::LockExclusiveNonblock, patience)
    }

    /// Takes it shared: no command changes records meanwhile, but other sign-ins may, kept apart by the lock of each
    /// person's state, so that a slow one does not keep others from enrolling.
    ///
    /// # Errors
    /// [`LockTrouble`].
    pub fn share(users: &Folder, patience: &mut dyn Patience) -> Result<Self, LockTrouble> {
        Self::lock(users, FlockArg::LockSharedNonblock, patience)
    }

    fn lock(
        users: &Folder,
        how: FlockArg,
        patience: &mut dyn Patience,
    ) -> Result<Self, LockTrouble> {
        let failed = |errno| LockTrouble::System(Distrust::system(users.path(), errno));
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let seen = lstat(users.path()).map_err(failed)?;
        let mut contest = Contest::new(patience, ALL_RECORDS);
        loop {
            let handle = open(users.path(), flags, Mode::empty()).map_err(failed)?;
            match Flock::lock(handle, how) {
                Ok(locked) => return Ok(Self(locked)),
                Err((_, Errno::EAGAIN | Errno::EINTR)) => {}
                Err((_, errno)) => return Err(failed(errno)),
            }
            if !contest.goes_on(&seen) {
                return Err(LockTrouble::Busy(users.path().to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
