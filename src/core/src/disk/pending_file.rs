//! The files of enrolments that are not finished, one a person: `/var/lib/antiphon/pending/NAME`.
//!
//! Written in place under a lock on the file itself: no temporary file, so no litter. One that was cut off is not
//! understood and is begun anew. What is over is wiped and removed, at the latest when the next person enrols.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::sys::stat::{Mode, fchmod, mkdirat};
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};
use zeroize::Zeroizing;

use super::contest::{AtOnce, Contest, ONE_PERSON, Patience};
use super::distrust::Distrust;
use super::folder::{Folder, Kind, errno_of};
use super::limit;
use crate::draft::DRAFT_BYTES;
use crate::name::UserName;
use crate::outcome::Trouble;
use crate::pending::{FILE_LENGTH, Pending, Sitting, is_over};
use crate::shell;
use crate::time::UnixTime;

/// The most files that one look for what is over goes through.
const MOST_LOOKED_AT: usize = 4096;

/// A file under its lock, and what stands in it.
type Locked = (Flock<File>, Zeroizing<Vec<u8>>);

/// A person's place among them.
#[derive(Clone, Copy)]
pub struct PendingFile<'a> {
    /// The folder.
    pub folder: &'a Folder,
    /// Who, and from where.
    pub sitting: Sitting<'a>,
}

/// An enrolment to go on with.
pub struct TakenUp {
    /// It.
    pub pending: Pending,
    /// Whether it was begun earlier.
    pub is_resumed: bool,
}

/// The folder at `path`, which is made if only it is missing.
///
/// # Errors
/// [`Trouble`] that names the folder and the mend.
pub fn folder(path: &Path) -> Result<Folder, Trouble> {
    let made = match (Folder::open(path), path.parent(), path.file_name()) {
        (Err(distrust), Some(parent), Some(name)) if distrust.is_missing() => {
            Folder::open(parent).and_then(|above| {
                let failed = |errno| Distrust::system(path, errno);
                match mkdirat(above.handle(), name, Mode::S_IRWXU) {
                    // Another sign-in was quicker.
                    Ok(()) | Err(Errno::EEXIST) => {}
                    Err(errno) => return Err(failed(errno)),
                }
                fsync(above.handle()).map_err(failed)?;
                let made = Folder::open(path)?;
                // The caller's umask may have taken from it.
                fchmod(made.handle(), Mode::S_IRWXU).map_err(failed)?;
                Ok(made)
            })
        }
        (found, _, _) => found,
    };
    made.map_err(|distrust| trouble(&distrust))
}

impl PendingFile<'_> {
    /// Goes on with what this person began here less than ten minutes ago, or begins anew with `random`. What was begun
    /// elsewhere is void from then on. It is durable when this returns.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn take_up(
        self,
        random: Zeroizing<[u8; DRAFT_BYTES]>,
        now: UnixTime,
        patience: &mut dyn Patience,
    ) -> Result<TakenUp, Trouble> {
        let (file, bytes) = self.lock(OFlag::O_RDWR | OFlag::O_CREAT, patience)?;
        if let Some(pending) = Pending::decode(&bytes, self.sitting)
            && pending.is_open(now)
        {
            return Ok(TakenUp {
                pending,
                is_resumed: true,
            });
        }
        let pending = Pending::new(random, now);
        let bytes = pending.encode(self.sitting);
        let written = fchmod(&*file, Mode::S_IRUSR | Mode::S_IWUSR)
            .and_then(|()| limit::allows(bytes.len() as u64))
            .and_then(|()| {
                file.set_len(bytes.len() as u64)
                    .and_then(|()| file.write_all_at(&bytes, 0))
                    .and_then(|()| file.sync_all())
                    .map_err(|error| errno_of(&error))
            })
            .and_then(|()| fsync(self.folder.handle()));
        if let Err(errno) = written {
            self.unlink();
            return Err(self.failed(errno));
        }
        Ok(TakenUp {
            pending,
            is_resumed: false,
        })
    }

    /// Whether `pending` is what is on file.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn holds(&self, pending: &Pending) -> Result<bool, Trouble> {
        let bytes = self
            .folder
            .read(&self.name(), FILE_LENGTH as u64, Kind::Secret)
            .map_err(|distrust| trouble(&distrust))?;
        Ok(bytes
            .and_then(|bytes| Pending::decode(&bytes, self.sitting))
            .is_some_and(|on_file| on_file.is(pending)))
    }

    /// Wipes and removes it.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn remove(self, patience: &mut dyn Patience) -> Result<(), Trouble> {
        remove(self.folder, self.sitting.user, patience)
    }

    fn lock(self, flags: OFlag, patience: &mut dyn Patience) -> Result<Locked, Trouble> {
        lock(self.folder, &self.name(), flags, patience)?.ok_or_else(|| self.failed(Errno::ENOENT))
    }

    fn unlink(self) {
        let _ = unlinkat(
            self.folder.handle(),
            self.name().as_str(),
            UnlinkatFlags::NoRemoveDir,
        );
    }

    fn name(&self) -> String {
        self.sitting.user.file_name("")
    }

    fn failed(&self, errno: Errno) -> Trouble {
        trouble(&Distrust::system(&self.folder.path_of(&self.name()), errno))
    }
}

