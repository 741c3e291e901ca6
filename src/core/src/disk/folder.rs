//! A folder that only root can have changed, and its files.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fchmod, fstat, fstatat, mkdirat};
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};
use zeroize::Zeroizing;

use super::distrust::{Distrust, Fault};

const GROUP_AND_OTHERS: u32 = 0o077;
const WRITE_BY_GROUP_AND_OTHERS: u32 = 0o022;

/// How open one of root's files may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only root may read it.
    Secret,
    /// Only root may write it.
    Public,
}

/// A folder all of whose ancestors belong to root and are writable by root only. Held open, so that a rename does not
/// change what is opened through it.
#[derive(Debug)]
pub struct Folder {
    handle: OwnedFd,
    path: PathBuf,
}

/// Caches the ancestors already found trustworthy during one sign-in, so that they are checked once. Only root could
/// have changed them since.
#[derive(Debug, Default)]
pub struct Walk {
    trusted: RefCell<Vec<PathBuf>>,
}

impl Walk {
    /// Walks down to `path`, checking every folder on the way and following no symbolic link.
    ///
    /// # Errors
    /// [`Distrust`] for the first folder that is missing, a link, not owned by root, or writable by others.
    pub fn open(&self, path: &Path) -> Result<Folder, Distrust> {
        let mut trusted = self.trusted.borrow_mut();
        let mut here = PathBuf::from("/");
        for part in path.components() {
            match part {
                Component::RootDir => {}
                Component::Normal(name) => {
                    // From the root down: below a trusted folder, nobody but root can replace anything. So checking
                    // each is enough, and only the last is opened.
                    if !trusted.contains(&here) {
                        check_ancestor(&here)?;
                        trusted.push(here.clone());
                    }
                    here.push(name);
                }
                _ => return Err(Distrust::system(path, Errno::EINVAL)),
            }
        }
        Ok(Folder {
            handle: open_folder(&here)?,
            path: here,
        })
    }
}

impl Folder {
    /// [`Walk::open`] with a new [`Walk`].
    ///
    /// # Errors
    /// [`Distrust`] as there.
    pub fn open(path: &Path) -> Result<Self, Distrust> {
        Walk::default().open(path)
    }

    /// Opens the folder at `path`, or creates it with mode 0700 if only the last component is missing.
    ///
    /// # Errors
    /// [`Distrust`].
    pub fn open_or_make(path: &Path) -> Result<Self, Distrust> {
        let found = Self::open(path);
        let (Err(distrust), Some(parent), Some(name)) = (&found, path.parent(), path.file_name())
        else {
            return found;
        };
        if !distrust.is_missing() {
            return found;
        }
        let above = Self::open(parent)?;
        let failed = |errno| Distrust::system(path, errno);
        match mkdirat(above.handle(), name, Mode::S_IRWXU) {
            // Another sign-in was faster.
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(failed(errno)),
        }
        fsync(above.handle()).map_err(failed)?;
        let made = Self::open(path)?;
        // The caller's umask may have removed permissions.
        fchmod(made.handle(), Mode::S_IRWXU).map_err(failed)?;
        Ok(made)
    }

