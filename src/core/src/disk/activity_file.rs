//! Appends to a person's activity file and reads it.
//!
//! Nothing here waits for a lock: the daemon may read these files and so lock them, and must not be able to delay a
//! sign-in.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{Gid, fchown};

use super::distrust::{Distrust, Fault};
use super::folder::{Folder, Kind, errno_of};
use super::reading::read_from;
use super::{limit, summary_file};
use crate::activity::{Change, Course, Event, Unfinished};
use crate::name::UserName;

/// The suffix after the encoded name.
pub const SUFFIX: &str = ".jsonl";
/// The suffix of the rolled file.
const ROLLED: &str = ".jsonl.1";
/// The mode that lets the folder's group, the daemon's, read a file.
pub(super) const SHARED_MODE: u32 = 0o640;
/// The size in bytes at which a file is rolled.
const ROLLS_AT: u64 = 256 * 1024;

/// How many bytes at the end of a file are searched for events to update.
const END: u64 = 8 * 1024;

/// Appends one event, or counts it in an identical earlier one.
///
/// # Errors
/// [`Distrust`], which the caller logs before it goes on.
pub fn append(folder: &Folder, user: &UserName, event: &Event) -> Result<(), Distrust> {
    let mut file = ActivityFile::open(folder, user)?;
    let end = file.end()?;
    let change = end.course().add(event);
    file.make(&end, change)?;
    file.share_if_need_be()
}

/// Makes `event` the event of the sign-in called `name`; `over` says that it is the last. Returns what the person has
/// not been told of if it is over, and nothing before.
///
/// # Errors
/// [`Distrust`], which the caller logs before it goes on.
pub fn move_on(
    folder: &Folder,
    user: &UserName,
    event: Event,
    name: &str,
    over: bool,
) -> Result<Unfinished, Distrust> {
    let mut file = ActivityFile::open(folder, user)?;
    let end = file.end()?;
    let course = end.course();
    let untold = if over {
        course.untold(user.as_str(), name, &event.time)
    } else {
        Unfinished::default()
    };
    let change = course.move_on(event, name, over);
    file.make(&end, change)?;
    file.share_if_need_be()?;
    Ok(untold)
}

/// A person's file, open for appending.
struct ActivityFile<'a> {
    folder: &'a Folder,
    user: &'a UserName,
    file: File,
    size: u64,
    /// The folder's group.
    group: Gid,
    /// Whether owner and mode already let the group read it.
    is_shared: bool,
}

/// The end of a file.
struct End {
    bytes: Vec<u8>,
    /// Its offset in the file.
    offset: u64,
}

impl End {
    fn course(&self) -> Course<'_> {
        Course::new(&self.bytes, self.offset == 0)
    }
}

impl<'a> ActivityFile<'a> {
    const FLAGS: OFlag = OFlag::O_RDWR.union(OFlag::O_APPEND);

    fn open(folder: &'a Folder, user: &'a UserName) -> Result<Self, Distrust> {
        let name = user.file_name(SUFFIX);
        let group = folder.group();
        let existing = folder.open_and_look(&name, Self::FLAGS, Kind::Public)?;
        Ok(match existing {
            Some((file, seen)) => Self {
                folder,
                user,
                file,
                size: u64::try_from(seen.st_size).unwrap_or(u64::MAX),
                group,
                is_shared: seen.st_gid == group.as_raw() && seen.st_mode & 0o7777 == SHARED_MODE,
            },
            None => Self {
                folder,
                user,
                file: Self::create(folder, user, group)?,
                size: 0,
                group,
                is_shared: true,
            },
        })
    }

    fn create(folder: &Folder, user: &UserName, group: Gid) -> Result<File, Distrust> {
        let name = user.file_name(SUFFIX);
        let failed = |errno| Distrust::system(&folder.path_of(&name), errno);
        let created = folder
            .open_file(&name, Self::FLAGS | OFlag::O_CREAT, Kind::Public)?
            .ok_or_else(|| failed(Errno::ENOENT))?;
        share(&created, group).map_err(failed)?;
        Ok(created)
    }

