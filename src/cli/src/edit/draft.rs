//! The copy that is edited, where only root can read it, and the lock that keeps two from editing at once.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use antiphon_core::shell;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::changes::{self, Bytes};
use crate::failure::{Failure, Kind};
use crate::folders;
use crate::screen::Screen;

/// Where drafts are, whatever the configuration says.
const FOLDER: &str = "/var/lib/antiphon/drafts";

/// The path as the name of one file.
fn name(of: &Path) -> OsString {
    let mut name = Vec::new();
    for byte in of.as_os_str().as_bytes() {
        match byte {
            b'/' => name.extend_from_slice(b"%2F"),
            b'%' => name.extend_from_slice(b"%25"),
            other => name.push(*other),
        }
    }
    OsString::from_vec(name)
}

/// A draft, which nobody else edits.
pub(super) struct Draft {
    path: PathBuf,
    _lock: Flock<File>,
}

impl Draft {
    /// The draft of the file at `of`, named by the whole of that, so that no draft of another file is taken for it, and editors
    /// know its kind.
    pub(super) fn lock(of: &Path) -> Result<Self, Failure> {
        let folder = folders::of_changes(Path::new(FOLDER))?;
        let failed = |errno: Errno| Failure::new(Kind::Io, format!("{FOLDER}: {}", errno.desc()));
        let file = File::open(folder.path())
            .map_err(|error| Failure::new(Kind::Io, format!("{FOLDER}: {error}")))?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Self {
                path: folder.path().join(name(of)),
                _lock: lock,
            }),
            Err((_, Errno::EAGAIN)) => {
                let what = format!("somebody else is editing; see who with: fuser -v {FOLDER}");
                Err(Failure::new(Kind::TryAgain, what))
            }
            Err((_, errno)) => Err(failed(errno)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Begins with `bytes`, or goes on with what a killed command has left. Somebody may have edited the file meanwhile:
    /// what the draft would change in it now is shown first.
    pub(super) fn begin(&self, bytes: &Bytes, screen: &mut Screen) -> Result<(), Failure> {
        let left = changes::read(&self.path)?.filter(|left| left != bytes);
        if let Some(left) = left {
            screen.note(&format!(
                "A draft that was not finished is in {}. It would change the file as it is now:",
                shell::word(&self.path)
            ));
            for difference in changes::differences(bytes, &left) {
                screen.note(&format!("  {difference}"));
            }
            loop {
                match screen
                    .ask("Go on with it, or throw it away? [g/t] ")
                    .as_deref()
                {
                    Some(b"g" | b"G" | b"go") => return Ok(()),
                    Some(b"t" | b"T" | b"throw") => break,
                    Some(_) => {}
                    None => return Err(self.kept("nobody answered")),
                }
            }
        }
        self.put(&bytes.0)
    }

    /// Makes it anew.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.write(bytes).map_err(|error| {
            let path = self.path.display();
            Failure::new(Kind::CannotCreate, format!("{path}: {error}"))
        })
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.remove_file()?;
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.path)?
            .write_all(bytes)
    }

    /// What it is now.
    pub(super) fn read(&self) -> Result<Bytes, Failure> {
        changes::read(&self.path)?.ok_or_else(|| {
            Failure::new(
                Kind::NoInput,
                "the editor has removed the draft; nothing was changed",
            )
        })
    }

    pub(super) fn remove(&self) -> Result<(), Failure> {
        self.remove_file().map_err(|error| {
            let path = self.path.display();
            Failure::new(Kind::Io, format!("{path}: {error}"))
        })
    }

    fn remove_file(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Nothing was changed because of `why`, and the draft stays for the next time.
    pub(super) fn kept(&self, why: &str) -> Failure {
        let what = format!(
            "{why}; the draft is kept in {}, and antiphon edit goes on with it",
            shell::word(&self.path)
        );
        Failure::new(Kind::NoInput, what)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::name;

    #[test]
    fn drafts_of_two_files_have_two_names() {
        let paths = ["/a/x.toml", "/b/x.toml", "/a%/b", "/a/%b", "/a%2Fb", "/a/b"];
        let names = paths.map(|path| name(Path::new(path)));
        assert_eq!(names[0], "%2Fa%2Fx.toml");
        for (nth, one) in names.iter().enumerate() {
            assert!(!names[..nth].contains(one), "{one:?}");
        }
    }
}
