//! Why a file or folder is not trusted, and the fix.

use std::fmt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use crate::shell;

/// The sticky bit, of folders that are meant for everybody, as `/tmp`.
const STICKY: u32 = 0o1000;

/// An unusable file or folder. `Display` gives the path, the fault and the fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distrust {
    /// Its path.
    pub path: PathBuf,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The system refused to open, read or write it.
    System(Errno),
    /// It is a symbolic link.
    Link,
    /// It is not a regular file.
    NotAFile,
    /// The owner: this user id, not root.
    Owner(u32),
    /// Its mode, which grants others too much, and the mode it must have.
    Mode(u32, u32),
    /// It is larger than this many bytes.
    TooLarge(u64),
}

impl Distrust {
    pub(crate) fn new(path: &Path, fault: Fault) -> Self {
        Self {
            path: path.to_owned(),
            fault,
        }
    }

    pub(crate) fn system(path: &Path, errno: Errno) -> Self {
        Self::new(path, Fault::System(errno))
    }

    /// Whether the file or folder does not exist.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.fault == Fault::System(Errno::ENOENT)
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = shell::word(&self.path);
        match &self.fault {
            Fault::System(errno) => write!(f, "{path}: {}{}", errno.desc(), fix_of(*errno)),
            Fault::Link => write!(
                f,
                "{path}: is a symbolic link, which is not followed; put the real file or folder in its place, after you \
                 run: rm {path}"
            ),
            Fault::NotAFile => write!(f, "{path}: is not a regular file; run: rm -r {path}"),
            Fault::Owner(uid) => write!(
                f,
                "{path}: belongs to user id {uid}; run: chown root {path}"
            ),
            Fault::Mode(found, needed) if found & STICKY != 0 => write!(
                f,
                "{path}: mode {found:04o} lets others in; if it is for everybody, as /tmp is, use another folder; otherwise \
                 run: chmod {needed:04o} {path}"
            ),
            Fault::Mode(found, needed) => {
                write!(
                    f,
                    "{path}: mode {found:04o} lets others in; run: chmod {needed:04o} {path}"
                )
            }
            Fault::TooLarge(most) => write!(
                f,
                "{path}: is larger than {most} bytes; restore it from a backup"
            ),
        }
    }
}

impl std::error::Error for Distrust {}

/// The fix for an error of the system.
fn fix_of(errno: Errno) -> &'static str {
    match errno {
        Errno::ENOENT | Errno::ENOTDIR => "; put it in its place, or fix [paths]",
        Errno::EACCES | Errno::EPERM => "; look for denials of SELinux or AppArmor, and at lsattr",
        Errno::EROFS => "; mount its file system for writing",
        Errno::ENOSPC | Errno::EDQUOT => "; free some space there",
        Errno::EFBIG => "; the caller's limit on the size of files is too low (ulimit -f)",
        Errno::EIO => "; the disk is failing: look at dmesg",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
