//! The state on disk: locked, read, written in place, durable before anything is seen.
//!
//! The lock is held for one look or one judgement, never while anybody is asked. First comes the lock, then everything
//! that is judged under it is read: the state, the record, the time. A hostile caller of su can stop us before the lock
//! for as long as it likes; what was read by then would be of another time. One that stops us inside it is not waited
//! for long ([`super::contest`]).

use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};

use super::contest::{Contest, ONE_PERSON, Patience};
use super::distrust::Distrust;
use super::folder::{Folder, Kind, errno_of};
use super::limit;
use crate::config::Config;
use crate::judge::Judgement;
use crate::name::UserName;
use crate::record::Record;
use crate::state::{FILE_LENGTH, SlotPair, State, StateError};
use crate::time::UnixTime;

/// A person's state, locked and read. Dropping it lets the lock go.
pub struct StateFile {
    file: Flock<File>,
    path: PathBuf,
    slots: SlotPair,
    state: State,
    now: UnixTime,
}

/// A state file that has been opened, and what had to be mended for it.
pub struct Opened {
    /// The state.
    pub file: StateFile,
    /// What was lost, for the log.
    pub mended: Option<&'static str>,
}

/// Whether the state may be changed under the lock.
#[derive(Clone, Copy)]
enum Access {
    /// It may; a missing file is made.
    Change,
    /// It may not, and others may look at the same time.
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
            Self::Busy(path) => write!(
                f,
                "{}: another process holds the lock; see who with: fuser -v {}",
                path.display(),
                path.display()
            ),
            Self::NotUnderstood(path, error) => write!(
                f,
                "{}: {error}; if no newer version wrote it, remove it (its recovery codes then need: antiphon recovery)",
                path.display()
            ),
        }
    }
}

impl std::error::Error for StateTrouble {}

/// A state file under its lock, as it was found. What is judged by it is read now.
pub struct LockedState<'a> {
    folder: &'a Folder,
    path: PathBuf,
    file: Flock<File>,
    slots: SlotPair,
}

impl LockedState<'_> {
    /// Brings the state up to date with `record`, as it stands on file at `now`, both read after the lock was taken: a lost
    /// or torn state is mended by the fresh-step rule, a new secret is bound, a lock from the future begins again. What was
    /// changed is durable when this returns.
    ///
    /// # Errors
    /// [`StateTrouble`]: then there is nothing to judge by.
    pub fn open(
        self,
        record: &Record,
        config: &Config,
        now: UnixTime,
    ) -> Result<Opened, StateTrouble> {
        let Self {
            folder,
            path,
            file,
            slots,
        } = self;
        let failed = |errno| StateTrouble::Distrusted(Distrust::system(&path, errno));
        let not_understood = |error| StateTrouble::NotUnderstood(path.clone(), error);
        let Some(before) = slots.state.clone() else {
            let state = State::fresh(record, config, now);
            let bytes = slots.encode_file(&state).map_err(not_understood)?;
            // The caller's umask may have taken all from a file that was just made.
            fchmod(&*file, Mode::S_IRUSR | Mode::S_IWUSR).map_err(failed)?;
            limit::allows(bytes.len() as u64).map_err(failed)?;
            file.write_all_at(&bytes, 0)
                .and_then(|()| file.sync_all())
                .map_err(|error| failed(errno_of(&error)))?;
            fsync(folder.handle()).map_err(failed)?;
            let slots = SlotPair::decode(&bytes).map_err(not_understood)?;
            return Ok(Opened {
                file: StateFile {
                    file,
                    path,
                    slots,
                    state,
                    now,
                },
                mended: Some(
                    "the state was missing or unreadable: recovery codes are closed, and codes up to now refused",
                ),
            });
        };
        let whole = slots.whole;
        let mut state = before.clone();
        state.settle(record, config, now, whole);
        let mut opened = StateFile {
            file,
            path,
            slots,
            state: before,
            now,
        };
        if !whole || state != opened.state {
            opened.write(state)?;
        }
        Ok(Opened {
            file: opened,
            mended: (!whole)
                .then_some("one half of the state was unreadable: codes up to now are refused"),
        })
    }

    /// Lets the lock go where there turns out to be no record: a file that was made for this look goes too.
    pub fn leave(self) {
        let is_empty = self.file.metadata().is_ok_and(|seen| seen.len() == 0);
        if let (true, Some(name)) = (is_empty, self.path.file_name()) {
            let _ = unlinkat(self.folder.handle(), name, UnlinkatFlags::NoRemoveDir);
        }
    }
}

