//! States whose file system is read-only, as a worn memory card makes it: they go on in memory, in a folder that is root's
//! alone, until they can be written again.
//!
//! The lock that counts is the one on a state's own file, if there is one: that works there too.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::Flock;
use nix::sys::stat::lstat;
use nix::unistd::{UnlinkatFlags, unlinkat};
use xxhash_rust::xxh64::xxh64;

use super::contest::Patience;
use super::distrust::Distrust;
use super::folder::{Folder, errno_of};
use super::limit;
use super::state_read::{Access, Read, StateTrouble, lock_and_read};
use crate::name::UserName;
use crate::state::SlotPair;

/// The folder.
pub const MARKS: &str = "/run/antiphon-marks";

/// A state that cannot be written where it belongs.
pub(super) struct Beneath {
    marks: Folder,
    name: String,
    own: Option<Flock<std::fs::File>>,
    slots: SlotPair,
}

impl Beneath {
    /// Locks the state's own file against everybody else.
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
        let missing = || StateTrouble::Distrusted(Distrust::system(&self.path(), Errno::ENOENT));
        lock_and_read(&self.marks, &self.name, Access::Make, patience)?.ok_or_else(missing)
    }

    pub(super) fn marks(&self) -> &Folder {
        &self.marks
    }

    pub(super) fn path(&self) -> PathBuf {
        self.marks.path_of(&self.name)
    }

    /// What stands in the state's own file.
    pub(super) fn slots(&self) -> &SlotPair {
        &self.slots
    }

    pub(super) fn into_lock(self) -> Option<Flock<std::fs::File>> {
        self.own
    }
}

/// What was marked while the file system could not be written goes into `own`, durably, before anything else.
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
        let failed = |errno| StateTrouble::Distrusted(Distrust::system(&path, errno));
        let (offset, slot) = own
            .slots
            .encode_next(&state)
            .map_err(|error| StateTrouble::NotUnderstood(path.clone(), error))?;
        limit::allows((offset + slot.len()) as u64).map_err(failed)?;
        own.file
            .write_all_at(&slot, offset as u64)
            .and_then(|()| own.file.sync_all())
            .map_err(|error| failed(errno_of(&error)))?;
        own.slots.advance();
        own.slots.state = Some(state);
    }
    // Left there, they would take the place of what is used from now on.
    match remove(&marks, &name_of(folder, user)) {
        Ok(()) | Err(Errno::ENOENT) => Ok(own),
        Err(errno) => Err(StateTrouble::Distrusted(Distrust::system(
            marks.path(),
            errno,
        ))),
    }
}

/// What `user`'s state says by now, if `own` stands in its own file.
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

/// Forgets what was marked of `user`.
pub(super) fn forget(folder: &Folder, user: &UserName) {
    if let Ok(marks) = Folder::open(Path::new(MARKS)) {
        let _ = remove(&marks, &name_of(folder, user));
    }
}

fn remove(marks: &Folder, name: &str) -> Result<(), Errno> {
    unlinkat(marks.handle(), name, UnlinkatFlags::NoRemoveDir)
}

fn marks_of(
    folder: &Folder,
    user: &UserName,
    access: Access,
    patience: &mut dyn Patience,
) -> Result<Option<(Folder, Read)>, StateTrouble> {
    let name = name_of(folder, user);
    // As a rule there is none, and one look says so.
    if lstat(&Path::new(MARKS).join(&name)) == Err(Errno::ENOENT) {
        return Ok(None);
    }
    let marks = Folder::open(Path::new(MARKS)).map_err(StateTrouble::Distrusted)?;
    let read = lock_and_read(&marks, &name, access, patience)?;
    Ok(read.map(|read| (marks, read)))
}

/// Two folders of states may know the same name.
fn name_of(folder: &Folder, user: &UserName) -> String {
    let path = folder.path().as_os_str().as_encoded_bytes();
    user.file_name(&format!("@{:016x}", xxh64(path, 0)))
}

#[cfg(test)]
mod tests;
