//! A folder of files that is written whole, takes the place of an older one at once, and of nothing else.
//!
//! Which files are ours says `SHA256SUMS` in it, by name and digest ([`super::found`]).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use antiphon_core::disk::Folder;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, Flock, FlockArg, RenameFlags, renameat2};

use super::found::{Found, SUMS, line};
use crate::failure::{Failure, Kind};

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
        let _lock = lock(above.path())?;
        let old = Found::look(at).map_err(failed(at))?;
        if let Some(old) = &old {
            old.check(at)?;
            if old.is(&self.whole()) {
                return Ok(false);
            }
        }
        // Always the same, so that each run removes what a killed one has left.
        let new = above.path_of(&format!(".{}.new", name.to_string_lossy()));
        self.clear(&new)?;
        let put = self
            .write(&new)
            .map_err(failed(at))
            .and_then(|()| match old {
                Some(_) => exchange(&new, at),
                None => rename(&new, at, RenameFlags::RENAME_NOREPLACE),
            })
            .and_then(|()| {
                let synced = File::open(above.path()).and_then(|it| it.sync_all());
                synced.map_err(failed(at))
            });
        // Now the old one, if it went well.
        let cleared = self.clear(&new);
        put.and(cleared)?;
        Ok(true)
    }

    /// Removes what an export has left at `new`, if nobody else can have.
    fn clear(&self, new: &Path) -> Result<(), Failure> {
        let Some(found) = Found::look(new).map_err(failed(new))? else {
            return Ok(());
        };
        found.check_but_for(new, &self.whole())?;
        fs::remove_dir_all(new).map_err(failed(new))
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

/// Has the export at `new` take the place of that at `at`, unless something else was written there since it was looked at.
fn exchange(new: &Path, at: &Path) -> Result<(), Failure> {
    rename(new, at, RenameFlags::RENAME_EXCHANGE)?;
    // Nobody opens it by its own path any longer.
    let looked = Found::look(new).map_err(failed(at));
    let checked = looked.and_then(|old| old.map_or(Ok(()), |old| old.check(at)));
    if checked.is_err() {
        rename(new, at, RenameFlags::RENAME_EXCHANGE)?;
    }
    checked
}

fn rename(from: &Path, to: &Path, flags: RenameFlags) -> Result<(), Failure> {
    let renamed = renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
    renamed.map_err(|errno| failed(to)(errno.into()))
}

fn failed(at: &Path) -> impl Fn(io::Error) -> Failure {
    move |error| Failure::new(Kind::CannotCreate, format!("{}: {error}", at.display()))
}

fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(FOLDER_MODE).create(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE))
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Tree, exchange};
    use crate::scratch::Scratch;

    #[test]
    fn what_is_written_into_the_folder_after_it_was_looked_at_is_put_back() {
        let scratch = Scratch::new();
        let (new, at) = (scratch.join(".out.new"), scratch.join("out"));
        let tree = |text: &str| {
            let mut tree = Tree::default();
            tree.add("page/index.html", text.as_bytes());
            tree
        };
        let shown = || fs::read_to_string(at.join("page/index.html")).unwrap();
        tree("old").write(&at).unwrap();
        tree("new").write(&new).unwrap();
        let stranger = at.join("page/stranger");
        fs::write(&stranger, "x").unwrap();
        assert!(exchange(&new, &at).is_err());
        assert_eq!(shown(), "old");
        assert!(stranger.exists());
        fs::remove_file(&stranger).unwrap();
        assert!(exchange(&new, &at).is_ok());
        assert_eq!(shown(), "new");
    }
}
