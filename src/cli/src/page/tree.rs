//! A folder of files that is written whole, takes the place of an older one at once, and of nothing else.
//!
//! Which files are ours says `SHA256SUMS` in it, by name and digest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use antiphon_core::disk::Folder;
use data_encoding::HEXLOWER;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, Flock, FlockArg, RenameFlags, renameat2};
use sha2::{Digest, Sha256};

use crate::failure::{Failure, Kind};

const SUMS: &str = "SHA256SUMS";
/// No file of ours comes near it.
const LONGEST: u64 = 16 << 20;
/// Everybody may read it: it is for a web server.
const FOLDER_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// The files, by their paths in the folder.
#[derive(Default)]
pub(super) struct Tree(BTreeMap<String, Vec<u8>>);

impl Tree {
    pub(super) fn add(&mut self, path: &str, bytes: &[u8]) {
        self.0.insert(path.to_owned(), bytes.to_owned());
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Has the folder `at` hold just these files; says whether that was to be done.
    ///
    /// # Errors
    /// [`Failure`]; the folder is then as it was.
    pub(super) fn put(&self, at: &Path) -> Result<bool, Failure> {
        let (Some(above), Some(name)) = (at.parent(), at.file_name()) else {
            return Err(Failure::new(Kind::Usage, "/: name a folder below it"));
        };
        // Where nobody else can put a link in our way.
        let above = Folder::open(above)?;
        let failed = |error: io::Error| {
            Failure::new(Kind::CannotCreate, format!("{}: {error}", at.display()))
        };
        let _lock = lock(above.path())?;
        let old = found(at).map_err(failed)?;
        if let Some(old) = &old {
            check(old, at)?;
            if *old == self.whole() {
                return Ok(false);
            }
        }
        // Always the same, so that each run removes what a killed one has left.
        let new = above.path_of(&format!(".{}.new", name.to_string_lossy()));
        removed(&new).map_err(failed)?;
        let put = self.write(&new).and_then(|()| {
            let flags = match old {
                Some(_) => RenameFlags::RENAME_EXCHANGE,
                None => RenameFlags::RENAME_NOREPLACE,
            };
            renameat2(AT_FDCWD, &new, AT_FDCWD, at, flags)?;
            File::open(above.path())?.sync_all()
        });
        // Now the old one, if it went well.
        let gone = removed(&new);
        put.and(gone).map_err(failed)?;
        Ok(true)
    }

    /// All files, with the one that names them.
    fn whole(&self) -> BTreeMap<String, Vec<u8>> {
        let mut whole = self.0.clone();
        let sums = self.0.iter().map(|(path, bytes)| line(path, bytes));
        whole.insert(SUMS.to_owned(), sums.collect::<String>().into_bytes());
        whole
    }

    fn write(&self, at: &Path) -> io::Result<()> {
        make(at)?;
        let mut folders = BTreeSet::from([at.to_owned()]);
        for (path, bytes) in self.whole() {
            let path = at.join(path);
            if let Some(folder) = path.parent()
                && folders.insert(folder.to_owned())
            {
                make(folder)?;
            }
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(FILE_MODE)
                .open(&path)?;
            // Explicitly, because the umask applied.
            file.set_permissions(Permissions::from_mode(FILE_MODE))?;
            file.write_all(&bytes)?;
            file.sync_all()?;
        }
        folders.iter().try_for_each(|it| File::open(it)?.sync_all())
    }
}

/// Whether an export has written all of `old`, and nobody has changed it since.
fn check(old: &BTreeMap<String, Vec<u8>>, at: &Path) -> Result<(), Failure> {
    let sums = old.get(SUMS).map(Vec::as_slice).unwrap_or_default();
    let sums = String::from_utf8_lossy(sums);
    let ours: BTreeSet<&str> = sums.split_inclusive('\n').collect();
    let strange = old
        .iter()
        .find(|(path, bytes)| path.as_str() != SUMS && !ours.contains(line(path, bytes).as_str()));
    match strange {
        None => Ok(()),
        Some((path, _)) => Err(not_ours(&at.join(path))),
    }
}

/// As `sha256sum` writes it.
fn line(path: &str, bytes: &[u8]) -> String {
    format!("{}  {path}\n", HEXLOWER.encode(&Sha256::digest(bytes)))
}

fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(FOLDER_MODE).create(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE))
}

/// Removes a folder that may be there.
fn removed(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What is in the folder, by path; `None` if it is not there. What is no regular file, or is too large for one of ours, is there
/// without its bytes.
fn found(folder: &Path) -> io::Result<Option<BTreeMap<String, Vec<u8>>>> {
    match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(there) if !there.is_dir() => return Err(Errno::ENOTDIR.into()),
        Ok(_) => {}
    }
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(folder.join(&inner))? {
            let entry = entry?;
            let path = inner.join(entry.file_name());
            let there = entry.metadata()?;
            if there.is_dir() {
                folders.push(path);
                continue;
            }
            let is_readable = there.is_file() && there.len() <= LONGEST;
            let bytes = if is_readable {
                fs::read(entry.path())?
            } else {
                Vec::new()
            };
            found.insert(path.to_string_lossy().into_owned(), bytes);
        }
    }
    Ok(Some(found))
}

/// Keeps other exports out of the folder above, until it is dropped.
fn lock(above: &Path) -> Result<Flock<File>, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(Kind::CannotCreate, format!("{}: {error}", above.display()))
    };
    let folder = File::open(above).map_err(|error| failed(&error))?;
    Flock::lock(folder, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| match errno {
        Errno::EWOULDBLOCK => Failure::new(
            Kind::TryAgain,
            format!("{}: another program is at it; try again", above.display()),
        ),
        errno => failed(&errno.desc()),
    })
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
