//! Files of unfinished enrolments, one per person: `/var/lib/antiphon/pending/NAME`.
//!
//! Written in place under a lock on the file itself, so there are no temporary files to leave behind. A truncated file
//! cannot be parsed and is started anew. Expired files are wiped and removed, at the latest when the next person
//! enrols.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::sys::stat::{Mode, fchmod};
use zeroize::Zeroizing;

use super::contest::{AtOnce, Patience};
use super::distrust::Distrust;
use super::folder::{Folder, errno_of};
use super::limit;
use super::locked_file::{self, Opening};
use crate::name::UserName;
use crate::pending::{
    Answered, Beginning, Begun, FILE_LENGTH, Pending, Returned, SECRET_BYTES, Sitting, SittingId,
    Typed, Void, is_over,
};
use crate::record::CodeSecret;
use crate::time::{Clock, UnixTime};
use crate::trouble::Trouble;

/// The most files that one sweep looks at.
const MOST_LOOKED_AT: usize = 4096;

/// A locked file and its contents.
type Locked = (Flock<File>, Zeroizing<Vec<u8>>);

/// A person's pending file, as used by one sitting.
#[derive(Clone, Copy)]
pub struct PendingFile<'a> {
    /// The folder.
    pub folder: &'a Folder,
    /// The person, and where they come from.
    pub sitting: Sitting<'a>,
    /// The clock, read under the lock: a caller of su can stop us before it for as long as they like.
    pub clock: Clock<'a>,
}

/// A sitting's pending enrolment under the lock, and the time.
struct Held {
    file: Flock<File>,
    pending: Pending,
    now: UnixTime,
}

/// A pending enrolment, locked so that nobody can restart it while its record is written.
pub struct Claim<'a> {
    folder: &'a Folder,
    name: String,
    file: Flock<File>,
}

/// Opens the folder at `path`, or creates it if only the last component is missing.
///
/// # Errors
/// [`Trouble`] with the folder and the fix.
pub fn folder(path: &Path) -> Result<Folder, Trouble> {
    Folder::open_or_make(path).map_err(|distrust| trouble(&distrust))
}

impl<'a> PendingFile<'a> {
    /// This person's open enrolment, as far as another sitting may know about it.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn look(self, patience: &mut dyn Patience) -> Result<Option<Begun>, Trouble> {
        let Some((_file, bytes)) = lock(self.folder, &self.name(), OFlag::O_RDWR, patience)? else {
            return Ok(None);
        };
        let now = (self.clock)()?;
        let pending = self.decode(&bytes);
        Ok(pending.and_then(|pending| pending.seen_from(self.sitting.from, now)))
    }

    /// Starts an enrolment with `secret`, replacing the one held by the sitting `instead_of`, which the person was told
    /// about. On return that one is void and the new one durable.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn begin(
        self,
        secret: Zeroizing<[u8; SECRET_BYTES]>,
        instead_of: Option<SittingId>,
        patience: &mut dyn Patience,
    ) -> Result<Beginning, Trouble> {
        let (file, bytes) = self.lock(OFlag::O_RDWR | OFlag::O_CREAT, patience)?;
        let now = (self.clock)()?;
        let before = self.decode(&bytes);
        let seen = before
            .as_ref()
            .and_then(|pending| pending.seen_from(self.sitting.from, now));
        if seen.is_some_and(|begun| Some(begun.held_by) != instead_of) {
            return Ok(Beginning::Changed);
        }
        match Pending::begin(before.as_ref(), self.sitting, secret, now) {
            Ok(pending) => self.write(&file, &pending).map(|()| Beginning::Begun),
            Err(seconds) => Ok(Beginning::TooOften(seconds)),
        }
    }

    /// Checks a code of a person who returns to the enrolment held by `held_by`; a right one moves it to their sitting.
    /// Counts are durable on return.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn go_on(
        self,
        held_by: SittingId,
        typed: Typed<'_>,
        patience: &mut dyn Patience,
    ) -> Result<Returned, Trouble> {
        let Some((file, bytes)) = lock(self.folder, &self.name(), OFlag::O_RDWR, patience)? else {
            return Ok(Returned::Changed);
        };
        let now = (self.clock)()?;
        let Some(pending) = self.decode(&bytes) else {
            return Ok(Returned::Changed);
        };
        let (returned, next) = pending.returned(self.sitting, held_by, typed, now);
        next.map_or(Ok(()), |next| self.write(&file, &next))?;
        Ok(returned)
    }

    /// Checks a code of this sitting, whose secret is `code`. A right one is marked as used on return.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn confirm(
        self,
        code: &CodeSecret,
        typed: Typed<'_>,
        patience: &mut dyn Patience,
    ) -> Result<Answered, Trouble> {
        match self.held(code, patience)? {
            Err(void) => Ok(Answered::Void(void)),
            Ok(held) => {
                let (answered, next) = held.pending.answered(typed, held.now);
                next.map_or(Ok(()), |next| self.write(&held.file, &next))?;
                Ok(answered)
            }
        }
    }

    /// Claims this sitting's enrolment while its record is written.
    ///
    /// # Errors
    /// [`Trouble`]; the inner error says why this sitting no longer holds it.
    pub fn claim(
        self,
        code: &CodeSecret,
        patience: &mut dyn Patience,
    ) -> Result<Result<Claim<'a>, Void>, Trouble> {
        Ok(self.held(code, patience)?.map(|held| Claim {
            folder: self.folder,
            name: self.name(),
            file: held.file,
        }))
    }

    /// The pending enrolment, if this sitting holds it.
    fn held(
        self,
        code: &CodeSecret,
        patience: &mut dyn Patience,
    ) -> Result<Result<Held, Void>, Trouble> {
        let Some((file, bytes)) = lock(self.folder, &self.name(), OFlag::O_RDWR, patience)? else {
            return Ok(Err(Void::Over));
        };
        let now = (self.clock)()?;
        let Some(pending) = self.decode(&bytes) else {
            return Ok(Err(Void::Over));
        };
        Ok(pending
            .check(self.sitting.id, code, now)
            .map(|()| Held { file, pending, now }))
    }

    fn decode(self, bytes: &[u8]) -> Option<Pending> {
        Pending::decode(bytes, self.sitting.user)
    }

    /// In place: a truncated file cannot be parsed and is started anew.
    fn write(self, file: &Flock<File>, pending: &Pending) -> Result<(), Trouble> {
        let bytes = pending.encode(self.sitting.user);
        let possible = limit::allows(bytes.len() as u64)
            .and_then(|()| fchmod(&**file, Mode::S_IRUSR | Mode::S_IWUSR));
        if let Err(errno) = possible {
            // This caller must not destroy an enrolment started earlier.
            if file.metadata().is_ok_and(|seen| seen.len() == 0) {
                let _ = self.folder.remove(&self.name());
            }
            return Err(self.failed(errno));
        }
        let written = file
            .set_len(bytes.len() as u64)
            .and_then(|()| file.write_all_at(&bytes, 0))
            .and_then(|()| file.sync_all())
            .map_err(|error| errno_of(&error))
            .and_then(|()| self.folder.sync());
        written.map_err(|errno| {
            let _ = self.folder.remove(&self.name());
            self.failed(errno)
        })
    }

    fn lock(self, flags: OFlag, patience: &mut dyn Patience) -> Result<Locked, Trouble> {
        lock(self.folder, &self.name(), flags, patience)?.ok_or_else(|| self.failed(Errno::ENOENT))
    }

    fn name(&self) -> String {
        self.sitting.user.file_name("")
    }

    fn failed(&self, errno: Errno) -> Trouble {
        trouble(&Distrust::system(&self.folder.path_of(&self.name()), errno))
    }
}