    /// Lets the daemon read a file older than the daemon's installation, and the person's other files shown by it. Done
    /// after the line is written, which matters more.
    fn share_if_need_be(&self) -> Result<(), Distrust> {
        if self.is_shared {
            return Ok(());
        }
        let failed = |errno| self.failed(errno);
        share(&self.file, self.group).map_err(failed)?;
        for suffix in [ROLLED, summary_file::SUFFIX] {
            let name = self.user.file_name(suffix);
            let other = self
                .folder
                .open_file(&name, OFlag::O_RDONLY, Kind::Public)?;
            if let Some(other) = other {
                share(&other, self.group).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn end(&self) -> Result<End, Distrust> {
        let offset = self.size.saturating_sub(END);
        let length = usize::try_from(self.size - offset).unwrap_or_default();
        let mut bytes = Vec::with_capacity(length);
        read_from(&self.file, offset, length, &mut bytes).map_err(|errno| self.failed(errno))?;
        Ok(End { bytes, offset })
    }

    fn make(&mut self, end: &End, change: Change) -> Result<(), Distrust> {
        if let Some(line) = change.added {
            self.add(&line)?;
        }
        if change.over.is_empty() {
            return Ok(());
        }
        // With `O_APPEND`, Linux appends whatever the offset.
        fcntl(&self.file, FcntlArg::F_SETFL(OFlag::empty())).map_err(|errno| self.failed(errno))?;
        for (offset, line) in change.over {
            let offset = end.offset + offset as u64;
            limit::allows(offset + line.len() as u64).map_err(|errno| self.failed(errno))?;
            self.file
                .write_all_at(&line, offset)
                .map_err(|error| self.failed(errno_of(&error)))?;
        }
        Ok(())
    }

    /// A single write, so that lines of two sign-ins never mix.
    fn add(&mut self, line: &[u8]) -> Result<(), Distrust> {
        let mut end = self.size.saturating_add(line.len() as u64);
        let mut rolled = None;
        if end > ROLLS_AT && self.size > 0 {
            rolled = Some(self.roll()?);
            end = line.len() as u64;
        }
        limit::allows(end).map_err(|errno| self.failed(errno))?;
        let mut file = rolled.as_ref().unwrap_or(&self.file);
        match file.write(line) {
            Ok(written) if written == line.len() => Ok(()),
            Ok(_) => Err(self.failed(Errno::ENOSPC)),
            Err(error) => Err(self.failed(errno_of(&error))),
        }
    }

    /// Rolls the file and returns the new one. Two sign-ins that roll at once lose old lines at worst.
    fn roll(&self) -> Result<File, Distrust> {
        let (folder, user) = (self.folder, self.user);
        folder
            .rename(&user.file_name(SUFFIX), &user.file_name(ROLLED))
            .map_err(|errno| self.failed(errno))?;
        Self::create(folder, user, self.group)
    }

    fn failed(&self, errno: Errno) -> Distrust {
        let name = self.user.file_name(SUFFIX);
        Distrust::system(&self.folder.path_of(&name), errno)
    }
}

fn share(file: &File, group: Gid) -> Result<(), Errno> {
    fchown(file, None, Some(group))?;
    fchmod(file, Mode::from_bits_truncate(SHARED_MODE))
}

/// The recorded events, oldest first.
///
/// # Errors
/// [`Distrust`] if a file cannot be trusted or read.
pub fn load(folder: &Folder, user: &UserName) -> Result<Vec<Event>, Distrust> {
    let mut events = Vec::new();
    for suffix in [ROLLED, SUFFIX] {
        let name = user.file_name(suffix);
        match folder.read_public(&name, 2 * ROLLS_AT) {
            Ok(Some(bytes)) => events.extend(Event::read_lines(&String::from_utf8_lossy(&bytes))),
            // Missing, or being written to: the next look will show it.
            Ok(None)
            | Err(Distrust {
                fault: Fault::System(Errno::EAGAIN),
                ..
            }) => {}
            Err(distrust) => return Err(distrust),
        }
    }
    // An updated event keeps its position. RFC 3339 in UTC sorts as text, and the sort is stable.
    events.sort_by(|one, other| one.time.cmp(&other.time));
    Ok(events)
}

/// Removes `user`'s files; returns whether there were any.
///
/// # Errors
/// [`Distrust`] with the system's error.
pub fn remove(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
    let had_old = folder.remove(&user.file_name(ROLLED))?;
    Ok(folder.remove(&user.file_name(SUFFIX))? || had_old)
}

#[cfg(test)]
mod tests;