impl StateFile {
    /// Opens, locks and reads `user`'s state; one that is missing is made.
    ///
    /// # Errors
    /// [`StateTrouble`].
    pub fn lock<'a>(
        folder: &'a Folder,
        user: &UserName,
        patience: &mut dyn Patience,
    ) -> Result<LockedState<'a>, StateTrouble> {
        let path = folder.path_of(&user.file_name(""));
        let missing = || StateTrouble::Distrusted(Distrust::system(&path, Errno::ENOENT));
        let (file, slots) =
            Self::lock_and_read(folder, user, Access::Change, patience)?.ok_or_else(missing)?;
        Ok(LockedState {
            folder,
            path,
            file,
            slots,
        })
    }

    /// What `user`'s state says, for a look that changes nothing; `None` if there is none.
    ///
    /// # Errors
    /// [`StateTrouble`].
    pub fn look(
        folder: &Folder,
        user: &UserName,
        patience: &mut dyn Patience,
    ) -> Result<Option<SlotPair>, StateTrouble> {
        let read = Self::lock_and_read(folder, user, Access::Look, patience)?;
        Ok(read.map(|(_, slots)| slots))
    }

    /// Removes `user`'s state; whether there was one. A later sign-in by the same secret begins with the fresh-step
    /// rule.
    ///
    /// # Errors
    /// [`Distrust`] with what the system said.
    pub fn remove(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
        let name = user.file_name("");
        match unlinkat(folder.handle(), name.as_str(), UnlinkatFlags::NoRemoveDir) {
            Ok(()) => fsync(folder.handle())
                .map(|()| true)
                .map_err(|errno| Distrust::system(folder.path(), errno)),
            Err(Errno::ENOENT) => Ok(false),
            Err(errno) => Err(Distrust::system(&folder.path_of(&name), errno)),
        }
    }

    fn lock_and_read(
        folder: &Folder,
        user: &UserName,
        access: Access,
        patience: &mut dyn Patience,
    ) -> Result<Option<(Flock<File>, SlotPair)>, StateTrouble> {
        let name = user.file_name("");
        let path = folder.path_of(&name);
        let failed = |errno| StateTrouble::Distrusted(Distrust::system(&path, errno));
        let (flags, lock) = match access {
            Access::Change => (
                OFlag::O_RDWR | OFlag::O_CREAT,
                FlockArg::LockExclusiveNonblock,
            ),
            Access::Look => (OFlag::O_RDONLY, FlockArg::LockSharedNonblock),
        };
        let mut contest = Contest::new(patience, ONE_PERSON);
        loop {
            let Some((file, seen)) = folder
                .open_and_look(&name, flags, Kind::Secret)
                .map_err(StateTrouble::Distrusted)?
            else {
                return Ok(None);
            };
            match Flock::lock(file, lock) {
                // A file that was removed or replaced while we waited is not the state any more.
                Ok(locked) if folder.still_holds(&name, &seen).map_err(failed)? => {
                    let mut bytes = vec![0; FILE_LENGTH];
                    let length = read_from_start(&locked, &mut bytes).map_err(failed)?;
                    let read = bytes.get(..length).unwrap_or_default();
                    let slots = SlotPair::decode(read)
                        .map_err(|error| StateTrouble::NotUnderstood(path.clone(), error))?;
                    return Ok(Some((locked, slots)));
                }
                Ok(_) | Err((_, Errno::EAGAIN | Errno::EINTR)) => {}
                Err((_, errno)) => return Err(failed(errno)),
            }
            if !contest.goes_on(&seen) {
                return Err(StateTrouble::Busy(path));
            }
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
        limit::allows((offset + slot.len()) as u64)
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
