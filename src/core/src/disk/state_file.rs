//! The state on disk: locked, read, written in place, durable before anybody sees the result.
//!
//! The lock is held for one look or one judgement, never while waiting for input. Everything that is judged under it is
//! read after it was taken: the state, the record, the time. A hostile caller of su can stop us before the lock for as
//! long as it likes, and what was read before would be stale. One that stops us inside the lock does not hold up others
//! for long (`disk::contest`).
//!
//! Where the states' file system is read-only, such as a worn memory card, a person's state is kept by
//! [`super::read_only`] until it can be written again, so that once still means once. Marks made there before the last
//! boot are lost, so codes from before it are refused, and recovery codes, which are valid at any time, are refused
//! altogether.

use std::fs::File;
use std::path::PathBuf;

use nix::fcntl::Flock;

use super::contest::Patience;
use super::distrust::Distrust;
use super::folder::Folder;
use super::read_only;
use super::state_read::{Access, lock_and_read, write_next};
use crate::judge::Judgement;
use crate::name::UserName;
use crate::state::{SlotPair, State};
use crate::time::UnixTime;

pub use super::state_read::StateTrouble;

/// A person's state, locked and read. Released on drop.
pub struct StateFile {
    /// On a read-only file system: the state's own file, whose lock is the one that counts.
    pub(super) _beneath: Option<Flock<File>>,
    pub(super) file: Flock<File>,
    pub(super) path: PathBuf,
    pub(super) slots: SlotPair,
    pub(super) state: State,
    pub(super) now: UnixTime,
}

/// A state file that has been opened, and what had to be repaired.
pub struct Opened {
    /// The state.
    pub file: StateFile,
    /// What was lost, for the log.
    pub repaired: Option<&'static str>,
}

impl StateFile {
    /// Reads `user`'s state without changing anything; `None` if there is none.
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

    /// Removes `user`'s state; returns whether there was one. A later sign-in with the same secret starts with the
    /// fresh-step rule.
    ///
    /// # Errors
    /// [`Distrust`] with the system's error.
    pub fn remove(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
        read_only::forget(folder, user);
        folder.remove_for_good(&user.file_name(""))
    }

    /// The current state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The time for judging, read under the lock.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.now
    }

    /// Makes `judgement`'s state durable and only then opens the verdict.
    ///
    /// # Errors
    /// [`StateTrouble`] if the state could not be made durable; there is no verdict then.
    pub fn settle<V>(mut self, judgement: Judgement<V>) -> Result<V, StateTrouble> {
        if let Some(next) = judgement.next {
            if next.recovery != self.state.recovery {
                // To both slots: if one is lost later, only the other one knows which recovery codes were used. (Used
                // steps are covered by the fresh-step rule.)
                self.write(next.clone())?;
            }
            self.write(next)?;
        }
        Ok(judgement.verdict)
    }

    /// Replaces the state with `state`, durably.
    ///
    /// # Errors
    /// [`StateTrouble`] if that failed; after a crash the file has either the old or the new one.
    pub fn write(&mut self, state: State) -> Result<(), StateTrouble> {
        write_next(&self.file, &mut self.slots, &self.path, &state)?;
        self.state = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
