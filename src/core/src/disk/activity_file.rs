//! Adding a line to a person's activity, and reading it.
//!
//! Nothing here waits: the daemon, which must not be able to hold up a sign-in, may read these files and so lock them.

use std::io::Write;

use nix::errno::Errno;
use nix::fcntl::{OFlag, renameat};
use nix::sys::stat::{Mode, fchmod, fstat};
use nix::unistd::{Gid, UnlinkatFlags, fchown, unlinkat};

use super::distrust::{Distrust, Fault};
use super::folder::{Folder, Kind, errno_of};
use super::limit;
use crate::activity::Event;
use crate::name::UserName;

/// What follows the encoded name.
pub const SUFFIX: &str = ".jsonl";
/// What follows it when the file has rolled.
const ROLLED: &str = ".jsonl.1";
/// The size in bytes at which a file rolls.
const ROLLS_AT: u64 = 256 * 1024;

/// Adds one event.
///
/// # Errors
/// [`Distrust`]; the caller logs it and goes on.
pub fn append(folder: &Folder, user: &UserName, event: &Event) -> Result<(), Distrust> {
    let name = user.file_name(SUFFIX);
    let path = folder.path_of(&name);
    let failed = |errno| Distrust::system(&path, errno);
    let line = event.to_line().map_err(|_| failed(Errno::EINVAL))?;
    let flags = OFlag::O_WRONLY | OFlag::O_APPEND;
    let existing = folder.open_and_look(&name, flags, Kind::Public)?;
    let size = match &existing {
        Some((_, seen)) => u64::try_from(seen.st_size).unwrap_or(u64::MAX),
        None => 0,
    };
    let (mut file, end) = match existing {
        Some((file, _)) if size.saturating_add(line.len() as u64) <= ROLLS_AT => {
            (file, size + line.len() as u64)
        }
        before => {
            if before.is_some() {
                // Two sign-ins that roll at once lose old lines at worst.
                renameat(
                    folder.handle(),
                    name.as_str(),
                    folder.handle(),
                    user.file_name(ROLLED).as_str(),
                )
                .map_err(failed)?;
            }
            let created = folder
                .open_file(&name, flags | OFlag::O_CREAT, Kind::Public)?
                .ok_or_else(|| failed(Errno::ENOENT))?;
            // The folder's group is the daemon's: it may read.
            let group = fstat(folder.handle()).map_err(failed)?.st_gid;
            fchown(&created, None, Some(Gid::from_raw(group))).map_err(failed)?;
            fchmod(&created, Mode::from_bits_truncate(0o640)).map_err(failed)?;
            (created, line.len() as u64)
        }
    };
    limit::allows(end).map_err(failed)?;
    // One write: lines of two sign-ins never mix.
    match file.write(line.as_bytes()) {
        Ok(written) if written == line.len() => Ok(()),
        Ok(_) => Err(failed(Errno::ENOSPC)),
        Err(error) => Err(failed(errno_of(&error))),
    }
}

/// The events on file, oldest first.
///
/// # Errors
/// [`Distrust`] if a file cannot be trusted or read.
pub fn load(folder: &Folder, user: &UserName) -> Result<Vec<Event>, Distrust> {
    let mut events = Vec::new();
    for suffix in [ROLLED, SUFFIX] {
        let name = user.file_name(suffix);
        match folder.read(&name, 2 * ROLLS_AT, Kind::Public) {
            Ok(Some(bytes)) => events.extend(Event::read_lines(&String::from_utf8_lossy(&bytes))),
            // None there, or one that was being written to: the next look will do.
            Ok(None)
            | Err(Distrust {
                fault: Fault::System(Errno::EAGAIN),
                ..
            }) => {}
            Err(distrust) => return Err(distrust),
        }
    }
    Ok(events)
}

/// Removes what is on file of `user`; whether there was anything.
///
/// # Errors
/// [`Distrust`] with what the system said.
pub fn remove(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
    let mut found = false;
    for suffix in [ROLLED, SUFFIX] {
        let name = user.file_name(suffix);
        match unlinkat(folder.handle(), name.as_str(), UnlinkatFlags::NoRemoveDir) {
            Ok(()) => found = true,
            Err(Errno::ENOENT) => {}
            Err(errno) => return Err(Distrust::system(&folder.path_of(&name), errno)),
        }
    }
    Ok(found)
}
