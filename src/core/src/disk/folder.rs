//! A folder that only root can have changed, and its files.

use std::cell::RefCell;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, open, renameat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, lstat};
use nix::unistd::{Gid, UnlinkatFlags, fsync, mkdir, unlinkat};
use zeroize::Zeroizing;

use super::distrust::{Distrust, Fault};
use super::reading::read_from;

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

/// A folder that belongs to root and is writable by root only, like all its ancestors. Its files are opened by path:
/// nobody but root can have put another folder in its place, and what root has put there is what counts.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    group: Gid,
}

/// Caches the folders already found trustworthy during one sign-in, so that they are checked once. Only root could
/// have changed them since.
#[derive(Debug, Default)]
pub struct Walk {
    trusted: RefCell<Vec<Folder>>,
}

impl Walk {
    /// Walks down to `path`, checking every folder on the way and following no symbolic link.
    ///
    /// # Errors
    /// [`Distrust`] for the first folder that is missing, a link, not owned by root, or writable by others.
    pub fn open(&self, path: &Path) -> Result<Folder, Distrust> {
        let mut trusted = self.trusted.borrow_mut();
        if let Some(known) = known(&trusted, path) {
            return Ok(known.clone());
        }
        let is_plain = |part| matches!(part, Component::RootDir | Component::Normal(_));
        if !path.is_absolute() || !path.components().all(is_plain) {
            return Err(Distrust::system(path, Errno::EINVAL));
        }
        let mut unknown: Vec<&Path> = path
            .ancestors()
            .take_while(|path| known(&trusted, path).is_none())
            .collect();
        // From the root down: in a trusted folder, nobody but root can replace anything.
        while let Some(path) = unknown.pop() {
            trusted.push(look(path)?);
        }
        let found = known(&trusted, path).cloned();
        found.ok_or_else(|| Distrust::system(path, Errno::EINVAL))
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
        match mkdir(&above.path.join(name), Mode::S_IRWXU) {
            // Another sign-in was faster.
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(failed(errno)),
        }
        above.sync().map_err(failed)?;
        // The caller's umask may have removed permissions.
        std::fs::set_permissions(path, Permissions::from_mode(0o700))
            .map_err(|error| failed(errno_of(&error)))?;
        Self::open(path)
    }

    /// The path of the file `name` in this folder.
    #[must_use]
    pub fn path_of(&self, name: &str) -> PathBuf {
        let mut path = PathBuf::with_capacity(self.path.as_os_str().len() + 1 + name.len());
        path.push(&self.path);
        path.push(name);
        path
    }

    /// The folder's own path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's group.
    #[must_use]
    pub fn group(&self) -> Gid {
        self.group
    }

    /// Makes durable which files are in it.
    pub(super) fn sync(&self) -> Result<(), Errno> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        fsync(open(&self.path, flags, Mode::empty())?)
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
        let handle = match open(&path, flags, Mode::from_bits_truncate(0o600)) {
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

    /// Reads the regular file `name` that holds no secret, at most `most` bytes; `Ok(None)` if it does not exist.
    ///
    /// # Errors
    /// [`Distrust`] as for [`Self::open_file`], or if it is larger.
    pub fn read_public(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, Distrust> {
        let mut bytes = Vec::new();
        let found = self.read(name, most, Kind::Public, &mut bytes)?;
        Ok(found.then_some(bytes))
    }

    /// The same of a file that holds secrets.
    ///
    /// # Errors
    /// As there.
    pub fn read_secret(
        &self,
        name: &str,
        most: u64,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Distrust> {
        let mut bytes = Zeroizing::default();
        let found = self.read(name, most, Kind::Secret, &mut bytes)?;
        Ok(found.then_some(bytes))
    }

    /// Whether there is such a file; it is read into `bytes`.
    fn read(
        &self,
        name: &str,
        most: u64,
        kind: Kind,
        bytes: &mut Vec<u8>,
    ) -> Result<bool, Distrust> {
        let Some((file, stat)) = self.open_and_look(name, OFlag::O_RDONLY, kind)? else {
            return Ok(false);
        };
        let failed = |fault| Distrust::new(&self.path_of(name), fault);
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if size > most {
            return Err(failed(Fault::TooLarge(most)));
        }
        let size = usize::try_from(size).unwrap_or_default();
        // Allocated once: a buffer that grows leaves an unwiped copy behind. With room for one more byte, which shows
        // that the file grew during the read: nobody writes our files in place.
        bytes.reserve_exact(size + 1);
        read_from(&file, 0, size, bytes).map_err(|errno| failed(Fault::System(errno)))?;
        if bytes.len() > size {
            return Err(failed(Fault::System(Errno::EAGAIN)));
        }
        Ok(true)
    }

    /// Removes the file `name`; returns whether there was one.
    pub(super) fn remove(&self, name: &str) -> Result<bool, Distrust> {
        match self.unlink(name) {
            Ok(()) => Ok(true),
            Err(Errno::ENOENT) => Ok(false),
            Err(errno) => Err(Distrust::system(&self.path_of(name), errno)),
        }
    }

    pub(super) fn unlink(&self, name: &str) -> Result<(), Errno> {
        unlinkat(AT_FDCWD, &self.path_of(name), UnlinkatFlags::NoRemoveDir)
    }

    /// Gives the file `from` the name `to`, in the place of the one that had it.
    pub(super) fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        renameat(AT_FDCWD, &self.path_of(from), AT_FDCWD, &self.path_of(to))
    }

    /// The same, durably.
    pub(super) fn remove_for_good(&self, name: &str) -> Result<bool, Distrust> {
        let found = self.remove(name)?;
        if found {
            self.sync()
                .map_err(|errno| Distrust::system(&self.path, errno))?;
        }
        Ok(found)
    }

    /// Whether `name` in this folder still is the file that was opened with the result `seen`.
    pub(super) fn still_holds(&self, name: &str, seen: &FileStat) -> Result<bool, Errno> {
        match lstat(&self.path_of(name)) {
            Ok(by_name) => Ok((by_name.st_dev, by_name.st_ino) == (seen.st_dev, seen.st_ino)),
            Err(Errno::ENOENT) => Ok(false),
            Err(errno) => Err(errno),
        }
    }
}

/// As bytes: paths are compared part by part, and nobody spells one in two ways.
fn known<'a>(trusted: &'a [Folder], path: &Path) -> Option<&'a Folder> {
    let mut trusted = trusted.iter();
    trusted.find(|folder| folder.path.as_os_str() == path.as_os_str())
}

fn look(path: &Path) -> Result<Folder, Distrust> {
    let stat = lstat(path).map_err(|errno| Distrust::system(path, errno))?;
    match type_of(&stat) {
        SFlag::S_IFDIR => check_owner_and_mode(&stat, path, WRITE_BY_GROUP_AND_OTHERS)?,
        SFlag::S_IFLNK => return Err(Distrust::new(path, Fault::Link)),
        _ => return Err(Distrust::system(path, Errno::ENOTDIR)),
    }
    Ok(Folder {
        path: path.to_owned(),
        group: Gid::from_raw(stat.st_gid),
    })
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
