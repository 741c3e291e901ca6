//! Writes a file atomically: a reader sees the old one or the new one, and no temporary file stays behind.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::unistd::{Gid, fchown};

use super::distrust::Distrust;
use super::folder::{Folder, errno_of};
use super::limit;

/// A file to be written.
pub(super) struct WholeFile<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its name while it is incomplete. Always the same, so that each attempt removes what a crash left behind.
    pub(super) temporary: &'a str,
    pub(super) mode: u32,
    pub(super) group: Option<Gid>,
    /// Whether it must survive a power cut once this returns.
    pub(super) durable: bool,
}

impl WholeFile<'_> {
    /// Writes `bytes`.
    ///
    /// # Errors
    /// [`Distrust`] with the system's error; the old file is still there then.
    pub(super) fn write(&self, folder: &Folder, bytes: &[u8]) -> Result<(), Distrust> {
        let failed = |errno| Distrust::system(&folder.path_of(self.temporary), errno);
        folder.remove(self.temporary)?;
        let flags =
            OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        limit::allows(bytes.len() as u64).map_err(failed)?;
        let temporary = folder.path_of(self.temporary);
        let handle = open(&temporary, flags, Mode::from_bits_truncate(0o600)).map_err(failed)?;
        let written = self.fill(File::from(handle), folder, bytes);
        if written.is_err() {
            let _ = folder.remove(self.temporary);
        }
        written.map_err(failed)
    }

    fn fill(&self, mut file: File, folder: &Folder, bytes: &[u8]) -> Result<(), Errno> {
        if self.group.is_some() {
            fchown(file.as_fd(), None, self.group)?;
        }
        // Explicitly, because the umask applied at creation.
        file.set_permissions(Permissions::from_mode(self.mode))
            .and_then(|()| file.write_all(bytes))
            .map_err(|error| errno_of(&error))?;
        if self.durable {
            file.sync_all().map_err(|error| errno_of(&error))?;
        }
        folder.rename(self.temporary, self.name)?;
        if self.durable {
            folder.sync()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
