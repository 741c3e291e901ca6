//! What there is in a folder, and whether an export has written it: nothing else is ever removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use nix::errno::Errno;
use sha2::{Digest, Sha256};

use crate::failure::{Failure, Kind};

/// The file of an export that names all others, with their digests.
pub(super) const SUMS: &str = "SHA256SUMS";
/// No file of ours comes near it.
const LONGEST: u64 = 16 << 20;

/// All that is in a folder, by path.
pub(super) struct Found(BTreeMap<String, Entry>);

enum Entry {
    File(Vec<u8>),
    /// With nothing in it.
    Folder,
    /// No regular file, or one that is too large to be ours.
    Other,
}

impl Found {
    /// What is in `folder`; `None` if it is not there.
    pub(super) fn look(folder: &Path) -> io::Result<Option<Self>> {
        match fs::symlink_metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(there) if !there.is_dir() => return Err(Errno::ENOTDIR.into()),
            Ok(_) => {}
        }
        let mut found = BTreeMap::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(inner) = folders.pop() {
            let mut is_empty = true;
            for entry in fs::read_dir(folder.join(&inner))? {
                let entry = entry?;
                is_empty = false;
                let path = inner.join(entry.file_name());
                let there = entry.metadata()?;
                if there.is_dir() {
                    folders.push(path);
                    continue;
                }
                let is_readable = there.is_file() && there.len() <= LONGEST;
                let what = if is_readable {
                    Entry::File(fs::read(entry.path())?)
                } else {
                    Entry::Other
                };
                found.insert(path.to_string_lossy().into_owned(), what);
            }
            if is_empty && inner != Path::new("") {
                found.insert(inner.to_string_lossy().into_owned(), Entry::Folder);
            }
        }
        Ok(Some(Self(found)))
    }

    /// Whether these files are there, and nothing else.
    pub(super) fn is(&self, files: &BTreeMap<String, Vec<u8>>) -> bool {
        let is_same = |(path, what): (&String, &Entry)| match what {
            Entry::File(bytes) => files.get(path) == Some(bytes),
            Entry::Folder | Entry::Other => false,
        };
        self.0.len() == files.len() && self.0.iter().all(is_same)
    }

    /// Whether an export has written all of it to `at`, and nobody has changed it since.
    ///
    /// # Errors
    /// [`Failure`], which names something that is not of an export.
    pub(super) fn check(&self, at: &Path) -> Result<(), Failure> {
        self.check_but_for(at, &BTreeMap::new())
    }

    /// The same, where an export that was stopped may have begun these `files`.
    ///
    /// # Errors
    /// [`Failure`], as there.
    pub(super) fn check_but_for(
        &self,
        at: &Path,
        files: &BTreeMap<String, Vec<u8>>,
    ) -> Result<(), Failure> {
        let sums = match self.0.get(SUMS) {
            Some(Entry::File(bytes)) => String::from_utf8_lossy(bytes),
            _ => "".into(),
        };
        let sums: BTreeSet<&str> = sums.split_inclusive('\n').collect();
        let is_ours = |(path, what): &(&String, &Entry)| match what {
            Entry::File(_) if *path == SUMS || files.contains_key(*path) => true,
            Entry::File(bytes) => sums.contains(line(path, bytes).as_str()),
            Entry::Folder => files.keys().any(|file| Path::new(file).starts_with(path)),
            Entry::Other => false,
        };
        match self.0.iter().find(|it| !is_ours(it)) {
            None => Ok(()),
            Some((path, _)) => Err(not_ours(&at.join(path))),
        }
    }
}

/// A line of [`SUMS`], as `sha256sum` writes it.
pub(super) fn line(path: &str, bytes: &[u8]) -> String {
    format!("{}  {path}\n", HEXLOWER.encode(&Sha256::digest(bytes)))
}

fn not_ours(path: &Path) -> Failure {
    let path = antiphon_core::shell::word(path);
    Failure::new(
        Kind::CannotCreate,
        format!(
            "{path}: no export has written this, or it was changed since; move it away, or name another folder"
        ),
    )
}
