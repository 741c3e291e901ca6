//! States on a file system that has become read-only, such as a worn memory card: they are kept in memory, in a folder
//! that only root can use, until they can be written again.
//!
//! If a state has a file of its own, its lock is still the one that counts; locking works on read-only file systems
//! too.

use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::Flock;
use nix::sys::stat::lstat;
use xxhash_rust::xxh64::xxh64;

use super::contest::Patience;
use super::folder::Folder;
use super::state_read::{Access, Read, StateTrouble, lock_and_read, write_next};
use crate::name::UserName;
use crate::state::SlotPair;

/// The folder for such states, on tmpfs.
pub const MARKS: &str = "/run/antiphon-marks";

/// A state that cannot be written to its own file.
pub(super) struct Beneath {
    marks: Folder,
    name: String,
    own: Option<Flock<std::fs::File>>,
    slots: SlotPair,
}

impl Beneath {
    /// Locks the state's own file exclusively.
    pub(super) fn hold(
        folder: &Folder,
        user: &UserName,
        patience: &mut dyn Patience,
    ) -> Result<Self, StateTrouble> {
        let marks = Folder::open_or_make(Path::new(MARKS)).map_err(StateTrouble::Distrusted)?;
        let own = lock_and_read(folder, &user.file_name(""), Access::Hold, patience)?;
        let (own, slots) = match own {
            Some(Read { file, slots }) => (Some(file), slots),
            None => (None, SlotPair::nothing()),
        };
        Ok(Self {
            marks,
            name: name_of(folder, user),
            own,
            slots,
        })
    }

    pub(super) fn lock_marks(&self, patience: &mut dyn Patience) -> Result<Read, StateTrouble> {
        let missing = || StateTrouble::system(&self.path(), Errno::ENOENT);
        lock_and_read(&self.marks, &self.name, Access::Make, patience)?.ok_or_else(missing)
    }

    pub(super) fn marks(&self) -> &Folder {
        &self.marks
    }

    pub(super) fn path(&self) -> PathBuf {
        self.marks.path_of(&self.name)
    }

    /// The contents of the state's own file.
    pub(super) fn slots(&self) -> &SlotPair {
        &self.slots
    }

    pub(super) fn into_lock(self) -> Option<Flock<std::fs::File>> {
        self.own
    }
}

/// Writes the marks made while the file system was read-only to `own`, durably, before anything else.
pub(super) fn carry_over(
    folder: &Folder,
    user: &UserName,
    mut own: Read,
    patience: &mut dyn Patience,
) -> Result<Read, StateTrouble> {
    let Some((marks, read)) = marks_of(folder, user, Access::Change, patience)? else {
        return Ok(own);
    };
    let path = folder.path_of(&user.file_name(""));
    if let Some(marked) = read.slots.state {
        let state = marked.out_of_memory(own.slots.state.take());
        write_next(&own.file, &mut own.slots, &path, &state)?;
        own.slots.state = Some(state);
    }
    // If the file stayed, it would override what is used from now on.
    let name = name_of(folder, user);
    marks.remove(&name).map_err(StateTrouble::Distrusted)?;
    Ok(own)
}

/// The current state of `user`, whose own file contains `own`.
pub(super) fn as_it_is_by_now(
    folder: &Folder,
    user: &UserName,
    own: Option<SlotPair>,
    patience: &mut dyn Patience,
) -> Result<Option<SlotPair>, StateTrouble> {
    let marked = marks_of(folder, user, Access::Look, patience)?;
    Ok(match marked {
        Some((_, Read { slots, .. })) if slots.state.is_some() => Some(slots),
        _ => own,
    })
}

/// Deletes `user`'s marks.
pub(super) fn forget(folder: &Folder, user: &UserName) {
    if let Ok(marks) = Folder::open(Path::new(MARKS)) {
        let _ = marks.remove(&name_of(folder, user));
    }
}

fn marks_of(
    folder: &Folder,
    user: &UserName,
    access: Access,
    patience: &mut dyn Patience,
) -> Result<Option<(Folder, Read)>, StateTrouble> {
    // Usually there is not even the folder; and what is wrong with it concerns only those who have marks there.
    if lstat(MARKS) == Err(Errno::ENOENT) {
        return Ok(None);
    }
    let name = name_of(folder, user);
    if lstat(&Path::new(MARKS).join(&name)) == Err(Errno::ENOENT) {
        return Ok(None);
    }
    let marks = Folder::open(Path::new(MARKS)).map_err(StateTrouble::Distrusted)?;
    let read = lock_and_read(&marks, &name, access, patience)?;
    Ok(read.map(|read| (marks, read)))
}

/// Names differ by folder, since two state folders may have files of the same name.
fn name_of(folder: &Folder, user: &UserName) -> String {
    let path = folder.path().as_os_str().as_encoded_bytes();
    user.file_name(&format!("@{:016x}", xxh64(path, 0)))
}

#[cfg(test)]
mod tests;
