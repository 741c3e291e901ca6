//! The state on disk: locked, read, written in place, durable before anything is seen.
//!
//! The lock is held for one look or one judgement, never while anybody is asked. First comes the lock, then everything
//! that is judged under it is read: the state, the record, the time. A hostile caller of su can stop us before the lock
//! for as long as it likes; what was read by then would be of another time. One that stops us inside it is not waited
//! for long ([`super::contest`]).
//!
//! Where the file system of the states is read-only, as a worn memory card makes it, a person's state goes on in [`super::read_only`]
//! until it can be written again: once means once there too. What could have been marked there before the computer was
//! started is gone, so codes of that time are refused, and what can be used at any time, recovery codes, is refused altogether.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::Flock;
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};

use super::contest::Patience;
use super::distrust::Distrust;
use super::folder::{Folder, errno_of};
use super::limit;
use super::read_only;
use super::state_read::{Access, lock_and_read};
use crate::judge::Judgement;
use crate::name::UserName;
use crate::state::{FILE_LENGTH, SlotPair, State};
use crate::time::UnixTime;

pub use super::state_read::StateTrouble;

/// A person's state, locked and read. Dropping it lets the lock go.
pub struct StateFile {
    /// On a read-only file system: the state's own file, whose lock is the one that counts.
    pub(super) _beneath: Option<Flock<File>>,
    pub(super) file: Flock<File>,
    pub(super) path: PathBuf,
    pub(super) slots: SlotPair,
    pub(super) state: State,
    pub(super) now: UnixTime,
}

/// A state file that has been opened, and what had to be repaired for it.
pub struct Opened {
    /// The state.
    pub file: StateFile,
    /// What was lost, for the log.
    pub repaired: Option<&'static str>,
}

impl StateFile {
    /// What `user`'s state says, for a look that changes nothing; `None` if there is none.
    ///
    /// # Errors
    /// [`StateTrouble`].
    pub fn look(
        folder: &Folder,
        user: &UserName,
        patience: &mut dyn Patience,
    ) -> Result<Option<SlotPair>, StateTrouble> {
        let own = lock_and_read(folder, &user.file_name(""), Access::Look, patience)?;
        read_only::as_it_is_by_now(folder, user, own.map(|read| read.slots), patience)
    }

    /// Removes `user`'s state; whether there was one. A later sign-in by the same secret begins with the fresh-step
    /// rule.
    ///
    /// # Errors
    /// [`Distrust`] with what the system said.
    pub fn remove(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
        read_only::forget(folder, user);
        let name = user.file_name("");
        match unlinkat(folder.handle(), name.as_str(), UnlinkatFlags::NoRemoveDir) {
            Ok(()) => fsync(folder.handle())
                .map(|()| true)
                .map_err(|errno| Distrust::system(folder.path(), errno)),
            Err(Errno::ENOENT) => Ok(false),
            Err(errno) => Err(Distrust::system(&folder.path_of(&name), errno)),
        }
    }

    /// The state as it is.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The time by which it is judged: read under its lock.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.now
    }

    /// Makes `judgement`'s state durable and only then opens the verdict.
    ///
    /// # Errors
    /// [`StateTrouble`] if it could not be made durable: then there is no verdict.
    pub fn settle<V>(mut self, judgement: Judgement<V>) -> Result<V, StateTrouble> {
        if let Some(next) = judgement.next {
            if next.recovery != self.state.recovery {
                // Into both slots: if one is lost later, no rule but the other slot knows which recovery codes were
                // used. (Steps that were used are known by the fresh-step rule.)
                self.write(next.clone())?;
            }
            self.write(next)?;
        }
        Ok(judgement.verdict)
    }

    /// Makes `state` the state, durably.
    ///
    /// # Errors
    /// [`StateTrouble`] if that failed; after a crash either the old or the new one holds.
    pub fn write(&mut self, state: State) -> Result<(), StateTrouble> {
        let (offset, slot) = self
            .slots
            .encode_next(&state)
            .map_err(|error| StateTrouble::NotUnderstood(self.path.clone(), error))?;
        // Of both halves, whichever comes next: a change that goes into both must not get stuck after the first.
        limit::allows(FILE_LENGTH as u64)
            .map_err(|errno| StateTrouble::Distrusted(Distrust::system(&self.path, errno)))?;
        self.file
            .write_all_at(&slot, offset as u64)
            .and_then(|()| self.file.sync_data())
            .map_err(|error| {
                StateTrouble::Distrusted(Distrust::system(&self.path, errno_of(&error)))
            })?;
        self.slots.advance();
        self.state = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