    /// The path of the file `name` in this folder.
    #[must_use]
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder's own path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn handle(&self) -> &OwnedFd {
        &self.handle
    }

    /// Opens the regular file `name` with `flags`; `Ok(None)` if it does not exist.
    ///
    /// # Errors
    /// [`Distrust`] if it is a link, not a regular file, not owned by root, more open than `kind` allows, or cannot be
    /// opened.
    pub fn open_file(
        &self,
        name: &str,
        flags: OFlag,
        kind: Kind,
    ) -> Result<Option<File>, Distrust> {
        let opened = self.open_and_look(name, flags, kind)?;
        Ok(opened.map(|(file, _)| file))
    }

    /// The same, with the `fstat` result of the check.
    pub(super) fn open_and_look(
        &self,
        name: &str,
        flags: OFlag,
        kind: Kind,
    ) -> Result<Option<(File, FileStat)>, Distrust> {
        let path = self.path_of(name);
        // Non-blocking: a FIFO must not delay a sign-in.
        let flags =
            flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let handle = match openat(&self.handle, name, flags, Mode::from_bits_truncate(0o600)) {
            Ok(handle) => handle,
            Err(Errno::ENOENT) => return Ok(None),
            Err(Errno::ELOOP) => return Err(Distrust::new(&path, Fault::Link)),
            Err(Errno::ENXIO | Errno::ENODEV | Errno::EISDIR) => {
                return Err(Distrust::new(&path, Fault::NotAFile));
            }
            Err(errno) => return Err(Distrust::system(&path, errno)),
        };
        let stat = fstat(&handle).map_err(|errno| Distrust::system(&path, errno))?;
        if type_of(&stat) != SFlag::S_IFREG {
            return Err(Distrust::new(&path, Fault::NotAFile));
        }
        match kind {
            Kind::Secret => check_owner_and_mode(&stat, &path, GROUP_AND_OTHERS)?,
            Kind::Public => check_owner_and_mode(&stat, &path, WRITE_BY_GROUP_AND_OTHERS)?,
        }
        Ok(Some((File::from(handle), stat)))
    }

    /// Reads the regular file `name`, at most `most` bytes; `Ok(None)` if it does not exist.
    ///
    /// # Errors
    /// [`Distrust`] as for [`Self::open_file`], or if it is larger.
    pub fn read(
        &self,
        name: &str,
        most: u64,
        kind: Kind,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Distrust> {
        let Some((mut file, stat)) = self.open_and_look(name, OFlag::O_RDONLY, kind)? else {
            return Ok(None);
        };
        let path = self.path_of(name);
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if size > most {
            return Err(Distrust::new(&path, Fault::TooLarge(most)));
        }
        // Allocated at full size: a buffer that grows leaves an unwiped copy behind.
        let expected = usize::try_from(size).unwrap_or_default();
        let room = expected + 1;
        let mut bytes = Zeroizing::new(vec![0; room]);
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match file.read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Distrust::system(&path, errno_of(&error))),
            }
            // There was room for more bytes but none came.
            if filled == expected {
                break;
            }
        }
        if filled == room {
            // It grew during the read: nobody writes our files in place.
            return Err(Distrust::system(&path, Errno::EAGAIN));
        }
        bytes.truncate(filled);
        Ok(Some(bytes))
    }

    /// Removes the file `name`; returns whether there was one.
    pub(super) fn remove(&self, name: &str) -> Result<bool, Distrust> {
        match unlinkat(&self.handle, name, UnlinkatFlags::NoRemoveDir) {
            Ok(()) => Ok(true),
            Err(Errno::ENOENT) => Ok(false),
            Err(errno) => Err(Distrust::system(&self.path_of(name), errno)),
        }
    }

    /// The same, durably.
    pub(super) fn remove_for_good(&self, name: &str) -> Result<bool, Distrust> {
        let found = self.remove(name)?;
        if found {
            fsync(&self.handle).map_err(|errno| Distrust::system(&self.path, errno))?;
        }
        Ok(found)
    }

    /// Whether `name` in this folder still is the file that was opened with the result `seen`.
    pub(super) fn still_holds(&self, name: &str, seen: &FileStat) -> Result<bool, Errno> {
        match fstatat(&self.handle, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Ok(by_name) => Ok((by_name.st_dev, by_name.st_ino) == (seen.st_dev, seen.st_ino)),
            Err(Errno::ENOENT) => Ok(false),
            Err(errno) => Err(errno),
        }
    }
}

fn check_ancestor(path: &Path) -> Result<(), Distrust> {
    let stat = fstatat(AT_FDCWD, path, AtFlags::AT_SYMLINK_NOFOLLOW)
        .map_err(|errno| Distrust::system(path, errno))?;
    match type_of(&stat) {
        SFlag::S_IFDIR => check_owner_and_mode(&stat, path, WRITE_BY_GROUP_AND_OTHERS),
        SFlag::S_IFLNK => Err(Distrust::new(path, Fault::Link)),
        _ => Err(Distrust::system(path, Errno::ENOTDIR)),
    }
}

/// Opens the folder at `path`, whose ancestors have all been checked.
fn open_folder(path: &Path) -> Result<OwnedFd, Distrust> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let handle = match openat(AT_FDCWD, path, flags, Mode::empty()) {
        Ok(handle) => handle,
        // With O_DIRECTORY a link gives ENOTDIR, just as a file does.
        Err(Errno::ENOTDIR | Errno::ELOOP)
            if fstatat(AT_FDCWD, path, AtFlags::AT_SYMLINK_NOFOLLOW)
                .is_ok_and(|stat| type_of(&stat) == SFlag::S_IFLNK) =>
        {
            return Err(Distrust::new(path, Fault::Link));
        }
        Err(errno) => return Err(Distrust::system(path, errno)),
    };
    let stat = fstat(&handle).map_err(|errno| Distrust::system(path, errno))?;
    check_owner_and_mode(&stat, path, WRITE_BY_GROUP_AND_OTHERS)?;
    Ok(handle)
}

fn check_owner_and_mode(stat: &FileStat, path: &Path, forbidden: u32) -> Result<(), Distrust> {
    if stat.st_uid != 0 {
        return Err(Distrust::new(path, Fault::Owner(stat.st_uid)));
    }
    let mode = stat.st_mode & 0o7777;
    if mode & forbidden != 0 {
        return Err(Distrust::new(path, Fault::Mode(mode, mode & !forbidden)));
    }
    Ok(())
}

fn type_of(stat: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT
}

pub(crate) fn errno_of(error: &std::io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or_default())
}

#[cfg(test)]
mod tests;
