//! Reading and writing a person's record.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};

use super::distrust::Distrust;
use super::folder::{Folder, Kind, errno_of};
use crate::name::UserName;
use crate::outcome::Trouble;
use crate::record::{MAX_SIZE, Record, RecordError};

/// What follows the encoded name.
pub const SUFFIX: &str = ".toml";

/// Reads `user`'s record in the folder of records; `Ok(None)` if there is none, and only then.
///
/// # Errors
/// [`Trouble`] that names the file and the mend.
pub fn load(folder: &Folder, user: &UserName) -> Result<Option<Record>, Trouble> {
    let name = user.file_name(SUFFIX);
    let bytes = folder
        .read(&name, MAX_SIZE, Kind::Secret)
        .map_err(|distrust| Trouble::new("record", &distrust))?;
    let Some(bytes) = bytes else { return Ok(None) };
    std::str::from_utf8(&bytes)
        .map_err(|_| RecordError::NotUtf8)
        .and_then(|text| Record::parse(text, user))
        .map(Some)
        .map_err(|error| {
            let path = folder.path_of(&name);
            let mend = format_args!(
                "{}: {error}; mend it, or run: antiphon enroll {user} --replace",
                path.display()
            );
            Trouble::new("record", &mend)
        })
}

/// Writes `record` whole: a reader sees the old one or the new one, also after a power cut.
///
/// # Errors
/// [`Distrust`] with what the system said. The old record is then still there.
pub fn store(folder: &Folder, user: &UserName, record: &Record) -> Result<(), Distrust> {
    let name = user.file_name(SUFFIX);
    // One name for all attempts: what a crash leaves behind, the next one clears away.
    let temporary = format!(".{name}.new");
    let path = folder.path_of(&temporary);
    let failed = |errno| Distrust::system(&path, errno);
    match unlinkat(
        folder.handle(),
        temporary.as_str(),
        UnlinkatFlags::NoRemoveDir,
    ) {
        Ok(()) | Err(Errno::ENOENT) => {}
        Err(errno) => return Err(failed(errno)),
    }
    let flags =
        OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let handle = openat(
        folder.handle(),
        temporary.as_str(),
        flags,
        Mode::from_bits_truncate(0o600),
    )
    .map_err(failed)?;
    let mut file = File::from(handle);
    let written = file
        // Said again, since the umask has taken from it.
        .set_permissions(Permissions::from_mode(0o600))
        .and_then(|()| file.write_all(record.to_toml().expose().as_bytes()))
        .and_then(|()| file.sync_all())
        .map_err(|error| errno_of(&error))
        .and_then(|()| {
            renameat(
                folder.handle(),
                temporary.as_str(),
                folder.handle(),
                name.as_str(),
            )
        })
        .and_then(|()| fsync(folder.handle()));
    if written.is_err() {
        let _ = unlinkat(
            folder.handle(),
            temporary.as_str(),
            UnlinkatFlags::NoRemoveDir,
        );
    }
    written.map_err(failed)
}

/// Removes `user`'s record; whether there was one.
///
/// # Errors
/// [`Distrust`] with what the system said.
pub fn remove(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
    let name = user.file_name(SUFFIX);
    match unlinkat(folder.handle(), name.as_str(), UnlinkatFlags::NoRemoveDir) {
        Ok(()) => fsync(folder.handle())
            .map(|()| true)
            .map_err(|errno| Distrust::system(folder.path(), errno)),
        Err(Errno::ENOENT) => Ok(false),
        Err(errno) => Err(Distrust::system(&folder.path_of(&name), errno)),
    }
}