impl Claim<'_> {
    /// Wipes and removes the file, once the record is written.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn remove(self) -> Result<(), Trouble> {
        wipe(self.folder, &self.name, &self.file)
            .map_err(|errno| trouble(&Distrust::system(&self.folder.path_of(&self.name), errno)))
    }
}

/// Wipes and removes `user`'s unfinished enrolment, if any.
///
/// # Errors
/// [`Trouble`].
pub fn remove(
    folder: &Folder,
    user: &UserName,
    patience: &mut dyn Patience,
) -> Result<(), Trouble> {
    let name = user.file_name("");
    match lock(folder, &name, OFlag::O_RDWR, patience)? {
        Some((file, _)) => wipe(folder, &name, &file)
            .map_err(|errno| trouble(&Distrust::system(&folder.path_of(&name), errno))),
        None => Ok(()),
    }
}

/// Wipes and removes everybody's expired enrolments. Files that cannot be removed now are left for another time.
pub fn sweep(folder: &Folder, clock: Clock<'_>) {
    let Ok(entries) = std::fs::read_dir(folder.path()) else {
        return;
    };
    for entry in entries.flatten().take(MOST_LOOKED_AT) {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        // Without waiting: a locked file is in use.
        if let Ok(Some((file, bytes))) = lock(folder, &name, OFlag::O_RDWR, &mut AtOnce)
            && clock().is_ok_and(|now| is_over(&bytes, touched(&file), now))
        {
            let _ = wipe(folder, &name, &file);
        }
    }
}

fn touched(file: &File) -> UnixTime {
    let since = file
        .metadata()
        .and_then(|seen| seen.modified())
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    UnixTime(since.map_or(0, |since| since.as_secs()))
}

fn wipe(folder: &Folder, name: &str, file: &File) -> Result<(), Errno> {
    let length = file.metadata().map_or(0, |seen| seen.len());
    let zeros = vec![0; usize::try_from(length).unwrap_or_default().min(FILE_LENGTH)];
    limit::allows(zeros.len() as u64)?;
    // Best effort: copies that the file system keeps elsewhere are out of reach.
    let _ = file.write_all_at(&zeros, 0).and_then(|()| file.sync_data());
    folder.unlink(name)?;
    folder.sync()
}

/// Opens, locks and reads the file `name`; `Ok(None)` if it does not exist.
fn lock(
    folder: &Folder,
    name: &str,
    flags: OFlag,
    patience: &mut dyn Patience,
) -> Result<Option<Locked>, Trouble> {
    let lock = FlockArg::LockExclusiveNonblock;
    // One byte more than a valid file, so that a longer one is recognised as invalid.
    let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_LENGTH + 1));
    let opening = Opening { flags, lock };
    let locked = locked_file::lock_and_read(folder, name, opening, &mut bytes, patience);
    let locked = locked.map_err(|why| trouble(&why))?;
    Ok(locked.map(|file| (file, bytes)))
}

fn trouble(detail: &dyn std::fmt::Display) -> Trouble {
    Trouble::new("pending", detail)
}

#[cfg(test)]
mod tests;
