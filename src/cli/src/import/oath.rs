//! Reads the file of `pam_oath`, which has everybody's secrets and is root's, or the same from standard input.

use std::cell::RefCell;
use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use antiphon_core::import::Found;
use antiphon_core::import::oath::{Entry, MAX_SIZE, entries, read};
use antiphon_core::name::UserName;
use nix::unistd::Uid;
use zeroize::Zeroizing;

use super::{Secret, Source, file};
use crate::clock;
use crate::failure::{Failure, Kind};

/// The file.
pub(super) struct File<'a> {
    /// `-` is standard input.
    path: &'a Path,
    read: RefCell<AsRead>,
}

/// Its lines, as they were when it was last read.
struct AsRead {
    version: Version,
    /// By the name as it is written.
    lines: HashMap<String, Vec<Zeroizing<Vec<u8>>>>,
}

/// What changes when the other module replaces the file, as it does at each sign-in.
#[derive(PartialEq, Eq)]
struct Version(Option<[i64; 4]>);

impl<'a> File<'a> {
    pub(super) fn new(path: &'a Path) -> Self {
        Self {
            path,
            read: RefCell::new(AsRead {
                version: Version(None),
                lines: HashMap::new(),
            }),
        }
    }

    fn is_standard_input(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// Reads it again, if it has been replaced meanwhile.
    fn look(&self) -> Result<(), String> {
        let version = Version::of(self.path);
        if self.is_standard_input() || self.read.borrow().version == version {
            return Ok(());
        }
        let bytes = file::bytes(self.path, &[Uid::from_raw(0)], MAX_SIZE)?;
        self.keep(version, &entries(&bytes));
        Ok(())
    }

    fn keep(&self, version: Version, entries: &[Entry<'_>]) {
        let lines = entries.iter().map(|entry| {
            let lines = entry.lines.iter().map(|line| Zeroizing::new(line.to_vec()));
            (entry.user.to_owned(), lines.collect())
        });
        *self.read.borrow_mut() = AsRead {
            version,
            lines: lines.collect(),
        };
    }
}

impl Source for File<'_> {
    fn word(&self) -> &'static str {
        "oath"
    }

    fn secrets(&self) -> Result<Vec<Secret>, Failure> {
        let version = Version::of(self.path);
        let bytes = if self.is_standard_input() {
            file::standard_input(MAX_SIZE)
        } else {
            file::bytes(self.path, &[Uid::from_raw(0)], MAX_SIZE)
        };
        let bytes = bytes.map_err(|why| {
            let what = format!("{}: {why}", self.path.display());
            Failure::new(Kind::NoInput, what)
        })?;
        let secret = |name: &str, line| Secret {
            name: name.to_owned(),
            path: PathBuf::from(self.path),
            line: Some(line),
        };
        let entries = entries(&bytes);
        self.keep(version, &entries);
        Ok(entries
            .iter()
            .map(|entry| secret(entry.user, entry.line))
            .collect())
    }

    fn read(&self, secret: &Secret, _: &UserName) -> Result<Found, String> {
        self.look()?;
        let read_last = self.read.borrow();
        let lines = read_last.lines.get(&secret.name);
        let lines = lines.ok_or("its line has gone meanwhile")?;
        read(lines, clock::now()).map_err(|unusable| unusable.to_string())
    }
}

impl Version {
    fn of(path: &Path) -> Self {
        let found = path.symlink_metadata().ok();
        Self(found.map(|found| {
            let size = i64::try_from(found.size()).unwrap_or(i64::MAX);
            [
                found.ino().cast_signed(),
                found.mtime(),
                found.mtime_nsec(),
                size,
            ]
        }))
    }
}
