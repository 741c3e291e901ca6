//! One command at a time changes records: a lock on their folder, held while files are written and never while anybody
//! is asked.

use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag, openat};
use nix::sys::stat::{Mode, fstat};

use super::contest::{ALL_RECORDS, Contest, Patience};
use super::distrust::Distrust;
use super::folder::Folder;
use crate::shell;

/// The lock; dropping it lets it go.
pub struct RecordsLock(#[expect(dead_code, reason = "held, never looked at")] Flock<OwnedFd>);

/// Why it cannot be had.
#[derive(Debug)]
pub enum LockTrouble {
    /// What the system said.
    System(Distrust),
    /// It was held as long as patience lasted.
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
    /// Takes the lock on the folder of records, which only root can open, for one command alone.
    ///
    /// # Errors
    /// [`LockTrouble`].
    pub fn take(users: &Folder, patience: &mut dyn Patience) -> Result<Self, LockTrouble> {
        Self::lock(users, FlockArg::LockExclusiveNonblock, patience)
    }

    /// Takes it so that no command changes records meanwhile, but other sign-ins may, which the lock of each person's
    /// state keeps apart: one that is slow must not keep others from enrolling.
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
        let seen = fstat(users.handle()).map_err(failed)?;
        let mut contest = Contest::new(patience, ALL_RECORDS);
        loop {
            // Opened anew: a lock belongs to what was opened, and the folder's own handle may be handed on.
            let handle = openat(users.handle(), ".", flags, Mode::empty()).map_err(failed)?;
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
