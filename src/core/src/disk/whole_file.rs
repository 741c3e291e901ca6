//! Writing a file whole: a reader sees the old one or the new one, and nothing is left beside it.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::stat::Mode;
use nix::unistd::{Gid, UnlinkatFlags, fchown, fsync, unlinkat};

use super::distrust::Distrust;
use super::folder::{Folder, errno_of};
use super::limit;

/// A file that is to be written.
pub(super) struct WholeFile<'a> {
    /// What it is called.
    pub(super) name: &'a str,
    /// What it is called until it is whole. The same at each attempt: what a crash leaves behind, the next one clears away.
    pub(super) temporary: &'a str,
    /// Its mode.
    pub(super) mode: u32,
    /// Its group, if not the writer's.
    pub(super) group: Option<Gid>,
    /// Whether it must have outlived a power cut when this returns.
    pub(super) durable: bool,
}

impl WholeFile<'_> {
    /// Writes `bytes`.
    ///
    /// # Errors
    /// [`Distrust`] with what the system said. The old file is then still there.
    pub(super) fn write(&self, folder: &Folder, bytes: &[u8]) -> Result<(), Distrust> {
        let failed = |errno| Distrust::system(&folder.path_of(self.temporary), errno);
        match self.clear(folder) {
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(errno) => return Err(failed(errno)),
        }
        let flags =
            OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        limit::allows(bytes.len() as u64).map_err(failed)?;
        let handle = openat(
            folder.handle(),
            self.temporary,
            flags,
            Mode::from_bits_truncate(0o600),
        )
        .map_err(failed)?;
        let written = self.fill(File::from(handle), folder, bytes);
        if written.is_err() {
            let _ = self.clear(folder);
        }
        written.map_err(failed)
    }

    fn fill(&self, mut file: File, folder: &Folder, bytes: &[u8]) -> Result<(), Errno> {
        if self.group.is_some() {
            fchown(file.as_fd(), None, self.group)?;
        }
        // Said again, since the umask has taken from it.
        file.set_permissions(Permissions::from_mode(self.mode))
            .and_then(|()| file.write_all(bytes))
            .map_err(|error| errno_of(&error))?;
        if self.durable {
            file.sync_all().map_err(|error| errno_of(&error))?;
        }
        renameat(folder.handle(), self.temporary, folder.handle(), self.name)?;
        if self.durable {
            fsync(folder.handle())?;
        }
        Ok(())
    }

    fn clear(&self, folder: &Folder) -> Result<(), Errno> {
        unlinkat(folder.handle(), self.temporary, UnlinkatFlags::NoRemoveDir)
    }
}

#[cfg(test)]
mod tests;