/// Wipes and removes what `user` has begun, if anything.
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

/// Wipes and removes all that is over, whosever it is. What cannot be removed now is another time.
pub fn sweep(folder: &Folder, now: UnixTime) {
    let Ok(entries) = std::fs::read_dir(folder.path()) else {
        return;
    };
    for entry in entries.flatten().take(MOST_LOOKED_AT) {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        // Not waited for: one that is locked is in use.
        if let Ok(Some((file, bytes))) = lock(folder, &name, OFlag::O_RDWR, &mut AtOnce)
            && is_over(&bytes, touched(&file), now)
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
    // As far as the disk lets us: what a file system keeps elsewhere of it is out of reach.
    let _ = file.write_all_at(&zeros, 0).and_then(|()| file.sync_data());
    unlinkat(folder.handle(), name, UnlinkatFlags::NoRemoveDir)?;
    fsync(folder.handle())
}

/// Opens, locks and reads the file `name`; `Ok(None)` if there is none.
fn lock(
    folder: &Folder,
    name: &str,
    flags: OFlag,
    patience: &mut dyn Patience,
) -> Result<Option<Locked>, Trouble> {
    let path = folder.path_of(name);
    let failed = |errno| trouble(&Distrust::system(&path, errno));
    let mut contest = Contest::new(patience, ONE_PERSON);
    loop {
        let Some((file, seen)) = folder
            .open_and_look(name, flags, Kind::Secret)
            .map_err(|distrust| trouble(&distrust))?
        else {
            return Ok(None);
        };
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            // One that was removed while we waited is no longer the person's.
            Ok(locked) if folder.still_holds(name, &seen).map_err(failed)? => {
                // One byte more than there should be: a longer file is not understood.
                let mut bytes = Zeroizing::new(vec![0; FILE_LENGTH + 1]);
                let length = read_from_start(&locked, &mut bytes).map_err(failed)?;
                bytes.truncate(length);
                return Ok(Some((locked, bytes)));
            }
            Ok(_) | Err((_, Errno::EAGAIN | Errno::EINTR)) => {}
            Err((_, errno)) => return Err(failed(errno)),
        }
        if !contest.goes_on(&seen) {
            let path = shell::word(path);
            return Err(trouble(&format_args!(
                "{path}: another process holds the lock; see who with: fuser -v {path}"
            )));
        }
    }
}

fn read_from_start(file: &File, bytes: &mut [u8]) -> Result<usize, Errno> {
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(errno_of(&error)),
        }
    }
    Ok(filled)
}

fn trouble(detail: &dyn std::fmt::Display) -> Trouble {
    Trouble::new("pending", detail)
}
